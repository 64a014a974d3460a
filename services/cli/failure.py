"""How a command ends that can't do what was asked: one plain sentence, and exit code 1."""


class Failure(Exception):
    """What went wrong and what to do about it, for the person at the terminal. Exit code 1."""
