"""What any ledger does with messages that wait for people: SQLite, PostgreSQL and the twin in memory."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.adapters.ledger_approvals import SqlApprovals
from services.adapters.ledger_memory import MemoryLedger
from services.adapters.ledger_sql import SqlLedger
from services.adapters.ledger_verify import verify
from services.kernel.approval import Edit, NotAllowed, Rule, Say, Standing, Verdict
from services.kernel.delivery import HeldFor, Outcome, Written
from services.kernel.ids import AreaId
from services.kernel.planning.posts import Kind
from services.kernel.ports.social import Approvals, Ledger
from tests.builders import NOW
from tests.contract.ledgers import empty_ledger
from tests.contract.test_ledger import AT, TEXTS, newest, post

RULE = Rule(others=2, escalate=timedelta(minutes=10), expire=timedelta(minutes=60))
HELD, QUEUED = (Outcome.HELD, HeldFor.APPROVAL), (Outcome.QUEUED, None)


class Desk:
    def __init__(self, ledger: Ledger, approvals: Approvals) -> None:
        self.ledger, self.approvals = ledger, approvals

    def ask(self, post_id: str = "K2G:first_report:1", rule: Rule = RULE, **more: Any) -> Written:
        return self.ledger.write("social", "x", post(post_id, **more), TEXTS, AT, NOW, rule)[0]

    def say(self, by: str, verdict: Verdict = Verdict.APPROVED, version: int = 1, at: datetime = NOW) -> None:
        self.approvals.take(1, Say(verdict, by, version, "because"), at)

    def stands(self) -> list[tuple[Outcome, HeldFor | None]]:
        return [(one.outcome, one.held_for) for one in newest(self.ledger, "K2G")[AreaId("K2G")].deliveries]


@pytest.fixture(params=["sqlite", "postgresql", "memory"])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    if request.param == "memory":
        memory = MemoryLedger()
        yield Desk(memory, memory)
        return
    url = empty_ledger(request, request.param, tmp_path)
    ledger, approvals = SqlLedger(url, 5), SqlApprovals(url, 5, "root@desk")
    yield Desk(ledger, approvals)
    ledger.close()
    approvals.close()
    assert verify(url, 5)[1] is None, "whatever was done, the trail tells of it"


def test_a_message_is_not_sendable_before_two_others_have_approved_it(desk: Desk) -> None:
    written = desk.ask()
    assert (written.asked, written.is_waiting, written.is_open, desk.stands()) == (True, True, False, [HELD, HELD])
    desk.say("alice")
    assert desk.ledger.start(written.deliveries[0].id, NOW) is None
    assert [(one.number, one.area, one.case.standing(NOW)) for one in desk.approvals.waiting(NOW)] == [(1, "K2G", Standing.WAITING)]
    desk.say("bob")
    assert desk.stands() == [QUEUED, QUEUED]
    assert desk.approvals.waiting(NOW) == []
    assert desk.ledger.start(written.deliveries[0].id, NOW) == TEXTS["en"]
    with pytest.raises(NotAllowed, match="sending"):
        desk.approvals.take(1, Edit("carol", 1, {"en": "too late"}), NOW)


def test_an_edit_after_approval_holds_it_again_and_only_the_new_words_go_out(desk: Desk) -> None:
    written = desk.ask()
    desk.say("alice")
    desk.say("bob")
    asked = desk.approvals.take(1, Edit("bob", 1, {"fr": "Panne majeure"}), NOW)
    assert desk.stands() == [HELD, HELD]
    assert [version.texts["fr"] for version in asked.case.versions] == ["Panne", "Panne majeure"]
    assert desk.ledger.start(written.deliveries[1].id, NOW) is None
    desk.say("alice", version=2)
    desk.say("carol", version=2)
    assert [one.text for one in newest(desk.ledger, "K2G")[AreaId("K2G")].deliveries] == ["Power outage", "Panne majeure"]
    assert desk.ledger.start(written.deliveries[1].id, NOW) == "Panne majeure"
    found = desk.approvals.find(1)
    assert found is not None
    assert [(one.version, one.by) for one in found.case.decisions] == [(1, "alice"), (1, "bob"), (2, "alice"), (2, "carol")]


def test_a_rejected_message_is_held_until_something_newer_is_said_in_its_place(desk: Desk) -> None:
    desk.ask()
    desk.say("alice", Verdict.REJECTED)
    assert desk.stands() == [(Outcome.HELD, HeldFor.REJECTED)] * 2
    assert desk.ledger.write("social", "x", post("K2G:growth:2", kind=Kind.GROWTH), TEXTS, AT, NOW)[1] == 2
    with pytest.raises(NotAllowed, match="folded"):
        desk.say("bob")


def test_an_emergency_goes_out_on_one_word_and_its_reason_is_kept(desk: Desk) -> None:
    desk.ask()
    desk.say("alice", Verdict.BYPASSED)
    assert desk.stands() == [QUEUED, QUEUED]
    found = desk.approvals.find(1)
    assert found is not None
    assert [(one.verdict, one.by, one.reason, one.at) for one in found.case.decisions] == [(Verdict.BYPASSED, "alice", "because", NOW)]


def test_what_waits_too_long_is_called_out_once_and_then_never_sent(desk: Desk) -> None:
    written = desk.ask()
    assert desk.ledger.tick(NOW + timedelta(minutes=9)) == []
    assert [one.case.is_escalated for one in desk.ledger.tick(NOW + timedelta(minutes=10))] == [True]
    assert desk.ledger.tick(NOW + timedelta(minutes=59)) == []
    assert [one.case.standing(NOW) for one in desk.ledger.tick(NOW + timedelta(minutes=60))] == [Standing.EXPIRED]
    assert desk.stands() == [(Outcome.EXPIRED, None)] * 2
    assert desk.ledger.start(written.deliveries[0].id, NOW) is None
    assert desk.approvals.waiting(NOW) == []


def test_what_was_approved_and_then_not_sent_in_time_expires(desk: Desk) -> None:
    written = desk.ask()
    desk.say("alice")
    desk.say("bob")
    assert desk.ledger.start(written.deliveries[0].id, NOW + timedelta(minutes=60)) is None
    assert desk.stands() == [(Outcome.EXPIRED, None), QUEUED]


def test_the_other_language_follows_what_went_out_in_time(desk: Desk) -> None:
    written = desk.ask()
    desk.say("alice")
    desk.say("bob")
    first, second = written.deliveries
    assert desk.ledger.start(first.id, NOW + timedelta(minutes=59)) == TEXTS["en"]
    desk.ledger.mark(first.id, Outcome.DELIVERED, NOW + timedelta(minutes=59), remote_id="7")
    assert desk.ledger.start(second.id, NOW + timedelta(minutes=61)) == TEXTS["fr"]


def test_nothing_changes_when_something_is_not_allowed(desk: Desk) -> None:
    desk.ask()
    desk.say("alice")
    before = desk.approvals.find(1)
    for number, act in ((1, Say(Verdict.APPROVED, "alice", 1)), (1, Edit("bob", 1, {"de": "Stromausfall"})), (2, Say(Verdict.APPROVED, "bob", 1))):
        with pytest.raises(NotAllowed):
            desk.approvals.take(number, act, NOW)
    assert desk.approvals.find(1) == before
    assert desk.approvals.find(2) is None
