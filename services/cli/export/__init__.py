"""`surgecast export`: the history as a file."""
