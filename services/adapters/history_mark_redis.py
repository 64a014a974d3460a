"""The archiver's mark in the journal on Redis: a consumer group that nobody reads through. Meets `kernel.ports.history.HistoryMark`.

It lives and dies with the stream that it is about, and from Redis 7 on it moves even where memory is full: the trimming that makes room waits for it.
"""

from typing import Any

import redis
from redis import Redis

from services import wire
from services.adapters.redis_link import told
from services.kernel.views import ORIGIN, Position


class RedisHistoryMark:
    """One archiver's hand on it."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def hold(self) -> None:
        """Meets `HistoryMark.hold`."""
        with told():
            try:
                groups: Any = self._redis.xinfo_groups(wire.JOURNAL)
            except redis.ResponseError as error:
                if "no such key" not in str(error):
                    raise
                groups = []
        if all(group["name"] != wire.HISTORY_GROUP.encode() for group in groups):  # asked first: making one may need memory
            self._make(ORIGIN)

    def move(self, position: Position) -> None:
        """Meets `HistoryMark.move`."""
        with told():
            try:
                self._redis.xgroup_setid(wire.JOURNAL, wire.HISTORY_GROUP, position)
                return
            except redis.ResponseError as error:
                if "NOGROUP" not in str(error) and "requires the key to exist" not in str(error):
                    raise
        self._make(position)  # the journal was replaced since

    def drop(self) -> None:
        """Meets `HistoryMark.drop`."""
        with told():
            try:
                self._redis.xgroup_destroy(wire.JOURNAL, wire.HISTORY_GROUP)
            except redis.ResponseError as error:
                if "requires the key to exist" not in str(error):
                    raise

    def _make(self, position: Position) -> None:
        with told():
            try:
                self._redis.xgroup_create(wire.JOURNAL, wire.HISTORY_GROUP, id=position, mkstream=True)
            except redis.ResponseError as error:
                if "BUSYGROUP" not in str(error):  # another archiver was first
                    raise
