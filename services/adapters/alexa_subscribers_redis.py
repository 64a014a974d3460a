"""Who lets the Alexa skill start talking, on Redis: by a digest of the customer's id, which itself is not kept. Meets `ProactiveSubscribers`."""

from collections.abc import Collection
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct
from redis.asyncio import Redis

from services import wire
from services.adapters.guarded import Guarded
from services.adapters.redis_link import told
from services.kernel.order import microseconds

OPTED_OUT_KEPT_S = 86_400
"""Events come up to an hour late: for this long one who opted out is remembered, so that no event from before opts them in again."""
_SCRIPT = Path(__file__).parent / "lua" / "alexa_subscriber.lua"


class _Choice(Struct):
    at: int
    events: list[str]


class RedisSubscribers:
    """For one event loop."""

    def __init__(self, redis: Redis, guarded: Guarded | None = None) -> None:
        """`guarded` bounds what a question may cost, where somebody waits for the answer."""
        self._redis, self._guarded = redis, guarded
        self._put: Any = redis.register_script(_SCRIPT.read_text(encoding="utf-8"))

    async def put(self, user: str, events: Collection[str], at: datetime) -> None:
        """Meets `ProactiveSubscribers.put`."""
        choice = _Choice(microseconds(at), sorted(events))
        with told():
            await self._put(keys=[_key(user)], args=[choice.at, msgspec.json.encode(choice), 0 if events else OPTED_OUT_KEPT_S])

    async def events_of(self, user: str) -> frozenset[str]:
        """Meets `ProactiveSubscribers.events_of`."""

        async def ask() -> Any:
            with told():
                return await self._redis.get(_key(user))

        found = await (ask() if self._guarded is None else self._guarded.ask(ask))
        return frozenset(msgspec.json.decode(found, type=_Choice).events) if found else frozenset()

    async def close(self) -> None:
        """Let the link go."""
        await self._redis.aclose()


def _key(user: str) -> str:
    return wire.ALEXA_SUBSCRIBER + sha256(user.encode()).hexdigest()
