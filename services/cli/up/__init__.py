"""`surgecast up`: everything in one process tree. `tree` says what is started, `supervisor` how, `front` is the one origin."""
