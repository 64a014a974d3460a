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

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._put: Any = redis.register_script(_SCRIPT.read_text(encoding="utf-8"))

    async def put(self, user: str, events: Collection[str], at: datetime) -> None:
        """Meets `ProactiveSubscribers.put`."""
        choice = _Choice(microseconds(at), sorted(events))
        with told():
            await self._put(keys=[_key(user)], args=[choice.at, msgspec.json.encode(choice), 0 if events else OPTED_OUT_KEPT_S])

    async def events_of(self, user: str) -> frozenset[str]:
        """Meets `ProactiveSubscribers.events_of`."""
        with told():
            found: Any = await self._redis.get(_key(user))
        return frozenset(msgspec.json.decode(found, type=_Choice).events) if found else frozenset()


def _key(user: str) -> str:
    return wire.ALEXA_SUBSCRIBER + sha256(user.encode()).hexdigest()
