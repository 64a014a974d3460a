"""The history on SQL, in the ledger's database. Meets `kernel.ports.history.Archive`.

Exactly once by construction: the rows and the cursor move in one transaction, which begins with the cursor (compare and set); and an event's key is its
position.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, delete, literal, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite

from services.adapters.history_rows import event_recorded, event_row, outage_record, outage_row, position, text
from services.adapters.ledger_engine import IMMEDIATE, engine, told
from services.adapters.ledger_tables import archive_cursor, events, outages
from services.kernel.events import Status
from services.kernel.history import OutageRecord, Recorded, joined, records
from services.kernel.order import microseconds
from services.kernel.ports.history import Cursor
from services.kernel.views import Position, position_order

KEYS_A_QUERY = 500
"""Below the number of parameters that any SQLite takes in one statement (999 before 3.32)."""
_at, _first = tuple_(events.c.at_ms, events.c.at_seq), tuple_(outages.c.first_ms, outages.c.first_seq)
_IS_HERE = archive_cursor.c.journal == "journal"


class SqlArchive:
    """Make one a process, after forking."""

    def __init__(self, url: str, timeout_s: float) -> None:
        self._engine = engine(url, timeout_s)

    def close(self) -> None:
        """Let go of all connections."""
        self._engine.dispose()

    def cursor(self) -> Cursor:
        """Meets `Archive.cursor`."""
        with told(), self._engine.begin() as connection:
            row = connection.execute(select(archive_cursor).where(_IS_HERE)).one()
        return Cursor(position(row.at_ms, row.at_seq), row.number)

    def write(self, events: Sequence[Recorded], after: Cursor, now: datetime) -> bool:
        """Meets `Archive.write`."""
        if not events:
            return True
        with told(), self._engine.connect().execution_options(**IMMEDIATE) as connection, connection.begin() as transaction:
            if not _moved(connection, after, events[-1], now):
                transaction.rollback()
                return False
            _insert_events(connection, events)
            _upsert_outages(connection, events)
        return True

    def events(self, after: Position, before: Position | None, count: int) -> list[Recorded]:
        """Meets `Archive.events`."""
        wanted = select(events).where(_at > _literal(after)).order_by(events.c.at_ms, events.c.at_seq).limit(count)
        if before is not None:
            wanted = wanted.where(_at < _literal(before))
        with told(), self._engine.begin() as connection:
            return [event_recorded(row) for row in connection.execute(wanted)]

    def outages(self, after: Position, since: Position, before: Position | None, count: int) -> list[OutageRecord]:
        """Meets `Archive.outages`."""
        heard_since = tuple_(outages.c.last_ms, outages.c.last_seq) >= _literal(since)
        wanted = select(outages).where(_first > _literal(after), heard_since).order_by(outages.c.first_ms, outages.c.first_seq).limit(count)
        if before is not None:
            wanted = wanted.where(_first < _literal(before))
        with told(), self._engine.begin() as connection:
            return [outage_record(row) for row in connection.execute(wanted)]

    def purge(self, accepted_before: datetime, most: int) -> int:
        """Meets `Archive.purge`."""
        before_ms = -(-microseconds(accepted_before) // 1000)
        old = events.c.at_ms < before_ms
        ended = outages.c.last_ms < before_ms, outages.c.status.in_([status for status in Status if status.is_over])
        with told(), self._engine.connect().execution_options(**IMMEDIATE) as connection, connection.begin():
            last = connection.execute(
                select(events.c.at_ms, events.c.at_seq).where(old).order_by(events.c.at_ms, events.c.at_seq).offset(most - 1).limit(1)
            ).one_or_none()
            gone = connection.execute(delete(events).where(old) if last is None else delete(events).where(_at <= _pair(last.at_ms, last.at_seq))).rowcount
            over = select(outages.c.outage).where(*ended).limit(most)
            connection.execute(delete(outages).where(outages.c.outage.in_(over)))
        return gone


def _moved(connection: Connection, after: Cursor, last: Recorded, now: datetime) -> bool:
    """Move the cursor from `after` to `last`; False where it isn't there any more."""
    (ms, seq), (to_ms, to_seq) = position_order(after.position), position_order(last.position)
    unmoved = (archive_cursor.c.at_ms == ms) & (archive_cursor.c.at_seq == seq)
    values = {"at_ms": to_ms, "at_seq": to_seq, "number": last.number, "moved_at": now}
    return connection.execute(update(archive_cursor).where(_IS_HERE, unmoved).values(values)).rowcount == 1


def _insert_events(connection: Connection, written: Sequence[Recorded]) -> None:
    connection.execute(_insert(connection, events).on_conflict_do_nothing(), [event_row(one) for one in written])


def _upsert_outages(connection: Connection, written: Sequence[Recorded]) -> None:
    made = {text(key): record for key, record in records(written).items()}
    for chunk in _chunks(list(made)):
        for row in connection.execute(select(outages).where(outages.c.outage.in_(chunk))):
            made[row.outage] = joined(outage_record(row), made[row.outage])
    insert = _insert(connection, outages)
    renewed = {column.name: insert.excluded[column.name] for column in outages.c if not column.primary_key}
    connection.execute(insert.on_conflict_do_update(index_elements=["outage"], set_=renewed), [outage_row(record) for record in made.values()])


def _insert(connection: Connection, table: Any) -> Any:
    return (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(table)


def _literal(position: Position) -> ColumnElement[Any]:
    return _pair(*position_order(position))


def _pair(ms: int, seq: int) -> ColumnElement[Any]:
    return tuple_(literal(ms, BigInteger), literal(seq, BigInteger))


def _chunks(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    return (keys[start : start + KEYS_A_QUERY] for start in range(0, len(keys), KEYS_A_QUERY))
