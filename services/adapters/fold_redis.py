"""The journal's consumer group on Redis, as the relay works it off. Meets `kernel.ports.Relaying`.

Give it a link without retries: a read whose answer was lost must not be repeated as a read of what is new, but of what is held.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

import redis
from redis import Redis

from services import wire
from services.adapters.due_redis import area_scores
from services.adapters.redis_link import script, text, told
from services.adapters.tail_redis import touched
from services.kernel.ids import AreaId
from services.kernel.order import microseconds
from services.kernel.ports.journal import Touched
from services.kernel.ports.work import Backlog
from services.kernel.views import Position, position_order

T = TypeVar("T")


class RedisFold:
    """One relay's side of the group."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._commit = redis.register_script(script("fold_commit"))
        self._leave = redis.register_script(script("consumer_leave"))
        self._held = True
        """Whether this relay may hold entries from before: a restart, or an answer that was lost."""
        self._claim_from: Any = "0-0"

    def read(self, consumer: str, count: int, block_ms: int) -> list[Touched]:
        """Meets `Relaying.read`."""
        held, self._held = self._held, True  # until an answer has arrived
        if held and (entries := self._read(consumer, count, None, "0")):
            return entries
        entries = self._read(consumer, count, block_ms, ">")
        self._held = False
        return entries

    def _read(self, consumer: str, count: int, block_ms: int | None, start: str) -> list[Touched]:
        block = block_ms if block_ms and block_ms > 0 else None  # to Redis, 0 is for ever
        found: Any = self._in_group(lambda: self._redis.xreadgroup(wire.RELAY_GROUP, consumer, {wire.JOURNAL: start}, count=count, block=block))
        return self._entries(found[0][1] if found else ())

    def claim(self, consumer: str, idle_ms: int, count: int) -> list[Touched]:
        """Meets `Relaying.claim`. Each call goes on where the last one stopped looking."""
        start = self._claim_from
        found: Any = self._in_group(
            lambda: self._redis.xautoclaim(wire.JOURNAL, wire.RELAY_GROUP, consumer, min_idle_time=idle_ms, start_id=start, count=count),
        )
        self._claim_from = found[0]  # a third part, since version 7, names entries that are gone
        return self._entries(found[1])

    def _entries(self, rows: Sequence[tuple[bytes | None, Mapping[bytes, bytes] | None]]) -> list[Touched]:
        """The entries that are there; one that was deleted from under the group (by no janitor of ours) is only acknowledged."""
        gone = [identifier for identifier, fields in rows if identifier and not fields]
        if gone:
            with told():
                self._redis.xack(wire.JOURNAL, wire.RELAY_GROUP, *gone)
        return [touched(identifier, fields) for identifier, fields in rows if identifier and fields]

    def _in_group(self, command: Callable[[], T]) -> T:
        """Run `command`; where the group isn't there (a first start, or a journal that was replaced), make it."""
        with told():
            try:
                return command()
            except redis.ResponseError as error:
                if "NOGROUP" not in str(error) and "no such key" not in str(error):
                    raise
            self._make_group()
            return command()

    def _make_group(self) -> None:
        try:
            self._redis.xgroup_create(wire.JOURNAL, wire.RELAY_GROUP, id="0", mkstream=True)
        except redis.ResponseError as error:
            if "BUSYGROUP" not in str(error):  # another relay was first
                raise

    def commit(self, entries: Sequence[Touched], due: Mapping[str, Mapping[AreaId, datetime]]) -> None:
        """Meets `Relaying.commit`."""
        if not entries and not any(due.values()):
            return
        held, self._held = self._held, True  # until the answer has arrived
        arguments: list[str | int] = [wire.RELAY_GROUP, len(entries), *(entry.position for entry in entries)]
        for areas in due.values():
            arguments += (len(areas), *area_scores(areas))
        with told():
            self._commit([wire.JOURNAL, *(wire.due(wire.Channel(channel)) for channel in due)], arguments)
        self._held = held

    def backlog(self, now: datetime) -> Backlog:
        """Meets `Relaying.backlog`. Entries are numbered without a gap, so that two of them tell how many lie between."""
        with told(), self._redis.pipeline(transaction=True) as asked:
            asked.xlen(wire.JOURNAL)
            asked.get(wire.NUMBER)
            for channel in wire.Channel:
                asked.zcount(wire.due(channel), "-inf", microseconds(now))
                asked.zrange(wire.due(channel), 0, 0, withscores=True)
            asked.info("memory")
            asked.info("persistence")
            asked.info("replication")
            length, number, *due, memory, disk, replication = asked.execute()
        read_to = self._read_to() if number else {}
        lag, oldest = self._unfolded(int(number or 0), read_to.get(wire.RELAY_GROUP, "0-0"))
        unarchived, kept_since = self._after(read_to[wire.HISTORY_GROUP], int(number or 0)) if wire.HISTORY_GROUP in read_to else (0, 0)
        ages = zip(wire.Channel, due[::2], due[1::2], strict=True)
        return Backlog(
            entries=length,
            lag=lag,
            oldest_age_s=_age_s(oldest, now),
            due={channel.value: (count, max(0.0, (microseconds(now) - first[0][1]) / 1e6) if count else 0.0) for channel, count, first in ages},
            memory_share=memory["used_memory"] / memory["maxmemory"] if memory["maxmemory"] else 0.0,
            unarchived=unarchived,
            unarchived_age_s=_age_s(kept_since, now),
            writable=disk.get("aof_last_write_status", "ok") == "ok",
            replicas=sum(isinstance(about, dict) and about.get("state") == "online" for about in replication.values()),
        )

    def _read_to(self) -> dict[str, str]:
        """Group -> up to where it has read the journal."""
        groups: Any = self._in_group(lambda: self._redis.xinfo_groups(wire.JOURNAL))
        return {text(group["name"]): text(group["last-delivered-id"]) for group in groups}

    def _unfolded(self, number: int, read_to: str) -> tuple[int, int]:
        """How many of the entries up to `number` are not committed, and the oldest one's time (ms since 1970); zeros where all are."""
        if not number:
            return 0, 0
        pending: Any = self._in_group(lambda: self._redis.xpending(wire.JOURNAL, wire.RELAY_GROUP))
        behind, unread_since = self._after(read_to, number)
        held_since = position_order(Position(text(pending["min"])))[0] if pending["min"] else 0
        return behind + pending["pending"], min(filter(None, (held_since, unread_since)), default=0)

    def _after(self, position: str, number: int) -> tuple[int, int]:
        """How many of the entries up to `number` come after `position`, and the first one's time (ms since 1970); zeros where none does."""
        with told():
            first: Any = self._redis.xrange(wire.JOURNAL, min=f"({position}", count=1)
        return (max(number - int(first[0][1][b"n"]) + 1, 0), position_order(Position(text(first[0][0])))[0]) if first else (0, 0)

    def leave(self, consumer: str) -> bool:
        """Meets `Relaying.leave`."""
        return bool(self._in_group(lambda: self._leave([wire.JOURNAL], [wire.RELAY_GROUP, consumer])))

    def ring(self, channel: str, ttl_ms: int) -> bool:
        """Meets `Relaying.ring`."""
        with told():
            return bool(self._redis.set(wire.bell(wire.Channel(channel)), 1, nx=True, px=ttl_ms))


def _age_s(since_ms: int, now: datetime) -> float:
    return max(0.0, microseconds(now) / 1e6 - since_ms / 1e3) if since_ms else 0.0
