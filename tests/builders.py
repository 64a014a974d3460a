"""Makers of the things that many tests need."""

from datetime import UTC, datetime, timedelta
from typing import Any

from services.kernel.events import OutageEvent, Status
from services.kernel.ids import AreaId, OutageId, SourceName
from services.kernel.planning.policy import Worth
from services.kernel.planning.posts import Kind

NOW = datetime(2018, 9, 21, 21, 4, tzinfo=UTC)
SOURCE = SourceName("oms")
WORTH = {kind: Worth(value=value) for kind, value in ((Kind.FIRST_REPORT, 80), (Kind.GROWTH, 70), (Kind.RESTORED, 60), (Kind.MISSED, 50), (Kind.ESTIMATE, 30))}
"""Of a policy that tells what most tests are about, and no more."""


class SetClock:
    """A clock that stands until it is moved. Meets `kernel.ports.Clock`."""

    def __init__(self, at: datetime = NOW) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def move(self, **by: float) -> None:
        """`move(seconds=5)`."""
        self.at += timedelta(**by)


def event(
    outage: str = "A", event_id: str = "", *, minute: float = 0, areas: tuple[str, ...] = ("K2G",), status: Status = Status.ACTIVE, **more: Any
) -> OutageEvent:
    """An event of `outage`, `minute` minutes after NOW; its id is made of both unless given."""
    return OutageEvent(
        event_id=event_id or f"{outage}-{minute}-{status}",
        outage_id=OutageId(outage),
        occurred_at=NOW + timedelta(minutes=minute),
        status=status,
        areas=tuple(map(AreaId, areas)),
        **more,
    )
