"""In which areas a place lies: as an independent ray says, and a polygon only where its share of an area means something."""

import random
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.areas.index import POLYGON_EXACT_MAX, Index
from services.kernel.areas import Area, AreaName
from services.kernel.events import LineString, MultiPoint, MultiPolygon, Point, Polygon
from services.kernel.ids import AreaId

Ring = list[tuple[float, float]]
GRID = st.integers(-20, 20)


def area(name: str, ring: Ring, kind: str = "ward") -> Area:
    return Area(AreaId(name), kind, AreaName(name), shapely.to_wkb(shapely.Polygon(ring)))


def box(west: float, south: float, east: float, north: float) -> Ring:
    return [(west, south), (east, south), (east, north), (west, north)]


def star(points: list[tuple[int, int]]) -> Ring | None:
    """A simple polygon through `points`, if they make one."""
    ring = [(float(x), float(y)) for x, y in points]
    shape = shapely.Polygon(ring)
    return ring if shape.is_valid and shape.area > 0 else None


def inside(ring: Ring, x: float, y: float) -> bool:
    """Even-odd rule: how often does a ray to the east cross the border?"""
    crossings = 0
    for (ax, ay), (bx, by) in zip(ring, ring[1:] + ring[:1], strict=True):
        if (ay > y) != (by > y) and x < ax + (y - ay) * (bx - ax) / (by - ay):
            crossings += 1
    return crossings % 2 == 1


RINGS = st.lists(st.tuples(GRID, GRID), min_size=3, max_size=9, unique=True).map(star).filter(lambda ring: ring is not None)


@given(st.lists(RINGS, min_size=1, max_size=6), st.lists(st.tuples(GRID, GRID), min_size=1, max_size=8))
def test_a_point_is_in_the_areas_that_a_ray_says(rings: list[Ring], points: list[tuple[int, int]]) -> None:
    index = Index([area(f"a{number}", ring) for number, ring in enumerate(rings)], 0.1)
    places = [(x + 0.31415, y + 0.27183) for x, y in points]  # off the grid, so that hardly any is on a border
    clear = [place for place in places if all(shapely.distance(shapely.LinearRing(ring), shapely.Point(place)) > 1e-9 for ring in rings)]
    expected = [{f"a{number}" for number, ring in enumerate(rings) if inside(ring, *place)} for place in clear]
    assert [set(found) for found in index.of_points(clear)] == expected
    assert [set(index.of(Point(list(place)))) for place in clear] == expected


@given(st.floats(0, 4, allow_nan=False), st.floats(0, 4, allow_nan=False))
def test_a_tiled_territory_has_each_point_once(x: float, y: float) -> None:
    tiles = Index([area(f"{west}{south}", box(west, south, west + 1, south + 1)) for west in range(4) for south in range(4)], 0.1)
    (found,) = tiles.of_points([(x, y)])
    assert len(found) == 1, "on a border or a corner too"


TILES = [area("a", box(0, 0, 10, 10)), area("b", box(10, 0, 20, 10)), area("c", box(20, 0, 30, 10)), area("small", box(10, 10, 11, 11))]


def rectangle(west: float, south: float, east: float, north: float) -> Polygon:
    ring = [list(at) for at in box(west, south, east, north)]
    return Polygon([[*ring, ring[0]]])


def test_a_polygon_is_where_a_meaningful_share_of_it_or_of_the_area_is() -> None:
    index = Index(TILES, 0.1)
    assert index.of(rectangle(1, 1, 9, 9)) == ("a",)
    assert index.of(rectangle(5, 1, 15, 9)) == ("a", "b")
    assert index.of(rectangle(0, 1, 10.5, 9)) == ("a",), "5 % of it is in b, and 4 % of b in it"
    assert index.of(rectangle(10, 8, 20, 11)) == ("b", "small"), "little of it is in small, but it covers all of that"
    assert index.of(rectangle(-9, 0, 0, 10)) == (), "it only touches a"
    assert index.of(rectangle(40, 40, 41, 41)) == ()
    assert index.of(MultiPolygon([rectangle(1, 1, 3, 3).coordinates, rectangle(21, 1, 23, 3).coordinates])) == ("a", "c")


def test_a_polygon_spread_over_many_areas_is_where_most_of_it_is() -> None:
    index = Index([area(f"{n:02}", box(n, 0, n + 1, 100)) for n in range(30)], 0.1)
    assert index.of(rectangle(0.5, 0, 29.6, 1)) == ("01",)


def test_lines_and_several_points() -> None:
    index = Index(TILES, 0.1)
    assert index.of(LineString([[5, 5], [15, 5]])) == ("a", "b")
    assert index.of(LineString([[5, 5], [10.2, 5]])) == ("a",)
    assert index.of(LineString([[5, 5], [5, 5]])) == ("a",)
    assert index.of(MultiPoint([[25, 5, 120], [5, 5], [26, 5]])) == ("c", "a")


def test_each_layer_has_its_say() -> None:
    index = Index([*TILES, area("county", box(0, 0, 100, 100), "county"), area("else", box(50, 50, 60, 60), "county")], 0.1)
    assert index.of(Point([5, 5])) == ("a", "county")
    assert index.of(Point([10, 5])) == ("a", "county"), "on the border of two wards"
    assert index.of(rectangle(5, 1, 15, 9)) == ("a", "b", "county")


def test_no_areas_at_all() -> None:
    assert Index([], 0.1).of(Point([5, 5])) == ()
    assert Index([], 0.1).of(rectangle(0, 0, 1, 1)) == ()


def test_a_long_line_is_in_the_areas_that_have_its_length_and_nothing_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shapely, "intersection", None)
    index, drawn = Index(TILES, 0.1), random.Random(7)
    there_and_back = [[20 * drawn.random(), 10 * drawn.random()] for _ in range(2_000)]
    assert index.of(LineString(there_and_back)) == ("a", "b")
    mostly_a = [[at / 100, 5] for at in range(1_050)]
    assert index.of(LineString(mostly_a)) == ("a",), "a twentieth of it is in b"


def test_a_large_polygon_is_drawn_coarsely_before_it_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    cut: list[int] = []
    intersection = shapely.intersection

    def noted(areas: Any, shape: Any) -> Any:
        cut.append(int(shapely.get_num_coordinates(shape)))
        return intersection(areas, shape)

    monkeypatch.setattr(shapely, "intersection", noted)
    circle = [list(at) for at in shapely.Point(10, 5).buffer(4, quad_segs=5_000).exterior.coords]
    assert Index(TILES, 0.1).of(Polygon([circle])) == ("a", "b")
    assert cut
    assert max(cut) <= POLYGON_EXACT_MAX


def test_points_are_found_while_a_shape_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    index, intersection = Index(TILES, 0.1), shapely.intersection

    def asked_meanwhile(areas: Any, shape: Any) -> Any:
        with ThreadPoolExecutor(1) as other:
            assert other.submit(index.of, Point([5, 5])).result(timeout=10) == ("a",)
        return intersection(areas, shape)

    monkeypatch.setattr(shapely, "intersection", asked_meanwhile)
    assert index.of(rectangle(5, 5, 15, 6)) == ("a", "b")
