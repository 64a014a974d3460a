"""Events and outages as rows of the ledger's tables, and back."""

from typing import Any

import msgspec
from sqlalchemy import Row

from services.kernel.events import Cause, Status, decode_event, encode_event
from services.kernel.history import OutageRecord, Recorded
from services.kernel.ids import AreaId, OutageKey, SourceName, outage_key
from services.kernel.views import Position, position_order

_decode_areas = msgspec.json.Decoder(tuple[AreaId, ...]).decode


def event_row(one: Recorded) -> dict[str, Any]:
    """The row of one event."""
    event, (ms, seq) = one.event, position_order(one.position)
    return {
        "at_ms": ms,
        "at_seq": seq,
        "number": one.number,
        "outage": text(one.key),
        "source": one.source,
        "event_id": text(event.event_id),
        "accepted_at": one.accepted_at,
        "occurred_at": event.occurred_at,
        "status": event.status,
        "customers": event.customers_affected,
        "planned": event.planned,
        "cause": event.cause,
        "areas": msgspec.json.encode(one.areas).decode(),
        "event": encode_event(event).decode(),
    }


def event_recorded(row: Row[Any]) -> Recorded:
    """The event that `event_row` wrote."""
    event = decode_event(row.event)
    key = outage_key(SourceName(row.source), event.outage_id)
    return Recorded(position(row.at_ms, row.at_seq), row.number, key, _decode_areas(row.areas), event)


def outage_row(record: OutageRecord) -> dict[str, Any]:
    """The row of one outage."""
    (first_ms, first_seq), (last_ms, last_seq) = position_order(record.first_position), position_order(record.last_position)
    return {
        "outage": text(record.key),
        "source": record.source,
        "first_ms": first_ms,
        "first_seq": first_seq,
        "last_ms": last_ms,
        "last_seq": last_seq,
        "first_occurred_at": record.first_occurred_at,
        "last_occurred_at": record.last_occurred_at,
        "started_at": record.started_at,
        "restored_at": record.restored_at,
        "status": record.status,
        "planned": record.planned,
        "cause": record.cause,
        "peak_customers": record.peak_customers,
        "areas": msgspec.json.encode(record.areas).decode(),
    }


def outage_record(row: Row[Any]) -> OutageRecord:
    """The record that `outage_row` wrote."""
    return OutageRecord(
        OutageKey(row.outage),
        position(row.first_ms, row.first_seq),
        position(row.last_ms, row.last_seq),
        row.first_occurred_at,
        row.last_occurred_at,
        row.started_at,
        row.restored_at,
        Status(row.status),
        row.planned,
        Cause(row.cause),
        row.peak_customers,
        _decode_areas(row.areas),
    )


def text(value: str) -> str:
    """PostgreSQL keeps no NUL in text; the event's own JSON, where it is escaped, keeps it."""
    return value.replace("\0", "\ufffd")


def position(ms: int, seq: int) -> Position:
    """A position, from the two parts that sort by age."""
    return Position(f"{ms}-{seq}")
