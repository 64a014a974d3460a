"""What every format of a source's picture has in common: one Protocol, and what reading gives.

Ingest does, for a body in the format named `name`:

    sightings = FORMATS[name].read(body, limits, recent)   # raises BodyError
    reading = sightings.reading(before, limits)            # gives names to outages whose feed has none
    change = compare(before, reading, ...)                 # kernel.picture
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from msgspec import Struct

from services.ingest.formats.recent import Recent
from services.ingest.geometry import Mender
from services.kernel.events import Condition
from services.kernel.identity import Unlisted, resolve
from services.kernel.ids import AreaId, OutageId
from services.kernel.picture import Picture, Reading

JSON = ("application/json", "application/geo+json")
XML = ("application/xml", "text/xml")


class BodyError(ValueError):
    """The body as a whole can't be read: nothing of it was used. The text says what to do.

    `offset` is the byte at which JSON breaks off; None where the JSON is well formed but not this format's.
    """

    def __init__(self, message: str, offset: int | None = None) -> None:
        super().__init__(message)
        self.offset = offset


class Limits(Struct, frozen=True):
    """What the settings say about pictures."""

    arcgis_page: int = 2_000
    """An arcgis picture with exactly this many records was cut short; 0: never."""
    same_place_km: float = 5.0
    """How far an outage without an id may move between pictures and still be the same."""
    cluster_reach_km: float = 10.0
    """How far from a cluster that lists none of its outages they may be."""
    shape_positions: int = 20_000
    """Most positions of one outage's geometry."""
    mend_near: int = 20_000
    """A shape whose border runs near itself more often isn't mended."""
    mend_near_in_all: int = 100_000
    """Nor are more shapes of a picture, once those that were have so often in all."""
    records_max: int = 20_000
    """Most records: a format raises `TooMany` as soon as it knows that there are more."""
    columns_max: int = 1_000
    """Most cells of a CSV's line."""

    def mender(self) -> Mender:
        """For the shapes of one picture."""
        return Mender(self.shape_positions, self.mend_near, self.mend_near_in_all)


class Flaw(Struct, frozen=True):
    """One record that can't be used, and why."""

    index: int
    """Which record of the body, from 0."""
    outage_id: OutageId | None
    """Whose it is, where that much can be read."""
    field: str
    """The field as the feed publishes it."""
    message: str

    def __str__(self) -> str:
        name = f" ({self.outage_id})" if self.outage_id else ""
        return f"record {self.index}{name}: {self.field}: {self.message}"


class Sightings(Struct, frozen=True, kw_only=True):
    """What one picture shows."""

    records: int
    """How many records the body has, usable or not."""
    conditions: Mapping[OutageId, Condition] = {}
    """The outages whose feed names them."""
    unnamed: tuple[Condition, ...] = ()
    """The outages of a feed without stable ids. Their `outage_id` says where in this picture they are, and nothing more."""
    unlisted: tuple[Unlisted, ...] = ()
    """Groups of outages that the feed gives by number only."""
    flaws: tuple[Flaw, ...] = ()
    kept: frozenset[OutageId] = frozenset()
    """Outages whose records can't be used: still there, unchanged, so that a bad record never closes its outage."""
    cut_short: bool = False
    """Some outages may be missing from what was read: nothing may be closed by this picture."""
    area_names: Mapping[AreaId, str] = {}
    observed_at: datetime | None = None
    """When the source says that it took the picture, where it does."""

    def reading(self, before: Picture, limits: Limits) -> Reading:
        """This picture with each outage named, in the light of the one before (kernel.identity)."""
        if not (self.unnamed or self.unlisted):
            return Reading(self.conditions, self.cut_short, self.kept)
        named = resolve(self.unnamed, self.unlisted, before, limits.same_place_km, limits.cluster_reach_km)
        return Reading({**self.conditions, **named.conditions}, self.cut_short, self.kept | named.kept)


class Format(Protocol):
    """How one kind of feed publishes its picture."""

    @property
    def media_types(self) -> tuple[str, ...]:
        """What its body may come as; the first is taken where a sender doesn't say."""
        ...

    def read(self, body: bytes, limits: Limits, recent: Recent[Any] | None = None) -> Sightings:
        """What `body` shows. A bad record becomes a flaw and spoils no other; raises BodyError where there are no records to be had.

        `recent` (one a source and format, used by one thread at a time) spares reading again what the picture before had too.
        """
        ...
