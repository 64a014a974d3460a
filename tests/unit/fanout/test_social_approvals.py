"""Posts that people approve first, and what becomes of them while they wait."""

from datetime import timedelta

import pytest

from services.kernel.approval import Say, Verdict
from services.kernel.delivery import HeldFor, Outcome
from services.kernel.events import Status
from tests.builders import NOW
from tests.unit.fanout.social_stage import LIVE, Stage, outage, outcomes

ASKING = LIVE.model_copy(update={"approval_kinds": ("first_report",), "approvers": ("alice", "bob")})


def approve(stage: Stage, *people: str) -> None:
    for by in people:
        stage.ledger.take(1, Say(Verdict.APPROVED, by, 1), stage.clock.now())  # type: ignore[attr-defined]


def test_a_kind_that_people_approve_is_sent_once_they_have_and_not_before_nor_twice() -> None:
    stage = Stage(settings=ASKING)
    stage.hear(outage())
    stage.run()
    approve(stage, "alice")
    stage.clock.move(minutes=1)
    stage.run()
    assert (stage.texts(), outcomes(stage)) == ([], [(Outcome.HELD, HeldFor.APPROVAL)] * 2)
    approve(stage, "bob")
    stage.clock.move(minutes=1)
    stage.run()
    stage.run()
    assert len(stage.texts()) == 2
    assert outcomes(stage) == [(Outcome.DELIVERED, None)] * 2


def test_numbers_that_change_while_people_read_dont_take_the_message_from_under_them() -> None:
    stage = Stage(settings=ASKING)
    stage.hear(outage())
    stage.run()
    for minute in range(1, 5):
        stage.clock.move(minutes=1)
        stage.hear(outage(minute=minute, customers=1_250 + 100 * minute))
        stage.run()
    approve(stage, "alice", "bob")
    stage.hear(outage(minute=5, customers=9_000))
    stage.run()
    assert len(stage.texts()) == 2
    assert "1,250" in stage.texts()[0]


def test_what_is_over_before_it_was_approved_is_never_said() -> None:
    stage = Stage(settings=ASKING)
    stage.hear(outage())
    stage.run()
    stage.hear(outage(minute=1, status=Status.RESTORED))
    stage.run()
    assert outcomes(stage) == [(Outcome.FOLDED, None)] * 2
    stage.settle()
    assert stage.texts() == []


def test_a_message_that_nobody_approves_expires_and_newer_facts_are_asked_about() -> None:
    stage = Stage(settings=ASKING)
    stage.hear(outage())
    stage.run()
    first = stage.written()
    stage.clock.move(minutes=61)
    stage.hear(outage(minute=61, customers=4_000))
    stage.run()
    assert stage.written().post != first.post
    assert outcomes(stage) == [(Outcome.HELD, HeldFor.APPROVAL)] * 2
    assert stage.texts() == []


def test_people_are_called_once_at_each_step_of_a_message_that_waits_and_nothing_else_waits_for_them() -> None:
    stage = Stage(settings=ASKING)
    stage.hear(outage())
    for minute in (0, 5, 11, 12, 30, 61, 62):
        stage.clock.at = NOW + timedelta(minutes=minute)
        stage.restart()
        stage.run()
    assert [(one.number, one.case.decisions[-1].verdict) for one in stage.pager.calls] == [(1, Verdict.ESCALATED), (1, Verdict.EXPIRED)]


def test_a_kind_that_there_is_not_is_refused_at_the_start() -> None:
    with pytest.raises(ValueError, match="first_report"):
        Stage(settings=LIVE.model_copy(update={"approval_kinds": ("gossip",)}))
