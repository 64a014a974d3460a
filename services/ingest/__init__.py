"""HTTP in: authenticate, validate, normalise, append."""
