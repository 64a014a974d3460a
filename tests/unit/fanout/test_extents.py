"""How far outages extend, as voice is given it: bounded, without any count."""

import math
from datetime import UTC, datetime

import msgspec
import shapely

from services.fanout.extents import ExtentTaker, simplified
from services.kernel.board import Board
from services.kernel.events import LineString, MultiPoint, OutageEvent, Point, Polygon, Status
from services.kernel.ids import AreaId, OutageId, OutageKey
from services.kernel.views import Extent

NOW = datetime(2018, 9, 21, 21, 4, tzinfo=UTC)
CIRCLE = Polygon([[[-75.7 + 0.01 * math.cos(step / 500 * math.pi), 45.4 + 0.01 * math.sin(step / 500 * math.pi)] for step in range(1000)]])
CIRCLE.coordinates[0].append(CIRCLE.coordinates[0][0])


def event(number: int, status: Status = Status.ACTIVE, **more: object) -> tuple[OutageKey, OutageEvent]:
    made = OutageEvent(event_id=f"e{number}", outage_id=OutageId(str(number)), occurred_at=NOW, status=status, areas=(AreaId("k2g"),), **more)  # type: ignore[arg-type]
    return OutageKey(f"oms:{number}"), made


def board(*events: tuple[OutageKey, OutageEvent]) -> Board:
    made = Board(5)
    for key, told in events:
        made.apply(key, told)
    return made


def test_only_outages_that_say_where_they_are_have_an_extent_and_no_count_is_in_it() -> None:
    full = board(event(1, devices=("feeder:7F12",), customers_affected=3), event(2), event(3, geometry=Point([-75.7, 45.4])))
    taken = ExtentTaker().take(full, [], whole=True)
    assert taken.whole
    assert taken.changed == {"oms:1": Extent(OutageKey("oms:1"), ("feeder:7F12",)), "oms:3": Extent(OutageKey("oms:3"), (), Point([-75.7, 45.4]))}
    assert b"customers" not in msgspec.json.encode(taken.changed)


def test_what_is_over_is_told_as_gone() -> None:
    full, taker = board(event(1, devices=("feeder:7F12",))), ExtentTaker()
    taker.take(full, [], whole=True)
    full.apply(*event(1, Status.RESTORED))
    assert taker.take(full, [OutageKey("oms:1")]).changed == {"oms:1": None}


def test_no_more_outages_than_the_limit_and_one_that_ends_makes_room() -> None:
    full, taker = board(*(event(number, devices=("feeder:1",)) for number in range(3))), ExtentTaker(outages_max=2)
    assert len(taker.take(full, [], whole=True).changed) == 2
    assert taker.take(full, [OutageKey("oms:2")]).changed == {"oms:2": None}
    full.apply(*event(0, Status.RESTORED))
    taken = taker.take(full, [OutageKey("oms:0"), OutageKey("oms:2")]).changed
    assert taken["oms:0"] is None
    assert taken["oms:2"] is not None


def test_a_long_border_is_simplified_to_about_the_same_ground() -> None:
    short = simplified(CIRCLE, 100)
    assert isinstance(short, Polygon)
    assert len(short.coordinates[0]) <= 100
    before, after = (shapely.Polygon(shape.coordinates[0]) for shape in (CIRCLE, short))
    assert before.symmetric_difference(after).area < 0.01 * before.area
    assert simplified(short, 100) is short


def test_what_cannot_be_said_in_so_few_positions_is_left_out() -> None:
    assert simplified(MultiPoint([[number / 10, 45.0] for number in range(300)]), 100) is None
    comb = LineString([[number / 10, 45.0 + number % 2] for number in range(300)])
    assert simplified(comb, 100) is None
