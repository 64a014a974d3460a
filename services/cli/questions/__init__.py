"""`surgecast questions`: what people ask, what isn't understood, and where they give up."""
