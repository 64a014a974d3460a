"""What is worth saying: each rule by example, and what holds whatever happens."""

from datetime import datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.kernel.events import Cause, Status
from services.kernel.ids import AreaId
from services.kernel.planning.planner import plan
from services.kernel.planning.policy import Policy
from services.kernel.planning.posts import Decision, Kind, Said, urgency
from services.kernel.views import AreaBrief, Count, OutageBrief
from tests.builders import NOW, WORTH

MINUTE = timedelta(minutes=1)
RULES = Policy(announce_customers_min=500, growth_factor=2.0, cooldown=30 * MINUTE, estimate_shift=60 * MINUTE, worth=WORTH)
AFTER = NOW + RULES.cooldown


def brief(customers: int, estimate: datetime | None = None, outages: int = 1, unestimated: int = 0, masked: bool = False) -> AreaBrief:
    return AreaBrief(AreaId("K2G"), "Barrhaven", outages, Count(customers, masked), latest_estimate=estimate, unestimated=unestimated)


NOBODY = brief(0, outages=0)


def look(said: Said | None, area: AreaBrief, now: datetime = AFTER, standing: Status | None = None) -> Decision:
    return plan(said, area, standing or (Status.ACTIVE if area.outages else None), RULES, now)


def after(decision: Decision) -> Said:
    assert decision.post is not None
    return decision.post.said


def told(customers: int = 600, estimate: datetime | None = None) -> Said:
    return after(look(None, brief(customers, estimate), NOW))


def kind(decision: Decision) -> Kind | None:
    return decision.post.kind if decision.post else None


@pytest.mark.parametrize(("customers", "expected"), [(499, None), (500, Kind.FIRST_REPORT)])
def test_an_area_is_first_told_from_the_least_number_of_customers_on(customers: int, expected: Kind | None) -> None:
    assert kind(look(None, brief(customers))) is expected


def test_planned_work_is_no_first_report() -> None:
    assert look(None, msgspec.structs.replace(brief(5_000), planned=1)) == Decision()


def test_only_the_unplanned_side_is_told_when_planned_work_is_mixed_in() -> None:
    def row(key: str, customers: int, planned: bool, estimate: datetime | None) -> OutageBrief:
        return OutageBrief(key, customers, False, planned, Cause.PLANNED if planned else Cause.WEATHER, None, None, estimate)  # type: ignore[arg-type]

    rows = (row("a", 9_000, True, NOW + 600 * MINUTE), row("b", 700, False, NOW + 90 * MINUTE))
    mixed = AreaBrief(AreaId("K2G"), "", 2, Count(9_700), 1, largest=rows, latest_estimate=NOW + 600 * MINUTE, cause=Cause.PLANNED)
    post = look(None, mixed, NOW).post
    assert post is not None
    assert (post.facts.customers.customers, post.facts.outages, post.facts.estimate, post.facts.cause) == (700, 1, NOW + 90 * MINUTE, Cause.WEATHER)


@pytest.mark.parametrize(("customers", "expected"), [(1_199, None), (1_200, Kind.GROWTH), (10, None)])
def test_growth_is_told_from_the_factor_on(customers: int, expected: Kind | None) -> None:
    assert kind(look(told(600), brief(customers))) is expected


def test_an_estimate_is_told_when_set_and_when_moved_by_enough() -> None:
    first = after(look(told(), brief(600, AFTER + 90 * MINUTE)))
    assert (first.kind, first.estimate) == (Kind.ESTIMATE, AFTER + 90 * MINUTE)
    later = AFTER + RULES.cooldown
    assert kind(look(first, brief(600, AFTER + 149 * MINUTE), later)) is None
    assert kind(look(first, brief(600, AFTER + 150 * MINUTE), later)) is Kind.ESTIMATE


def test_a_missed_estimate_is_told_once_and_then_the_new_one() -> None:
    said = told(600, NOW + 40 * MINUTE)
    waiting = look(said, brief(600, NOW + 40 * MINUTE))
    assert (kind(waiting), waiting.again) == (None, NOW + 40 * MINUTE)
    missed = after(look(said, brief(600), NOW + 40 * MINUTE))
    assert (missed.kind, missed.missed) == (Kind.MISSED, True)
    assert look(missed, brief(600), NOW + 400 * MINUTE).post is None
    assert kind(look(missed, brief(600, NOW + 500 * MINUTE), NOW + 400 * MINUTE)) is Kind.ESTIMATE


@pytest.mark.parametrize(
    ("standing", "expected"), [(Status.RESTORED, Kind.RESTORED), (Status.CLEARING, None), (Status.CANCELLED, None), (Status.ACTIVE, None), (None, None)]
)
def test_restored_is_told_only_when_the_source_said_so(standing: Status | None, expected: Kind | None) -> None:
    assert kind(look(told(), NOBODY, standing=standing)) is expected


def test_restored_is_not_told_when_the_area_was_never_told() -> None:
    assert look(None, NOBODY, standing=Status.RESTORED) == Decision()


def test_a_restoration_is_owed_through_the_cool_down_even_when_a_new_process_knows_nothing_of_it() -> None:
    waiting = look(told(), NOBODY, NOW + MINUTE, Status.RESTORED)
    assert (waiting.post, waiting.again) == (None, AFTER)
    assert kind(look(waiting.said, NOBODY, AFTER, None)) is Kind.RESTORED


@pytest.mark.parametrize(("area", "standing"), [(brief(600), Status.ACTIVE), (NOBODY, Status.CLEARING), (NOBODY, Status.CANCELLED)])
def test_a_restoration_is_no_longer_owed_when_the_area_turned_out_otherwise(area: AreaBrief, standing: Status) -> None:
    owing = look(told(), NOBODY, NOW + MINUTE, Status.RESTORED).said
    assert kind(look(owing, area, AFTER, standing)) is not Kind.RESTORED


@pytest.mark.parametrize("ending", [Status.RESTORED, Status.CANCELLED])
def test_the_next_outages_are_a_first_report_again_in_a_thread_of_their_own(ending: Status) -> None:
    decision = look(told(), NOBODY, standing=ending)
    said = decision.post.said if decision.post else decision.said
    again = look(said, brief(600), AFTER + RULES.cooldown)
    assert kind(again) is Kind.FIRST_REPORT
    assert after(again).thread == after(again).post != told().thread


def test_the_same_facts_in_another_storm_are_another_post() -> None:
    over = after(look(told(), NOBODY, standing=Status.RESTORED))
    assert after(look(over, brief(600), NOW + 9_000 * MINUTE)).post != told().post


def test_what_can_least_be_left_unsaid_comes_first() -> None:
    def post(customers: int, said: Said | None = None, standing: Status | None = None) -> tuple[float, str]:
        made = look(said, brief(customers) if customers else NOBODY, standing=standing).post
        assert made is not None
        return urgency(made)

    assert sorted([post(0, told(), Status.RESTORED), post(600), post(5_000, told()), post(9_000)]) == [
        post(9_000),
        post(600),
        post(5_000, told()),
        post(0, told(), Status.RESTORED),
    ]


moments = st.integers(-600, 600).map(lambda minutes: NOW + minutes * MINUTE)
briefs = st.builds(brief, st.integers(0, 5_000), st.none() | moments, st.integers(1, 9), st.integers(0, 3), st.booleans()) | st.just(NOBODY)
standings = st.sampled_from([None, *Status])


def consistent(area: AreaBrief, standing: Status | None) -> Status | None:
    return Status.ACTIVE if area.outages else None if standing is Status.ACTIVE else standing


looks = st.lists(st.tuples(st.integers(0, 90), briefs, standings), min_size=1, max_size=30)


@given(looks)
def test_whatever_happens_the_laws_hold(steps: list[tuple[int, AreaBrief, Status | None]]) -> None:
    said, now, told_at, ids = None, NOW, None, set()
    for minutes, area, standing in steps:
        now += minutes * MINUTE
        actual = consistent(area, standing)
        decision = plan(said, area, actual, RULES, now)
        assert plan(said, area, actual, RULES, now) == decision, "pure"
        said = decision.said or said
        if decision.post is None:
            assert decision.again is None or decision.again > now, "a time to look again lies ahead"
            continue
        post = decision.post
        assert told_at is None or now - told_at >= RULES.cooldown, "the cool-down holds"
        assert post.id not in ids, "no post is made twice"
        assert post.kind is not Kind.RESTORED or (not area.outages and (actual is Status.RESTORED or (said is not None and said.owed))), "I5"
        assert post.kind not in (Kind.FIRST_REPORT, Kind.GROWTH) or post.facts.customers.customers >= RULES.announce_customers_min
        ids.add(post.id)
        said, told_at = post.said, now
        assert plan(said, area, actual, RULES, now).post is None, "what was just said is not said again"
        assert plan(said, area, actual, RULES, now + RULES.cooldown).post is None or said.estimate is not None, "nor after the cool-down, but for estimates"


@given(looks)
def test_restored_never_comes_before_the_source_said_so(steps: list[tuple[int, AreaBrief, Status | None]]) -> None:
    said, now, source_said_so = None, NOW, False
    for minutes, area, standing in steps:
        now += minutes * MINUTE
        actual = consistent(area, standing)
        source_said_so = actual is Status.RESTORED or (source_said_so and actual is None)
        decision = plan(said, area, actual, RULES, now)
        said = decision.said or said
        if decision.post:
            assert decision.post.kind is not Kind.RESTORED or source_said_so
            said = decision.post.said
