"""One question at a time: all who ask it at the same moment, and for a moment after, get one answer."""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Shared(Generic[T]):
    """Asks once for many. For one event loop."""

    def __init__(self, ask: Callable[[], Awaitable[T]], fresh_s: float = 0.0, monotonic: Callable[[], float] = time.monotonic) -> None:
        """An answer is given again for `fresh_s` seconds; what `ask` raises goes to those who wait, and is not."""
        self._ask, self._fresh_s, self._monotonic = ask, fresh_s, monotonic
        self._asking: asyncio.Task[T] | None = None
        self._answered_at = -math.inf
        self._answer: T

    async def __call__(self) -> T:
        """The answer. Raises what asking raises."""
        if self._monotonic() - self._answered_at < self._fresh_s:
            return self._answer
        if self._asking is None:
            self._asking = asyncio.create_task(self._asked())
            self._asking.add_done_callback(lambda asked: asked.cancelled() or asked.exception())  # heard, even where all who waited have left
        return await asyncio.shield(self._asking)  # one who leaves must not end what others wait for

    async def _asked(self) -> T:
        try:
            self._answer = await self._ask()
            self._answered_at = self._monotonic()
            return self._answer
        finally:
            self._asking = None
