"""`surgecast alexa`: sessions replayed, and the skill's package."""
