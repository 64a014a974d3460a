"""One module a step, run in the order of their revisions."""
