"""From records to sightings, one record at a time: what is sound is used, what isn't is told, and no bad record closes an outage."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from services.ingest.formats.fields import Flawed, Named
from services.ingest.formats.format import Flaw, Sightings
from services.ingest.formats.recent import Recent
from services.kernel.events import Condition
from services.kernel.ids import AreaId, OutageId

Read = TypeVar("Read")
Whole = TypeVar("Whole")
RECORD_BYTES_MAX = 1024 * 1024
"""As much as a border of 20,000 positions needs. A record takes up to thirty times its bytes to read."""
Id = TypeVar("Id", OutageId, OutageId | None)
_decode = msgspec.json.Decoder().decode


class Sound(Struct, frozen=True):
    """A record that can be used."""

    condition: Condition
    areas: Named = ()
    named: bool = True
    """Whether the feed gives it an id; else `kernel.identity` tells it from others, and its condition's id means nothing."""


class Unsound(Struct, frozen=True):
    """A record that can't. `outage_id` is None where not even that is readable."""

    outage_id: OutageId | None
    field: str
    message: str


class Over(Struct, frozen=True):
    """A record that says that its outage has ended: not part of the picture."""


Outcome = Sound | Unsound | Over


def as_object(raw: bytes) -> dict[str, Any]:
    """The record as an object; raises Flawed."""
    check_bytes(raw)
    try:
        record = _decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Flawed("record", f"can't be read: {error}") from error
    if not isinstance(record, dict):
        raise Flawed("record", f"must be an object, not {type(record).__name__}")
    return record


def check_bytes(raw: bytes) -> None:
    """Raises Flawed for a record too large to be read whole."""
    if len(raw) > RECORD_BYTES_MAX:
        raise Flawed("record", f"has {len(raw)} bytes; at most {RECORD_BYTES_MAX} are taken: simplify its geometry")


def outcome(raw: bytes, decode: Callable[[bytes], Whole], id_of: Callable[[Whole], Id], read: Callable[[Id, Whole], Outcome]) -> Outcome:
    """What one record comes to: `decode` takes it apart, `id_of` finds its id (None where it has none) and `read` the rest; each may raise Flawed."""
    outage_id: OutageId | None = None
    try:
        record = decode(raw)
        found_id = id_of(record)
        outage_id = found_id
        found = read(found_id, record)
    except Flawed as flaw:
        return Unsound(outage_id, flaw.field, flaw.message)
    if not isinstance(found, Sound):
        return found
    condition = with_own_estimate(found.condition)
    return found if condition is found.condition else msgspec.structs.replace(found, condition=condition)


def with_own_estimate(condition: Condition) -> Condition:
    """`condition`, without an estimate from before its start: feeds leave one of an earlier outage standing."""
    start, estimate = condition.started_at, condition.estimated_restoration
    if start is None or estimate is None or estimate >= start:
        return condition
    return msgspec.structs.replace(condition, estimated_restoration=None)


def sightings(outcomes: Iterable[Outcome], id_field: str, cut_short: bool, observed_at: datetime | None) -> Sightings:
    """The sightings of a feed whose records are outages, each with its id in the field `id_field`, or (those not `named`) without any.

    Of two records with one id the first is used. A record without a readable id could be any outage, so nothing may be closed.
    """
    conditions: dict[OutageId, Condition] = {}
    flaws: list[Flaw] = []
    area_names: dict[AreaId, str] = {}
    unnamed: list[Condition] = []
    count = 0
    for index, read in enumerate(outcomes):
        count += 1
        if isinstance(read, Sound):
            outage_id = read.condition.outage_id
            if not read.named:
                unnamed.append(msgspec.structs.replace(read.condition, outage_id=OutageId(str(index))))
            elif conditions.setdefault(outage_id, read.condition) is not read.condition:
                flaws.append(Flaw(index, outage_id, id_field, "an earlier record of this picture has the same id; that one was used"))
            area_names.update(read.areas)
        elif isinstance(read, Unsound):
            flaws.append(Flaw(index, read.outage_id, read.field, read.message))
    unusable = [flaw.outage_id for flaw in flaws]
    return Sightings(
        records=count,
        conditions=conditions,
        unnamed=tuple(unnamed),
        flaws=tuple(flaws),
        kept=frozenset(outage_id for outage_id in unusable if outage_id is not None and outage_id not in conditions),
        cut_short=cut_short or None in unusable,
        area_names=area_names,
        observed_at=observed_at,
    )


def each(records: list[bytes], read: Callable[[bytes], Read], recent: Recent[Read] | None) -> list[Read]:
    """What `read` makes of each record; with `recent`, those of the last picture are not read again."""
    return together(records, lambda new: list(map(read, new)), recent)


def together(records: list[bytes], read: Callable[[list[bytes]], list[Read]], recent: Recent[Read] | None) -> list[Read]:
    """As `each`, for a `read` that takes all records at once."""
    return read(records) if recent is None else recent.read_all(records, read)
