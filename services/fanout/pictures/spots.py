"""Where the larger outages of an area are, roughly: nobody's premises can be read off (I8)."""

from collections import Counter
from collections.abc import Sequence
from math import cos, floor, radians

from services.kernel.board import Board
from services.kernel.events import AnyGeometry, LineString, MultiPoint, MultiPolygon, Point, Polygon
from services.kernel.planning.posts import Kind, Post

CELL_KM = 1.0
"""Outages are told to the square, so many kilometres across, that they are in."""
CUSTOMERS_MIN = 25
"""A square with fewer customers out has no circle."""
CELLS_ACROSS_MIN = 4
"""A smaller area has none: it says nothing that the area itself doesn't."""
CIRCLES_MAX = 60
_KM_A_DEGREE = 111.2
_COSINE_MIN = 0.05


def spots_in(post: Post, board: Board, bounds: tuple[float, float, float, float]) -> list[tuple[float, float]]:
    """The middles (longitude, latitude) of the squares where the outages are that `post` tells of, those with the most customers.

    `bounds` is what its area lies within. Outages whose count is masked, and what lies outside `bounds`, count for nothing.
    """
    west, south, east, north = bounds
    tall = CELL_KM / _KM_A_DEGREE
    wide = tall / max(cos(radians((south + north) / 2)), _COSINE_MIN)
    if post.kind is Kind.RESTORED or max((east - west) / wide, (north - south) / tall) < CELLS_ACROSS_MIN:
        return []
    cells: Counter[tuple[int, int]] = Counter()
    for row in board.by_area.get(post.area, {}).values():
        geometry = row.event.geometry
        if geometry is None or row.customers.masked or row.event.planned != (post.kind is Kind.PLANNED):
            continue
        x, y = middle(geometry)
        if west <= x <= east and south <= y <= north:
            cells[floor(x / wide), floor(y / tall)] += row.customers.customers
    most = sorted((-customers, cell) for cell, customers in cells.items() if customers >= CUSTOMERS_MIN)[:CIRCLES_MAX]
    return [((column + 0.5) * wide, (line + 0.5) * tall) for _, (column, line) in most]


def middle(geometry: AnyGeometry) -> tuple[float, float]:
    """About the middle of a geometry: the mean of its outer positions."""
    positions = _positions(geometry)
    return sum(position[0] for position in positions) / len(positions), sum(position[1] for position in positions) / len(positions)


def _positions(geometry: AnyGeometry) -> Sequence[Sequence[float]]:
    match geometry:
        case Point(position):
            return [position]
        case MultiPoint(positions) | LineString(positions):
            return positions
        case Polygon(rings):
            return rings[0]
        case MultiPolygon(polygons):
            return [position for rings in polygons for position in rings[0]]
