"""What any count of an account's budgets does: on Redis, and its twin."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services import wire
from services.adapters.budgets_memory import MemoryBudgets
from services.adapters.budgets_redis import RedisBudgets
from services.adapters.redis_link import sync_link
from services.kernel.planning.spending import Cost, Left, Limit
from services.kernel.ports.budgets import Budgets
from services.kernel.ports.failures import Unavailable
from services.kernel.ports.social import Left as Said
from services.kit.settings import Settings
from tests.builders import NOW
from tests.examples import examples

MINUTE, QUARTER, DAY, MONTH = timedelta(minutes=1), timedelta(minutes=15), timedelta(days=1), timedelta(days=30)
KEEP = timedelta(hours=36)
ONE = Cost(1, 0.015)
Make = Callable[..., Budgets]


@pytest.fixture(params=["redis", "memory"])
def make(request: pytest.FixtureRequest) -> Make:
    if request.param == "memory":
        return lambda *limits, reserve=0.0: MemoryBudgets(limits, reserve, KEEP)
    link = sync_link(Settings(journal_url=request.getfixturevalue("redis_url")))
    return lambda *limits, reserve=0.0: RedisBudgets(link, "social:x", limits, reserve, KEEP)


def left_of(budgets: Budgets, now: datetime = NOW) -> list[float]:
    return [one.left for one in budgets.left(now)]


class TestBudgets:
    def test_many_at_once_take_what_there_is_and_no_more(self, make: Make) -> None:
        budgets = make(Limit(QUARTER, 30), Limit(MONTH, 0.40, money=True), reserve=0.1)
        with ThreadPoolExecutor(8) as workers:
            for emergency, before, expected in ((False, 0, 24), (True, 24, 26)):  # 36 cents are 24 posts, and 40 are 26
                answers = list(workers.map(lambda one, urgent=emergency: budgets.take({f"{urgent}{one}": ONE}, NOW, emergency=urgent), range(60)))
                assert answers.count(None) == expected - before
                assert left_of(budgets) == [30 - expected, pytest.approx(0.40 - expected * 0.015)]

    def test_the_same_post_is_paid_once_until_it_is_given_back(self, make: Make) -> None:
        budgets = make(Limit(DAY, 3))
        for _ in range(2):
            assert budgets.take({"a": ONE, "b": ONE}, NOW) is None
        assert budgets.take({"a": ONE, "c": ONE, "d": ONE}, NOW) == NOW + DAY + MINUTE, "all or none"
        assert left_of(budgets) == [1]
        for _ in range(2):
            budgets.give_back("a", NOW + QUARTER)
        assert left_of(budgets) == [2]
        assert budgets.take({"a": ONE}, NOW + QUARTER) is None
        assert left_of(budgets) == [1]

    def test_what_is_spent_comes_back_when_the_window_has_slid_past_it(self, make: Make) -> None:
        budgets = make(Limit(QUARTER, 2), Limit(DAY, 3))
        for minute in (0, 5):
            assert budgets.take({str(minute): ONE}, NOW + minute * MINUTE) is None
        again = budgets.take({"c": ONE}, NOW + 6 * MINUTE)
        assert again is not None
        assert NOW + QUARTER < again <= NOW + QUARTER + timedelta(seconds=1)
        assert budgets.take({"c": ONE}, again) is None
        again = budgets.take({"d": ONE}, NOW + 40 * MINUTE)
        assert again is not None
        assert NOW + DAY < again <= NOW + DAY + MINUTE
        assert left_of(budgets, again) == [2, 1]
        assert budgets.left(again)[1].spent_at == NOW + QUARTER + timedelta(seconds=1)

    def test_more_than_a_limit_ever_allows_is_asked_about_again(self, make: Make) -> None:
        assert make(Limit(DAY, 1)).take({"a": ONE, "b": ONE}, NOW) == NOW + DAY

    def test_what_the_service_says_counts_where_it_is_less(self, make: Make) -> None:
        budgets, ends = make(Limit(QUARTER, 100), Limit(DAY, 17)), NOW + 10 * MINUTE
        budgets.take({"a": ONE, "b": ONE}, NOW)
        budgets.heard("a", [Said(900, 100, 40, ends), Said(86_400, 17, 16, NOW + DAY), Said(86_400, 50, 20, NOW + DAY)], NOW)
        assert left_of(budgets) == [39, 15], "`b` is on its way"
        budgets.heard("b", [Said(900, 100, 39, ends), Said(86_400, 17, 15, NOW + DAY)], NOW)
        budgets.heard("c", [Said(900, 100, 41, ends)], NOW)
        assert left_of(budgets) == [39, 15], "of two answers that overtook each other"
        budgets.take({"c": ONE}, NOW)
        budgets.give_back("c", NOW)
        assert left_of(budgets) == [39, 15]
        budgets.heard("d", [Said(900, 100, 0, ends)], NOW)
        assert budgets.take({"d": ONE}, NOW, emergency=True) == ends
        assert left_of(budgets, ends) == [100, 15], "its window has ended: what was spent in it counts no more"
        budgets.heard("d", [Said(900, 100, 99, ends + QUARTER)], ends)
        assert left_of(budgets, ends) == [99, 15]

    def test_the_window_that_the_service_tells_of_is_the_one_that_counts(self, make: Make) -> None:
        budgets = make(Limit(DAY, 3))
        for hour in (0, 22):
            assert budgets.take({f"a{hour}": ONE}, NOW + hour * 60 * MINUTE) is None
            budgets.heard(f"a{hour}", [Said(86_400, 3, 2 if hour == 0 else 1, NOW + DAY)], NOW + hour * 60 * MINUTE)
        assert budgets.left(NOW + 23 * 60 * MINUTE) == (Left(Limit(DAY, 3), 1, ((NOW + DAY, 2),), NOW + 22 * 60 * MINUTE),)
        assert budgets.take({"b": ONE, "c": ONE}, NOW + 23 * 60 * MINUTE) == NOW + DAY
        assert budgets.take({"b": ONE, "c": ONE, "d": ONE}, NOW + DAY) is None
        assert budgets.take({"e": ONE}, NOW + DAY + MINUTE, emergency=True) == NOW + 2 * DAY + MINUTE

    def test_a_lower_limit_of_the_accounts_own_slides(self, make: Make) -> None:
        budgets = make(Limit(DAY, 2))
        assert budgets.take({"a": ONE, "b": ONE}, NOW) is None
        budgets.heard("a", [Said(86_400, 17, 15, NOW + 60 * MINUTE)], NOW)
        assert left_of(budgets, NOW + 120 * MINUTE) == [0]

    def test_a_limit_that_the_service_has_lowered_is_believed_and_one_that_it_has_raised_is_not(self, make: Make) -> None:
        budgets = make(Limit(DAY, 50))
        budgets.heard("a", [Said(86_400, 17, 16, NOW + MINUTE)], NOW)
        assert [one.limit.most for one in budgets.left(NOW + QUARTER)] == [17]
        assert left_of(budgets, NOW + QUARTER) == [17]
        assert left_of(budgets, NOW + DAY + MINUTE) == [50], "and forgotten in the end: nobody would ever hear of another one"
        budgets.heard("b", [Said(86_400, 500, 499, NOW + DAY)], NOW)
        assert left_of(budgets) == [50]

    def test_what_only_the_service_limits_counts_until_it_resets(self, make: Make) -> None:
        budgets = make()
        assert budgets.left(NOW) == ()
        budgets.heard("a", [Said(3_600, 5_000, 1, NOW + QUARTER)], NOW)
        assert budgets.left(NOW) == (Left(Limit(timedelta(hours=1), 5_000), 1, ((NOW + QUARTER, 4_999),)),)
        assert budgets.take({"b": ONE}, NOW) is None
        assert budgets.take({"c": ONE}, NOW) == NOW + QUARTER
        assert budgets.left(NOW + QUARTER) == ()

    def test_nonsense_is_not_believed_for_long(self, make: Make) -> None:
        budgets = make()
        budgets.heard("a", [Said(900, -1, -7, NOW + 400 * DAY), Said(10**9, 1, 0, NOW + DAY), Said(0, 1, 0, NOW + DAY)], NOW)
        assert budgets.take({"b": ONE}, NOW) == NOW + QUARTER
        assert budgets.take({"b": ONE}, NOW + QUARTER) is None
        budgets.heard("b", [Said(window, 9, 9, NOW + DAY) for window in range(60, 400)], NOW)
        assert len(budgets.left(NOW)) <= 16


Step = tuple[str, int, int, bool, int]
steps = st.lists(
    st.tuples(
        st.sampled_from(["take", "give", "hear"]),
        st.integers(0, 9),
        st.sampled_from([0, 1, 400, 61_000, 900_000, 7_200_000]),
        st.booleans(),
        st.integers(0, 12),
    ),
    max_size=30,
)
some_limits = st.sets(st.sampled_from([Limit(QUARTER, 4), Limit(DAY, 9), Limit(MONTH, 0.2, money=True)]))


@given(some_limits, st.sampled_from([0.0, 0.25]), steps)
@settings(max_examples=examples(25), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_both_count_alike_and_never_over_any_limit(redis_url: str, limits: set[Limit], reserve: float, told: Sequence[Step]) -> None:
    link = sync_link(Settings(journal_url=redis_url))
    link.flushall()
    both: list[Budgets] = [MemoryBudgets(sorted(limits, key=str), reserve, KEEP), RedisBudgets(link, "x", sorted(limits, key=str), reserve, KEEP)]
    now, spent, theirs = NOW, dict[str, tuple[datetime, Cost]](), False
    for what, key, wait_ms, flag, number in told:
        now += timedelta(milliseconds=wait_ms)
        name, cost = f"{key}|en", Cost(1, 0.2 if key % 2 else 0.015)
        answers: list[Any]
        if what == "take":
            answers = [one.take({name: cost}, now, emergency=flag) for one in both]
            if answers[0] is None and name not in spent:
                spent[name] = now, cost
        elif what == "give":
            answers = [one.give_back(name, now) for one in both]
            spent.pop(name, None)
        else:
            said = Said(900, 12 if flag else 3, number, now + timedelta(seconds=60 * number))
            answers = [one.heard(name, [said], now) for one in both]
            theirs = theirs or not flag
            assert all(left.left <= max(0, number) for one in both for left in one.left(now) if left.limit.window == QUARTER and number)
        assert answers[0] == answers[1]
        memory, shared = ([(one.limit, round(one.left, 6), [(at, round(much, 6)) for at, much in one.back]) for one in each.left(now)] for each in both)
        assert memory == shared
        for limit in limits:
            if theirs and limit.window == QUARTER:
                continue  # the service's windows count, not any quarter of an hour
            taken = sum(cost.under(limit) for at, cost in spent.values() if at > now - limit.window)
            assert taken <= limit.most + 1e-9
    link.close()


def test_what_redis_keeps_is_bounded_and_goes_by_itself(redis_url: str) -> None:
    link = sync_link(Settings(journal_url=redis_url))
    budgets = RedisBudgets(link, "x", [Limit(DAY, 10**6), Limit(MONTH, 10**6)], 0.0, timedelta(minutes=20))
    for minute in range(0, 3 * 1_440, 15):
        budgets.take({str(minute): ONE}, NOW + minute * MINUTE)
    assert link.hlen(wire.budget_spent("x")) <= 1_440 // 15 + 3 * 48 + 2
    assert {key for key in link.scan_iter() if link.pttl(key) < 0} == set()  # type: ignore[operator]


def test_accounts_do_not_mix_and_redis_gone_is_told(redis_url: str) -> None:
    link = sync_link(Settings(journal_url=redis_url))
    RedisBudgets(link, "social:x", [Limit(DAY, 1)], 0.0, KEEP).take({"a": ONE}, NOW)
    assert left_of(RedisBudgets(link, "social:y", [Limit(DAY, 1)], 0.0, KEEP)) == [1]
    gone = RedisBudgets(sync_link(Settings(journal_url="redis://127.0.0.1:1"), retries=0), "x", [Limit(DAY, 1)], 0.0, KEEP)
    memory = MemoryBudgets([Limit(DAY, 1)], 0.0, KEEP)
    memory.down = True
    asked: list[Callable[[Budgets], Any]] = [
        lambda one: one.left(NOW),
        lambda one: one.take({"a": ONE}, NOW),
        lambda one: one.give_back("a", NOW),
        lambda one: one.heard("a", [], NOW),
    ]
    for ask in asked:
        for budgets in (gone, memory):
            with pytest.raises(Unavailable):
                ask(budgets)
