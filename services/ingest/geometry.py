"""Is this geometry sound, and if a feed's isn't, what can be saved of it. Rules: RFC 7946, section 3.1, and OGC's simple features."""

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import shapely

from services.ingest.glance import LIGHT_MAX, RING_MIN, plainly_sound
from services.ingest.tangle import near_edges
from services.kernel.events import AnyGeometry, LineString, MultiPoint, MultiPolygon, Point, Polygon

Positions = list[list[float]]
_NEAR_MAX = 50
"""Pairs of edges near each other for each position of a shape that isn't light. Coasts have 10 at most; what has a thousand was made to be slow: to check
a border takes the time of its pairs, and light ones can't have enough of them."""


class Mender:
    """Mends shapes, of one picture or message: as much as is allowed, since mending takes more than the square of a border's crossings."""

    def __init__(self, positions_max: int = 20_000, near_max: int = 20_000, near_in_all: int = 100_000) -> None:
        """No geometry may have more than `positions_max` positions.

        What isn't sound is mended if it has at most `near_max` pairs of edges that are near each other, and all together at most `near_in_all`.
        """
        self.positions_max, self._near_max, self._left = positions_max, near_max, near_in_all

    def may(self, shape: Any) -> bool:
        """Whether `shape` may be mended; if so, it is counted."""
        most = min(self._near_max, self._left)
        near = near_edges(shape, most)
        if near > most:
            return False
        self._left -= near
        return True


def problem_with(geometry: AnyGeometry | None, positions_max: int = 20_000) -> str | None:
    """What is wrong with `geometry` and what to do about it, in words; None where it is sound, or there is none."""
    if geometry is None:
        return None
    return _size_problem(geometry, positions_max) or _position_problem(geometry) or _shape_problem(geometry)


def repaired(geometry: AnyGeometry, mender: Mender) -> AnyGeometry | None:
    """`geometry` itself where it is sound; else what it must have meant, where that can be known (a border that crosses itself, a ring left open).

    None too where it is more than `mender` may do.
    """
    if _size_problem(geometry, mender.positions_max):
        return None
    if isinstance(geometry, (Polygon, MultiPolygon)) and _position_problem(geometry) is None:
        parts = [geometry.coordinates] if isinstance(geometry, Polygon) else geometry.coordinates
        closed = [[closed_ring(ring) for ring in part if len(ring) >= RING_MIN - 1] for part in parts]
        closed = [[ring for ring in part if len(ring) >= RING_MIN] for part in closed]
        whole = _from_parts([part for part in closed if part])
        if whole is None or _shape_problem(whole) is None:
            return whole
        shape = _to_shapely(whole)
        return _repaired_shape(shape) if mender.may(shape) else None
    return geometry if problem_with(geometry, mender.positions_max) is None else None


def all_repaired(geometries: Sequence[AnyGeometry], mender: Mender) -> list[AnyGeometry | None]:
    """What `repaired` makes of each. The polygons are looked at together first: a picture has thousands of them, and nearly all are sound."""
    polygons = [(at, geometry) for at, geometry in enumerate(geometries) if isinstance(geometry, Polygon)]
    told = plainly_sound([polygon for _, polygon in polygons], mender.positions_max)
    sound = {at for (at, _), is_sound in zip(polygons, told, strict=True) if is_sound}
    return [geometry if at in sound else repaired(geometry, mender) for at, geometry in enumerate(geometries)]


def polygon_of_flat(numbers: Any, mender: Mender) -> AnyGeometry | None:
    """The polygon whose ring is published as longitude, latitude, longitude, latitude...; None where that is no polygon."""
    if not isinstance(numbers, list) or len(numbers) < 2 * (RING_MIN - 1) or len(numbers) % 2:
        return None
    if not all(type(number) in (float, int) for number in numbers):
        return None
    return repaired(Polygon([[[numbers[at], numbers[at + 1]] for at in range(0, len(numbers), 2)]]), mender)


def closed_ring(ring: Positions) -> Positions:
    """`ring` with its first position at the end too."""
    return ring if ring[0] == ring[-1] else [*ring, ring[0]]


def _size_problem(geometry: AnyGeometry, positions_max: int) -> str | None:
    match geometry:
        case Point():
            return None
        case MultiPoint(coordinates) | LineString(coordinates):
            count = len(coordinates)
        case Polygon(rings):
            count = sum(map(len, rings))
        case MultiPolygon(polygons):
            count = sum(len(ring) for rings in polygons for ring in rings)
    return f"{count} positions; at most {positions_max} are taken (SURGECAST_INGEST_SHAPE_POSITIONS_MAX): simplify it" if count > positions_max else None


def _position_problem(geometry: AnyGeometry) -> str | None:
    for position in _positions(geometry):
        if len(position) == 2 and -180 <= position[0] <= 180 and -90 <= position[1] <= 90:  # nearly always; never where it is no finite number
            continue
        if len(position) < 2 or not all(math.isfinite(number) for number in position):
            return f"the position {position} must be two or three finite numbers: longitude, latitude, and optionally height"
        if abs(position[0]) > 180:
            return f"the longitude {position[0]} must be from -180 to 180 degrees (longitude comes first)"
        if abs(position[1]) > 90:
            return f"the latitude {position[1]} must be from -90 to 90 degrees (longitude comes first)"
    return None


def _positions(geometry: AnyGeometry) -> Iterator[list[float]]:
    match geometry:
        case Point(at):
            yield at
        case MultiPoint(positions) | LineString(positions):
            yield from positions
        case Polygon(rings):
            for ring in rings:
                yield from ring
        case MultiPolygon(polygons):
            for rings in polygons:
                for ring in rings:
                    yield from ring


def _shape_problem(geometry: AnyGeometry) -> str | None:
    match geometry:
        case MultiPoint(positions) if not positions:
            return "a MultiPoint needs at least one position"
        case LineString(positions) if len(positions) < 2:
            return "a LineString needs at least two positions"
        case Polygon(rings):
            return _polygons_problem(geometry, [rings])
        case MultiPolygon(polygons):
            return _polygons_problem(geometry, polygons)
    return None


def _polygons_problem(geometry: Polygon | MultiPolygon, polygons: list[list[Positions]]) -> str | None:
    if not polygons or not all(polygons):
        return "a polygon needs at least its outer ring"
    for ring in (ring for rings in polygons for ring in rings):
        if len(ring) < RING_MIN:
            return f"a ring needs at least {RING_MIN} positions, and this one has {len(ring)}"
        if ring[0] != ring[-1]:
            return f"a ring must end where it begins: repeat {ring[0]} at its end"
    shape = _to_shapely(geometry)
    count = shapely.get_num_coordinates(shape)
    if count > LIGHT_MAX and near_edges(shape, _NEAR_MAX * count) > _NEAR_MAX * count:
        return f"the border of {count} positions runs to and fro beside itself too often to be checked: simplify it"
    if shape.is_valid:
        return None
    return f"the polygon is not valid: {shapely.is_valid_reason(shape)}. Its border must not cross or touch itself along a line"


def _to_shapely(geometry: Polygon | MultiPolygon) -> Any:
    parts = [geometry.coordinates] if isinstance(geometry, Polygon) else geometry.coordinates
    rings = [[shapely.linearrings(np.array([at[:2] for at in ring])) for ring in part] for part in parts]  # of an array: twice as fast as of a list
    polygons = [shapely.polygons(outer, holes or None) for outer, *holes in rings]  # shapely.Polygon looks at each position in Python: twice as slow
    return polygons[0] if isinstance(geometry, Polygon) else shapely.MultiPolygon(polygons)


def _repaired_shape(shape: Any) -> AnyGeometry | None:
    """Rebuilt from its border; where that leaves parts that still overlap, these are melted together (buffer by nothing)."""
    rebuilt = shapely.make_valid(shape, method="structure", keep_collapsed=False)
    for sound in (rebuilt, rebuilt.buffer(0)):
        found = _from_parts(_polygons_of(sound))
        if found is not None and _shape_problem(found) is None:
            return found
    return None


def _polygons_of(shape: Any) -> list[list[Positions]]:
    singles = [part for part in shapely.get_parts(shapely.get_parts(shape)) if isinstance(part, shapely.Polygon) and not part.is_empty]
    return [[[list(at) for at in ring.coords] for ring in (single.exterior, *single.interiors)] for single in singles]


def _from_parts(parts: list[list[Positions]]) -> Polygon | MultiPolygon | None:
    if not parts:
        return None
    return Polygon(parts[0]) if len(parts) == 1 else MultiPolygon(parts)
