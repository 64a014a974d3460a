"""Geometry as ArcGIS answers it: Esri JSON (the ArcGIS REST API's "Geometry objects") or GeoJSON, in degrees or in Web Mercator metres."""

import math
from typing import Any

import msgspec
import shapely
from shapely.errors import ShapelyError

from services.ingest.geometry import Mender, Positions, repaired
from services.kernel.events import AnyGeometry, LineString, MultiPoint, MultiPolygon, Point, Polygon

_DEGREES = frozenset({4326, 4269, 4617})
"""WGS 84, and NAD 83 of the United States and of Canada, which lie within two metres of it."""
_WEB_MERCATOR = frozenset({3857, 102100, 102113, 900913})
_RINGS_MAX = 500
"""An outage with more rings has no geometry: looking for the holes of each costs the square of their number."""
_RADIUS_M = 6_378_137.0
_WORLD_M = math.pi * _RADIUS_M


class Unplaceable(ValueError):
    """Coordinates in a reference that can't be turned into degrees, or off the Earth: no place is better than a wrong one."""


def wkid_of(reference: Any) -> int | None:
    """The well-known id of an Esri `spatialReference` or GeoJSON `crs`; None where there is none, 0 for one that isn't known."""
    if not isinstance(reference, dict):
        return None
    for key in ("latestWkid", "wkid"):
        if type(reference.get(key)) is int:
            return int(reference[key])
    properties = reference.get("properties")
    name = properties.get("name") if isinstance(properties, dict) else None
    if isinstance(name, str):
        code = name.rpartition(":")[2]
        return 4326 if code == "CRS84" else int(code) if code.isascii() and code.isdigit() and len(code) < 10 else 0
    return 0


def geometry_of(published: Any, wkid: int, mender: Mender) -> AnyGeometry | None:
    """The geometry in degrees, as far as it can be saved; None where there is none that can be used. `wkid` is the layer's, if it names none."""
    if not isinstance(published, dict):
        return None
    found = wkid_of(published.get("spatialReference"))
    try:
        geometry = _geojson(published, wkid) if "type" in published else _esri(published, wkid if found is None else found)
        return None if geometry is None else repaired(geometry, mender)
    except (msgspec.ValidationError, ShapelyError, TypeError, ValueError, LookupError, OverflowError):
        return None


def _esri(published: dict[str, Any], wkid: int) -> AnyGeometry | None:
    if published.get("x") is not None and published.get("y") is not None:
        at = _degrees([published["x"], published["y"]], wkid)
        return Point(at) if at != [0, 0] else None
    if points := published.get("points"):
        return MultiPoint(_line(points, wkid))
    if paths := published.get("paths"):
        return LineString(_line(paths[0], wkid)) if len(paths) == 1 else MultiPoint([at for path in paths for at in _line(path, wkid)])
    if (rings := published.get("rings")) and len(rings) <= _RINGS_MAX:
        return _polygons([_line(ring, wkid) for ring in rings])
    return None


def _polygons(rings: list[Positions]) -> AnyGeometry | None:
    """Outer rings run clockwise, holes the other way (Esri; GeoJSON has it the other way round). A hole belongs to the outer ring around it."""
    rings = [ring for ring in rings if len(ring) > 2]
    holes = [ring for ring in rings if _area(ring) > 0]
    parts = [[ring] for ring in rings if _area(ring) <= 0]
    if not parts:
        parts, holes = [[hole] for hole in holes], []
    if holes and len(parts) > 1:
        tree = shapely.STRtree([shapely.Polygon(outer) for (outer,) in parts])
        around = tree.query(shapely.points([hole[0] for hole in holes]), predicate="intersects")
        for hole, holder in dict(zip(*around.tolist(), strict=True)).items():
            parts[holder].append(holes[hole])
    elif holes:
        parts[0] += holes
    if not parts:
        return None
    return Polygon(parts[0]) if len(parts) == 1 else MultiPolygon(parts)


def _area(ring: Positions) -> float:
    """Twice the signed area: positive where the ring runs counter-clockwise."""
    pairs = zip(ring, ring[1:] + ring[:1], strict=True)
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in pairs)


def _geojson(published: dict[str, Any], wkid: int) -> AnyGeometry:
    geometry: AnyGeometry = msgspec.convert(published, AnyGeometry)
    if wkid in _DEGREES:
        return geometry
    return msgspec.structs.replace(geometry, coordinates=_turned(geometry.coordinates, wkid))


def _turned(coordinates: Any, wkid: int) -> Any:
    """Positions however deep they lie (a GeoJSON geometry's type says how deep: at most four)."""
    if coordinates and isinstance(coordinates[0], list):
        return [_turned(inner, wkid) for inner in coordinates]
    return _degrees(coordinates, wkid)


def _line(positions: Any, wkid: int) -> Positions:
    return [_degrees(at, wkid) for at in positions]


def _degrees(at: Any, wkid: int) -> list[float]:
    """Longitude and latitude of a position; heights and measures are left out. Web Mercator: the inverse on the sphere (EPSG method 1024)."""
    east, north = float(at[0]), float(at[1])
    if wkid in _WEB_MERCATOR and abs(east) <= _WORLD_M * 1.0001 and abs(north) <= _WORLD_M * 1.0001:
        east, north = math.degrees(east / _RADIUS_M), math.degrees(math.atan(math.sinh(north / _RADIUS_M)))
        east, north = round(min(max(east, -180), 180), 7), round(north, 7)
    elif wkid not in _DEGREES:
        raise Unplaceable(f"spatial reference {wkid} can't be turned into degrees")
    if not (abs(east) <= 180 and abs(north) <= 90):
        raise Unplaceable(f"the position {east}, {north} is not on Earth")
    return [east, north]
