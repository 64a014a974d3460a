"""What a source may spend: never more than its bucket and its rate allow, and as much as it was told to wait for."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.kernel.quota import Bound, Limits, Purse, Thing

START = datetime(2026, 11, 27, 23, 59, 50, tzinfo=UTC)
rates = st.builds(Limits, st.sampled_from([0.5, 3, 7, 1_000, 40_000.0]), st.integers(1, 300))
steps = st.lists(st.tuples(st.integers(0, 5_000), st.integers(1, 100), st.integers(0, 50)), max_size=40)


@given(rates, steps)
def test_never_more_is_lent_than_the_bucket_held_and_the_rate_refilled(limits: Limits, asked: list[tuple[int, int, int]]) -> None:
    purse, lent, largest, at = Purse(), 0, 0, START
    for wait_ms, need, wish in asked:
        at += timedelta(milliseconds=wait_ms)
        loan = purse.lend(Thing.REQUESTS, limits, at, need, wish)
        assert loan.tokens == 0 if loan.over else need <= loan.tokens <= max(need, wish)
        lent, largest = lent + loan.tokens, max(largest, loan.tokens)
        refilled = (at - START).total_seconds() * limits.per_s
        assert lent <= limits.burst + refilled + max(0, largest - limits.burst) + 1e-6


@given(rates, st.integers(1, 400))
def test_who_was_refused_is_let_in_after_the_wait_and_not_a_millisecond_before(limits: Limits, need: int) -> None:
    purse = Purse()
    purse.lend(Thing.EVENTS, limits, START, limits.burst, 0)
    refused = purse.lend(Thing.EVENTS, limits, START, need, 0)
    assert (refused.tokens, refused.over, refused.left) == (0, Bound.EVENTS, 0)
    after = START + timedelta(milliseconds=refused.wait_ms)
    assert purse.lend(Thing.EVENTS, limits, after - timedelta(milliseconds=1), need, 0).over
    assert purse.lend(Thing.EVENTS, limits, after, need, 0).tokens == need


def test_a_day_ends_at_midnight_utc_and_a_refusal_spends_nothing_of_either_limit() -> None:
    purse, limits = Purse(), Limits(per_s=10, burst=100, per_day=120)
    assert purse.lend(Thing.EVENTS, limits, START, 90, 0).tokens == 90
    at = START + timedelta(seconds=5)
    day = purse.lend(Thing.EVENTS, limits, at, 40, 0)
    assert (day.over, day.wait_ms, day.left) == (Bound.DAY, 5_000, 30)
    assert purse.lend(Thing.EVENTS, limits, at, 30, 99).tokens == 30, "the whole rest of the day, and not more"
    assert purse.lend(Thing.EVENTS, limits, at + timedelta(seconds=5), 40, 0).tokens == 40


def test_what_is_larger_than_the_bucket_is_lent_when_it_is_full_and_paid_off_after() -> None:
    purse, limits = Purse(), Limits(per_s=10, burst=100)
    assert purse.lend(Thing.EVENTS, limits, START, 150, 0).tokens == 150
    assert purse.lend(Thing.EVENTS, limits, START, 1, 0).wait_ms == 5_100
    assert purse.lend(Thing.EVENTS, limits, START, 150, 0).wait_ms == 15_000


def test_a_clock_that_runs_behind_gets_no_time_twice() -> None:
    purse, limits = Purse(), Limits(per_s=1_000, burst=1_000)
    purse.lend(Thing.EVENTS, limits, START, 1_000, 0)
    ahead = START + timedelta(milliseconds=50)
    assert purse.lend(Thing.EVENTS, limits, ahead, 50, 0).tokens == 50
    assert purse.lend(Thing.EVENTS, limits, START, 1, 0).over
    assert purse.lend(Thing.EVENTS, limits, ahead, 1, 0).over
