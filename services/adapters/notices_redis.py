"""Notices to those who wait, on Redis: each step one script. Meets `kernel.ports.waiting.Notices`; `waiting_redis` puts people on the list."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec.structs import replace
from redis import Redis

from services import wire
from services.adapters.redis_link import script, text, told
from services.adapters.waiting_redis import end_keys
from services.kernel.ids import OutageKey
from services.kernel.mine import Sureness
from services.kernel.order import milliseconds
from services.kernel.waiting import Group, Notice, Reach, Waiter, person_of

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Notice).decode


class RedisNotices:
    """For one worker process."""

    def __init__(self, link: Redis) -> None:
        self._link = link
        names = "waiting_move", "notice_queue", "notice_put", "waiting_end"
        self._move, self._queue, self._put, self._end = (link.register_script(script(name)) for name in names)

    def groups(self) -> Sequence[Group]:
        """Meets `Notices.groups`."""
        with told():
            names: Any = self._link.hkeys(wire.WAITING_AREAS)
        return sorted(Group(text(name)) for name in names)

    def counts(self) -> tuple[Mapping[Group, int], int]:
        """Meets `Notices.counts`."""
        with told(), self._link.pipeline(transaction=True) as both:
            both.hgetall(wire.WAITING_AREAS)
            for platform in Reach:
                both.zcard(wire.notices_due(platform))
            counts, *due = both.execute()
        return {Group(text(group)): int(count) for group, count in counts.items()}, sum(map(int, due))

    def waiting(self, group: Group, limit: int) -> Sequence[Waiter]:
        """Meets `Notices.waiting`."""
        with told():
            ids: Any = self._link.srandmember(wire.waiting_in(group), limit)
        return [notice.waiter for notice in self._notices(ids)]

    def move(self, waiter: Waiter, outage: OutageKey, sureness: Sureness) -> None:
        """Meets `Notices.move`."""
        assert waiter.home is not None  # noqa: S101 - only who waits for their own outage is moved
        moved = replace(waiter, home=replace(waiter.home, outage=outage, sureness=sureness))
        keys = wire.WAITING, wire.WAITING_AREAS, wire.waiting_in(waiter.group), wire.waiting_in(moved.group)
        with told():
            self._move(keys, (waiter.id, waiter.group, moved.group, _encode(Notice(moved))))

    def queue(self, notices: Iterable[Notice], now: datetime, until: datetime) -> None:
        """Meets `Notices.queue`."""
        with told(), self._link.pipeline(transaction=False) as steps:
            for notice in notices:
                waiter = notice.waiter
                keys = wire.WAITING, wire.WAITING_UNTIL, wire.WAITING_AREAS, wire.waiting_in(waiter.group), wire.notices_due(waiter.platform)
                self._queue(keys, (waiter.id, waiter.group, _encode(notice), milliseconds(now), milliseconds(until)), client=steps)
            steps.execute()

    def due(self, platform: str, now: datetime, limit: int) -> Sequence[Notice]:
        """Meets `Notices.due`."""
        with told():
            ids: Any = self._link.zrangebyscore(wire.notices_due(platform), "-inf", milliseconds(now), start=0, num=limit)
        return self._notices(ids)

    def put(self, notice: Notice, due: datetime) -> bool:
        """Meets `Notices.put`."""
        with told():
            return bool(self._put((wire.WAITING, wire.notices_due(notice.waiter.platform)), (notice.waiter.id, _encode(notice), milliseconds(due))))

    def asked(self, waiter: Waiter) -> None:
        """Meets `Notices.asked`."""
        with told():
            self._link.zrem(wire.notices_due(waiter.platform), waiter.id)

    def end(self, waiters: Iterable[Waiter]) -> None:
        """Meets `Notices.end`."""
        with told(), self._link.pipeline(transaction=False) as steps:
            for waiter in waiters:
                self._end(end_keys(waiter), (waiter.id, waiter.group), client=steps)
            steps.execute()

    def expired(self, now: datetime, limit: int) -> Sequence[Waiter]:
        """Meets `Notices.expired`."""
        with told():
            ids: Any = self._link.zrangebyscore(wire.WAITING_UNTIL, "-inf", milliseconds(now), start=0, num=limit)
        return [notice.waiter for notice in self._notices(ids)]

    def of(self, platform: str, address: str) -> Sequence[Waiter]:
        """Meets `Notices.of`."""
        with told():
            ids: Any = self._link.smembers(wire.waiting_of(person_of(platform, address)))
        return [notice.waiter for notice in self._notices(sorted(ids))]

    def _notices(self, ids: Sequence[bytes]) -> list[Notice]:
        if not ids:
            return []
        with told():
            found: Any = self._link.hmget(wire.WAITING, list(ids))
        return [_decode(one) for one in found if one is not None]
