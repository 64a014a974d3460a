"""`surgecast doctor`: looks for what is wrong, and says in plain words what to do about it."""
