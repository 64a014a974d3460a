"""The command line: one command a service, and `surgecast up`, which runs them all as one process tree."""
