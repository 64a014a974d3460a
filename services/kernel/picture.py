"""From two pictures of a source to what changed between them: opened, changed, clearing, closed.

A picture is all that a source shows at one moment. An outage gone from it is `clearing` at once and restored only after the
grace: real pictures flap (5,587 times in five days of one utility an outage vanished for one poll and came back).
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from hashlib import blake2b
from itertools import islice
from operator import attrgetter

import msgspec
from msgspec import Struct

from services.kernel.events import Condition, MultiPolygon, OutageEvent, Point, Polygon, Status
from services.kernel.ids import AreaId, OutageId
from services.kernel.order import microseconds

_encode = msgspec.json.Encoder().encode
_facts = attrgetter(*Condition.__struct_fields__)
_NOBODY = OutageId("")


class Grace(Struct, frozen=True):
    """How long an outage must be gone before its source is taken to have restored it: both bounds must be met."""

    pictures: int = 2
    """Complete pictures in a row without it."""
    source_time: timedelta = timedelta(minutes=10)
    """From the first picture without it, by the source's own time."""


class Seen(Struct, frozen=True, array_like=True, omit_defaults=True):
    """What is remembered of one outage between two pictures of its source."""

    digest: str
    """Of the last condition shown: equal digests need no event."""
    missing_since_picture: int = 0
    """The number of the first complete picture without it; 0 while it is shown."""
    missing_since: datetime | None = None
    started_at: datetime | None = None
    place: tuple[float, float] | None = None
    """Longitude and latitude: with the start, the identity of an outage whose feed has no stable id."""
    customers: int | None = None
    masked: bool = False


class Picture(Struct, frozen=True):
    """A source's last picture, as the journal remembers it."""

    revision: int = 0
    """Grows with each picture committed: two writers can't both follow the same one."""
    observed_at: datetime | None = None
    complete: int = 0
    """How many pictures were whole. One cut short proves nothing about what it leaves out."""
    seen: Mapping[OutageId, Seen] = {}

    @property
    def shown(self) -> int:
        """How many outages the picture showed."""
        return sum(not seen.missing_since_picture for seen in self.seen.values())


class Reading(Struct, frozen=True):
    """A picture as its format's adapter read it."""

    conditions: Mapping[OutageId, Condition]
    cut_short: bool = False
    """The source left some out (a page limit), or a record could not even be named: nothing may be closed by this picture."""
    kept: frozenset[OutageId] = frozenset()
    """Outages shown by records too broken to use: still there, unchanged."""


class Change(Struct, frozen=True):
    """What a new picture does: the events to append, and what to remember for the next one."""

    events: tuple[OutageEvent, ...]
    remember: Mapping[OutageId, Seen]
    forget: tuple[OutageId, ...]
    picture: Picture
    """The picture after this one, without `seen` (which `remember` and `forget` amend)."""


def digest(condition: Condition) -> str:
    """Equal for equal conditions whatever they are called (twins are told apart by it), short enough to keep for each open outage."""
    return blake2b(_encode(msgspec.structs.replace(condition, outage_id=_NOBODY)), digest_size=8).hexdigest()


def gone(before: Picture, reading: Reading) -> set[OutageId]:
    """The outages that the picture before had, or was still waiting for, and this one does not show."""
    return before.seen.keys() - reading.conditions.keys() - reading.kept


def needed(before: Picture, reading: Reading) -> set[OutageId]:
    """The outages whose newest events `compare` must be given: those gone, and those kept that were given up before."""
    back = {outage_id for outage_id in reading.kept & before.seen.keys() if before.seen[outage_id].missing_since_picture}
    return back if reading.cut_short else gone(before, reading) | back


def compare(before: Picture, reading: Reading, observed_at: datetime, last: Mapping[OutageId, OutageEvent], grace: Grace, format_name: str) -> Change:
    """What `reading`, taken at `observed_at`, changes after `before`.

    `last` has the newest event of each outage that is `needed` and still open; one that isn't in it was ended by its
    source in another way, and is only forgotten.
    """
    complete = before.complete + (not reading.cut_short)
    events: list[OutageEvent] = []
    remember: dict[OutageId, Seen] = {}
    forget: list[OutageId] = []

    def tell(condition: Condition, status: Status, restored_at: datetime | None = None) -> None:
        events.append(_event(condition, status, observed_at, restored_at, format_name))

    for outage_id, condition in reading.conditions.items():
        known, now = before.seen.get(outage_id), digest(condition)
        if known is None or known.missing_since_picture or known.digest != now:
            tell(condition, Status.ACTIVE)
            remember[outage_id] = _seen(condition, now)
    for outage_id in sorted(needed(before, reading)):
        known, latest = before.seen[outage_id], last.get(outage_id)
        if latest is None:
            forget.append(outage_id)
        elif outage_id in reading.kept:
            tell(latest, Status.ACTIVE)
            remember[outage_id] = msgspec.structs.replace(known, missing_since_picture=0, missing_since=None)
        elif not known.missing_since_picture or latest.status is Status.ACTIVE:  # just gone, or said to be active in another way since
            tell(latest, Status.CLEARING)
            remember[outage_id] = msgspec.structs.replace(known, missing_since_picture=complete, missing_since=observed_at)
        elif known.missing_since and complete - known.missing_since_picture + 1 >= grace.pictures and observed_at - known.missing_since >= grace.source_time:
            tell(latest, Status.RESTORED, restored_at=known.missing_since)
            forget.append(outage_id)
    after = Picture(before.revision + 1, observed_at, complete)
    return Change(tuple(events), remember, tuple(forget), after)


def _event(condition: Condition, status: Status, observed_at: datetime, restored_at: datetime | None, format_name: str) -> OutageEvent:
    event_id = f"{format_name}:{microseconds(observed_at)}:{blake2b(condition.outage_id.encode(), digest_size=12).hexdigest()}"
    facts = dict(zip(Condition.__struct_fields__, _facts(condition), strict=True))
    return OutageEvent(**facts, event_id=event_id, occurred_at=observed_at, status=status, restored_at=restored_at)


def _seen(condition: Condition, its_digest: str) -> Seen:
    place = place_of(condition)
    if place is None:
        return Seen(its_digest)
    return Seen(its_digest, 0, None, condition.started_at, place, condition.customers_affected, condition.customers_masked)


def place_of(condition: Condition) -> tuple[float, float] | None:
    """Longitude and latitude of an outage shown as a point, or of the middle of the box around its polygons; None for any other geometry."""
    match condition.geometry:
        case Point(at):
            return at[0], at[1]
        case Polygon(rings):
            return _middle(rings[0])
        case MultiPolygon(polygons):
            return _middle([at for rings in polygons for at in rings[0]])
    return None


def _middle(positions: list[list[float]]) -> tuple[float, float]:
    longitudes, latitudes = islice(zip(*positions, strict=False), 2)  # a height may follow
    return (min(longitudes) + max(longitudes)) / 2, (min(latitudes) + max(latitudes)) / 2


def amended(before: Picture, change: Change) -> Picture:
    """The picture after `change`, with all that it remembers."""
    forgotten = set(change.forget)
    seen = {outage_id: known for outage_id, known in before.seen.items() if outage_id not in forgotten}
    seen.update(change.remember)
    return msgspec.structs.replace(change.picture, seen=seen)


def areas_of(events: Iterable[OutageEvent]) -> set[AreaId]:
    """Every area that `events` name."""
    return {area for event in events for area in event.areas}
