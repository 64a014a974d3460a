"""Which alerts belong together, on Redis. Meets `kernel.ports.AlertChains`: two hashes a source, the older dropped when the newer is full.

With replicas to wait for, a link is also on those before it is remembered (replicated.py): a Cancel that refers to a lost one would open an outage.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from redis.asyncio import Redis

from services import wire
from services.adapters.redis_link import told
from services.adapters.replicated import ReplicatedScript
from services.kernel.ids import SourceName
from services.kernel.ports.alerts import First

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(First).decode


class RedisChains:
    """Two generations of links, as the journal keeps those of event ids."""

    def __init__(self, redis: Redis, messages_max: int, wait_replicas: int = 0, wait_ms: int = 0) -> None:
        """Remember `messages_max` messages a source and generation; return once `wait_replicas` replicas have it.

        Raise `Unavailable` where they haven't after `wait_ms`.
        """
        self._redis, self._max = redis, messages_max
        self._remember = ReplicatedScript(redis, "remember_chain", wait_replicas, wait_ms)

    async def find(self, source: SourceName, messages: Iterable[str]) -> dict[str, First]:
        """Meets `AlertChains.find`."""
        names = list(messages)
        if not names:
            return {}
        with told():
            async with self._redis.pipeline(transaction=True) as both:
                for generation in ("new", "old"):
                    both.hmget(wire.alert_chain(source, generation), names)
                new, old = await both.execute()
        return {name: _decode(found) for name, newer, older in zip(names, new, old, strict=True) if (found := newer or older)}

    async def remember(self, source: SourceName, links: Mapping[str, First]) -> None:
        """Meets `AlertChains.remember`."""
        if not links:
            return
        arguments: list[Any] = [self._max]
        for name, first in links.items():
            arguments += (name, _encode(first))
        with told():
            await self._remember((wire.alert_chain(source, "new"), wire.alert_chain(source, "old")), arguments)
