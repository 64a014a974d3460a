"""KUBRA's Storm Center (once iFactor): tiles of outages and clusters. No id outlives its picture (see kernel.identity)."""

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Struct

from services.ingest.formats import fields
from services.ingest.formats.body import opened
from services.ingest.formats.fields import Flawed, Record
from services.ingest.formats.format import JSON, Flaw, Limits, Sightings
from services.ingest.formats.mapped import Mapped
from services.ingest.formats.mapping import Table
from services.ingest.formats.polyline import first_position
from services.ingest.formats.reading import as_object, each, with_own_estimate
from services.ingest.formats.recent import Recent
from services.ingest.formats.reports import customers_in, moment_in, report_in
from services.kernel.events import Cause, Condition, Point
from services.kernel.identity import Unlisted
from services.kernel.ids import OutageId

DEPTH_MAX = 16
"""Clusters within clusters; real ones have two."""


class Found(Struct, frozen=True):
    """What one record holds: outages as they are, or a group known by number only, and what could not be read."""

    outages: tuple[Condition, ...] = ()
    unlisted: Unlisted | None = None
    flaws: tuple[tuple[str, str], ...] = ()


class Kubra:
    """One record an outage, or a cluster that stands for the outages it lists; or a report of customers out by area (reports)."""

    media_types = JSON

    def __init__(self, table: Table) -> None:
        self._table = table

    def read(self, body: bytes, limits: Limits, recent: Recent[Found] | None = None) -> Sightings:
        """See Format. A flaw leaves an outage that can't be told from others, so nothing may be closed by that picture."""
        report = report_in(body, self._table, limits.records_max)
        if report is not None:
            return report
        records, envelope = opened(body, limits.records_max, "file_data")
        unnamed: list[Condition] = []
        unlisted: list[Unlisted] = []
        flaws: list[Flaw] = []
        for index, found in enumerate(each(records, lambda raw: found_in(raw, self._table), recent)):
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


def found_in(raw: bytes, table: Table) -> Found:
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
                outages.append(with_own_estimate(_outage(OutageId(str(number)), Mapped(entry, table), place)))
        except Flawed as flaw:
            flaws.append((flaw.field if flaw.field.startswith(path) else f"{path}.{flaw.field}", flaw.message))
    return Found(tuple(outages), unlisted, tuple(flaws))


def _entries(described: Record, path: str, depth: int = 0) -> Iterator[tuple[str, Record]]:
    """The outages that a description stands for, each with where it was found; a cluster without a list stands for itself."""
    members = described.get("outages")
    if described.get("cluster") is not True or members is None:
        yield path, described
        return
    if depth == DEPTH_MAX:
        raise Flawed(f"{path}.outages", f"must not nest clusters more than {DEPTH_MAX} deep")
    if not isinstance(members, list):
        raise Flawed(f"{path}.outages", f"must be a list, not {fields.shown(members)}")
    for number, member in enumerate(members):
        where = f"{path}.outages[{number}]"
        if not isinstance(member, dict):
            raise Flawed(where, f"must be an object, not {fields.shown(member)}")
        yield from _entries(member, where, depth + 1)


def _outage(outage_id: OutageId, entry: Mapped, place: list[float]) -> Condition:
    count, masked = customers_in(entry.record)
    cause = entry.table.cause_of(_words(entry, "cause"))
    return Condition(
        outage_id=outage_id,
        planned=cause is Cause.PLANNED,
        cause=cause,
        crew=entry.table.crew_of(_words(entry, "crew")),
        customers_affected=count,
        customers_masked=masked,
        started_at=moment_in(entry, "started_at"),
        estimated_restoration=moment_in(entry, "estimated_restoration"),
        geometry=Point(place),
    )


def _unlisted(entry: Record, path: str, place: list[float]) -> Unlisted:
    count = fields.number(entry, "n_out")
    if count is None or not count.is_integer() or not 1 <= count <= 100_000:
        raise Flawed(f"{path}.n_out", f"must be the number of outages in the cluster, not {fields.shown(entry.get('n_out'))}")
    customers, masked = customers_in(entry)
    return Unlisted((place[0], place[1]), int(count), customers, masked)


def _place(record: Record) -> list[float]:
    lines = _object(record, "geom").get("p")
    if not isinstance(lines, list) or not lines or not isinstance(lines[0], str):
        raise Flawed("geom.p", f"must be a list with an encoded polyline, not {fields.shown(lines)}")
    try:
        return first_position(lines[0])
    except ValueError as error:
        raise Flawed("geom.p", f"{error}: {fields.shown(lines[0])}") from error


def _words(entry: Mapped, field: str) -> str:
    """The text of a field that may also come in several languages: `{"EN-US": "Wind"}`. Utilities word these for themselves, in any case."""
    record, name = entry.first(field)
    value = record.get(name)
    if isinstance(value, dict):
        value = value.get("EN-US") or next(iter(value.values()), None)
    if value is None or isinstance(value, str):
        return (value or "").strip().lower()
    raise Flawed(name, f"must be text, not {fields.shown(value)}")


def _object(record: Record, field: str) -> dict[str, Any]:
    value = record.get(field)
    if not isinstance(value, dict):
        raise Flawed(field, f"must be an object, not {fields.shown(value)}")
    return value
