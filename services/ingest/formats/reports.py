"""KUBRA's reports: not outages but customers out by area. Each area with customers out stands for one outage, named by its area.

How many outages an area has (`n_out`) can't be told apart from here, so their number is lower than the source's; the customers are all there.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Raw

from services.ingest.formats import fields
from services.ingest.formats.body import enclosing, members
from services.ingest.formats.fields import Flawed, Record
from services.ingest.formats.format import Sightings
from services.ingest.formats.mapped import Mapped
from services.ingest.formats.mapping import Table
from services.ingest.formats.reading import Outcome, Sound, Unsound, sightings, with_own_estimate
from services.ingest.items import TooMany, items_in, members_in
from services.kernel.events import Condition, Point
from services.kernel.ids import OutageId

HIDDEN = 999_999
"""What some utilities publish in place of a masked count."""
NO_TIME = frozenset({"ETR-NULL", "ETR-EXP"})
"""None given, and one that has passed."""
DEPTH_MAX = 16
"""Areas within areas; real reports have three levels."""

COMMAS_EACH = 50
"""In a report, for each area that may be; real ones have ten."""


def report_in(body: bytes, table: Table, most: int) -> Sightings | None:
    """What the body shows, where it is a report: `file_data` with `areas`, or a thematic layer of areas; else None. Raises BodyError and TooMany.

    Of several reports (by county, by postal code) the first is used: each tells the same customers again.
    """
    found = members(body, most, "file_data")
    wrapped = _object(found, "thematic") or _first(found, "reports", most)
    inner = wrapped if wrapped is not None else found
    data = inner.get("file_data") if isinstance(inner, dict) else inner
    outcomes = _outcomes(data, table, most)
    if outcomes is None:
        return None
    envelope = enclosing(found, "file_data") if isinstance(found, dict) else None
    return sightings(outcomes, "areaId", cut_short=False, observed_at=envelope.observed_at if envelope else None)


def customers_in(entry: Record) -> tuple[int | None, bool]:
    """Customers out, and whether that is an upper bound. Raises Flawed."""
    published = entry.get("cust_a")
    if published is None:
        return None, False
    if not isinstance(published, dict):
        raise Flawed("cust_a", f"must be an object with `val`, not {fields.shown(published)}")
    try:
        count = fields.customers(published, "val")
        masked = fields.flag(published, "masked", default=False)
    except Flawed as flaw:
        raise Flawed(f"cust_a.{flaw.field}", flaw.message) from flaw
    return (None, True) if count == HIDDEN else (count, masked)


def moment_in(entry: Mapped, field: str) -> datetime | None:
    """The first time that one of a field's names has. Raises Flawed."""
    for record, name in entry.each(field):
        value = record[name]
        if not isinstance(value, str) or (value.strip() and value not in NO_TIME):
            return fields.moment(record, name)
    return None


def _outcomes(data: Raw | list[Raw] | None, table: Table, most: int) -> list[Outcome] | None:
    """The areas in `data`; None where it has none: then it is looked at no further than its first record."""
    if data is None:
        return None
    if isinstance(data, Raw) and bytes(data)[:1] == b"{":
        if bytes(data).count(b",") > most * COMMAS_EACH:
            raise TooMany
        content = _plain(data)
        return list(_told(content, (), table, 0)) if isinstance(content, dict) and isinstance(content.get("areas"), list) else None
    records = data if isinstance(data, list) else _list(data, most)
    return [read for raw in records for read in _layer(_plain(raw), table)] if records and _is_layer(_plain(records[0])) else None


def _is_layer(record: Any) -> bool:
    """Whether a record is an area of a thematic layer: named, and without a place of its own."""
    return isinstance(record, dict) and "geom" not in record and isinstance(record.get("desc"), dict) and bool(record["desc"].get("name"))


def _layer(record: Any, table: Table) -> Iterator[Outcome]:
    described = record.get("desc") if isinstance(record, dict) else None
    if not isinstance(described, dict):
        yield Unsound(None, "desc", f"must be an object, not {fields.shown(described)}")
        return
    yield from _told({"areas": [{"areaId": record.get("id"), **described}]}, (), table, 0)


def _told(parent: Record, path: tuple[str, ...], table: Table, depth: int) -> Iterator[Outcome]:
    """An outage for each area within `parent` that has customers out and no smaller areas, and one for what an area has beyond those."""
    for number, area in enumerate(parent["areas"]):
        where = f"areas[{number}]"
        if not isinstance(area, dict):
            yield Unsound(None, where, f"must be an object, not {fields.shown(area)}")
            continue
        entry = Mapped(area, table)
        try:
            name = entry.words("areas")
            inner = area.get("areas")
            below = list(_told(area, (*path, name), table, depth + 1)) if isinstance(inner, list) and inner and depth < DEPTH_MAX else []
            yield from below
            yield from _rest(entry, (*path, name), below)
        except Flawed as flaw:
            yield Unsound(None, f"{where}.{flaw.field}", flaw.message)


def _rest(entry: Mapped, path: tuple[str, ...], below: list[Outcome]) -> Iterator[Outcome]:
    """The area itself: all of its customers, less those of the areas `below`."""
    count, masked = customers_in(entry.record)
    known = [read.condition for read in below if isinstance(read, Sound)]
    if below and (count is None or any(isinstance(read, Unsound) for read in below)):
        return
    left = None if count is None else count - sum(one.customers_affected or 0 for one in known)
    if (left is None and not masked) or (left is not None and left <= 0):
        return
    hidden = any(one.customers_affected is None for one in known)
    areas = entry.areas()
    condition = Condition(
        outage_id=OutageId(entry.words("outage_id") or "|".join(filter(None, path))),
        cause=entry.table.cause_of(entry.words("cause")),
        customers_affected=left,
        customers_masked=masked or hidden,
        estimated_restoration=moment_in(entry, "estimated_restoration"),
        areas=tuple(area for area, _ in areas),
        geometry=_middle(entry.record.get("gotoMap")),
    )
    if not 0 < len(condition.outage_id) <= fields.ID_MAX:
        raise Flawed("areaId", f"must be the area's id, or its names together, 1 to {fields.ID_MAX} characters, not {fields.shown(condition.outage_id)}")
    yield Sound(with_own_estimate(condition), tuple((area, name) for area, name in areas if name))


def _middle(shown: Any) -> Point | None:
    """The middle of the box that the map is to show for the area, where that is one on Earth."""
    box = shown.get("bbox") if isinstance(shown, dict) else None
    if not isinstance(box, list) or len(box) != 4 or not all(type(side) in (int, float) for side in box):
        return None
    west, south, east, north = box
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        return None
    return Point([round((west + east) / 2, 6), round((south + north) / 2, 6)])


def _object(found: Any, name: str) -> dict[str, Raw] | None:
    return _taken_apart(found[name]) if isinstance(found, dict) and name in found else None


def _first(found: Any, name: str, most: int) -> dict[str, Raw] | None:
    several = _list(found[name], most) if isinstance(found, dict) and name in found else []
    return _taken_apart(several[0]) if several else None


def _list(raw: Raw, most: int) -> list[Raw]:
    try:
        return items_in(raw, most)
    except msgspec.DecodeError:
        return []


def _taken_apart(raw: Raw) -> dict[str, Raw] | None:
    try:
        return members_in(bytes(raw))
    except msgspec.DecodeError:
        return None


def _plain(raw: Raw) -> Any:
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
