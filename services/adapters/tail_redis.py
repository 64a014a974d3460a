"""The journal on Redis, as workers read it. Meets `kernel.ports.JournalTail`."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from redis import Redis

from services import wire
from services.adapters.redis_link import text, told
from services.kernel.areas import AreaName
from services.kernel.events import OutageEvent, decode_event
from services.kernel.ids import AreaId, OutageKey
from services.kernel.ports.journal import ColdStart, Entry, Touched
from services.kernel.views import ORIGIN, Position

_decode_name = msgspec.json.Decoder(AreaName).decode
_decode_areas = msgspec.json.Decoder(tuple[AreaId, ...]).decode


def entry(identifier: bytes, fields: Mapping[bytes, bytes]) -> Entry:
    """One entry of the stream, as wire.JOURNAL describes it."""
    return Entry(
        position=Position(text(identifier)),
        number=int(fields[b"n"]),
        key=OutageKey(text(fields[b"k"])),
        areas_before=_decode_areas(fields[b"was"]),
        areas_after=_decode_areas(fields[b"now"]),
        event=decode_event(fields[b"e"]),
    )


def touched(identifier: bytes, fields: Mapping[bytes, bytes]) -> Touched:
    """What one entry touches; its event, most of the entry, stays unread."""
    return Touched(
        position=Position(text(identifier)),
        number=int(fields[b"n"]),
        key=OutageKey(text(fields[b"k"])),
        areas_before=_decode_areas(fields[b"was"]),
        areas_after=_decode_areas(fields[b"now"]),
    )


class RedisTail:
    """Reads only; any number of them."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def cold(self) -> ColdStart:
        """Meets `JournalTail.cold`: one MULTI. The events are decoded as they are taken, so that all of them are never held twice."""
        with told(), self._redis.pipeline(transaction=True) as all_at_once:
            all_at_once.xrevrange(wire.JOURNAL, count=1)
            all_at_once.get(wire.NUMBER)
            all_at_once.hgetall(wire.OUTAGES)
            newest, number, outages = all_at_once.execute()
        position = Position(text(newest[0][0])) if newest else ORIGIN
        return ColdStart(position, int(number or 0), _decoded(outages))

    def since(self, position: Position, count: int) -> list[Entry]:
        """Meets `JournalTail.since`."""
        with told():
            found: Any = self._redis.xrange(wire.JOURNAL, min=f"({position}", count=count)
        return [entry(*row) for row in found]

    def recent(self, count: int) -> list[Entry]:
        """Meets `JournalTail.recent`."""
        if count < 1:
            return []
        with told():
            found: Any = self._redis.xrevrange(wire.JOURNAL, count=count)
        return [entry(*row) for row in found]

    def area_names(self) -> dict[AreaId, AreaName]:
        """Meets `JournalTail.area_names`."""
        with told(), self._redis.pipeline(transaction=False) as both:
            both.hgetall(wire.AREA_NAMES)
            both.hgetall(wire.CATALOGUE_NAMES)
            of_feeds, of_catalogue = both.execute()
        names = {AreaId(text(area)): AreaName(text(name)) for area, name in of_feeds.items()}
        names.update({AreaId(text(area)): _decode_name(name) for area, name in of_catalogue.items()})
        return names


def _decoded(outages: Mapping[bytes, bytes]) -> Iterator[tuple[OutageKey, OutageEvent]]:
    return ((OutageKey(text(key)), decode_event(event)) for key, event in outages.items())
