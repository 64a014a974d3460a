import math
from typing import Any

import pytest
import shapely
from hypothesis import example, given
from hypothesis import strategies as st

from services.ingest.geometry import polygon_of_flat, problem_with, repaired
from services.kernel.events import AnyGeometry, LineString, MultiPoint, MultiPolygon, Point, Polygon

SQUARE = [[0.0, 0.0], [2.0, 0.0], [2.0, 2.0], [0.0, 2.0], [0.0, 0.0]]
BOW_TIE = [[0.0, 0.0], [2.0, 2.0], [2.0, 0.0], [0.0, 2.0], [0.0, 0.0]]
HOLE = [[0.5, 0.5], [0.5, 1.0], [1.0, 1.0], [1.0, 0.5], [0.5, 0.5]]


@pytest.mark.parametrize(
    "geometry",
    [
        None,
        Point([-75.7, 45.4]),
        Point([180, -90, 12.0]),
        MultiPoint([[0, 0]]),
        LineString([[0, 0], [1, 1]]),
        Polygon([SQUARE]),
        Polygon([SQUARE, HOLE]),
        MultiPolygon([[SQUARE]]),
    ],
)
def test_nothing_is_wrong_with_a_sound_geometry(geometry: AnyGeometry | None) -> None:
    assert problem_with(geometry) is None


@pytest.mark.parametrize(
    ("geometry", "words"),
    [
        (Point([200, 45]), "longitude 200"),
        (Point([45.4, -95.7]), "latitude -95.7"),
        (Point([math.nan, 0]), "finite"),
        (Point([0, math.inf]), "finite"),
        (Point([1.0]), "finite"),
        (MultiPoint([]), "at least one"),
        (LineString([[0, 0]]), "at least two"),
        (Polygon([]), "outer ring"),
        (MultiPolygon([]), "outer ring"),
        (MultiPolygon([[]]), "outer ring"),
        (Polygon([SQUARE[:-1]]), "must end where it begins"),
        (Polygon([[[0, 0], [1, 1], [0, 0]]]), "at least 4"),
        (Polygon([BOW_TIE]), "Self-intersection"),
        (MultiPolygon([[SQUARE], [SQUARE]]), "not valid"),
        (Polygon([[*SQUARE[:2], [2.0, math.nan], *SQUARE[3:]]]), "finite"),
    ],
)
def test_the_problem_is_told_in_words(geometry: AnyGeometry, words: str) -> None:
    assert words in (problem_with(geometry) or "")


def test_a_sound_geometry_is_left_as_it_is() -> None:
    assert repaired(Polygon([SQUARE, HOLE])) == Polygon([SQUARE, HOLE])
    assert repaired(Point([1, 2])) == Point([1, 2])


def test_a_border_that_crosses_itself_is_parted() -> None:
    shape = repaired(Polygon([BOW_TIE]))
    assert isinstance(shape, MultiPolygon)
    assert problem_with(shape) is None
    assert sum(shapely.Polygon(part[0]).area for part in shape.coordinates) == pytest.approx(2.0)


def test_an_open_ring_is_closed() -> None:
    assert repaired(Polygon([SQUARE[:-1]])) == Polygon([SQUARE])


@pytest.mark.parametrize(
    "geometry", [Point([200, 0]), LineString([[0, 0]]), Polygon([[[0, 0], [1, 1], [2, 2], [0, 0]]]), Polygon([[[0, 0]]]), Polygon([]), Polygon([[]])]
)
def test_nothing_is_left_when_it_can_not_be_known_what_was_meant(geometry: AnyGeometry) -> None:
    assert repaired(geometry) is None


@pytest.mark.parametrize(
    "numbers", [None, "text", [], [1, 2, 3, 4], [0, 0, 1, 0, 1, 1, 0], [0, 0, 1, 0, 1, None], [0, 0, 300, 0, 1, 1], [True, False, True, True, 1, 2]], ids=repr
)
def test_a_flat_list_is_no_polygon_when_it_can_not_be_one(numbers: Any) -> None:
    assert polygon_of_flat(numbers) is None


@given(st.lists(st.tuples(st.floats(-180, 180), st.floats(-90, 90)), min_size=1, max_size=8))
@example([(0.0, 1.0), (1.0, 0.0), (0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (0.0, 2.0)])  # rebuilt, its parts share a border
def test_whatever_is_repaired_is_sound(corners: list[tuple[float, float]]) -> None:
    shape = repaired(Polygon([[list(corner) for corner in corners]]))
    assert shape is None or problem_with(shape) is None
