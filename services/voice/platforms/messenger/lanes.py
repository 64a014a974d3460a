"""Work that goes on after the webhook was answered: so many at a time, so many in line, and each person's in its order."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar
from zlib import crc32

from services.kit.logs import log

T = TypeVar("T")


class Lanes(Generic[T]):
    """A person's work is always in the same lane. An idle lane holds no task."""

    def __init__(self, work: Callable[[T], Awaitable[None]], lanes: int, waiting_max: int) -> None:
        self._work, self._room = work, waiting_max
        self._waiting: list[deque[T]] = [deque() for _ in range(lanes)]
        self._tasks: dict[int, asyncio.Task[None]] = {}

    def put(self, person: str, item: T) -> bool:
        """Take `item` into line; False where that is full."""
        if sum(map(len, self._waiting)) >= self._room:
            return False
        lane = crc32(person.encode()) % len(self._waiting)
        self._waiting[lane].append(item)
        if lane not in self._tasks:
            self._tasks[lane] = asyncio.get_running_loop().create_task(self._run(lane))
        return True

    async def close(self, within_s: float) -> int:
        """Finish what was taken; after `within_s` drop the rest. How many were dropped."""
        if self._tasks:
            await asyncio.wait(self._tasks.values(), timeout=within_s)
        dropped = sum(map(len, self._waiting)) + len(self._tasks)
        for task in list(self._tasks.values()):
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        return dropped

    async def _run(self, lane: int) -> None:
        try:
            while self._waiting[lane]:
                try:
                    await self._work(self._waiting[lane].popleft())
                except Exception:
                    log.exception("voice.messenger_failed")
        finally:
            del self._tasks[lane]
