"""A verdict on the outputs, which are read one after the other: it holds only where none of them moved meanwhile."""

from collections.abc import Callable, Iterable

CHECKS_MAX = 5


def judged(settled: Callable[[], str], check: Callable[[str], Iterable[str]], seen: Callable[[], str], checks_max: int = CHECKS_MAX) -> list[str]:
    """What `check` finds wrong with outputs that were at one position before it, and still are when it is done.

    `settled` waits until all outputs are at one position and gives that; it raises AssertionError where they never are. Then what is found where they were
    `seen` is told too. Where they move during each of `checks_max` checks, that is what is wrong, with all that the last check found.
    """
    found: list[str] = []
    try:
        position = settled()
        for _ in range(checks_max):
            before, found = position, list(check(position))
            position = settled()
            if position == before:
                return found
    except AssertionError as error:
        return [f"I4: {error}", *(found or check(seen()))]
    return [f"I4: the outputs moved during each of {checks_max} checks, at last from {before} to {position}: the end of a storm must stand still", *found]
