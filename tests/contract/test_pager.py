"""The people who approve posts are called through Apprise itself, to a simulated target: what they read, what fails, and that nobody waits for it."""

import threading
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from services.adapters.pager_apprise import WAITING_MAX, ApprisePager
from services.kernel.approval import Rule, opened, ticked
from services.kernel.ids import AreaId
from services.kernel.planning.posts import Kind
from services.kernel.ports.social import Asked
from tests.builders import NOW, SetClock
from tests.simulators.apprise_target import PASSWORD, TOKEN, Fault, Target, running

RULE = Rule(escalate=timedelta(minutes=10), expire=timedelta(hours=1))


def asked(minutes: int, number: int = 7) -> Asked:
    """What the ledger gives after so long."""
    case = ticked(opened({"en": "Power outage in K2G.", "fr": "Panne dans K2G."}, RULE, NOW), NOW + timedelta(minutes=minutes))
    return Asked(number, "mastodon", "masto", AreaId("K2G"), Kind.FIRST_REPORT, "K2G:first_report:1", case, ())


def test_they_are_told_which_message_waits_since_when_and_its_words_and_a_target_that_fails_keeps_no_other_from_being_called() -> None:
    with running(Target()) as good, running(Target()) as down, capture_logs() as said:
        down.faults.extend([Fault.DOWN] * 2)
        pager = ApprisePager([down.url, good.url], "Example Hydro", 2.0, SetClock())
        for minutes in (10, 60):
            pager.call(asked(minutes))
        pager.settled()
        escalated, expired = good.taken
    assert "Message 7 (first report, K2G, mastodon masto) has waited for approval since 21:04 UTC, and is never sent after 22:04 UTC" in escalated
    assert "[en] Power outage in K2G.\n[fr] Panne dans K2G." in escalated
    assert "was not approved in time" in expired
    assert [line["event"] for line in said] == ["approval.people_failed", "approval.people_called"] * 2
    assert not any(secret in str(said) for secret in (TOKEN, PASSWORD))


def test_nobody_waits_for_a_target_that_hangs_and_calls_beyond_the_most_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    hangs = threading.Event()
    with running(Target()) as target, capture_logs() as said:
        pager = ApprisePager([target.url], "Example Hydro", 2.0, SetClock())
        post = pager._targets[0].post
        monkeypatch.setattr(pager._targets[0], "post", lambda draft: (hangs.wait(30), post(draft))[1])
        for number in range(WAITING_MAX + 3):
            pager.call(asked(10, number))
        assert 1 <= sum(line["event"] == "approval.people_left_out" for line in said) <= 3
        hangs.set()
        pager.settled()
        assert WAITING_MAX <= len(target.taken) < WAITING_MAX + 3


def test_an_address_that_can_not_be_used_is_told_without_being_shown() -> None:
    pager = ApprisePager(["file:///etc/passwd", "slack://geheim"], "Example Hydro", 2.0, SetClock())
    assert ["URL 1 of 2" in pager.faults[0], "URL 2 of 2" in pager.faults[1], "geheim" in str(pager.faults)] == [True, True, False]
