"""Outages as a layer of an ArcGIS feature service: answers to its query operation, as Esri JSON or GeoJSON, one page or all of them.

Source: ArcGIS REST API, "Query (Feature Service/Layer)": resultOffset, exceededTransferLimit, spatialReference.
"""

from typing import Any

import msgspec
from msgspec import Raw, Struct

from services.ingest.formats import fields
from services.ingest.formats.body import enclosing, members, records_in
from services.ingest.formats.esri import geometry_of, wkid_of
from services.ingest.formats.fields import Flawed, Record
from services.ingest.formats.format import JSON, BodyError, Limits, Sightings
from services.ingest.formats.mapped import Mapped
from services.ingest.formats.mapping import Table
from services.ingest.formats.reading import Outcome, as_object, each, outcome, sightings
from services.ingest.formats.recent import Recent
from services.ingest.geometry import Mender
from services.ingest.items import members_in
from services.kernel.events import Moment, Point
from services.kernel.ids import OutageId

_PAGES = 'Several pages go into one list: [{"features": [...]}, {"features": [...]}].'


class _Page(Struct):
    """One answer of the service."""

    records: list[bytes]
    more_follow: bool = False
    wkid: int | None = None
    observed_at: Moment | None = None


class _Failure(Struct):
    """What a service says, with status 200, when it can't answer."""

    message: str = ""
    code: int | None = None


class ArcGis:
    """One feature an outage, named by its id in the attributes. Takes flat attributes, one page as it was answered, or a list of all pages.

    A page that isn't the last says `exceededTransferLimit`, as more follow it; on the last one, that means that the picture was cut short.
    """

    media_types = JSON

    def __init__(self, table: Table) -> None:
        self._table = table

    def read(self, body: bytes, limits: Limits, recent: Recent[Outcome] | None = None) -> Sightings:
        """See Format."""
        pages = _pages(body, limits.records_max)
        last = pages[-1]
        cut_short = last.more_follow or (limits.arcgis_page > 0 and len(last.records) == limits.arcgis_page)
        wkid = next((page.wkid for page in pages if page.wkid is not None), self._table.conventions.wkid)
        records = [record for page in pages for record in page.records]
        mender = limits.mender()
        found = each(records, lambda raw: outcome(raw, self._feature, _Feature.outage_id, lambda one, it: it.outcome_in(one, wkid, mender)), recent)
        return sightings(found, self._table.fields["outage_id"][0], cut_short, last.observed_at)

    def _feature(self, raw: bytes) -> "_Feature":
        record = as_object(raw)
        return _Feature(_attributes(record), self._table, record.get("geometry"))


class _Feature(Mapped):
    """Attributes with a geometry."""

    def __init__(self, attributes: Record, table: Table, geometry: Any) -> None:
        super().__init__(attributes, table)
        self._geometry = geometry

    def outcome_in(self, outage_id: OutageId, wkid: int, mender: Mender) -> Outcome:
        """The whole feature; `wkid` is the spatial reference of its layer. Degrees in the attributes are surer than a point of unknown reference."""
        geometry = geometry_of(self._geometry, wkid, mender)
        return self.outcome(outage_id, (self.place() or geometry) if isinstance(geometry, Point) else geometry)


def _attributes(record: Record) -> Record:
    """Esri JSON calls them `attributes`, GeoJSON `properties`; a flat record is all attributes."""
    name = "attributes" if "attributes" in record else "properties" if record.get("type") == "Feature" else None
    attributes = record if name is None else record.get(name, {})
    if not isinstance(attributes, dict):
        raise Flawed(name or "record", f"must be an object, not {fields.shown(attributes)}")
    return attributes


def _pages(body: bytes, most: int) -> list[_Page]:
    found = members(body, most, "features")
    if isinstance(found, dict):
        return [_page(found, most)]
    answers = [_answer(raw) for raw in found[:1]]
    if not answers or answers[0] is None:
        return [_Page(list(map(bytes, found)))]
    pages = []
    for number, raw in enumerate(found):
        answer = _answer(raw)
        if answer is None:
            raise BodyError(f"Page {number} has no list of features. {_PAGES}")
        pages.append(_page(answer, most))
    return pages


def _answer(raw: Raw) -> dict[str, Raw] | None:
    """An element of a list taken apart, where it is an answer of a service rather than a record."""
    try:
        found = members_in(bytes(raw))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return found if "features" in found or found.keys() == {"error"} else None


def _page(found: dict[str, Raw], most: int) -> _Page:
    records = records_in(found, most, "features")
    if records is None:
        if "error" in found:
            raise BodyError(f"The service answered with an error{_told(found['error'])} instead of features. Ask it again.")
        raise BodyError(f'The body has no list of records. Send {{"records": [...]}}, or {{"features": [...]}} as answered. {_PAGES}')
    envelope = enclosing(found, "features")
    references = (_plain(found[name]) for name in ("spatialReference", "crs") if name in found)
    wkid = next((known for known in map(wkid_of, references) if known is not None), None)
    return _Page(records, envelope.exceeded_transfer_limit, wkid, envelope.observed_at)


def _plain(raw: Raw) -> Any:
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _told(raw: Raw) -> str:
    try:
        failure = msgspec.json.decode(raw, type=_Failure)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
    return f" ({fields.shown(f'{failure.code}: {failure.message}')})"
