"""When each request of a replay is due."""

import time
from collections.abc import Callable
from datetime import datetime

from services.cli.failure import Failure

AS_FAST_AS_TAKEN = 0.0


def speed_of(text: str) -> float:
    """`max`, or how many times faster than life. Raises `Failure`."""
    if text == "max":
        return AS_FAST_AS_TAKEN
    try:
        speed = float(text)
    except ValueError:
        speed = -1.0
    if not 0 < speed < float("inf"):
        raise Failure(f"--speed {text}: give `max`, or a number above 0 of how many times faster than life.")
    return speed


class Pace:
    """Keeps the spacing of the storm, divided by `speed`; what is late is sent at once, and nothing is left out."""

    def __init__(self, speed: float, sleep: Callable[[float], None] = time.sleep, now: Callable[[], float] = time.monotonic) -> None:
        self._speed, self._sleep, self._now = speed, sleep, now
        self._first: tuple[datetime, float] | None = None

    def wait_for(self, at: datetime) -> None:
        """Return when what happened at `at` is due."""
        if self._speed == AS_FAST_AS_TAKEN:
            return
        if self._first is None:
            self._first = at, self._now()
        storm, wall = self._first
        wait_s = wall + (at - storm).total_seconds() / self._speed - self._now()
        if wait_s > 0:
            self._sleep(wait_s)
