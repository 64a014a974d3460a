"""How far open outages extend, as voice's mirrors hold it: bounded in number and in positions."""

from collections.abc import Iterable
from typing import Any

import msgspec

from services.kernel.board import Board, Open
from services.kernel.events import AnyGeometry, LineString, MultiPoint, MultiPolygon, Point, Polygon
from services.kernel.ids import OutageKey
from services.kernel.ports.outputs import Extents
from services.kernel.views import Extent

FINEST_DEGREES, COARSEST_DEGREES = 0.000_05, 0.02
"""How far a simplified border may be off: from about 5 m, twice that and so on, to about 2 km. What is still too long then is left out."""


class ExtentTaker:
    """Takes the extents of outages off the board. One a worker: it knows which it gave."""

    def __init__(self, positions_max: int = 200, outages_max: int = 50_000) -> None:
        """Of more than `outages_max` open outages, those that came last have none: they are still told by their areas."""
        self._positions_max, self._outages_max = positions_max, outages_max
        self._given: set[OutageKey] = set()

    def take(self, board: Board, keys: Iterable[OutageKey], *, whole: bool = False) -> Extents:
        """Those of `keys`; `whole`: of all outages on the board."""
        if whole:
            self._given.clear()
        changed: dict[OutageKey, Extent | None] = {}
        for key in board.open if whole else keys:
            row = board.open.get(key)
            extent = None if row is None else extent_of(key, row, self._positions_max)
            if extent is None:
                self._given.discard(key)
            elif key in self._given or len(self._given) < self._outages_max:
                self._given.add(key)
            else:
                extent = None
            changed[key] = extent
        return Extents({key: extent for key, extent in changed.items() if extent} if whole else changed, whole)


def extent_of(key: OutageKey, row: Open, positions_max: int) -> Extent | None:
    """How far an open outage extends; None where its source says nothing of that, or its shape is too long."""
    event = row.event
    geometry = None if event.geometry is None else simplified(event.geometry, positions_max)
    if geometry is None and not event.devices:
        return None
    return Extent(key, event.devices, geometry, event.planned, event.cause, event.crew, event.estimated_restoration)


def simplified(geometry: AnyGeometry, positions_max: int) -> AnyGeometry | None:
    """`geometry` with at most `positions_max` positions; None where that would leave little of it."""
    if _positions(geometry) <= positions_max:
        return geometry
    import shapely  # not before a shape is that long

    whole: Any = shapely.geometry.shape(msgspec.to_builtins(geometry))
    tolerance = FINEST_DEGREES
    while tolerance <= COARSEST_DEGREES:
        shape = whole.simplify(tolerance, preserve_topology=True)
        if shapely.get_num_coordinates(shape) <= positions_max:
            short: AnyGeometry = msgspec.convert(shapely.geometry.mapping(shape), AnyGeometry)
            return short
        tolerance *= 2
    return None


def _positions(geometry: AnyGeometry) -> int:
    match geometry:
        case Point():
            return 1
        case MultiPoint(positions) | LineString(positions):
            return len(positions)
        case Polygon(rings):
            return sum(map(len, rings))
        case MultiPolygon(polygons):
            return sum(len(ring) for rings in polygons for ring in rings)
