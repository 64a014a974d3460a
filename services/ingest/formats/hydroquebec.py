"""Hydro-Québec's Info-pannes, v3_0: markers of outages as lists whose elements are known by their place alone, local time, no ids.

Whoever fetches `bismarkers<version>.json` may add the polygons of `bispoly<version>.kmz`, turned into GeoJSON, as `polygons`.
"""

from typing import Any

import msgspec
import shapely
from msgspec import Raw

from services.ingest.formats import fields
from services.ingest.formats.body import enclosing, members, records_in
from services.ingest.formats.fields import Flawed, Record
from services.ingest.formats.format import JSON, BodyError, Limits, Sightings
from services.ingest.formats.mapped import Mapped
from services.ingest.formats.mapping import Table
from services.ingest.formats.reading import Outcome, Sound, check_bytes, each, outcome, sightings
from services.ingest.formats.recent import Recent
from services.ingest.geometry import Mender, repaired
from services.ingest.items import members_in
from services.kernel.events import AnyGeometry, Cause, Condition, MultiPolygon, Point, Polygon
from services.kernel.ids import OutageId

ELEMENTS = ("customers", "start", "end", "kind", "position", "crew", "unused", "cause", "municipality", "message")
_LEAST = 5
"""Elements up to the position: without them there is no outage to be told."""
_KINDS = {"P": False, "I": True}
"""`panne`, and `interruption planifiée`."""
_decode = msgspec.json.Decoder(list[Any]).decode
_position = msgspec.json.Decoder(tuple[float, float]).decode


class HydroQuebec:
    """One list an outage. None has an id that outlives its picture (see kernel.identity)."""

    media_types = JSON

    def __init__(self, table: Table) -> None:
        self._table = table

    def read(self, body: bytes, limits: Limits, recent: Recent[Outcome] | None = None) -> Sightings:
        """See Format."""
        found = members(body, limits.records_max, "pannes")
        around: dict[str, Raw] = {} if isinstance(found, list) else found
        records = list(map(bytes, found)) if isinstance(found, list) else _markers(found, limits.records_max)
        read = sightings(each(records, self._outcome, recent), "position", cut_short=False, observed_at=enclosing(around, "pannes").observed_at)
        shapes = _polygons(around["polygons"], limits.mender()) if "polygons" in around else []
        return msgspec.structs.replace(read, unnamed=_within(shapes, read.unnamed)) if shapes else read

    def _outcome(self, raw: bytes) -> Outcome:
        return outcome(raw, self._elements, lambda _mapped: None, self._read)

    def _elements(self, raw: bytes) -> Mapped:
        check_bytes(raw)
        try:
            elements = _decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise Flawed("record", f"must be a list of at least {_LEAST} elements: {error}") from error
        if len(elements) < _LEAST:
            raise Flawed("record", f"must be a list of at least {_LEAST} elements ({', '.join(ELEMENTS)}), and has {len(elements)}")
        return Mapped(dict(zip(ELEMENTS, elements, strict=False)), self._table)

    def _read(self, _outage_id: OutageId | None, marker: Mapped) -> Outcome:
        kind = marker.record["kind"]
        if not isinstance(kind, str) or kind not in _KINDS:
            raise Flawed("kind", f"must be P (outage) or I (planned interruption), not {fields.shown(kind)}")
        found = marker.outcome(None, _place(marker.record))
        if not isinstance(found, Sound):
            return found
        municipality, planned, cause = marker.words("areas"), _KINDS[kind], found.condition.cause
        known = municipality in self._table.areas or not municipality.isdecimal()
        condition = msgspec.structs.replace(
            found.condition,
            planned=planned or found.condition.planned,
            cause=Cause.PLANNED if planned and cause is Cause.UNKNOWN else cause,
            areas=found.condition.areas if known else (),
        )
        return Sound(condition, found.areas if known else (), named=False)


def _markers(found: dict[str, Raw], most: int) -> list[bytes]:
    """The list of outages, in the file itself or under `markers`."""
    records = records_in(found, most, "pannes")
    if records is None and "markers" in found:
        try:
            records = records_in(members_in(bytes(found["markers"])), most, "pannes")
        except msgspec.DecodeError:
            records = None
    if records is None:
        raise BodyError('The body has no list of outages. Send bismarkers<version>.json as it is, {"pannes": [[...]]}, or {"records": [[...]]}.')
    return records


def _place(record: Record) -> Point:
    """The fifth element is text that holds a list: `"[-75.7013, 45.4765]"`."""
    published = record["position"]
    try:
        at = _position(published) if isinstance(published, str) else msgspec.convert(published, tuple[float, float])
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeEncodeError) as error:
        raise Flawed("position", f'must be the text "[longitude, latitude]", not {fields.shown(published)}') from error
    placed = fields.position({"position[0]": at[0], "position[1]": at[1]}, "position[0]", "position[1]")
    if placed is None:
        raise Flawed("position", "must be a place, not 0, 0")
    return Point(placed)


def _polygons(raw: Raw, mender: Mender) -> list[AnyGeometry]:
    """The polygons of a GeoJSON FeatureCollection, as far as they can be saved. Raises BodyError where it is none."""
    try:
        features = msgspec.json.decode(raw, type=dict[str, Raw]).get("features", Raw(b"null"))
        geometries = [feature.get("geometry") for feature in msgspec.json.decode(features, type=list[dict[str, Any]])]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BodyError(f"polygons: must be a GeoJSON FeatureCollection: {error}") from error
    found: list[AnyGeometry] = []
    for geometry in geometries:
        try:
            shape = repaired(msgspec.convert(geometry, Polygon | MultiPolygon), mender)
        except msgspec.ValidationError:
            continue
        if shape is not None:
            found.append(shape)
    return found


def _within(polygons: list[AnyGeometry], outages: tuple[Condition, ...]) -> tuple[Condition, ...]:
    """Each outage with the polygon that its marker lies in, where there is exactly one: the two files share no id."""
    shapes = [shapely.from_geojson(msgspec.json.encode(polygon)) for polygon in polygons]
    points = shapely.points([outage.geometry.coordinates for outage in outages if isinstance(outage.geometry, Point)])
    around: dict[int, list[int]] = {}
    for shape, point in zip(*shapely.STRtree(points).query(shapes, predicate="intersects"), strict=True):  # so each shape is prepared, once for all points
        around.setdefault(int(point), []).append(int(shape))
    return tuple(
        msgspec.structs.replace(outage, geometry=polygons[around[index][0]]) if len(around.get(index, ())) == 1 else outage
        for index, outage in enumerate(outages)
    )
