"""Which of two events about one outage is the newer: a total order, so that every interleaving ends in the same state (I3)."""

from datetime import UTC, datetime, timedelta
from hashlib import blake2b

from services.kernel.events import OutageEvent, Status

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_RANK = {Status.ACTIVE: "0", Status.CLEARING: "1", Status.RESTORED: "2", Status.CANCELLED: "3"}


def microseconds(moment: datetime) -> int:
    """`moment` as whole microseconds since 1970 (exact: no float in between)."""
    return (moment - EPOCH) // _MICROSECOND


def milliseconds(moment: datetime) -> int:
    """`moment` as whole milliseconds since 1970, rounded down."""
    return microseconds(moment) // 1_000


def event_digest(event_id: str) -> str:
    """A short name for `event_id`, 16 hex digits, which sort alike in every locale."""
    return blake2b(event_id.encode(), digest_size=8).hexdigest()


def version(event: OutageEvent) -> str:
    """A string that grows with the event's age in its source: compare two of one outage with `<`.

    A source that numbers its events is believed before its clock: any numbered event is newer than any that isn't. Of
    equal number and time, the status further along wins (states move forward); the event's id breaks what ties are left.
    """
    numbered, sequence = ("0", 0) if event.sequence is None else ("1", event.sequence)
    return f"{numbered}{sequence:020d}{microseconds(event.occurred_at):020d}{_RANK[event.status]}{event_digest(event.event_id)}"
