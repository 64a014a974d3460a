"""The journal on Redis. Meets `kernel.ports.Journal`: one atomic script a batch (lua/append.lua), durable by the server's AOF.

With replicas to wait for, it is also on those before it returns (replicated.py).
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from redis.asyncio import Redis

from services import wire
from services.adapters.redis_link import text, told
from services.adapters.replicated import ReplicatedScript
from services.kernel.board import placed
from services.kernel.events import OutageEvent, decode_event, encode_event
from services.kernel.ids import AreaId, OutageId, SourceName, outage_key
from services.kernel.order import microseconds, version
from services.kernel.outage import Acceptance
from services.kernel.picture import Change, Picture, Seen
from services.kernel.ports.failures import PictureConflict
from services.kernel.ports.journal import Answer
from services.kernel.views import ORIGIN, Position
from services.kit.bounded import Bounded
from services.kit.logs import log
from services.kit.metrics import AREA_NAMES_DROPPED

_encode = msgspec.json.Encoder().encode
_decode_seen = msgspec.json.Decoder(Seen).decode
_OUTCOMES = {b"+": Acceptance.ACCEPTED, b"=": Acceptance.DUPLICATE, b"-": Acceptance.STALE}
READ_MAX = 1_000
"""Outages asked for in one command, so that none holds the server up."""


class RedisJournal:
    """Appends, and what ingest must know to compare a picture with the one before."""

    def __init__(self, redis: Redis, heard_events_max: int, wait_replicas: int = 0, wait_ms: int = 0, area_names_max: int = 50_000) -> None:
        """Remember `heard_events_max` event ids a source and generation, to tell a duplicate from a stale event.

        Return from a write once `wait_replicas` replicas have it; raise `Unavailable` where they haven't after `wait_ms`.
        Remember what feeds call `area_names_max` areas.
        """
        self._redis = redis
        self._heard_max = heard_events_max
        self._append = ReplicatedScript(redis, "append", wait_replicas, wait_ms)
        self._heard = ReplicatedScript(redis, "source_heard", wait_replicas, wait_ms)  # said of a picture that is repeated: it must be safe by then
        self._area_names_max, self._full_told = area_names_max, False
        self._named = Bounded[str](area_names_max)

    async def append(self, source: SourceName, events: Sequence[OutageEvent]) -> list[Answer]:
        """Meets `Journal.append`."""
        if not events:
            return []
        arguments: list[str | bytes | int] = [len(events), self._heard_max, "", "", "", 0, 0]
        for event in events:
            _add_event(arguments, source, event)
        return await self._run(source, arguments, ())

    async def append_picture(self, source: SourceName, format_name: str, change: Change) -> list[Answer]:
        """Meets `Journal.append_picture`. The events' ids are derived and the revision guards them: they need not be remembered."""
        after = change.picture
        arguments: list[str | bytes | int] = [len(change.events), 0, after.revision - 1]
        arguments += [_encode(after.observed_at), after.complete, len(change.remember), len(change.forget)]
        for event in change.events:
            _add_event(arguments, source, event)
        for outage_id, seen in change.remember.items():
            arguments += (outage_id, _encode(seen))
        arguments += change.forget
        return await self._run(source, arguments, (wire.picture(source, format_name), wire.picture_head(source, format_name)))

    async def _run(self, source: SourceName, arguments: list[str | bytes | int], picture: tuple[str, ...]) -> list[Answer]:
        keys = (wire.JOURNAL, wire.NUMBER, wire.OUTAGES, wire.VERSIONS, wire.CLOSED, wire.heard(source, "new"), wire.heard(source, "old"), *picture)
        with told():
            answers = await self._append(keys, arguments)
        if answers == b"conflict":
            raise PictureConflict(f"Another picture of {source} was committed first.")
        return [_answer(raw) for raw in answers]

    async def picture(self, source: SourceName, format_name: str) -> Picture:
        """Meets `Journal.picture`: the head and what was seen, read in one atomic step."""
        with told():
            async with self._redis.pipeline(transaction=True) as both:
                both.hgetall(wire.picture_head(source, format_name))
                both.hgetall(wire.picture(source, format_name))
                head, seen = await both.execute()
        if not head:
            return Picture()
        return msgspec.convert(
            {
                "revision": int(head[b"revision"]),
                "observed_at": msgspec.json.decode(head[b"observed_at"]),
                "complete": int(head[b"complete"]),
                "seen": {text(outage_id): _decode_seen(known) for outage_id, known in seen.items()},
            },
            Picture,
        )

    async def revision(self, source: SourceName, format_name: str) -> int:
        """Meets `Journal.revision`."""
        with told():
            return int(await self._redis.hget(wire.picture_head(source, format_name), "revision") or 0)

    async def current(self, source: SourceName, outage_ids: Iterable[OutageId]) -> dict[OutageId, OutageEvent]:
        """Meets `Journal.current`."""
        wanted, found = list(outage_ids), {}
        for start in range(0, len(wanted), READ_MAX):
            chunk = wanted[start : start + READ_MAX]
            with told():
                values = await self._redis.hmget(wire.OUTAGES, [outage_key(source, outage_id) for outage_id in chunk])
            found.update({outage_id: decode_event(value) for outage_id, value in zip(chunk, values, strict=True) if value})
        return found

    async def name_areas(self, names: Mapping[AreaId, str], *, anew: bool = True) -> None:
        """Meets `Journal.name_areas`; only names that this process has not sent lately travel. Two processes at once may pass the limit a little."""
        unsent = [(area, name) for area, name in names.items() if self._named.get(area) != name]
        for start in range(0, len(unsent), READ_MAX):
            await self._name(unsent[start : start + READ_MAX], anew)

    async def _name(self, given: Sequence[tuple[AreaId, str]], anew: bool) -> None:
        with told():
            async with self._redis.pipeline(transaction=False) as both:
                both.hlen(wire.AREA_NAMES)
                both.hmget(wire.AREA_NAMES, [area for area, _ in given])
                count, before = await both.execute()
        fresh = [one for one, known in zip(given, before, strict=True) if known is None]
        room = max(self._area_names_max - count, 0)
        renamed = [one for one, known in zip(given, before, strict=True) if known is not None] if anew else []
        if kept := dict[Any, Any](fresh[:room] + renamed):
            with told():
                await self._redis.hset(wire.AREA_NAMES, mapping=kept)
        if dropped := fresh[room:]:
            AREA_NAMES_DROPPED.inc(len(dropped))
            if not self._full_told:
                log.warning("journal.area_names_full", limit=self._area_names_max, area=dropped[0][0], action="look which source makes up areas")
            self._full_told = True
        for (area, name), known in zip(given, before, strict=True):
            self._named.put(area, name if known is None or anew else text(known))

    async def heard(self, source: SourceName, at: datetime) -> None:
        """Meets `Journal.heard`."""
        with told():
            await self._heard([wire.HEARD_FROM], [source, microseconds(at)])

    async def tip(self) -> Position:
        """Meets `Journal.tip`."""
        with told():
            newest = await self._redis.xrevrange(wire.JOURNAL, count=1)
        return Position(text(newest[0][0])) if newest else ORIGIN


def _add_event(arguments: list[str | bytes | int], source: SourceName, event: OutageEvent) -> None:
    """What the script takes of one event."""
    arguments += (outage_key(source, event.outage_id), version(event), _encode(placed(event.areas)), encode_event(event))


def _answer(raw: bytes) -> Answer:
    return Answer(_OUTCOMES[raw[:1]], Position(text(raw[1:])) if len(raw) > 1 else None)
