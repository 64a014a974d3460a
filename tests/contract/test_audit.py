"""The audit trail: nothing is written without it, and whatever is done to it, or past it, is found. On SQLite and PostgreSQL."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from services.adapters import ledger_upgrade
from services.adapters.ledger_approvals import SqlApprovals
from services.adapters.ledger_deliveries import NotRetried, SqlDeliveries
from services.adapters.ledger_engine import engine
from services.adapters.ledger_sql import SqlLedger
from services.adapters.ledger_verify import head, verified, verify
from services.kernel.approval import Rule, Say, Verdict
from services.kernel.audit import Head
from services.kernel.delivery import HeldFor, Outcome
from services.kernel.planning.posts import Kind
from tests.builders import NOW
from tests.contract.ledgers import empty_ledger
from tests.contract.test_ledger import AT, TEXTS, newest, post

RULE = Rule(others=1, escalate=timedelta(minutes=10), expire=timedelta(minutes=60))


class Desk:
    def __init__(self, url: str) -> None:
        self.url = url
        self.ledger, self.approvals, self.deliveries = SqlLedger(url, 20), SqlApprovals(url, 5, "root@desk"), SqlDeliveries(url, 5)
        self.engine: Engine = engine(url, 5)

    def work(self) -> None:
        """A little of everything: a post approved and sent, another folded, a dead letter tried anew."""
        first, _ = self.ledger.write("social", "x", post(), TEXTS, AT, NOW, RULE)
        self.approvals.take(1, Say(Verdict.APPROVED, "alice", 1), NOW)
        for one in first.deliveries:
            self.ledger.start(one.id, NOW)
        self.ledger.mark(first.deliveries[0].id, Outcome.DELIVERED, NOW, remote_id="7")
        self.ledger.mark(first.deliveries[1].id, Outcome.DEAD_LETTERED, NOW, error="400")
        self.deliveries.retry([first.deliveries[1].id], NOW, "carol")
        self.ledger.write("social", "x", post("K2G:growth:2", kind=Kind.GROWTH), TEXTS, AT, NOW)


@pytest.fixture(params=["sqlite", "postgresql"])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    made = Desk(empty_ledger(request, request.param, tmp_path))
    yield made
    for one in (made.ledger, made.approvals, made.deliveries):
        one.close()
    made.engine.dispose()


def disarm(connection: Connection) -> None:
    """What somebody does first who may do anything to the database."""
    if connection.dialect.name == "postgresql":
        for table in ("audit", "audit_head"):
            connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    else:
        for (name,) in connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").all():
            connection.exec_driver_sql(f"DROP TRIGGER {name}")


def test_each_change_is_told_with_who_did_it(desk: Desk) -> None:
    desk.work()
    with desk.engine.begin() as connection:
        told = [tuple(row) for row in connection.exec_driver_sql("SELECT actor, action, subject FROM audit ORDER BY seq")]
    assert told[1:5] == [
        ("surgecast", "message.written", "message 1"),
        ("surgecast", "message.written", "message 2"),
        ("surgecast", "approval.asked", "approval 1"),
        ("surgecast", "approval.written", "version 1"),
    ]
    assert ("alice (root@desk)", "approval.approved", "decision 1") in told
    assert ("carol", "delivery.retried", "delivery 2") in told
    assert [action for _, action, subject in told if subject == "delivery 2"] == [
        *("delivery.held", "delivery.queued", "delivery.sending", "delivery.dead_lettered", "delivery.retried", "delivery.folded")
    ]
    assert verify(desk.url, 5) == (Head(len(told), head(desk.url, 5).seal), None)


REFUSED = (
    "UPDATE audit SET actor = 'nobody' WHERE seq = 3",
    "DELETE FROM audit WHERE seq = 3",
    "DELETE FROM audit",
    "UPDATE audit_head SET seq = 2",
    "DELETE FROM audit_head",
)
EMPTIED = {"postgresql": "TRUNCATE audit", "sqlite": "INSERT OR REPLACE INTO audit SELECT * FROM audit WHERE seq = 3"}


def test_the_database_itself_refuses_to_change_the_trail(desk: Desk) -> None:
    desk.work()
    for statement in (*REFUSED, EMPTIED[desk.engine.dialect.name]):
        with pytest.raises(DBAPIError, match="only ever appended to"), desk.engine.begin() as connection:
            connection.exec_driver_sql(statement)
    assert verify(desk.url, 5)[1] is None


PUT_IN = "INSERT INTO audit SELECT {seq}, at, actor, action, subject, state, seal FROM audit WHERE seq = {of}"
TAMPERED: list[tuple[list[str], int | None]] = [
    (["UPDATE audit SET actor = 'bob' WHERE seq = 7"], 7),
    (["UPDATE audit SET action = 'delivery.folded' WHERE seq = 7"], 7),
    (["UPDATE audit SET subject = 'delivery 9' WHERE seq = 7"], 7),
    (["UPDATE audit SET state = '{}' WHERE seq = 7"], 7),
    (["UPDATE audit SET at = '2018-09-21T21:05:00.000000+00:00' WHERE seq = 7"], 7),
    (["UPDATE audit SET seal = '0' WHERE seq = 7"], 7),
    (["DELETE FROM audit WHERE seq = 7"], 7),
    (["DELETE FROM audit WHERE seq = 1"], 1),
    (["DELETE FROM audit WHERE seq >= 7", "UPDATE audit_head SET seq = 6"], 7),
    (["DELETE FROM audit WHERE seq >= 7", "UPDATE audit_head SET seq = 6, seal = (SELECT seal FROM audit WHERE seq = 6)"], 0),
    (["DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)"], 20),
    (["DELETE FROM audit"], 1),
    (["DELETE FROM audit_head"], 21),
    (["UPDATE audit SET seq = -1 WHERE seq = 7", "UPDATE audit SET seq = 7 WHERE seq = 8", "UPDATE audit SET seq = 8 WHERE seq = -1"], 7),
    ([PUT_IN.format(seq=21, of=7)], 21),
    ([PUT_IN.format(seq=0, of=7)], 0),
    (["UPDATE audit SET seq = -seq WHERE seq >= 7", "UPDATE audit SET seq = 1 - seq WHERE seq < 0", PUT_IN.format(seq=7, of=8)], 8),
]
PAST_IT = [
    ("UPDATE messages SET text = 'All is well' WHERE id = 2", "message 2 "),
    ("UPDATE deliveries SET outcome = 'queued' WHERE id = 1", "delivery 1 "),
    ("DELETE FROM deliveries WHERE id = 4", "delivery 4,"),
    ("""UPDATE approval_decisions SET "by" = 'mallory'""", "decision 1 "),
    ("DELETE FROM approval_decisions", "decision 1,"),
    ("""INSERT INTO approval_decisions SELECT 9, approval, version, verdict, 'mallory', "at", reason FROM approval_decisions""", "decision 9:"),
    ("UPDATE approval_versions SET texts = '{}'", "version 1 "),
    ("UPDATE approvals SET others = 0", "approval 1 "),
]


def test_whatever_is_done_to_the_trail_or_past_it_is_found_and_the_first_bad_row_is_named(desk: Desk) -> None:
    desk.work()
    assert head(desk.url, 5).seq == 20
    with desk.engine.connect() as connection, connection.begin():
        disarm(connection)
        for statements, seq in TAMPERED:
            with connection.begin_nested() as undone:
                for statement in statements:
                    connection.exec_driver_sql(statement)
                fault = verified(connection)[1]
                undone.rollback()
            assert fault is not None, statements
            assert fault.seq == seq, (statements, fault)
        for statement, names in PAST_IT:
            with connection.begin_nested() as undone:
                connection.exec_driver_sql(statement)
                fault = verified(connection)[1]
                undone.rollback()
            assert fault is not None, statement
            assert names in fault.why, (statement, fault)
        assert verified(connection)[1] is None


def test_a_trail_made_anew_from_some_entry_on_is_known_by_a_head_that_was_kept(desk: Desk) -> None:
    kept = head(desk.url, 5)
    desk.work()
    assert verify(desk.url, 5, kept)[1] is None
    assert verify(desk.url, 5, head(desk.url, 5))[1] is None
    for other, bad in ((Head(5, "f" * 64), 5), (Head(99, "f" * 64), head(desk.url, 5).seq + 1)):
        fault = verify(desk.url, 5, other)[1]
        assert fault is not None
        assert fault.seq == bad


def test_the_trail_stays_whole_when_many_write_at_once(desk: Desk) -> None:
    def work(number: int) -> None:
        for turn in range(5):
            made = post(f"K{number}:growth:{turn}", f"K{number}")
            for one in desk.ledger.write("social", "x", made, TEXTS, AT, NOW)[0].deliveries:
                desk.ledger.start(one.id, NOW)
                desk.ledger.mark(one.id, Outcome.HELD, NOW, held_for=HeldFor.UNCERTAIN)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    last, fault = verify(desk.url, 5)
    assert (last.seq, fault) == (1 + 4 * 5 * 2 * 4, None)


def test_a_dead_letter_is_queued_again_while_nothing_newer_was_said(desk: Desk) -> None:
    written, _ = desk.ledger.write("social", "x", post(), TEXTS, AT, NOW)
    first, second = (one.id for one in written.deliveries)
    desk.ledger.start(first, NOW)
    desk.ledger.mark(first, Outcome.DEAD_LETTERED, NOW, error="400 [too long]")
    assert [(one.id, one.error, one.attempts, one.retries) for one in desk.deliveries.newest(9, Outcome.DEAD_LETTERED)] == [(first, "400 [too long]", 1, 0)]
    for ids, why in (([first, second], "queued"), ([77], "no delivery 77")):
        with pytest.raises(NotRetried, match=why):
            desk.deliveries.retry(ids, NOW, "carol")
    assert desk.deliveries.retry([first], NOW, "carol") == [("social", "K2G")]
    assert [(one.outcome, one.retries) for one in desk.deliveries.newest(9) if one.id == first] == [(Outcome.QUEUED, 1)]
    assert desk.ledger.start(first, NOW) == TEXTS["en"]
    desk.ledger.mark(first, Outcome.DEAD_LETTERED, NOW, error="400")
    desk.ledger.write("social", "x", post("K2G:growth:2", kind=Kind.GROWTH), TEXTS, AT, NOW)
    with pytest.raises(NotRetried, match="newer"):
        desk.deliveries.retry([first], NOW, "carol")
    assert newest(desk.ledger, "K2G")["K2G"].post == "K2G:growth:2"  # type: ignore[index]


def test_what_was_written_before_there_was_a_trail_is_no_fault(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/ledger.sqlite3"
    made, config = engine(url, 5), ledger_upgrade._config()
    with made.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0003")
        connection.exec_driver_sql("INSERT INTO messages VALUES (1, 'k', 'p', 'K2G', 'growth', '', '', '', 'en', 'old', '1-0', '2018-09-21 21:04:00')")
        connection.exec_driver_sql(
            "INSERT INTO deliveries SELECT 1, 1, 'social', 'x', 'sending', NULL, NULL, 1, '', created_at, created_at, created_at FROM messages"
        )
    made.dispose()
    ledger_upgrade.upgrade(url)
    assert verify(url, 5)[1] is None
    ledger = SqlLedger(url, 5)
    ledger.mark(1, Outcome.DELIVERED, NOW, remote_id="7")
    ledger.close()
    assert verify(url, 5)[1] is None
