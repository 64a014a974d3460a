"""When each source was last heard from, on Redis. Meets `kernel.ports.Sources`."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec
from redis import Redis

from services import wire
from services.adapters.redis_link import script, text, told
from services.kernel.ids import SourceName
from services.kernel.order import EPOCH, microseconds
from services.kernel.sources import Expected, Patience, Source, known_sources
from services.kit.settings import Settings

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Expected).decode


class RedisSources:
    """One hash of times, one of what is expected, and a set of those whose silence was told."""

    def __init__(self, redis: Redis, patience: Patience) -> None:
        self._redis, self._patience = redis, patience
        self._heard = redis.register_script(script("source_heard"))

    def heard(self, name: SourceName, at: datetime) -> None:
        """Meets `Sources.heard`."""
        with told():
            self._heard([wire.HEARD_FROM], [name, microseconds(at)])

    def expect(self, expected: Mapping[SourceName, Expected]) -> None:
        """Meets `Sources.expect`: read, and written in one transaction, again where another wrote in between."""

        def write(pipe: Any) -> None:
            before = {SourceName(text(name)): _decode(stored) for name, stored in pipe.hgetall(wire.EXPECTED).items()}
            pipe.multi()
            pipe.delete(wire.EXPECTED)
            for name, new in expected.items():
                since = before[name].since if name in before else new.since
                pipe.hset(wire.EXPECTED, name, _encode(msgspec.structs.replace(new, since=since)))

        with told():
            self._redis.transaction(write, wire.EXPECTED)

    def known(self) -> list[Source]:
        """Meets `Sources.known`."""
        with told(), self._redis.pipeline(transaction=True) as both:
            both.hgetall(wire.HEARD_FROM)
            both.hgetall(wire.EXPECTED)
            heard, expected = both.execute()
        return known_sources(
            {SourceName(text(name)): EPOCH + timedelta(microseconds=int(at)) for name, at in heard.items()},
            {SourceName(text(name)): _decode(stored) for name, stored in expected.items()},
            self._patience,
        )

    def forget(self, name: SourceName) -> bool:
        """Meets `Sources.forget`."""
        with told(), self._redis.pipeline(transaction=True) as both:
            both.hdel(wire.HEARD_FROM, name)
            both.hdel(wire.EXPECTED, name)
            both.srem(wire.QUIET, name)
            return any(both.execute()[:2])

    def quiet(self, name: SourceName) -> bool:
        """Meets `Sources.quiet`."""
        with told():
            return bool(self._redis.sadd(wire.QUIET, name))

    def back(self, name: SourceName) -> bool:
        """Meets `Sources.back`."""
        with told():
            return bool(self._redis.srem(wire.QUIET, name))


def redis_sources(redis: Redis, settings: Settings) -> RedisSources:
    """The sources' memory, with the patience that the settings have."""
    return RedisSources(redis, Patience(settings.source_stale_after_s, {SourceName(name): after_s for name, after_s in settings.source_stale_after.items()}))
