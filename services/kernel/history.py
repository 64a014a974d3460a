"""What the history keeps: every accepted event, and one record an outage, made of its events alone."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from msgspec import Struct

from services.kernel.events import Cause, OutageEvent, Status
from services.kernel.ids import AreaId, OutageId, OutageKey, SourceName, key_parts
from services.kernel.order import EPOCH, microseconds
from services.kernel.views import Position, position_order


class Recorded(Struct, frozen=True):
    """One accepted event, as the history keeps it."""

    position: Position
    number: int
    """Contiguous, as long as the journal is the same one."""
    key: OutageKey
    areas: tuple[AreaId, ...]
    """Where the event counted: `unplaced` where it names no area."""
    event: OutageEvent

    @property
    def source(self) -> SourceName:
        """Who sent it."""
        return key_parts(self.key)[0]

    @property
    def accepted_at(self) -> datetime:
        """When the journal took it: the position's own time, in milliseconds."""
        return accepted_at(self.position)


class OutageRecord(Struct, frozen=True):
    """One outage from its first event to its newest."""

    key: OutageKey
    first_position: Position
    last_position: Position
    first_occurred_at: datetime
    """What its first event says."""
    last_occurred_at: datetime
    started_at: datetime | None
    """What the source said last about its beginning, if ever."""
    restored_at: datetime | None
    """Only while `status` is restored: a reopened outage has none."""
    status: Status
    planned: bool
    cause: Cause
    peak_customers: int | None
    """The largest count ever given; an upper bound where the source masks counts."""
    areas: tuple[AreaId, ...]
    """All that it ever touched, sorted."""

    @property
    def source(self) -> SourceName:
        """Who sent it."""
        return key_parts(self.key)[0]

    @property
    def outage_id(self) -> OutageId:
        """The source's own id of it."""
        return key_parts(self.key)[1]


def record_of(one: Recorded) -> OutageRecord:
    """The record of an outage of which this is the only event."""
    event = one.event
    restored_at = (event.restored_at or event.occurred_at) if event.status is Status.RESTORED else None
    return OutageRecord(
        one.key,
        one.position,
        one.position,
        event.occurred_at,
        event.occurred_at,
        event.started_at,
        restored_at,
        event.status,
        event.planned,
        event.cause,
        event.customers_affected,
        tuple(sorted(set(one.areas))),
    )


def joined(one: OutageRecord, other: OutageRecord) -> OutageRecord:
    """What two records of one outage say together, in whichever order they come. An event that is in both counts once."""
    first = min(one, other, key=lambda record: position_order(record.first_position))
    before, last = sorted((one, other), key=lambda record: position_order(record.last_position))
    return OutageRecord(
        last.key,
        first.first_position,
        last.last_position,
        first.first_occurred_at,
        last.last_occurred_at,
        last.started_at or before.started_at,
        last.restored_at,
        last.status,
        last.planned,
        last.cause,
        max((count for count in (one.peak_customers, other.peak_customers) if count is not None), default=None),
        tuple(sorted({*one.areas, *other.areas})),
    )


def records(events: Iterable[Recorded]) -> dict[OutageKey, OutageRecord]:
    """The records that these events make up."""
    found: dict[OutageKey, OutageRecord] = {}
    for one in events:
        made = record_of(one)
        found[one.key] = joined(found[one.key], made) if one.key in found else made
    return found


def accepted_at(position: Position) -> datetime:
    """When the journal took the entry at `position`, UTC."""
    return EPOCH + timedelta(milliseconds=position_order(position)[0])


def position_at(moment: datetime) -> Position:
    """The position that parts what was accepted before `moment` (whole milliseconds, rounded up) from what was accepted since."""
    return Position(f"{-(-microseconds(moment) // 1000)}-0")
