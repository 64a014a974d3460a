"""Every write of the ledger appends what it changed to the audit trail, in the same transaction: the one is there if the other is.

Entries are gathered and appended last: the head's row is locked from then until the commit, and no row is waited for meanwhile.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Engine, Row, Table, insert, select, update

from services.adapters.ledger_engine import IMMEDIATE, told
from services.adapters.ledger_tables import approval_decisions, approval_versions, approvals, audit, audit_head, deliveries, messages
from services.kernel.approval import PLANNER
from services.kernel.audit import Head, canonical, instant, sealed

AUDITED: Mapping[str, tuple[Table, tuple[str, ...]]] = {
    "message": (messages, ("idempotency_id", "post", "area", "kind", "lang", "text")),
    "delivery": (deliveries, ("message", "channel", "account", "outcome", "held_for", "remote_id", "attempts", "retries", "error")),
    "approval": (approvals, ("channel", "account", "post", "area", "kind", "others", "escalates_at", "expires_at")),
    "version": (approval_versions, ("approval", "number", "author", "at", "texts")),
    "decision": (approval_decisions, ("approval", "version", "verdict", "by", "at", "reason")),
}
"""What an entry says of a row of each table, by the word that its subject begins with."""


class Trail:
    """What one transaction changes."""

    def __init__(self, actor: str) -> None:
        self._actor = actor
        self._notes: list[tuple[str, str, str]] = []

    def note(self, action: str, word: str, row: Row[Any]) -> None:
        """`row`, as it is now, of the table that `word` stands for."""
        self._notes.append((action, f"{word} {row.id}", state(word, row)))

    def append(self, connection: Connection, now: datetime) -> None:
        """Append all notes. The last statement of the transaction."""
        if not self._notes:
            return
        seq, seal = connection.execute(select(audit_head.c.seq, audit_head.c.seal).with_for_update()).one()
        head, entries = Head(seq, seal), []
        for action, subject, said in self._notes:
            entry = sealed(head, now, self._actor, action, subject, said)
            entries.append(msgspec.structs.asdict(entry))
            head = Head(entry.seq, entry.seal)
        connection.execute(insert(audit), entries)
        connection.execute(update(audit_head).values(seq=head.seq, seal=head.seal))


def state(word: str, row: Row[Any]) -> str:
    """What an entry says of `row`."""
    values = {name: getattr(row, name) for name in AUDITED[word][1]}
    return canonical({name: instant(value) if isinstance(value, datetime) else value for name, value in values.items()})


@contextmanager
def writing(made: Engine, now: datetime, actor: str = PLANNER) -> Iterator[tuple[Connection, Trail]]:
    """A transaction, and the trail that is appended at its end. Raises `Unavailable`."""
    trail = Trail(actor)
    with told(), made.connect().execution_options(**IMMEDIATE) as connection, connection.begin():
        yield connection, trail
        trail.append(connection, now)


def change(connection: Connection, trail: Trail, which: ColumnElement[bool], now: datetime, values: Mapping[str, Any], action: str = "") -> list[Row[Any]]:
    """Change deliveries, and note each as `delivery.<outcome>` unless named otherwise. Gives them as they are then."""
    rows = list(connection.execute(update(deliveries).where(which).values({**values, "changed_at": now}).returning(*deliveries.c)))
    for row in sorted(rows, key=lambda row: row.id):
        trail.note(action or f"delivery.{row.outcome}", "delivery", row)
    return rows


def add(connection: Connection, trail: Trail, action: str, word: str, values: Mapping[str, Any]) -> Row[Any]:
    """Insert a row, and note it."""
    table = AUDITED[word][0]
    row = connection.execute(insert(table).values(values).returning(*table.c)).one()
    trail.note(action, word, row)
    return row
