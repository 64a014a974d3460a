"""In which areas does this lie? One catalogue's areas in a tree of rectangles (STRtree), each polygon prepared for many questions."""

import threading
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy
import shapely

from services.ingest.tangle import near_edges
from services.kernel.areas import Area
from services.kernel.events import AnyGeometry, LineString, MultiPoint, MultiPolygon, Point, Polygon
from services.kernel.ids import AreaId

Place = Sequence[float]
"""Longitude, latitude; more is not looked at."""
Areas = tuple[AreaId, ...]

TOGETHER = 1_000
"""Points looked up under one hold of the lock: a few milliseconds."""
LINE_EXACT_MAX = 32
"""Positions of a line that is cut at borders; one with more is looked up at points along it, as cutting takes more than the square of its crossings."""
POLYGON_EXACT_MAX = 2_000
"""Positions of a polygon that is cut at borders as it is; one with more is drawn more coarsely first."""
ALONG = 500
"""Points along a line: a share of a hundredth is seen."""
COARSER = tuple(0.0005 * 4**step for step in range(6))
"""Degrees that a polygon is simplified by in turn, until it is small enough: from 50 m on."""
SLIVER = 1e-6
"""A smaller share of a shape in an area comes from rounding along a common border."""


class Index:
    """Never changed after it was made. Safe for threads: prepared polygons are not, so one lock is held while they are asked, never while shapes are cut."""

    def __init__(self, areas: Iterable[Area], overlap_share: float) -> None:
        """A line or polygon is in each area that has `overlap_share` of it, or of which it covers that share."""
        areas = list(areas)
        self._ids = [area.id for area in areas]
        self._numbers = {area: number for number, area in enumerate(self._ids)}
        self._layers = [area.kind for area in areas]
        self._share = overlap_share
        self._shapes: Any = numpy.array(shapely.from_wkb([area.shape for area in areas]), dtype=object)
        self._sizes = shapely.area(self._shapes)
        shapely.prepare(self._shapes)
        self._tree = shapely.STRtree(self._shapes)
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._ids)

    def of(self, geometry: AnyGeometry) -> Areas:
        """The areas that `geometry` lies in, those of one layer after those of another; none where it only touches their borders.

        Takes no longer than milliseconds an area, whatever is drawn: long lines and large polygons are looked up a little less exactly.
        """
        match geometry:
            case Point(position):
                return self.of_points([position])[0]
            case MultiPoint(positions):
                return tuple(dict.fromkeys(area for areas in self.of_points(positions) for area in areas))
        shape = _shape(geometry)
        if not _size(shape):
            return self.of_points([shape.centroid.coords[0]])[0]
        if isinstance(geometry, LineString):
            return self._of_shape(shape) if len(geometry.coordinates) <= LINE_EXACT_MAX else self._of_long_line(shape)
        coarse = _coarse(shape)
        return self._of_shape(coarse) if coarse is not None else self.of_points([shape.point_on_surface().coords[0]])[0]

    def of_points(self, places: Sequence[Place]) -> list[Areas]:
        """The areas of each of `places`. One on the border between areas of a layer is in the first of them, by id."""
        if len(places) == 1:
            with self._lock:
                return [self._of_point(*places[0][:2])]
        found: list[Areas] = []
        for start in range(0, len(places), TOGETHER):
            with self._lock:
                found += self._of_points(places[start : start + TOGETHER])
        return found

    def _of_point(self, x: float, y: float) -> Areas:
        """As `_of_points`, without the arrays, which cost more than one look-up."""
        near = self._tree.query(shapely.Point(x, y)).tolist()
        hits = sorted(area for area in near if shapely.intersects_xy(self._shapes[area], x, y))
        return self._one_a_border(hits, x, y) if hits else ()

    def _of_points(self, places: Sequence[Place]) -> list[Areas]:
        x, y = numpy.array([place[0] for place in places]), numpy.array([place[1] for place in places])
        asked, near = self._tree.query(shapely.points(x, y))
        within = shapely.intersects_xy(self._shapes[near], x[asked], y[asked])
        hits: dict[int, list[int]] = {}
        for point, area in zip(asked[within].tolist(), near[within].tolist(), strict=True):
            hits.setdefault(point, []).append(area)
        return [self._one_a_border(sorted(hits[point]), x[point], y[point]) if point in hits else () for point in range(len(places))]

    def _one_a_border(self, hits: list[int], x: float, y: float) -> Areas:
        if len(hits) == 1:
            return (self._ids[hits[0]],)
        inside = shapely.contains_xy(self._shapes[hits], x, y)
        within = {area for area, is_in in zip(hits, inside, strict=True) if is_in}
        kept: dict[str, list[int]] = {}
        for area in hits:
            kept.setdefault(self._layers[area], []).append(area)
        chosen = [[area for area in layer if area in within] or layer[:1] for layer in kept.values()]
        return tuple(self._ids[area] for layer in chosen for area in layer)

    def _of_long_line(self, line: Any) -> Areas:
        seen = Counter(area for areas in self.of_points(_along(line)) for area in areas)
        rows = sorted((self._numbers[area], count / ALONG) for area, count in seen.items())
        return self._of_layers(rows, 1.0, line)

    def _of_shape(self, shape: Any) -> Areas:
        whole = _size(shape)
        with self._lock:
            near = self._tree.query(shape)
            near = numpy.sort(near[shapely.intersects(self._shapes[near], shape)])
            within = shapely.contains_properly(self._shapes[near], shape)  # most are: and where the border isn't crossed there is nothing to cut
        overlaps = numpy.full(len(near), whole)
        overlaps[~within] = _sizes(shapely.intersection(self._shapes[near[~within]], shape), shape)
        return self._of_layers(list(zip(near.tolist(), overlaps.tolist(), strict=True)), whole, shape)

    def _of_layers(self, rows: list[tuple[int, float]], whole: float, shape: Any) -> Areas:
        """Of each layer those that mean something. `rows` are areas with how much of `shape` they have, of `whole`."""
        layers: dict[str, list[tuple[int, float]]] = {}
        for area, overlap in rows:
            if overlap / whole > SLIVER or self._covers(area, overlap, shape):
                layers.setdefault(self._layers[area], []).append((area, overlap))
        return tuple(self._ids[area] for rows in layers.values() for area in self._meaningful(rows, whole, shape))

    def _meaningful(self, rows: list[tuple[int, float]], whole: float, shape: Any) -> list[int]:
        """Of one layer: the areas with a meaningful share; where the shape is spread over too many for that, the one with most of it."""
        kept = [area for area, overlap in rows if overlap >= self._share * whole or self._covers(area, overlap, shape)]
        return kept or [max(rows, key=lambda row: row[1])[0]]

    def _covers(self, area: int, overlap: float, shape: Any) -> bool:
        return shapely.get_dimensions(shape) == 2 and overlap >= self._share * float(self._sizes[area])


def _shape(geometry: AnyGeometry) -> Any:
    match geometry:
        case LineString(positions):
            shape = shapely.LineString([at[:2] for at in positions])
        case Polygon(rings):
            shape = _polygon(rings)
        case MultiPolygon(polygons):
            shape = shapely.MultiPolygon([_polygon(rings) for rings in polygons])
        case _:
            raise TypeError(f"{type(geometry).__name__} is no shape")
    return shape


def _polygon(rings: Sequence[Sequence[Place]]) -> Any:
    return shapely.Polygon([at[:2] for at in rings[0]], [[at[:2] for at in hole] for hole in rings[1:]])


def _coarse(shape: Any) -> Any:
    """`shape`, drawn coarsely enough to be cut at once; None where that leaves no sound polygon."""
    for degrees in (0, *COARSER):
        coarse = shapely.simplify(shape, degrees, preserve_topology=False) if degrees else shape
        if shapely.get_num_coordinates(coarse) <= POLYGON_EXACT_MAX:
            break
    if not coarse.is_valid and near_edges(coarse, POLYGON_EXACT_MAX) <= POLYGON_EXACT_MAX:
        coarse = shapely.make_valid(coarse, method="structure", keep_collapsed=False)
    return coarse if coarse.is_valid and _size(coarse) else None


def _along(line: Any) -> list[list[float]]:
    """`ALONG` points of a line, equally far apart."""
    at = shapely.get_coordinates(line)
    lengths = numpy.concatenate(([0.0], numpy.hypot(*numpy.diff(at, axis=0).T).cumsum()))
    wanted = numpy.linspace(0, lengths[-1], ALONG)
    places: list[list[float]] = numpy.column_stack([numpy.interp(wanted, lengths, at[:, axis]) for axis in (0, 1)]).tolist()
    return places


def _size(shape: Any) -> float:
    return float(_sizes(shape, shape))


def _sizes(shapes: Any, of: Any) -> Any:
    """Areas of polygons, lengths of lines, in degrees: only ever compared with each other within one small region."""
    return shapely.area(shapes) if shapely.get_dimensions(of) == 2 else shapely.length(shapes)
