import tracemalloc
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.kernel.events import Condition, Point
from services.kernel.identity import Named, Unlisted, resolve
from services.kernel.nearest import kilometres, nearest_first
from services.kernel.picture import Grace, Picture, Reading, amended, compare, needed, place_of
from tests.examples import THOROUGH

AT = datetime(2022, 12, 24, tzinfo=UTC)
HERE = (-64.0, 45.0)
KM = 1 / 111.2
"""One kilometre of latitude, in degrees."""


def outage(start: int | None = 0, place: tuple[float, float] = HERE, customers: int | None = 5, masked: bool = False) -> Condition:
    began = None if start is None else AT + timedelta(seconds=start)
    return Condition(outage_id="provisional", started_at=began, geometry=Point(list(place)), customers_affected=customers, customers_masked=masked)


def north(km: float) -> tuple[float, float]:
    return (HERE[0], HERE[1] + km * KM)


class Feed:
    """A feed without ids, picture after picture."""

    def __init__(self) -> None:
        self.before, self.last, self.at = Picture(), {}, AT

    def shows(self, *outages: Condition, unlisted: Sequence[Unlisted] = ()) -> Named:
        self.at += timedelta(minutes=10)
        named = resolve(outages, unlisted, self.before, same_place_km=5.0, cluster_reach_km=10.0)
        reading = Reading(named.conditions, kept=named.kept)
        change = compare(self.before, reading, self.at, {key: self.last[key] for key in needed(self.before, reading)}, Grace(), "kubra")
        self.last.update({event.outage_id: event for event in change.events})
        self.before = amended(self.before, change)
        return named

    def id_of(self, *outages: Condition) -> str:
        (outage_id,) = self.shows(*outages).conditions
        return outage_id


def test_an_outage_keeps_its_id_when_its_facts_change() -> None:
    feed = Feed()
    assert feed.id_of(outage(customers=5)) == feed.id_of(outage(customers=9))


def test_the_id_is_the_same_whenever_and_wherever_it_is_made() -> None:
    assert Feed().id_of(outage()) == Feed().id_of(outage())


def test_an_outage_keeps_its_id_when_a_cluster_moves_it_a_little() -> None:
    feed = Feed()
    assert feed.id_of(outage()) == feed.id_of(outage(place=north(4.9)))


def test_an_outage_is_another_when_it_is_too_far_off_or_began_at_another_time() -> None:
    feed = Feed()
    first = feed.id_of(outage())
    assert feed.id_of(outage(place=north(5.1))) != first
    assert feed.id_of(outage(start=1)) != first


def test_an_outage_keeps_its_id_while_it_is_missing() -> None:
    feed = Feed()
    first = feed.id_of(outage())
    feed.shows()
    assert feed.id_of(outage(place=north(1))) == first


def test_the_nearest_is_taken_when_several_began_at_once() -> None:
    feed = Feed()
    before = {key: place_of(condition) for key, condition in feed.shows(outage(), outage(place=north(3))).conditions.items()}
    after = {key: place_of(condition) for key, condition in feed.shows(outage(place=north(2.5)), outage(place=north(0.5))).conditions.items()}
    assert before.keys() == after.keys()
    assert all(kilometres(before[key] or HERE, after[key] or HERE) < 0.6 for key in before)


def test_twins_are_as_many_outages_as_entries() -> None:
    feed = Feed()
    first = feed.shows(*[outage()] * 3).conditions.keys()
    assert len(first) == 3
    assert feed.shows(*[outage()] * 3).conditions.keys() == first
    fewer = feed.shows(*[outage()] * 2).conditions.keys()
    assert fewer < first
    more = feed.shows(*[outage()] * 5).conditions.keys()
    assert len(more) == 5
    assert more > first


def test_twins_are_told_apart_by_what_did_not_change() -> None:
    feed = Feed()
    first = {
        condition.customers_affected: key for key, condition in feed.shows(outage(customers=8), outage(customers=12), outage(customers=30)).conditions.items()
    }
    second = {
        condition.customers_affected: key for key, condition in feed.shows(outage(customers=31), outage(customers=12), outage(customers=8)).conditions.items()
    }
    assert (second[8], second[12], second[31]) == (first[8], first[12], first[30])


def test_a_new_id_is_never_one_in_use() -> None:
    feed = Feed()
    first = feed.id_of(outage())
    moved = feed.id_of(outage(place=north(1)))
    assert moved == first
    named = feed.shows(outage(place=north(1)), outage())
    assert len(named.conditions) == 2
    assert first in named.conditions


def test_an_outage_without_a_start_is_the_same_only_in_the_same_place() -> None:
    feed = Feed()
    first = feed.id_of(outage(start=None))
    assert feed.id_of(outage(start=None)) == first
    assert len(feed.shows(outage(start=None), outage(start=None, place=north(1))).conditions.keys() - {first}) == 1


class TestUnlisted:
    """A cluster that tells only its number of outages and their customers."""

    def test_known_outages_nearby_are_kept_and_nothing_is_counted_twice(self) -> None:
        feed = Feed()
        known = feed.shows(outage(customers=30), outage(start=1, customers=4), outage(start=2, place=north(50))).conditions
        named = feed.shows(outage(start=2, place=north(50)), unlisted=[Unlisted(north(2), 2, 34)])
        assert named.kept == {key for key, condition in known.items() if condition.customers_affected != 5}
        assert len(named.conditions) == 1

    def test_its_customers_do_not_vanish_when_nothing_is_known_nearby(self) -> None:
        (rest,) = Feed().shows(unlisted=[Unlisted(HERE, 2, 34)]).conditions.values()
        assert (rest.customers_affected, rest.customers_masked, rest.started_at) == (34, False, None)
        assert rest.geometry == Point(list(HERE))

    def test_one_outage_stands_for_what_the_known_ones_leave(self) -> None:
        feed = Feed()
        feed.shows(outage(customers=30))
        named = feed.shows(unlisted=[Unlisted(HERE, 2, 34)])
        assert len(named.kept) == 1
        assert [condition.customers_affected for condition in named.conditions.values()] == [4]

    def test_an_outage_shown_by_itself_is_not_counted_again(self) -> None:
        """As on 2022-12-24 in Nova Scotia: 2 outages of 34 customers, one of them shown 5.5 km away with a masked count."""
        conditions = Feed().shows(outage(place=north(5.5), customers=4, masked=True), unlisted=[Unlisted(HERE, 2, 34)]).conditions.values()
        assert sorted((condition.customers_affected, condition.customers_masked) for condition in conditions) == [(4, True), (33, True)]

    def test_an_outage_too_large_for_the_cluster_is_not_one_of_it(self) -> None:
        feed = Feed()
        feed.shows(outage(customers=35))
        named = feed.shows(unlisted=[Unlisted(HERE, 2, 34)])
        assert named.kept == frozenset()
        assert [condition.customers_affected for condition in named.conditions.values()] == [34]

    def test_nothing_changes_while_it_stays(self) -> None:
        feed = Feed()
        first = feed.shows(unlisted=[Unlisted(HERE, 2, 34)])
        assert feed.shows(unlisted=[Unlisted(HERE, 2, 34)]) == first

    def test_one_known_outage_is_not_a_member_of_two_clusters(self) -> None:
        feed = Feed()
        feed.shows(outage(customers=4))
        named = feed.shows(unlisted=[Unlisted(HERE, 1, 4), Unlisted(north(1), 1, 4)])
        assert len(named.kept) == len(named.conditions) == 1

    def test_the_rest_is_not_called_restored_when_the_outage_it_stood_for_shows_itself(self) -> None:
        feed = Feed()
        (rest,) = feed.shows(unlisted=[Unlisted(HERE, 1, 33)]).conditions
        assert feed.id_of(outage(start=7, place=north(5.5), customers=33)) == rest


ENTRIES = st.lists(
    st.builds(outage, st.none() | st.integers(0, 2), st.tuples(st.sampled_from([-64.0, -64.01, -60.0]), st.sampled_from([45.0, 45.02])), st.integers(0, 3)),
    max_size=12,
)
CLUSTERS = st.lists(st.builds(Unlisted, st.sampled_from([HERE, north(3)]), st.integers(1, 3), st.none() | st.integers(0, 9)), max_size=2)


@given(st.lists(st.tuples(ENTRIES, CLUSTERS), max_size=6))
def test_no_entry_is_lost_or_named_twice_whatever_the_pictures(pictures: list[tuple[list[Condition], list[Unlisted]]]) -> None:
    feed = Feed()
    for entries, clusters in pictures:
        known = set(feed.before.seen)
        named = feed.shows(*entries, unlisted=clusters)
        facts = Counter((one.started_at, str(one.geometry), one.customers_affected) for one in entries)
        got = Counter((one.started_at, str(one.geometry), one.customers_affected) for one in named.conditions.values())
        assert facts <= got
        assert len(entries) <= len(named.conditions) <= len(entries) + len(clusters)
        assert all(key == condition.outage_id for key, condition in named.conditions.items())
        assert named.kept <= known - named.conditions.keys()


@given(ENTRIES, st.randoms(use_true_random=False))
def test_the_same_picture_in_another_order_names_the_same_outages(entries: list[Condition], random: Random) -> None:
    feed = Feed()
    first = feed.shows(*entries).conditions
    random.shuffle(entries)
    assert feed.shows(*entries).conditions == first


def test_a_thousand_twins_that_move_cost_little() -> None:
    """Places are compared, not pairs of outages: a million pairs would take far longer than the test's limit."""
    feed = Feed()
    before = feed.shows(*[outage()] * 5_000).conditions.keys()
    assert feed.shows(*[outage(place=north(1))] * 5_000).conditions.keys() == before


def test_thousands_that_began_at_once_and_move_are_all_known_again() -> None:
    grid = [(-64 + column / 10, 44 + row / 10) for column in range(40) for row in range(40)]
    feed = Feed()
    before = feed.shows(*[outage(place=place) for place in grid]).conditions
    after = feed.shows(*[outage(place=(place[0] + 0.01, place[1] - 0.01)) for place in grid]).conditions
    assert before.keys() == after.keys()
    assert all(kilometres(place_of(before[key]) or HERE, place_of(after[key]) or HERE) < 2 for key in before)


def _scattered(count: int, seed: int, degrees: float) -> list[tuple[float, float]]:
    random = Random(seed)
    return [(HERE[0] + random.random() * degrees, HERE[1] + random.random() * degrees) for _ in range(count)]


def _resolved(shown: list[Condition], before: Picture) -> tuple[Named, float]:
    """What they are called, and the most MiB that finding out took."""
    tracemalloc.start()
    try:
        return resolve(shown, (), before, same_place_km=5.0, cluster_reach_km=10.0), tracemalloc.get_traced_memory()[1] / 2**20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("start", [0, None], ids=["one start", "no start"])
@pytest.mark.parametrize("degrees", [0.04, 1e-9], ids=["within 5 km", "on one spot"])
def test_thousands_that_all_move_are_known_again_with_little_memory(degrees: float, start: int | None) -> None:
    """Before, a pair was kept for each with each: of five thousand 25 million, more than 3 GiB."""
    many = 5_000 if THOROUGH else 2_000
    feed = Feed()
    before = feed.shows(*[outage(start, place) for place in _scattered(many, 1, degrees)]).conditions.keys()
    named, peak_mib = _resolved([outage(0, place) for place in _scattered(many, 2, degrees)], feed.before)
    assert peak_mib < many / 100
    assert len(named.conditions.keys() & before) > 0.98 * many


def test_a_crowd_that_moves_as_a_whole_is_known_again_one_by_one() -> None:
    places = _scattered(1_000, 1, 0.001)
    feed = Feed()
    before = feed.shows(*[outage(place=place) for place in places]).conditions
    after = feed.shows(*[outage(place=(east + 0.01, north_ + 0.015)) for east, north_ in places]).conditions
    assert before.keys() == after.keys()


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=25), st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=25))
def test_the_pairs_are_those_of_sorting_all_by_distance(now: list[tuple[int, int]], known: list[tuple[int, int]]) -> None:
    here, there = (Counter((HERE[0] + x / 250, HERE[1] + y / 300) for x, y in places) for places in (now, known))
    got = Counter({(one, other): count for one, other, count in nearest_first(here, there, 5.0)})
    wanted: Counter[tuple[tuple[float, float], tuple[float, float]]] = Counter()
    for apart, one, other in sorted((kilometres(one, other), one, other) for one in here for other in there):
        if apart <= 5.0 and (count := min(here[one], there[other])):
            wanted[one, other] = count
            here[one] -= count
            there[other] -= count
    assert got == wanted


@pytest.mark.parametrize(("other", "km"), [(north(1), 1.0), (HERE, 0.0), ((HERE[0] + 1, HERE[1]), 78.6)])
def test_kilometres(other: tuple[float, float], km: float) -> None:
    assert kilometres(HERE, other) == pytest.approx(km, abs=0.1)
