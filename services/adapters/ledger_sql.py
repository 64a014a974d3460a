"""The ledger on SQL: SQLite by default, PostgreSQL in production. Meets `kernel.ports.Ledger`.

A post is one row a language in `messages` and one a message in `deliveries`; its newest is the area's newest message.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, Select, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from services.adapters.ledger_engine import IMMEDIATE, engine, told
from services.adapters.ledger_tables import deliveries, messages
from services.kernel.delivery import Delivery, HeldFor, Outcome, Written
from services.kernel.ids import AreaId
from services.kernel.planning.posts import Kind, Post, Said
from services.kernel.views import Position

AREAS_A_QUERY = 500
"""Below the number of parameters that any SQLite takes in one statement (999 before 3.32)."""
_OPEN = (deliveries.c.outcome == Outcome.QUEUED) | (deliveries.c.held_for == HeldFor.REFUSED)
_SAID = msgspec.json.Decoder(Said)
_BEFORE = msgspec.json.Decoder(Said | None)


class SqlLedger:
    """Make one a process, after forking."""

    def __init__(self, url: str, timeout_s: float) -> None:
        self._engine = engine(url, timeout_s)

    def close(self) -> None:
        """Let go of all connections."""
        self._engine.dispose()

    def newest(self, channel: str, account: str, areas: Iterable[AreaId]) -> dict[AreaId, Written]:
        """The newest post about each of these areas that has any."""
        found: dict[AreaId, Written] = {}
        with told(), self._engine.begin() as connection:
            for chunk in _chunks(sorted(areas)):
                found.update({written.area: written for written in _newest(connection, channel, account, chunk)})
        return found

    def write(self, channel: str, account: str, post: Post, texts: Mapping[str, str], position: Position, now: datetime) -> tuple[Written, int]:
        """Write `post` down, queued in each language, and fold its area's older open deliveries."""
        with told(), self._engine.connect().execution_options(**IMMEDIATE) as connection, connection.begin():
            there = _posts(connection, _rows(channel, account).where(messages.c.post == post.id))
            if there:
                return there[0], 0
            folded = _fold(connection, channel, account, post.area, now)
            for lang, text in texts.items():
                _insert(connection, channel, account, post, lang, text, position, now)
            return _posts(connection, _rows(channel, account).where(messages.c.post == post.id))[0], folded

    def start(self, delivery: int, now: datetime) -> None:
        """Record that a delivery is `SENDING`, and count the attempt."""
        values = {"outcome": Outcome.SENDING, "held_for": None, "attempts": deliveries.c.attempts + 1, "started_at": now, "changed_at": now}
        with told(), self._engine.begin() as connection:
            connection.execute(update(deliveries).where(deliveries.c.id == delivery).values(values))

    def mark(self, delivery: int, outcome: Outcome, now: datetime, *, held_for: HeldFor | None = None, remote_id: str | None = None, error: str = "") -> None:
        """Record where a delivery stands."""
        values = {"outcome": outcome, "held_for": held_for, "remote_id": remote_id, "error": error, "changed_at": now}
        with told(), self._engine.begin() as connection:
            connection.execute(update(deliveries).where(deliveries.c.id == delivery).values(values))

    def remote_id(self, channel: str, account: str, post: str, lang: str) -> str | None:
        """The service's own id of a post in one language."""
        query = select(deliveries.c.remote_id).join(messages).where(_of(channel, account), messages.c.post == post, messages.c.lang == lang)
        with told(), self._engine.begin() as connection:
            return connection.execute(query).scalar()

    def recent(self, count: int, area: AreaId | None = None) -> list[tuple[str, Written]]:
        """The newest `count` posts of any account, newest first, with the accounts; of one area where given."""
        newest = select(func.max(messages.c.id).label("last"), deliveries.c.channel, deliveries.c.account).join(deliveries)
        newest = newest.group_by(messages.c.post, deliveries.c.channel, deliveries.c.account).order_by(func.max(messages.c.id).desc()).limit(count)
        if area is not None:
            newest = newest.where(messages.c.area == area)
        found = []
        with told(), self._engine.begin() as connection:
            for last, channel, account in connection.execute(newest).all():
                post = select(messages.c.post).where(messages.c.id == last).scalar_subquery()
                found += [(account, written) for written in _posts(connection, _rows(channel, account).where(messages.c.post == post))]
        return found


def _rows(channel: str, account: str) -> Select[Any]:
    columns: list[Any] = [*messages.c, deliveries.c.id.label("delivery"), *(deliveries.c[name] for name in _OF_DELIVERY)]
    return select(*columns).join_from(messages, deliveries).where(_of(channel, account)).order_by(messages.c.area, messages.c.id)


_OF_DELIVERY = ("outcome", "changed_at", "held_for", "remote_id", "attempts", "error")


def _of(channel: str, account: str) -> ColumnElement[bool]:
    return (deliveries.c.channel == channel) & (deliveries.c.account == account)


def _newest(connection: Connection, channel: str, account: str, areas: Sequence[AreaId]) -> list[Written]:
    last = select(func.max(messages.c.id)).join(deliveries).where(_of(channel, account), messages.c.area.in_(areas)).group_by(messages.c.area)
    posts = select(messages.c.post).where(messages.c.id.in_(last))
    return _posts(connection, _rows(channel, account).where(messages.c.post.in_(posts)))


def _posts(connection: Connection, query: Select[Any]) -> list[Written]:
    rows = connection.execute(query).all()
    return [_written(list(group)) for _, group in groupby(rows, key=lambda row: row.post)]


def _written(rows: Sequence[Row[Any]]) -> Written:
    row = rows[0]
    return Written(
        row.post,
        AreaId(row.area),
        Kind(row.kind),
        _SAID.decode(row.said),
        _BEFORE.decode(row.before),
        Position(row.position),
        row.created_at,
        tuple(map(_delivery, rows)),
    )


def _delivery(row: Row[Any]) -> Delivery:
    held_for = HeldFor(row.held_for) if row.held_for else None
    return Delivery(row.delivery, row.lang, row.text, Outcome(row.outcome), row.changed_at, held_for, row.remote_id, row.attempts, row.error)


def _fold(connection: Connection, channel: str, account: str, area: AreaId, now: datetime) -> int:
    of_area = select(messages.c.id).where(messages.c.area == area)
    older = _of(channel, account) & deliveries.c.message.in_(of_area)
    values = {"outcome": Outcome.FOLDED, "held_for": None, "changed_at": now}
    return connection.execute(update(deliveries).where(older, _OPEN).values(values)).rowcount


def _insert(connection: Connection, channel: str, account: str, post: Post, lang: str, text: str, position: Position, now: datetime) -> None:
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    row = {
        "idempotency_id": f"{channel}:{account}:{post.id}:{lang}",
        "post": post.id,
        "area": post.area,
        "kind": post.kind,
        "reason": post.reason,
        "said": msgspec.json.encode(post.said).decode(),
        "before": msgspec.json.encode(post.before).decode(),
        "lang": lang,
        "text": text,
        "position": position,
        "created_at": now,
    }
    written = connection.execute(dialect.insert(messages).values(row).on_conflict_do_nothing().returning(messages.c.id)).scalar()
    if written is not None:  # else another worker wrote it in this moment
        on_way = {"message": written, "channel": channel, "account": account, "outcome": Outcome.QUEUED, "attempts": 0, "error": ""}
        connection.execute(deliveries.insert().values(**on_way, created_at=now, changed_at=now))


def _chunks(areas: Sequence[AreaId]) -> Iterator[Sequence[AreaId]]:
    return (areas[start : start + AREAS_A_QUERY] for start in range(0, len(areas), AREAS_A_QUERY))
