"""`surgecast messages`: the words, looked through and shown."""
