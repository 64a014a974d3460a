"""Who lets the Alexa skill start talking, in memory: the twin of `alexa_subscribers_redis`."""

from collections.abc import Collection
from datetime import datetime

from services.kernel.ports.failures import Unavailable


class MemorySubscribers:
    """Meets `kernel.ports.alexa.ProactiveSubscribers`."""

    def __init__(self) -> None:
        self._chosen: dict[str, tuple[datetime, frozenset[str]]] = {}
        self.down = False

    async def put(self, user: str, events: Collection[str], at: datetime) -> None:
        """Meets `ProactiveSubscribers.put`."""
        self._answering()
        if user not in self._chosen or self._chosen[user][0] <= at:
            self._chosen[user] = at, frozenset(events)

    async def events_of(self, user: str) -> frozenset[str]:
        """Meets `ProactiveSubscribers.events_of`."""
        self._answering()
        return self._chosen[user][1] if user in self._chosen else frozenset()

    def _answering(self) -> None:
        if self.down:
            raise Unavailable("the memory is away")
