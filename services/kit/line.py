"""Those who wait a moment for a place: a burst passes, and a standing queue is no use to anyone."""

import asyncio
from collections import deque
from collections.abc import Callable

from services.kit.limit import Limit


class Line:
    """Places of `limit` go, as they come free, to those who wait."""

    def __init__(self, limit: Limit, most: int, wait_s: float, monotonic: Callable[[], float]) -> None:
        """At most `most` wait, each for `wait_s` seconds at most."""
        self._limit, self._most, self._wait_s, self._monotonic = limit, most, wait_s, monotonic
        self._waiting: deque[tuple[asyncio.Future[bool], float]] = deque()
        self._sweep: asyncio.TimerHandle | None = None

    async def waited(self) -> bool:
        """Wait for a place; whether one was got."""
        if len(self._waiting) >= self._most:
            return False
        loop = asyncio.get_running_loop()
        place: asyncio.Future[bool] = loop.create_future()
        self._waiting.append((place, self._monotonic() + self._wait_s))
        if self._sweep is None:
            self._sweep = loop.call_later(self._wait_s / 4, self._swept)
        try:
            return await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled() and place.result():  # let in at the very moment that it was given up
                self._limit.give_back()
            raise

    def let_in(self) -> None:
        """Free places go to the newest first: who has waited longest is the likeliest to have given up (adaptive LIFO)."""
        while self._waiting:
            if not self._waiting[-1][0].done():
                if not self._limit.take():
                    return
                self._waiting[-1][0].set_result(True)
            self._waiting.pop()

    def _swept(self) -> None:
        """Refuse those who have waited too long."""
        self.let_in()
        now = self._monotonic()
        while self._waiting and (self._waiting[0][0].done() or self._waiting[0][1] <= now):
            place, _ = self._waiting.popleft()
            if not place.done():
                place.set_result(False)
        self._sweep = asyncio.get_running_loop().call_later(self._wait_s / 4, self._swept) if self._waiting else None
