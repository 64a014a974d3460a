"""The event model, version 1: a fact about one outage, carrying the outage's full state, so that any one event is enough.

The JSON shape is a contract (contracts/event-v1.schema.json). Words for status, cause and crew follow the ladder that
IEC 61968-3 (CIM) and the utilities' own feeds share; see docs/decisions.
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from services.kernel.ids import AreaId, OutageId

CUSTOMERS_MAX = 50_000_000
"""More than any utility serves: a larger count is a broken feed."""

Moment = Annotated[datetime, Meta(tz=True)]
Name = Annotated[str, Meta(min_length=1, max_length=200)]
Position2D = Annotated[list[float], Meta(min_length=2, max_length=3)]


class Status(StrEnum):
    """Where an outage stands. `clearing` is never sent: it is derived when a picture no longer shows the outage."""

    ACTIVE = "active"
    CLEARING = "clearing"
    RESTORED = "restored"
    CANCELLED = "cancelled"

    @property
    def is_over(self) -> bool:
        """Whether the source itself said that this outage has ended."""
        return self in (Status.RESTORED, Status.CANCELLED)


class Cause(StrEnum):
    """Why the power is out, as the contract spells it."""

    WEATHER = "weather"
    EQUIPMENT = "equipment"
    VEGETATION = "vegetation"
    ANIMAL = "animal"
    VEHICLE = "vehicle"
    PLANNED = "planned"
    FIRE = "fire"
    SAFETY = "safety"
    UNKNOWN = "unknown"
    OTHER = "other"


class Crew(StrEnum):
    """How far the crew has come."""

    PENDING = "pending"
    ASSIGNED = "assigned"
    EN_ROUTE = "en_route"
    ON_SITE = "on_site"


class Geometry(Struct, frozen=True, tag_field="type", forbid_unknown_fields=True):
    """A GeoJSON geometry (RFC 7946, section 3.1): WGS 84, longitude before latitude."""


class Point(Geometry, frozen=True, tag="Point"):
    """One position."""

    coordinates: Position2D


class MultiPoint(Geometry, frozen=True, tag="MultiPoint"):
    """Several positions."""

    coordinates: list[Position2D]


class LineString(Geometry, frozen=True, tag="LineString"):
    """A line, such as a feeder."""

    coordinates: list[Position2D]


class Polygon(Geometry, frozen=True, tag="Polygon"):
    """An outer ring, then its holes."""

    coordinates: list[list[Position2D]]


class MultiPolygon(Geometry, frozen=True, tag="MultiPolygon"):
    """Several polygons."""

    coordinates: list[list[list[Position2D]]]


AnyGeometry = Point | MultiPoint | LineString | Polygon | MultiPolygon


class Note(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What the operator adds in words, each language written for itself."""

    en: Annotated[str, Meta(max_length=1000)] | None = None
    fr: Annotated[str, Meta(max_length=1000)] | None = None


class Condition(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """How one outage is, whoever says so and whenever: what a picture's record and an event have in common."""

    outage_id: Annotated[OutageId, Meta(min_length=1, max_length=200)]
    planned: bool = False
    cause: Cause = Cause.UNKNOWN
    crew: Crew | None = None
    customers_affected: Annotated[int, Meta(ge=0, le=CUSTOMERS_MAX)] | None = None
    customers_masked: bool = False
    """The source hides the exact count: `customers_affected` is its upper bound."""
    started_at: Moment | None = None
    estimated_restoration: Moment | None = None
    areas: Annotated[tuple[AreaId, ...], Meta(max_length=200)] = ()
    geometry: AnyGeometry | None = None
    devices: Annotated[tuple[Name, ...], Meta(max_length=500)] = ()
    note: Note | None = None


class OutageEvent(Condition, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """One fact about one outage. Times carry an offset; counts are customers (meters), not people."""

    event_id: Name
    occurred_at: Moment
    status: Status
    restored_at: Moment | None = None
    sequence: Annotated[int, Meta(ge=0, le=2**63 - 1)] | None = None


encode_event = msgspec.json.Encoder().encode
decode_event = msgspec.json.Decoder(OutageEvent).decode
