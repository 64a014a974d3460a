"""The polygons of a boundary file: sound, in degrees, flat, and no finer than need be."""

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy
import shapely
from msgspec import Struct

from services.ingest.geometry import closed_ring

DEGREES_PER_M = 1 / 111_200
"""Of latitude."""


class ShapeError(ValueError):
    """`field: what is wrong` with one feature."""


class _Geometry(Struct):
    type: str
    coordinates: Any = None


_decode = msgspec.json.Decoder(_Geometry).decode


def polygons(geojson: bytes) -> tuple[Any, int]:
    """The polygons of a GeoJSON geometry, mended where their rings are left open or cross; and how many positions they have. Raises ShapeError."""
    try:
        geometry = _decode(geojson)
    except msgspec.DecodeError as error:
        raise ShapeError(f"geometry: missing, or can't be read ({error}); an area needs a Polygon or MultiPolygon") from error
    if geometry.type not in ("Polygon", "MultiPolygon"):
        raise ShapeError(f"geometry: a {geometry.type[:30]}; an area needs a Polygon or MultiPolygon")
    shape = _shape([geometry.coordinates] if geometry.type == "Polygon" else geometry.coordinates)
    at = shapely.get_coordinates(shape)
    if not len(at) or not numpy.isfinite(at).all():
        raise ShapeError("geometry: it has no positions, or some that are no finite numbers")
    if (numpy.abs(at) > (180, 90)).any():
        raise ShapeError("geometry: not longitudes and latitudes in degrees (RFC 7946, section 4): convert the file: ogr2ogr -t_srs EPSG:4326 OUT.geojson IN")
    return _sound(shape), len(at)


def united(shapes: Sequence[Any]) -> Any:
    """Several parts of one area as one."""
    return shapes[0] if len(shapes) == 1 else shapely.union_all(shapes)


def simplified(shapes: Sequence[Any], metres: float) -> list[Any]:
    """`shapes` without what is finer than `metres`; a border that two share stays one. A shape that would come out broken stays as it is."""
    if not metres or not shapes:
        return list(shapes)
    try:
        simple = shapely.coverage_simplify(numpy.array(shapes, dtype=object), metres * DEGREES_PER_M)
    except shapely.errors.GEOSException:
        return list(shapes)
    sound = shapely.is_valid(simple) & ~shapely.is_empty(simple) & (shapely.get_dimensions(simple) == 2)
    return [new if good else old for new, good, old in zip(simple, sound, shapes, strict=True)]


def wkb(shape: Any) -> bytes:
    """As the catalogue keeps it."""
    return bytes(shapely.to_wkb(shape, output_dimension=2))


def _shape(parts: Any) -> Any:
    try:
        made = [_polygon(rings) for rings in parts if rings]
    except (TypeError, ValueError, IndexError, KeyError, AttributeError, shapely.errors.ShapelyError) as error:
        raise ShapeError(f"geometry: its coordinates are no polygon's ({error}); a ring has at least four positions (RFC 7946, section 3.1.6)") from error
    if not made:
        raise ShapeError("geometry: it has no ring")
    return made[0] if len(made) == 1 else shapely.MultiPolygon(made)


def _polygon(rings: Any) -> Any:
    outer, *holes = [numpy.array([position[:2] for position in closed_ring(ring)], dtype=float) for ring in rings]
    return shapely.Polygon(outer, holes)


def _sound(shape: Any) -> Any:
    if not shape.is_valid:
        shape = shapely.make_valid(shape, method="structure", keep_collapsed=False)
        parts = [part for part in shapely.get_parts(shapely.get_parts(shape)) if shapely.get_dimensions(part) == 2 and not part.is_empty]
        shape = parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)
    if shape.is_empty or not shape.area:
        raise ShapeError("geometry: it encloses nothing")
    return shape
