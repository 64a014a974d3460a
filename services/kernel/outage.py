"""What one outage is after the events heard so far. The Lua script of the journal does the same, one outage at a time."""

from enum import StrEnum

from services.kernel.events import OutageEvent
from services.kernel.order import version


class Acceptance(StrEnum):
    """What becomes of one event at the front door: the closed list that code, logs, metrics and runbooks share."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    STALE = "stale"
    REJECTED = "rejected"


def apply(current: OutageEvent | None, event: OutageEvent) -> tuple[OutageEvent, Acceptance]:
    """The newer of the two, and what to answer: an event heard again is a duplicate, an older one is stale."""
    if current is None:
        return event, Acceptance.ACCEPTED
    known, heard = version(current), version(event)
    if heard == known:
        return current, Acceptance.DUPLICATE
    return (event, Acceptance.ACCEPTED) if heard > known else (current, Acceptance.STALE)
