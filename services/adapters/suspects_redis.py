"""Which work keeps failing, on Redis. Meets `kernel.ports.Suspects`."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec
from redis import Redis

from services import wire
from services.adapters.redis_link import text, told
from services.kernel.ids import AreaId
from services.kernel.ports.work import Trouble
from services.wire import Channel

ROUNDS = ""
"""The field that counts rounds: no area id is empty."""


class RedisSuspects:
    """Two hashes a channel."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def begun(self, channel: str) -> Trouble:
        """Meets `Suspects.begun`."""
        with told(), self._redis.pipeline() as pipe:
            pipe.hincrby(wire.suspects(Channel(channel)), ROUNDS, 1)
            pipe.hkeys(wire.parked(Channel(channel)))
            answers: list[Any] = pipe.execute()
        rounds, parked = answers
        return Trouble(rounds, frozenset(AreaId(text(area)) for area in parked))

    def ended_well(self, channel: str, areas: Iterable[AreaId]) -> None:
        """Meets `Suspects.ended_well`."""
        freed = list(areas)
        with told(), self._redis.pipeline() as pipe:
            pipe.delete(wire.suspects(Channel(channel)))
            if freed:
                pipe.hdel(wire.parked(Channel(channel)), *freed)
            pipe.execute()

    def blame(self, channel: str, area: AreaId) -> int:
        """Meets `Suspects.blame`."""
        with told():
            failures: Any = self._redis.hincrby(wire.suspects(Channel(channel)), area, 1)
        return int(failures)

    def park(self, channel: str, area: AreaId, reason: str, at: datetime) -> None:
        """Meets `Suspects.park`."""
        letter = msgspec.json.encode({"reason": reason, "at": at})
        with told(), self._redis.pipeline() as pipe:
            pipe.hset(wire.parked(Channel(channel)), area, letter)
            pipe.delete(wire.suspects(Channel(channel)))
            pipe.execute()
