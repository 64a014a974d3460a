"""The same request twice: a platform that heard nothing in time asks again, and gets the same answer. One that comes later still is replayed."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from starlette.responses import Response

from services.kernel.ports.clock import Clock
from services.kit.bounded import Bounded
from services.kit.settings import Settings


class Replayed(Exception):
    """Sent again after the platform itself would."""


class Once:
    """Answers each request once, for as long as a platform tries again. For one process, which forgets the oldest first: what it answers changes nothing."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._answers: Bounded[tuple[datetime, asyncio.Future[Response]]] = Bounded(settings.voice_retries_kept)
        self._retry, self._clock = timedelta(seconds=settings.voice_retry_s), clock

    async def answer(self, key: str, make: Callable[[], Awaitable[Response]]) -> Response:
        """What `make` gives, or gave for `key` before. One that failed is made again. Raises `Replayed`."""
        now = self._clock.now()
        if (known := self._answers.get(key)) is None:
            known = self._answers.put(key, (now, asyncio.ensure_future(make())))
        elif now - known[0] > self._retry:
            raise Replayed
        try:
            return await asyncio.shield(known[1])  # who left is answered from here when they ask again
        except Exception:
            self._answers.forget(key)
            raise
