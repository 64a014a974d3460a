"""What the public may see of an outage, an area, the whole: the masked, aged side of the events (I5, I8)."""

from collections.abc import Mapping
from datetime import datetime
from typing import NewType

import msgspec
from msgspec import Struct

from services.kernel.areas import AreaName
from services.kernel.events import AnyGeometry, Cause, Crew, OutageEvent
from services.kernel.ids import AreaId, OutageKey

Position = NewType("Position", str)
"""An id of the journal's stream, `milliseconds-number`; it only grows. `0-0` is before the first event."""

ORIGIN = Position("0-0")


def position_order(position: Position) -> tuple[int, int]:
    """`position` as something that compares by age (the text does not: '10-0' < '9-0')."""
    milliseconds, _, number = position.partition("-")
    return int(milliseconds), int(number or 0)


class Stamp(Struct, frozen=True):
    """What an output reflects: the journal up to `position`, known to be current at `as_of`."""

    position: Position = ORIGIN
    as_of: datetime | None = None


def is_newer(stamp: Stamp, known: Stamp) -> bool:
    """Whether `stamp` reflects more than `known`: a later position, or the same one known to be current at a later time."""
    later, earlier = position_order(stamp.position), position_order(known.position)
    if later != earlier or stamp.as_of is None:
        return later > earlier
    return known.as_of is None or stamp.as_of > known.as_of


class Count(Struct, frozen=True):
    """A number of customers that may be shown: exact, or an upper bound where it must not be exact."""

    customers: int
    masked: bool = False
    """Whether any part of it stands at its upper bound: say 'fewer than' or 'about', never the number alone."""

    def __add__(self, other: "Count") -> "Count":
        return Count(self.customers + other.customers, self.masked or other.masked)


def count_of(event: OutageEvent, threshold: int) -> Count:
    """How many customers of one outage may be told: below `threshold` (I8), or masked by the source, only an upper bound.

    A source that gives no count adds nothing to a total.
    """
    known = event.customers_affected
    if known is None:
        return Count(0)
    if event.customers_masked or known < threshold:
        return Count(known if known >= threshold else threshold - 1, masked=True)
    return Count(known)


class OutageBrief(Struct, frozen=True, omit_defaults=True):
    """One open outage as the public may see it."""

    key: OutageKey
    customers: int | None
    """None where the source gives no count; the upper bound where `masked`."""
    masked: bool
    planned: bool
    cause: Cause
    crew: Crew | None
    started_at: datetime | None
    estimated_restoration: datetime | None


class Extent(Struct, frozen=True, omit_defaults=True):
    """How far one open outage extends, for telling whether it is somebody's; no count of customers is in it."""

    key: OutageKey
    devices: tuple[str, ...] = ()
    """As the source names them: `feeder:7F12`."""
    geometry: AnyGeometry | None = None
    """Simplified where it had many positions; None where the source gives none."""
    planned: bool = False
    cause: Cause = Cause.UNKNOWN
    crew: Crew | None = None
    estimated_restoration: datetime | None = None


class AreaBrief(Struct, frozen=True, omit_defaults=True):
    """One area at one position: all that voice, feeds and page say of it."""

    area: AreaId
    name: str
    outages: int
    customers: Count
    planned: int = 0
    started_at: datetime | None = None
    """Of the outage open longest."""
    earliest_estimate: datetime | None = None
    latest_estimate: datetime | None = None
    """By when the source expects all of the area's outages with an estimate to be over."""
    unestimated: int = 0
    """How many outages have no estimate."""
    cause: Cause = Cause.UNKNOWN
    """Of the outage with the most customers whose cause is known."""
    crew: Crew | None = None
    """The furthest that a crew has come at any of the area's outages."""
    largest: tuple[OutageBrief, ...] = ()
    """The area's outages with the most customers, largest first; no more than the board's limit."""
    changed_at: datetime | None = None
    """When the source last said anything new of this area."""
    name_fr: str = ""
    """Empty where French has no name of its own for it."""
    aliases: tuple[str, ...] = ()
    """What else people call it."""

    @property
    def named(self) -> AreaName:
        """Its name, in every language."""
        return AreaName(self.name, self.name_fr, self.aliases)


class Totals(Struct, frozen=True):
    """All areas together: each outage once, in however many areas it is."""

    outages: int
    customers: Count
    planned: int


class Spoken(Struct, frozen=True, omit_defaults=True):
    """One answer in words, true from `since` on: what was ahead passes, and tomorrow becomes today, while nobody renders."""

    text: str
    since: datetime | None = None
    """None: from the first."""


Answers = Mapping[str, Mapping[str, tuple[Spoken, ...]]]
"""`{lang: {intent: texts, oldest first}}`: a reader says the last one whose `since` has come (I5)."""


class View(Struct, frozen=True):
    """One area as mirrors hold it: its brief (without the list of outages), and its answers in words."""

    brief: AreaBrief
    answers: Answers


class ViewChanges(Struct, frozen=True):
    """What a mirror has to take over at once to show `stamp`."""

    revision: int
    """Grows with each change of the views. 0: nothing was ever published."""
    stamp: Stamp
    views: Mapping[AreaId, View] = {}
    overall: Answers | None = None
    """The answers for all areas together; None where they are as they were."""
    whole: bool = False
    """These are all the views and extents there are: drop every other."""
    extents: Mapping[OutageKey, Extent | None] = {}
    """Of the outages that changed; None: it is over, or its source no longer says where it is."""


class Shown(Struct, frozen=True):
    """All that a mirror shows at one moment. Never changed in place: who holds it reads one position throughout."""

    stamp: Stamp = Stamp()
    views: Mapping[AreaId, View] = {}
    overall: Answers = {}
    names: Mapping[AreaId, AreaName] = {}
    """What the areas are called: the same object for as long as no name changes."""
    extents: Mapping[OutageKey, Extent] = {}
    """How far the open outages extend, of which that is known: the same object for as long as nothing in it changes."""


encode_view = msgspec.json.Encoder().encode
