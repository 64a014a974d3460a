import math
import random
from typing import Any

import pytest
import shapely
from hypothesis import example, given
from hypothesis import strategies as st

from services.ingest.geometry import Mender, all_repaired, polygon_of_flat, problem_with, repaired
from services.ingest.glance import plainly_sound
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
    assert repaired(Polygon([SQUARE, HOLE]), Mender()) == Polygon([SQUARE, HOLE])
    assert repaired(Point([1, 2]), Mender()) == Point([1, 2])


def test_a_border_that_crosses_itself_is_parted() -> None:
    shape = repaired(Polygon([BOW_TIE]), Mender())
    assert isinstance(shape, MultiPolygon)
    assert problem_with(shape) is None
    assert sum(shapely.Polygon(part[0]).area for part in shape.coordinates) == pytest.approx(2.0)


def test_an_open_ring_is_closed() -> None:
    assert repaired(Polygon([SQUARE[:-1]]), Mender()) == Polygon([SQUARE])


@pytest.mark.parametrize(
    "geometry", [Point([200, 0]), LineString([[0, 0]]), Polygon([[[0, 0], [1, 1], [2, 2], [0, 0]]]), Polygon([[[0, 0]]]), Polygon([]), Polygon([[]])]
)
def test_nothing_is_left_when_it_can_not_be_known_what_was_meant(geometry: AnyGeometry) -> None:
    assert repaired(geometry, Mender()) is None


@pytest.mark.parametrize(
    "numbers", [None, "text", [], [1, 2, 3, 4], [0, 0, 1, 0, 1, 1, 0], [0, 0, 1, 0, 1, None], [0, 0, 300, 0, 1, 1], [True, False, True, True, 1, 2]], ids=repr
)
def test_a_flat_list_is_no_polygon_when_it_can_not_be_one(numbers: Any) -> None:
    assert polygon_of_flat(numbers, Mender()) is None


@given(st.lists(st.tuples(st.floats(-180, 180), st.floats(-90, 90)), min_size=1, max_size=8))
@example([(0.0, 1.0), (1.0, 0.0), (0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (0.0, 2.0)])  # rebuilt, its parts share a border
def test_whatever_is_repaired_is_sound(corners: list[tuple[float, float]]) -> None:
    shape = repaired(Polygon([[list(corner) for corner in corners]]), Mender())
    assert shape is None or problem_with(shape) is None


def scribble(positions: int) -> Polygon:
    """A ring drawn at random: nearly a quarter of all pairs of its edges cross."""
    drawn = random.Random(7)
    ring = [[drawn.random(), drawn.random()] for _ in range(positions - 1)]
    return Polygon([[*ring, ring[0]]])


def coast(positions: int) -> Polygon:
    """A sound ring around the origin, bent at each position."""
    turns = [2 * math.pi * at / (positions - 1) for at in range(positions - 1)]
    ring = [[(1 + at % 2 / 100_000) * math.cos(turn), (1 + at % 2 / 100_000) * math.sin(turn)] for at, turn in enumerate(turns)]
    return Polygon([[*ring, ring[0]]])


def mended(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The positions of each shape that the library is asked to mend from now on."""
    asked: list[int] = []
    make_valid = shapely.make_valid

    def noted(shape: Any, **options: Any) -> Any:
        asked.append(int(shapely.get_num_coordinates(shape)))
        return make_valid(shape, **options)

    monkeypatch.setattr(shapely, "make_valid", noted)
    return asked


def test_a_scribble_is_not_mended_but_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = mended(monkeypatch)
    for positions in (400, 5_000):
        assert repaired(scribble(positions), Mender()) is None
        assert problem_with(scribble(positions))
    assert asked == []
    assert repaired(scribble(50), Mender()) is not None
    assert asked == [50]


def test_only_so_much_is_mended_of_one_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, mender = mended(monkeypatch), Mender(near_in_all=1_000)
    for _ in range(20):
        repaired(scribble(50), mender)
    assert len(asked) == 2, "the third would pass it: 50 positions have about 500 pairs"
    assert repaired(coast(50), mender) == coast(50), "what is sound needs none of it"


def test_a_large_sound_border_is_taken_and_one_with_a_slip_is_mended() -> None:
    (ring,) = coast(10_001).coordinates
    assert problem_with(Polygon([ring])) is None
    assert repaired(Polygon([ring]), Mender()) == Polygon([ring])
    slip = [*ring[:5_000], ring[5_010], *ring[5_000:]]
    assert "not valid" in (problem_with(Polygon([slip])) or "")
    assert repaired(Polygon([slip]), Mender()) is not None


def test_neighbours_drawn_as_one_shape_are_melted_together() -> None:
    squares = [list(map(list, shapely.box(at, 0, at + 1, 1).segmentize(0.01).exterior.coords)) for at in range(10)]
    shape = repaired(MultiPolygon([[ring] for ring in squares]), Mender())
    assert isinstance(shape, Polygon)
    assert shapely.Polygon(shape.coordinates[0]).area == pytest.approx(10)


def test_a_border_that_runs_beside_itself_a_thousand_times_is_not_checked() -> None:
    teeth = [[at * 1e-6 + end, end - at * 1e-6] for at in range(2_500) for end in ((0, 1) if at % 2 else (1, 0))]
    assert "to and fro" in (problem_with(Polygon([[*teeth, [3, 3], teeth[0]]])) or "")


@pytest.mark.parametrize(
    "geometry", [LineString([[0, 0]] * 31), MultiPoint([[0, 0]] * 31), coast(31), MultiPolygon([coast(21).coordinates, coast(10).coordinates])]
)
def test_more_positions_than_are_taken_are_refused(geometry: AnyGeometry) -> None:
    assert "31 positions; at most 30" in (problem_with(geometry, 30) or "")
    assert repaired(geometry, Mender(positions_max=30)) is None


RINGS = [
    SQUARE,
    HOLE,
    BOW_TIE,
    SQUARE[:-1],
    SQUARE[:2],
    [],
    [[0.0, 0.0, 7.0], *SQUARE[1:]],
    [[200.0, 0.0], *SQUARE[1:-1], [200.0, 0.0]],
    coast(50).coordinates[0],
]
NO_NUMBERS = [[[bad, 0.0], *SQUARE[1:-1], [bad, 0.0]] for bad in (math.nan, math.inf, -math.inf)]


@given(st.lists(st.lists(st.sampled_from(RINGS + NO_NUMBERS), max_size=3).map(Polygon), max_size=6))
def test_polygons_looked_at_together_are_told_as_one_by_one(polygons: list[Polygon]) -> None:
    heights = [any(len(at) > 2 for ring in polygon.coordinates for at in ring) for polygon in polygons]
    assert plainly_sound(polygons) == [problem_with(one) is None and not has_height for one, has_height in zip(polygons, heights, strict=True)]
    one, other = Mender(), Mender()
    assert all_repaired([Point([200, 0]), *polygons], one) == [None, *(repaired(polygon, other) for polygon in polygons)]


def test_a_large_shape_is_never_plainly_sound_nor_one_of_more_than_are_taken() -> None:
    assert plainly_sound([coast(1_000), coast(1_001)]) == [True, False]
    assert plainly_sound([coast(30), coast(31)], 30) == [True, False]


def test_many_polygons_keep_their_order() -> None:
    many = [Polygon([BOW_TIE]) if at % 7 == 0 else Polygon([SQUARE, HOLE]) for at in range(1_000)]
    assert plainly_sound(many) == [at % 7 != 0 for at in range(1_000)]
