"""From entries to due work: however many events touched an area, it is due once a channel. Pure."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from services.kernel.ids import UNPLACED, AreaId
from services.kernel.ports.journal import Touched


def fold(entries: Iterable[Touched], now: datetime, waits: Mapping[str, timedelta]) -> dict[str, dict[AreaId, datetime]]:
    """When each area that `entries` touch is due in each channel: `waits` says how long a channel gathers changes first.

    An outage that moved touches where it was and where it is. The result doesn't depend on how entries are batched, or by
    which relay: only areas count, and for each the journal keeps the sooner time.
    """
    areas: set[AreaId] = set()
    for entry in entries:
        touched = entry.areas_before + entry.areas_after
        areas.update(touched or (UNPLACED,))
    return {channel: dict.fromkeys(areas, now + wait) for channel, wait in waits.items()} if areas else {}
