"""KUBRA's Storm Center (once iFactor): tiles of outages and clusters. No id outlives its picture (see kernel.identity)."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from services.ingest.formats import fields
from services.ingest.formats.body import opened
from services.ingest.formats.fields import Flawed, Record
from services.ingest.formats.format import Flaw, Limits, Sightings
from services.ingest.formats.polyline import first_position
from services.ingest.formats.reading import as_object, each, with_own_estimate
from services.ingest.formats.recent import Recent
from services.kernel.events import Cause, Condition, Crew, Point
from services.kernel.identity import Unlisted
from services.kernel.ids import OutageId

CAUSE_WORDS = (
    ("investigat", Cause.UNKNOWN),
    ("unknown", Cause.UNKNOWN),
    ("pending", Cause.UNKNOWN),
    ("planned", Cause.PLANNED),
    ("scheduled", Cause.PLANNED),
    ("maintenance", Cause.PLANNED),
    ("safety", Cause.SAFETY),
    ("tree", Cause.VEGETATION),
    ("vegetation", Cause.VEGETATION),
    ("branch", Cause.VEGETATION),
    ("wind", Cause.WEATHER),
    ("storm", Cause.WEATHER),
    ("weather", Cause.WEATHER),
    ("lightning", Cause.WEATHER),
    ("snow", Cause.WEATHER),
    ("freezing", Cause.WEATHER),
    ("flood", Cause.WEATHER),
    ("vehicle", Cause.VEHICLE),
    ("animal", Cause.ANIMAL),
    ("bird", Cause.ANIMAL),
    ("squirrel", Cause.ANIMAL),
    ("fire", Cause.FIRE),
    ("equipment", Cause.EQUIPMENT),
    ("repair", Cause.EQUIPMENT),
    ("line", Cause.EQUIPMENT),
    ("pole", Cause.EQUIPMENT),
    ("partial power", Cause.UNKNOWN),
)
"""Each utility words its causes for itself: the first word found decides."""

CREW_WORDS = (
    ("on site", Crew.ON_SITE),
    ("on-site", Crew.ON_SITE),
    ("onsite", Crew.ON_SITE),
    ("arrived", Crew.ON_SITE),
    ("route", Crew.EN_ROUTE),
    ("not assigned", Crew.PENDING),
    ("unassigned", Crew.PENDING),
    ("pending", Crew.PENDING),
    ("evaluat", Crew.PENDING),
    ("assigned", Crew.ASSIGNED),
    ("dispatched", Crew.ASSIGNED),
)
NO_ESTIMATE = frozenset({"ETR-NULL", "ETR-EXP"})
"""None given, and one that has passed."""
HIDDEN = 999_999
"""What some utilities publish in place of a masked count."""


class Found(Struct, frozen=True):
    """What one record holds: outages as they are, or a group known by number only, and what could not be read."""

    outages: tuple[Condition, ...] = ()
    unlisted: Unlisted | None = None
    flaws: tuple[tuple[str, str], ...] = ()


class Kubra:
    """One record an outage, or a cluster that stands for the outages it lists."""

    def read(self, body: bytes, limits: Limits, recent: Recent[Found] | None = None) -> Sightings:
        """See Format. A flaw leaves an outage that can't be told from others, so nothing may be closed by that picture."""
        records, envelope = opened(body, "file_data")
        unnamed: list[Condition] = []
        unlisted: list[Unlisted] = []
        flaws: list[Flaw] = []
        for index, found in enumerate(each(records, found_in, recent)):
            unnamed += [msgspec.structs.replace(outage, outage_id=OutageId(f"{index}.{outage.outage_id}")) for outage in found.outages]
            flaws += [Flaw(index, None, field, message) for field, message in found.flaws]
            if found.unlisted is not None:
                unlisted.append(found.unlisted)
        return Sightings(
            records=len(records),
            unnamed=tuple(unnamed),
            unlisted=tuple(unlisted),
            flaws=tuple(flaws),
            cut_short=bool(flaws),
            observed_at=envelope.observed_at,
        )


def found_in(raw: bytes) -> Found:
    """What one record holds."""
    try:
        record = as_object(raw)
        place = _place(record)
        entries = list(_entries(_object(record, "desc"), "desc"))
    except Flawed as flaw:
        return Found(flaws=((flaw.field, flaw.message),))
    outages: list[Condition] = []
    flaws: list[tuple[str, str]] = []
    unlisted = None
    for number, (path, entry) in enumerate(entries):
        try:
            if entry.get("cluster") is True:
                unlisted = _unlisted(entry, path, place)
            else:
                outages.append(with_own_estimate(_outage(OutageId(str(number)), entry, path, place)))
        except Flawed as flaw:
            flaws.append((flaw.field, flaw.message))
    return Found(tuple(outages), unlisted, tuple(flaws))


def _entries(described: Record, path: str) -> Iterator[tuple[str, Record]]:
    """The outages that a description stands for, each with where it was found; a cluster without a list stands for itself."""
    members = described.get("outages")
    if described.get("cluster") is not True or members is None:
        yield path, described
        return
    if not isinstance(members, list):
        raise Flawed(f"{path}.outages", f"must be a list, not {fields.shown(members)}")
    for number, member in enumerate(members):
        where = f"{path}.outages[{number}]"
        if not isinstance(member, dict):
            raise Flawed(where, f"must be an object, not {fields.shown(member)}")
        yield from _entries(member, where)


def _outage(outage_id: OutageId, entry: Record, path: str, place: list[float]) -> Condition:
    count, masked = _customers(entry, path)
    cause = _by_word(_words(entry, "cause", path), CAUSE_WORDS, Cause.UNKNOWN, Cause.OTHER)
    crew = _by_word(_words(entry, "crew_status", path), CREW_WORDS, None, None)
    return Condition(
        outage_id=outage_id,
        planned=cause is Cause.PLANNED,
        cause=cause,
        crew=crew,
        customers_affected=count,
        customers_masked=masked,
        started_at=_moment(entry, "start", path) or _moment(entry, "start_time", path),
        estimated_restoration=_moment(entry, "etr", path),
        geometry=Point(place),
    )


def _unlisted(entry: Record, path: str, place: list[float]) -> Unlisted:
    count = fields.number(entry, "n_out")
    if count is None or not count.is_integer() or not 1 <= count <= 100_000:
        raise Flawed(f"{path}.n_out", f"must be the number of outages in the cluster, not {fields.shown(entry.get('n_out'))}")
    customers, masked = _customers(entry, path)
    return Unlisted((place[0], place[1]), int(count), customers, masked)


def _place(record: Record) -> list[float]:
    lines = _object(record, "geom").get("p")
    if not isinstance(lines, list) or not lines or not isinstance(lines[0], str):
        raise Flawed("geom.p", f"must be a list with an encoded polyline, not {fields.shown(lines)}")
    try:
        return first_position(lines[0])
    except ValueError as error:
        raise Flawed("geom.p", f"{error}: {fields.shown(lines[0])}") from error


def _customers(entry: Record, path: str) -> tuple[int | None, bool]:
    published = entry.get("cust_a")
    if published is None:
        return None, False
    if not isinstance(published, dict):
        raise Flawed(f"{path}.cust_a", f"must be an object with `val`, not {fields.shown(published)}")
    try:
        count = fields.customers(published, "val")
        masked = fields.flag(published, "masked", default=False)
    except Flawed as flaw:
        raise Flawed(f"{path}.cust_a.{flaw.field}", flaw.message) from flaw
    return (None, True) if count == HIDDEN else (count, masked)


def _moment(entry: Record, field: str, path: str) -> datetime | None:
    value = entry.get(field)
    if isinstance(value, str) and (value in NO_ESTIMATE or not value.strip()):
        return None
    try:
        return fields.moment(entry, field)
    except Flawed as flaw:
        raise Flawed(f"{path}.{flaw.field}", flaw.message) from flaw


def _words(entry: Record, field: str, path: str) -> str:
    """The text of a field that may also come in several languages: `{"EN-US": "Wind"}`."""
    value = entry.get(field)
    if isinstance(value, dict):
        value = value.get("EN-US") or next(iter(value.values()), None)
    if value is None or isinstance(value, str):
        return (value or "").strip().lower()
    raise Flawed(f"{path}.{field}", f"must be text, not {fields.shown(value)}")


def _by_word(words: str, table: tuple[tuple[str, Any], ...], empty: Any, other: Any) -> Any:
    return next((meaning for word, meaning in table if word in words), other) if words else empty


def _object(record: Record, field: str) -> dict[str, Any]:
    value = record.get(field)
    if not isinstance(value, dict):
        raise Flawed(field, f"must be an object, not {fields.shown(value)}")
    return value
