"""How much a property is tried: a little in `make test`, on other data each time, and ten times as much in `make thorough`."""

import os

THOROUGH = bool(os.environ.get("SURGECAST_THOROUGH"))
USUAL = 40
"""Examples of a property that asks for no number of its own."""


def examples(number: int) -> int:
    """So many; ten times as many where there is time."""
    return number * 10 if THOROUGH else number
