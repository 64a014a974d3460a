"""Spending a budget: never over it in any stretch of time, emergencies while there is anything at all, the rest by what it is worth."""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.kernel.planning.spending import Choice, Cost, Forecast, Left, Limit, Offer, Purse, Verdict, choose
from services.kernel.planning.tiers import Tier, X, with_budget
from tests.builders import NOW

MINUTE = timedelta(minutes=1)
PAIR = Cost(2)
"""A message in two languages."""
PATIENCE = 15 * MINUTE


def decided(offer: Offer, lefts: Sequence[Left], forecast: Forecast | None = None, reserve: float = 0.1, now: datetime = NOW) -> Verdict:
    return choose(offer, lefts, forecast or Forecast(), (reserve,), PATIENCE, now)


def lately(*values: float) -> Forecast:
    forecast = Forecast()
    for number, value in enumerate(values):
        forecast.saw(value, PAIR, NOW - timedelta(seconds=number))
    return forecast


HOURLY = Limit(timedelta(hours=1), 20)


def test_with_enough_for_all_that_is_to_be_expected_anything_goes() -> None:
    assert decided(Offer(1.0, PAIR), [Left(HOURLY, 20)], lately(5, 5, 5)) == Verdict(Choice.NOW, 0.0)


def test_when_more_is_to_be_expected_than_is_left_only_what_is_worth_more_goes() -> None:
    stormy = lately(*[30.0] * 40, *[80.0] * 40)
    small, large = decided(Offer(30.9, PAIR), [Left(HOURLY, 20)], stormy), decided(Offer(80.0, PAIR), [Left(HOURLY, 20)], stormy)
    assert (small.choice, large.choice, large.bid) == (Choice.FOLD, Choice.NOW, 80.0)


def test_those_worth_as_much_are_spread_over_the_time_that_is_left() -> None:
    stormy = lately(*[80.0] * 40)
    just_spent = decided(Offer(80.0, PAIR), [Left(HOURLY, 18, spent_at=NOW)], stormy)
    assert just_spent == Verdict(Choice.WAIT, 80.0, NOW + timedelta(hours=1) * 2 / 16), "two of the sixteen that are left beside the reserve"
    assert decided(Offer(80.0, PAIR), [Left(HOURLY, 18, spent_at=NOW - timedelta(minutes=8))], stormy).choice is Choice.NOW
    assert decided(Offer(90.0, PAIR), [Left(HOURLY, 18, spent_at=NOW)], stormy).choice is Choice.NOW


def test_what_was_lately_is_forgotten() -> None:
    later = NOW + timedelta(hours=12)
    assert decided(Offer(30.0, PAIR), [Left(HOURLY, 20)], lately(*[30.0] * 40), now=later).choice is Choice.NOW


@pytest.mark.parametrize(("minutes", "choice"), [(10, Choice.WAIT), (40, Choice.FOLD)])
def test_what_may_go_soon_waits_and_what_may_not_is_folded(minutes: int, choice: Choice) -> None:
    back = NOW + minutes * MINUTE
    assert decided(Offer(50.0, PAIR), [Left(HOURLY, 3, ((back, 17.0),))]) == Verdict(choice, 0.0, back)


def test_the_reserve_is_for_emergencies() -> None:
    almost = [Left(HOURLY, 3, ((NOW + 40 * MINUTE, 17.0),))]
    assert decided(Offer(99.0, PAIR), almost).choice is Choice.FOLD
    assert decided(Offer(1.0, PAIR, emergency=True), almost).choice is Choice.NOW


def test_what_no_budget_is_large_enough_for_is_folded_for_good() -> None:
    assert decided(Offer(9.0, PAIR), [Left(Limit(MINUTE, 3), 3)]) == Verdict(Choice.FOLD, math.inf)


def test_posts_that_cost_nothing_ask_nothing_of_the_money() -> None:
    assert decided(Offer(1.0, PAIR), [Left(Limit(MINUTE, 0.0, money=True), 0.0)]).choice is Choice.NOW


def test_money_runs_out_like_posts() -> None:
    terms = with_budget(X[Tier.PAY_PER_USE], 0.10)
    purse, cost = Purse(terms.limits), terms.cost(2)
    for _ in range(3):
        assert decided(Offer(1.0, cost, emergency=True), purse.left(NOW)).choice is Choice.NOW
        purse.spend(cost, NOW)
    assert decided(Offer(1.0, cost, emergency=True), purse.left(NOW)).choice is Choice.WAIT, "a cent is left, and three are needed"


spans = st.sampled_from([MINUTE, 15 * MINUTE, timedelta(hours=24)])
limits = st.lists(st.builds(Limit, spans, st.integers(0, 40)), min_size=1, max_size=3, unique_by=lambda limit: limit.window)
money = st.lists(st.builds(Limit, spans, st.floats(0, 2), st.just(True)), max_size=1)
offers = st.lists(st.tuples(st.integers(0, 4_000), st.floats(0, 120), st.booleans()), max_size=60)
costs = st.builds(Cost, st.integers(1, 3), st.sampled_from([0.0, 0.015, 0.030]))


@given(limits, money, offers, costs, st.sampled_from([0.0, 0.1, 0.5]))
def test_whatever_comes_the_laws_hold(posts: list[Limit], dollars: list[Limit], story: list[tuple[int, float, bool]], cost: Cost, reserve: float) -> None:
    def run() -> list[tuple[datetime, bool, Verdict]]:
        purse, forecast, now, verdicts = Purse([*posts, *dollars]), Forecast(), NOW, []
        for seconds, value, emergency in story:
            now += timedelta(seconds=seconds)
            forecast.saw(value, cost, now)
            lefts = purse.left(now)
            verdict = choose(Offer(value, cost, emergency), lefts, forecast, (reserve, 0.0), PATIENCE, now)
            room = all(left.left + 1e-9 >= cost.under(left.limit) for left in lefts if cost.under(left.limit))
            if emergency:
                assert (verdict.choice is Choice.NOW) == room, "an emergency goes while any budget, the reserve included, has room"
            if verdict.choice is Choice.NOW:
                purse.spend(cost, now)
            elif verdict.until is not None:
                assert verdict.until > now
            verdicts.append((now, emergency, verdict))
        return verdicts

    verdicts = run()
    assert run() == verdicts, "deterministic"
    sent = [at for at, _, verdict in verdicts if verdict.choice is Choice.NOW]
    routine = [at for at, emergency, verdict in verdicts if verdict.choice is Choice.NOW and not emergency]
    for limit in [*posts, *dollars]:
        for at in sent:
            within = sum(at <= other < at + limit.window for other in sent) * cost.under(limit)
            assert within <= limit.most + 1e-6, "never over it in any stretch of time"
            alone = sum(at <= other < at + limit.window for other in routine) * cost.under(limit)
            assert alone <= (1 - reserve) * limit.most + 1e-6, "the reserve is left alone"
