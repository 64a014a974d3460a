from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.kernel.ids import UNPLACED, AreaId, OutageKey
from services.kernel.ports.journal import Entry
from services.kernel.views import Position
from services.relay.fold import fold
from tests.builders import NOW, event

WAITS = {"now": timedelta(0), "later": timedelta(seconds=30)}


def entry(number: int, before: tuple[str, ...], after: tuple[str, ...]) -> Entry:
    return Entry(Position(f"{number}-0"), number, OutageKey("oms:A"), tuple(map(AreaId, before)), tuple(map(AreaId, after)), event())


def test_an_outage_that_moved_touches_both_places_each_once() -> None:
    due = fold([entry(1, (), ("a",)), entry(2, ("a",), ("b",)), entry(3, ("b",), ("b",))], NOW, WAITS)
    assert due == {"now": {"a": NOW, "b": NOW}, "later": dict.fromkeys(("a", "b"), NOW + timedelta(seconds=30))}


def test_an_entry_without_any_place_touches_the_area_of_the_unplaced() -> None:
    assert fold([entry(1, (), ())], NOW, WAITS)["now"] == {UNPLACED: NOW}


def test_nothing_is_due_when_there_is_no_entry() -> None:
    assert fold([], NOW, WAITS) == {}


areas = st.lists(st.sampled_from("abcdef"), max_size=3).map(tuple)


@given(st.lists(st.tuples(areas, areas), max_size=30), st.integers(0, 30))
def test_batching_makes_no_difference(touched: list[tuple[tuple[str, ...], tuple[str, ...]]], cut: int) -> None:
    entries = [entry(number, *both) for number, both in enumerate(touched, 1)]
    whole = fold(entries, NOW, WAITS)
    first, second = fold(entries[:cut], NOW, WAITS), fold(entries[cut:], NOW, WAITS)
    assert {channel: first.get(channel, {}) | second.get(channel, {}) for channel in WAITS} == {channel: whole.get(channel, {}) for channel in WAITS}
