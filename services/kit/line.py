"""Those who wait a moment for a place: a burst passes, and a standing queue is no use to anyone."""

import asyncio
from collections import deque
from collections.abc import Callable

from services.kit.limit import Limit


class Waiting:
    """One who waits."""

    __slots__ = ("gone", "told", "until")

    def __init__(self, told: Callable[[bool], None], until: float) -> None:
        self.told, self.until, self.gone = told, until, False

    def leave(self) -> None:
        """Wait no longer, and hear nothing. Does nothing once one was told."""
        self.gone = True


class Line:
    """Places of `limit` go, as they come free, to those who wait."""

    def __init__(self, limit: Limit, most: int, wait_s: float, monotonic: Callable[[], float]) -> None:
        """At most `most` wait, each for `wait_s` seconds at most."""
        self._limit, self._most, self._wait_s, self._monotonic = limit, most, wait_s, monotonic
        self._waiting: deque[Waiting] = deque()
        self._sweep: asyncio.TimerHandle | None = None

    def full(self) -> bool:
        """Whether too many wait already."""
        return len(self._waiting) >= self._most

    def wait(self, told: Callable[[bool], None]) -> Waiting | None:
        """Wait for a place; `told` hears, later and once, whether one was got. None where too many wait already."""
        if self.full():
            return None
        waiting = Waiting(told, self._monotonic() + self._wait_s)
        self._waiting.append(waiting)
        if self._sweep is None:
            self._sweep = asyncio.get_running_loop().call_later(self._wait_s / 4, self._swept)
        return waiting

    def let_in(self) -> None:
        """Free places go to the newest first: who has waited longest is the likeliest to have given up (adaptive LIFO)."""
        while self._waiting:
            if not self._waiting[-1].gone and not self._limit.take():
                return
            self._end(self._waiting.pop(), got=True)

    def _swept(self) -> None:
        """Refuse those who have waited too long."""
        self.let_in()
        now = self._monotonic()
        while self._waiting and (self._waiting[0].gone or self._waiting[0].until <= now):
            self._end(self._waiting.popleft(), got=False)
        self._sweep = asyncio.get_running_loop().call_later(self._wait_s / 4, self._swept) if self._waiting else None

    def _end(self, waiting: Waiting, *, got: bool) -> None:
        if not waiting.gone:
            waiting.gone = True
            waiting.told(got)
