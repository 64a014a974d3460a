"""One area as data: its line of `summary.json` and its own document, in the vocabulary that all feeds share."""

from collections.abc import Iterator
from datetime import datetime

import msgspec
from msgspec import Struct

from services.fanout.site.estimates import has_passed
from services.fanout.site.words import area_name
from services.kernel.events import Cause, Crew
from services.kernel.ids import AreaId
from services.kernel.messages import Wording
from services.kernel.views import AreaBrief


class AreaLine(Struct, frozen=True):
    """One area in `summary.json`."""

    id: AreaId
    name: str
    outages: int
    customers_affected: int
    """Each masked count at its upper bound."""
    customers_masked: bool
    planned: int
    """How many of the outages are planned work."""
    cause: Cause
    crew: Crew | None
    started_at: datetime | None
    estimated_restoration: datetime | None
    """By when all outages with an estimate are expected to be over."""
    estimate_passed: bool
    unestimated: int
    """How many outages have no estimate."""
    updated_at: datetime | None


class AreaDocument(AreaLine, frozen=True):
    """`areas/{area}.json`."""

    largest: tuple[msgspec.Raw, ...]
    """The outages with the most customers, as in `outages.geojson`."""


class Summary(Struct, frozen=True):
    """`summary.json`."""

    outages: int
    customers_affected: int
    customers_masked: bool
    planned: int
    areas: list[msgspec.Raw]


class _Told(Struct, frozen=True):
    id: AreaId
    updated_at: datetime | None = None


class _Summary(Struct, frozen=True):
    areas: list[_Told]


def last_changes(summary: bytes | None) -> Iterator[tuple[AreaId, datetime]]:
    """When each area of a `summary.json` last changed; nothing where there is none, or it can't be read."""
    try:
        told = msgspec.json.decode(summary or b"", type=_Summary)
    except msgspec.DecodeError:
        return
    yield from ((area.id, area.updated_at) for area in told.areas if area.updated_at)


def area_line(brief: AreaBrief, now: datetime, wording: Wording) -> AreaLine:
    """`brief` as data at `now`."""
    return AreaLine(
        id=brief.area,
        name=area_name(wording, brief.area, brief.named),
        outages=brief.outages,
        customers_affected=brief.customers.customers,
        customers_masked=brief.customers.masked,
        planned=brief.planned,
        cause=brief.cause,
        crew=brief.crew,
        started_at=brief.started_at,
        estimated_restoration=brief.latest_estimate,
        estimate_passed=has_passed(brief.latest_estimate, now),
        unestimated=brief.unestimated,
        updated_at=brief.changed_at,
    )


def area_document(line: AreaLine, largest: tuple[msgspec.Raw, ...]) -> AreaDocument:
    """`line` with the outages behind it."""
    return AreaDocument(**msgspec.structs.asdict(line), largest=largest)
