"""What one account said last about each area, in a Redis hash. Meets `kernel.ports.Announced`."""

from collections.abc import Iterable, Mapping

import msgspec
import redis

from services import wire
from services.adapters.redis_link import told
from services.kernel.ids import AreaId
from services.kernel.planning.posts import Said

_decode = msgspec.json.Decoder(Said).decode


class RedisAnnounced:
    """One field an area."""

    def __init__(self, link: redis.Redis, account: str) -> None:
        self._link, self._key = link, wire.announced(account)

    def of(self, areas: Iterable[AreaId]) -> dict[AreaId, Said]:
        """What was said about those of these areas that anything was said about."""
        wanted = sorted(areas)
        if not wanted:
            return {}
        with told():
            answers = self._link.hmget(self._key, wanted)
        return {area: _decode(answer) for area, answer in zip(wanted, answers, strict=True) if answer is not None}

    def say(self, said: Mapping[AreaId, Said]) -> None:
        """Remember these."""
        if said:
            with told():
                self._link.hset(self._key, mapping={area: msgspec.json.encode(one) for area, one in said.items()})
