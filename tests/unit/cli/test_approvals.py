"""`surgecast approvals`, `deliveries` and `ledger`, as typed."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.adapters.ledger_engine import engine
from services.adapters.ledger_sql import SqlLedger
from services.adapters.ledger_upgrade import upgrade
from services.cli.app import app
from services.cli.failure import Failure
from services.fanout.social import approval_rules
from services.kernel.delivery import Outcome, Written
from services.kernel.ids import AreaId
from services.kernel.planning.posts import Facts, Kind, Post, Said
from services.kernel.views import Position
from services.kit.clock import SystemClock
from services.kit.settings import Settings


def surgecast(*words: str) -> str:
    """What a command prints. Raises what it fails with."""
    done = CliRunner().invoke(app, list(words), catch_exceptions=False)
    return done.output


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Written:
    url = f"sqlite:///{tmp_path}/ledger.sqlite3"
    for name, value in (("SURGECAST_LEDGER_URL", url), ("COLUMNS", "200"), ("SURGECAST_APPROVERS", "Alice, bob carol"), ("SURGECAST_APPROVAL_KINDS", "growth")):
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("SURGECAST_DATA", str(tmp_path))
    monkeypatch.setenv("SURGECAST_JOURNAL_URL", "redis://127.0.0.1:1/0")
    upgrade(url)
    ledger, now = SqlLedger(url, 5), SystemClock().now()
    made = Post("p", AreaId("K2G"), Kind.GROWTH, "", Facts(), Said("p", "p", Kind.GROWTH, now, 9))
    post, _ = ledger.write("social", "x", made, {"en": "Outage [bold]", "fr": "Panne"}, Position("1-0"), now, approval_rules(Settings()).kinds[Kind.GROWTH])
    ledger.close()
    return post


def test_people_edit_approve_and_see_what_was_done(written: Written) -> None:
    assert "0 of 2 approved" in surgecast("approvals", "list")
    surgecast("approvals", "approve", "1", "--as", "alice")
    surgecast("approvals", "edit", "1", "--as", "BOB", "--fr", "Panne majeure")
    with pytest.raises(Failure, match="2 versions"):
        surgecast("approvals", "approve", "1", "--as", "carol")
    surgecast("approvals", "approve", "1", "--as", "carol", "--version", "2")
    shown = surgecast("approvals", "approve", "1", "--as", "Alice", "--version", "2")
    assert "approved by Alice" in shown
    assert "can't be told now" in shown.replace("\n", " "), "there is no Redis here"
    shown = surgecast("approvals", "show", "1")
    for fact in ("Outage [bold]", "Panne majeure", "Version 1", "by bob", "2 of 2 approved", "en: queued"):
        assert fact in shown
    assert "Nothing waits" in surgecast("approvals", "list")


def test_who_is_unknown_or_gives_no_reason_or_too_many_words_is_refused(written: Written) -> None:
    for words, why in (
        (("approve", "1", "--as", "mallory"), "may not approve posts. SURGECAST_APPROVERS names who may: Alice, bob, carol"),
        (("bypass", "1", "--as", "bob", "--reason", " "), "Say why"),
        (("edit", "1", "--as", "bob", "--en", "x" * 281), "281 of 280"),
        (("edit", "1", "--as", "bob"), "Give the new words"),
        (("show", "7"), "no message 7"),
    ):
        with pytest.raises(Failure, match=why):
            surgecast("approvals", *words)
    surgecast("approvals", "reject", "1", "--as", "bob", "--reason", "wrong street")
    assert "rejected" in surgecast("approvals", "list")
    surgecast("approvals", "edit", "1", "--as", "bob", "--en", "Better")
    assert "bypassed by carol: wires down" in surgecast("approvals", "bypass", "1", "--as", "carol", "--version", "2", "--reason", "wires down")


def test_dead_letters_are_listed_with_why_and_queued_again(written: Written) -> None:
    assert "no dead letters" in surgecast("deliveries", "list", "--dead")
    ledger = SqlLedger(Settings().ledger, 5)
    ledger.mark(written.deliveries[0].id, Outcome.DEAD_LETTERED, SystemClock().now(), error="400 [too long]")
    ledger.close()
    assert "dead_lettered: 400 [too long]" in surgecast("deliveries", "list", "--dead")
    assert "Queued again: 1" in surgecast("deliveries", "retry", "1")
    assert "retried once" in surgecast("deliveries", "list")
    with pytest.raises(Failure, match="only dead letters"):
        surgecast("deliveries", "retry", "1")


def test_the_ledger_is_verified_against_a_head_that_was_kept(written: Written) -> None:
    head = surgecast("ledger", "head").strip()
    assert "entries, whole" in surgecast("ledger", "verify", "--head", head)
    with pytest.raises(Failure, match="none that"):
        surgecast("ledger", "verify", "--head", "7")
    made = engine(Settings().ledger, 5)
    with made.begin() as connection:
        connection.exec_driver_sql("UPDATE messages SET text = 'All is well'")
    made.dispose()
    with pytest.raises(Failure, match="message 1 isn't as entry 2 left it"):
        surgecast("ledger", "verify")
