"""How many requests at once: the limit finds what is served in time, and keeps places for single updates."""

from hypothesis import given
from hypothesis import strategies as st

from services.kit.limit import Bounds, Limit

BOUNDS = Bounds(start=16, least=4, most=400, target_s=0.1, window_s=0.1, bulk_share=0.5)


def after(limit: Limit, seconds: float, took_s: float, since: float = 0.0, busy: bool = True) -> float:
    """The limit after a time from `since` in which each request took `took_s`, with all places taken if `busy`."""
    for step in range(int(seconds * 200)):
        if busy:
            while limit.take():
                pass
        elif not limit.taken:
            limit.take()
        limit.sample(took_s, since + step / 200)
    return limit.value


def test_there_are_more_places_while_all_are_taken_and_served_in_time_and_fewer_once_they_are_not() -> None:
    limit = Limit(BOUNDS, 0.0)
    assert after(limit, 0.5, took_s=0.07) > 25, "a little at a time, near the target"
    quick = Limit(BOUNDS, 0.0)
    assert after(quick, 1.5, took_s=0.001) == BOUNDS.most, "at once, with room to spare"
    assert after(quick, 0.3, took_s=0.5, since=1.5) < BOUNDS.most * 0.9
    assert after(quick, 5.0, took_s=0.5, since=2.0) == BOUNDS.least


def test_an_idle_service_does_not_dream_of_more_places() -> None:
    assert after(Limit(BOUNDS, 0.0), 3.0, took_s=0.001, busy=False) == BOUNDS.start


def test_one_slow_request_among_many_changes_nothing() -> None:
    limit = Limit(BOUNDS, 0.0)
    for step in range(1_000):
        limit.sample(2.0 if step % 20 == 0 else 0.01, step / 200)
    assert limit.value == BOUNDS.start


@given(st.lists(st.tuples(st.sampled_from(["bulk", "single", "back"]), st.floats(0, 1)), max_size=200))
def test_bulk_never_takes_the_places_kept_for_single_updates(steps: list[tuple[str, float]]) -> None:
    limit, now = Limit(BOUNDS, 0.0), 0.0
    for what, took_s in steps:
        now += took_s / 10
        if what == "back":
            if limit.taken:
                limit.give_back()
                limit.sample(took_s, now)
            continue
        before = limit.taken
        took = limit.take(bulk=what == "bulk")
        assert took == (before < limit.value * (0.5 if what == "bulk" else 1.0))
        assert limit.taken == before + took
        assert BOUNDS.least <= limit.value <= BOUNDS.most
