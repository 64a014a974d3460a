"""What an export tells of an event and of an outage: one list of columns, the same in every format."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from enum import Enum
from typing import Any, NamedTuple

from services.kernel.history import OutageRecord, Recorded, accepted_at
from services.kernel.ids import key_parts


class Kind(Enum):
    """What a column holds; any but `TEXTS` may be missing (None)."""

    TEXT = "text"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    MOMENT = "moment"
    """A time in UTC."""
    TEXTS = "texts"
    JSON = "json"
    """A whole event: an object where the format has objects, else its text."""


class Column(NamedTuple):
    """One column."""

    name: str
    kind: Kind
    of: Callable[[Any], Any]
    """Its value, of an event or an outage."""


def _utc(moment: datetime | None) -> datetime | None:
    return moment.astimezone(UTC) if moment else None


EVENTS: Sequence[Column] = (
    Column("position", Kind.TEXT, lambda one: one.position),
    Column("number", Kind.INTEGER, lambda one: one.number),
    Column("accepted_at", Kind.MOMENT, lambda one: one.accepted_at),
    Column("source", Kind.TEXT, lambda one: one.source),
    Column("outage_id", Kind.TEXT, lambda one: one.event.outage_id),
    Column("event_id", Kind.TEXT, lambda one: one.event.event_id),
    Column("occurred_at", Kind.MOMENT, lambda one: _utc(one.event.occurred_at)),
    Column("status", Kind.TEXT, lambda one: one.event.status.value),
    Column("customers_affected", Kind.INTEGER, lambda one: one.event.customers_affected),
    Column("customers_masked", Kind.BOOLEAN, lambda one: one.event.customers_masked),
    Column("planned", Kind.BOOLEAN, lambda one: one.event.planned),
    Column("cause", Kind.TEXT, lambda one: one.event.cause.value),
    Column("crew", Kind.TEXT, lambda one: one.event.crew and one.event.crew.value),
    Column("started_at", Kind.MOMENT, lambda one: _utc(one.event.started_at)),
    Column("estimated_restoration", Kind.MOMENT, lambda one: _utc(one.event.estimated_restoration)),
    Column("restored_at", Kind.MOMENT, lambda one: _utc(one.event.restored_at)),
    Column("areas", Kind.TEXTS, lambda one: one.areas),
    Column("note_en", Kind.TEXT, lambda one: one.event.note and one.event.note.en),
    Column("note_fr", Kind.TEXT, lambda one: one.event.note and one.event.note.fr),
    Column("event", Kind.JSON, lambda one: one.event),
)
"""Of `Recorded`. `event` is the event as the contract has it (contracts/event-v1.schema.json): it can be sent again."""

OUTAGES: Sequence[Column] = (
    Column("source", Kind.TEXT, lambda record: key_parts(record.key)[0]),
    Column("outage_id", Kind.TEXT, lambda record: key_parts(record.key)[1]),
    Column("status", Kind.TEXT, lambda record: record.status.value),
    Column("started_at", Kind.MOMENT, lambda record: _utc(record.started_at or record.first_occurred_at)),
    Column("restored_at", Kind.MOMENT, lambda record: _utc(record.restored_at)),
    Column("last_occurred_at", Kind.MOMENT, lambda record: _utc(record.last_occurred_at)),
    Column("peak_customers", Kind.INTEGER, lambda record: record.peak_customers),
    Column("planned", Kind.BOOLEAN, lambda record: record.planned),
    Column("cause", Kind.TEXT, lambda record: record.cause.value),
    Column("areas", Kind.TEXTS, lambda record: record.areas),
    Column("first_position", Kind.TEXT, lambda record: record.first_position),
    Column("last_position", Kind.TEXT, lambda record: record.last_position),
    Column("first_accepted_at", Kind.MOMENT, lambda record: accepted_at(record.first_position)),
    Column("last_accepted_at", Kind.MOMENT, lambda record: accepted_at(record.last_position)),
)
"""Of `OutageRecord`. An outage that the source gave no beginning begins with its first event."""


def row(columns: Sequence[Column], of: Recorded | OutageRecord) -> list[Any]:
    """The values of one row."""
    return [column.of(of) for column in columns]
