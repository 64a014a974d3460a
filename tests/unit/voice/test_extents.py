"""Looking up outages by device and by place, in an index that follows what the mirror shows."""

import asyncio
import math

import pytest

from services.kernel.events import LineString, MultiPolygon, Point, Polygon
from services.kernel.extent_index import ExtentIndex
from services.kernel.ids import OutageKey
from services.kernel.views import Extent, Shown
from services.voice.conversation import extents as module
from services.voice.conversation.extents import Locator

HOME = (-75.7, 45.4)
LON_100M = 0.1 / 111.2 / math.cos(math.radians(45.4))


def square(west: float, south: float, side: float) -> list[list[list[float]]]:
    return [[[west, south], [west + side, south], [west + side, south + side], [west, south + side], [west, south]]]


def keyed(*extents: Extent) -> dict[OutageKey, Extent]:
    return {extent.key: extent for extent in extents}


FEEDER = Extent(OutageKey("oms:feeder"), ("Feeder: 7f12", "station:Greywater"))
COVERS = Extent(OutageKey("oms:covers"), (), Polygon(square(-75.71, 45.39, 0.02)))
ELSEWHERE = Extent(OutageKey("oms:elsewhere"), (), MultiPolygon([square(-76.0, 45.0, 0.1), square(-75.6, 45.3, 0.05)]))
NEXT_DOOR = Extent(OutageKey("oms:near"), (), Point([HOME[0] + LON_100M, HOME[1]]))
FAR = Extent(OutageKey("oms:far"), (), Point([HOME[0] + 2 * LON_100M, HOME[1], 70.0]))
LINE = Extent(OutageKey("oms:line"), (), LineString([[HOME[0] - 1, HOME[1] + 0.0005], [HOME[0] + 1, HOME[1] + 0.0005]]))
ALL = keyed(FEEDER, COVERS, ELSEWHERE, NEXT_DOOR, FAR, LINE)


def test_devices_are_found_however_they_are_spelled() -> None:
    index = ExtentIndex(ALL, 150)
    assert index.on(["transformer:T9", "feeder:7F12", "STATION:greywater"]) == (FEEDER,)
    assert index.on(["feeder:7F1"]) == ()


def test_places_are_found_by_the_shapes_that_cover_them_and_by_points_and_lines_close_by() -> None:
    index = ExtentIndex(ALL, 150)
    assert index.covering(HOME) == (COVERS,)
    assert [extent.key for extent in index.close(HOME)] == [NEXT_DOOR.key, LINE.key]
    assert index.covering((-75.71, 45.39)) == (COVERS,)  # a corner is part of it
    assert ExtentIndex({}, 150).covering(HOME) == ExtentIndex(keyed(FEEDER), 150).close(HOME) == ()


def test_a_hole_is_not_covered() -> None:
    holed = Polygon([*square(-75.8, 45.3, 0.2), *square(-75.71, 45.39, 0.02)])
    assert ExtentIndex(keyed(Extent(OutageKey("oms:holed"), (), holed)), 150).covering(HOME) == ()


@pytest.mark.parametrize("thread_from", [1, 1000])
def test_the_index_follows_the_mirror_and_makes_only_new_shapes_again(monkeypatch: pytest.MonkeyPatch, thread_from: int) -> None:
    monkeypatch.setattr(module, "IN_A_THREAD_FROM", thread_from)

    async def follow() -> None:
        locator, shown = Locator(150), Shown(extents=ALL)
        first, same = await asyncio.gather(*(locator.index(shown, by_place=True) for _ in range(2)))
        assert first is same
        assert first.covering(HOME) == (COVERS,)
        await locator.index(Shown(extents=keyed(FEEDER, COVERS, NEXT_DOOR)), by_place=False)  # never asked about a place
        moved = Extent(NEXT_DOOR.key, (), Point([-70.0, 45.4]))
        index = await locator.index(Shown(extents=keyed(FEEDER, COVERS, moved)), by_place=False)
        assert index.costly == 1
        assert (index.close(HOME), index.covering(HOME)) == ((), (COVERS,))
        assert index.close((-70.0, 45.4)) == (moved,)

    asyncio.run(follow())
