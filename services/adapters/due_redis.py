"""What one channel has still to do, on Redis: a sorted set of areas by when they are due. Meets `kernel.ports.DueWork`.

Times are stored as whole microseconds. An event that touches an area already due adds one (lua/fold_commit.lua): so `done` finds by
the time alone that something came since the work was taken.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from redis import Redis

from services import wire
from services.adapters.redis_link import script, text, told
from services.kernel.ids import AreaId
from services.kernel.order import EPOCH, microseconds


class RedisDue:
    """The due work of `channel`."""

    def __init__(self, redis: Redis, channel: wire.Channel) -> None:
        self._redis = redis
        self._key = wire.due(channel)
        self._done = redis.register_script(script("due_done"))

    def take(self, now: datetime, limit: int) -> dict[AreaId, datetime]:
        """Meets `DueWork.take`."""
        if limit < 1:
            return {}
        with told():
            found: Any = self._redis.zrangebyscore(self._key, "-inf", microseconds(now), start=0, num=limit, withscores=True)
        return {AreaId(text(area)): EPOCH + timedelta(microseconds=int(score)) for area, score in found}

    def done(self, taken: Mapping[AreaId, datetime], again: Mapping[AreaId, datetime] | None = None, *, looked: datetime | None = None) -> None:
        """Meets `DueWork.done`."""
        if not taken and not again:
            return
        with told():
            self._done([self._key], [len(taken), microseconds(looked) if looked else 0, *area_scores(taken), *area_scores(again or {})])

    def plan(self, at: Mapping[AreaId, datetime]) -> None:
        """Meets `DueWork.plan`."""
        if at:
            with told():
                self._redis.zadd(self._key, {area: microseconds(moment) for area, moment in at.items()}, lt=True)


def area_scores(at: Mapping[AreaId, datetime]) -> Iterable[str | int]:
    """Area, score, area, score... as our scripts take them."""
    for area, moment in at.items():
        yield area
        yield microseconds(moment)
