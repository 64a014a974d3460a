"""What a policy adds to the planner: safety notices, causes, halves, planned work, quiet hours, and what each is worth."""

from datetime import UTC, datetime, time, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.adapters.policy_file import policy
from services.kernel.events import Cause, Status
from services.kernel.ids import AreaId, OutageKey
from services.kernel.planning.planner import plan
from services.kernel.planning.policy import Quiet
from services.kernel.planning.posts import Decision, Kind, Said
from services.kernel.views import AreaBrief, Count, OutageBrief
from services.kit.settings import Settings
from tests.builders import NOW

POLICY = msgspec.structs.replace(policy(Settings()), quiet=None)
MINUTE = timedelta(minutes=1)
AFTER = NOW + POLICY.cooldown


def row(customers: int, cause: Cause = Cause.UNKNOWN, *, planned: bool = False, starts: datetime | None = None) -> OutageBrief:
    return OutageBrief(OutageKey(f"s:{customers}{cause}{planned}"), customers, False, planned, cause, None, starts, None)


def brief(*rows: OutageBrief, estimate: datetime | None = None) -> AreaBrief:
    cause = next((one.cause for one in rows if one.cause is not Cause.UNKNOWN), Cause.UNKNOWN)
    customers, planned = Count(sum(one.customers or 0 for one in rows)), sum(one.planned for one in rows)
    return AreaBrief(AreaId("K2G"), "Barrhaven", len(rows), customers, planned, latest_estimate=estimate, cause=cause, largest=rows)


def look(said: Said | None, area: AreaBrief, now: datetime = AFTER, clearing: int = 0, rules: object = POLICY) -> Decision:
    return plan(said, area, Status.ACTIVE if area.outages else None, rules, now, clearing)  # type: ignore[arg-type]


def after(decision: Decision) -> Said:
    assert decision.post is not None
    return decision.post.said


def kind(decision: Decision) -> Kind | None:
    return decision.post.kind if decision.post else None


def told(customers: int = 1_000, cause: Cause = Cause.UNKNOWN) -> Said:
    return after(look(None, brief(row(customers, cause)), NOW))


def test_a_shut_off_for_safety_is_told_at_once_even_after_a_first_report() -> None:
    first = look(None, brief(row(900), row(60, Cause.SAFETY)), NOW)
    assert first.post is not None
    assert (first.post.kind, first.post.emergency, first.post.facts.cause) == (Kind.SAFETY, True, Cause.SAFETY)
    later = look(told(), brief(row(1_000), row(60, Cause.SAFETY)), NOW + MINUTE)
    assert kind(later) is Kind.SAFETY
    assert kind(look(after(later), brief(row(1_000), row(60, Cause.SAFETY)), NOW + 99 * MINUTE)) is None, "once"


def test_a_cause_is_told_once_it_is_known_and_not_again() -> None:
    found = look(told(), brief(row(1_000, Cause.ANIMAL)))
    assert kind(found) is Kind.CAUSE
    assert kind(look(after(found), brief(row(1_000, Cause.WEATHER)), AFTER + POLICY.cooldown)) is None
    assert kind(look(told(cause=Cause.WEATHER), brief(row(1_000, Cause.ANIMAL)))) is None, "the first report told one"


def test_half_restored_counts_from_the_worst_and_not_those_who_are_only_missing() -> None:
    worst = look(told(1_000), brief(row(1_900)), NOW + MINUTE).said
    assert worst is not None
    assert worst.peak == Count(1_900)
    assert kind(look(worst, brief(row(951)))) is None
    assert kind(look(worst, brief(row(940)), clearing=11)) is None, "11 are gone from the picture, and nobody said that they have power (I5)"
    half = look(worst, brief(row(940)))
    assert half.post is not None
    assert (half.post.kind, half.post.facts.peak) == (Kind.HALF_RESTORED, Count(1_900))
    assert kind(look(half.post.said, brief(row(300)), AFTER + POLICY.cooldown)) is None, "once"


def test_planned_work_is_told_once_and_keeps_no_outage_waiting() -> None:
    work = row(700, planned=True, starts=NOW)
    planned = look(None, brief(work), NOW)
    assert planned.post is not None
    assert (planned.post.kind, planned.post.facts.customers, planned.post.facts.starts) == (Kind.PLANNED, Count(700), NOW)
    assert look(planned.post.said, brief(work), AFTER).post is None
    outage = look(planned.post.said, brief(work, row(900)), NOW + MINUTE)
    assert kind(outage) is Kind.FIRST_REPORT
    assert after(outage).thread == after(outage).post
    done = look(planned.post.said, brief(), AFTER).said
    assert kind(look(done, brief(work), AFTER)) is Kind.PLANNED, "other work"


@pytest.mark.parametrize(
    ("customers", "cause", "expected"), [(900, Cause.UNKNOWN, None), (5_000, Cause.UNKNOWN, Kind.FIRST_REPORT), (60, Cause.SAFETY, Kind.SAFETY)]
)
def test_in_quiet_hours_only_emergencies_are_told_and_the_rest_when_they_end(customers: int, cause: Cause, expected: Kind | None) -> None:
    night = msgspec.structs.replace(POLICY, quiet=Quiet(time(21), time(22), UTC))
    decision = look(None, brief(row(customers, cause)), NOW, rules=night)
    assert kind(decision) is expected
    if expected is None:
        assert decision.again == NOW.replace(hour=22, minute=0)
        assert kind(look(None, brief(row(customers, cause)), decision.again, rules=night)) is Kind.FIRST_REPORT


def test_what_is_worth_more_is_told_first_however_large_the_other_is() -> None:
    grown = look(told(600), brief(row(40_000_000))).post
    first = look(None, brief(row(500))).post
    assert first is not None
    assert grown is not None
    assert first.value > grown.value > 70


rows = st.lists(st.builds(row, st.integers(0, 4_000), st.sampled_from(Cause), planned=st.booleans()), max_size=4)
steps = st.lists(st.tuples(st.integers(0, 90), rows, st.integers(0, 600), st.sampled_from([None, *Status])), min_size=1, max_size=25)


@given(steps)
def test_whatever_happens_nothing_is_told_twice_or_too_soon(story: list[tuple[int, list[OutageBrief], int, Status | None]]) -> None:
    said, now, ids = None, NOW, set()
    for minutes, found, clearing, standing in story:
        now += minutes * MINUTE
        area = brief(*found)
        actual = Status.ACTIVE if found else None if standing is Status.ACTIVE else standing
        decision = plan(said, area, actual, POLICY, now, clearing)
        known = decision.said or said
        if decision.post is None:
            said = known
            continue
        post = decision.post
        assert post.id not in ids
        fresh = known is None or (known.kind is Kind.PLANNED and post.kind in (Kind.SAFETY, Kind.FIRST_REPORT))
        assert fresh or now - known.at >= POLICY.rest(post.kind)  # type: ignore[union-attr]
        assert post.kind is not Kind.RESTORED or (not found and known is not None and known.owed)
        assert post.kind is not Kind.HALF_RESTORED or (post.facts.customers.customers + clearing) * 2 <= post.facts.peak.customers
        assert post.said.peak.customers >= post.said.customers
        ids.add(post.id)
        said = post.said
        again = plan(said, area, actual, POLICY, now, clearing).post
        assert again is None or again.kind is not post.kind


def test_an_emergency_does_not_wait_for_the_cool_down_of_news_before_it() -> None:
    back = plan(msgspec.structs.replace(told(), owed=True), brief(), Status.RESTORED, POLICY, AFTER)
    assert kind(back) is Kind.RESTORED
    soon = AFTER + MINUTE
    assert look(after(back), brief(row(900)), soon).post is None
    assert kind(look(after(back), brief(row(6_000)), soon)) is Kind.FIRST_REPORT


def test_outages_that_begin_before_it_could_be_told_that_others_had_ended_are_news() -> None:
    ended = plan(told(6_000), brief(), Status.RESTORED, POLICY, NOW + MINUTE).said
    assert ended is not None
    assert ended.owed, "it waits for the cool-down, the morning or budget"
    assert kind(look(ended, brief(row(5_500)), NOW + 5 * MINUTE)) is Kind.FIRST_REPORT
    assert kind(look(ended, brief(row(80, Cause.SAFETY)), NOW + 5 * MINUTE)) is Kind.SAFETY
    small = look(ended, brief(row(40)), NOW + 5 * MINUTE)
    assert small.post is None
    assert small.said is not None
    assert not small.said.over, "not worth telling: whoever was told of those outages is told when all is over"
    assert kind(look(small.said, brief(row(40), row(80, Cause.SAFETY)), NOW + 9 * MINUTE)) is Kind.SAFETY, "a small one in between changes nothing"
