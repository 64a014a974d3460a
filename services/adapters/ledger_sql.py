"""The ledger on SQL: SQLite by default, PostgreSQL in production. Meets `kernel.ports.Ledger`.

A post is one row a language in `messages` and one a message in `deliveries`; its newest is the area's newest message.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, Select, exists, func, select
from sqlalchemy.dialects import postgresql, sqlite

from services.adapters.ledger_approvals import UNSENT, case_of, open_case, tick
from services.adapters.ledger_engine import engine, told
from services.adapters.ledger_tables import approvals, deliveries, messages
from services.adapters.ledger_trail import Trail, add, change, writing
from services.kernel.approval import Rule
from services.kernel.delivery import STANDS, Delivery, HeldFor, Outcome, Written
from services.kernel.ids import AreaId
from services.kernel.planning.posts import Kind, Post, Said
from services.kernel.ports.social import Asked
from services.kernel.views import Position

AREAS_A_QUERY = 500
"""Below the number of parameters that any SQLite takes in one statement (999 before 3.32)."""
_SENDABLE = deliveries.c.outcome.in_((Outcome.QUEUED, Outcome.SENDING)) | (deliveries.c.held_for == HeldFor.REFUSED)
_ASKED = exists(
    select(approvals.c.id).where(approvals.c.channel == deliveries.c.channel, approvals.c.account == deliveries.c.account, approvals.c.post == messages.c.post)
).label("asked")
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

    def write(
        self, channel: str, account: str, post: Post, texts: Mapping[str, str], position: Position, now: datetime, approval: Rule | None = None
    ) -> tuple[Written, int]:
        """Write `post` down, queued or held in each language, and fold its area's older unsent deliveries."""
        with writing(self._engine, now) as (connection, trail):
            there = _posts(connection, _rows(channel, account).where(messages.c.post == post.id))
            if there:
                return there[0], 0
            folded = _fold(connection, trail, channel, account, post.area, now)
            key = f"{channel}:{account}:{post.id}"
            rows = [row for lang, text in texts.items() if (row := _insert(connection, trail, key, post, lang, text, position, now))]
            if rows:  # else another worker wrote it in this moment
                asked = open_case(connection, trail, channel, account, post, texts, approval, now) if approval else None
                outcome, held_for = asked or (Outcome.QUEUED, None)
                on_way = {"channel": channel, "account": account, "outcome": outcome, "held_for": held_for, "attempts": 0, "error": ""}
                for row in rows:
                    values = {**on_way, "message": row.id, "created_at": now, "changed_at": now}
                    add(connection, trail, f"delivery.{outcome}", "delivery", values)
            return _posts(connection, _rows(channel, account).where(messages.c.post == post.id))[0], folded

    def start(self, delivery: int, now: datetime, attempts: int | None = None) -> str | None:
        """Record that a delivery is `SENDING`, count the attempt, and give the text to send; None where it may not be sent."""
        with writing(self._engine, now) as (connection, trail):
            case = case_of(connection, delivery)
            one = connection.execute(select(messages.c.lang, messages.c.text, deliveries.c.outcome).join(deliveries).where(deliveries.c.id == delivery)).one()
            if case is not None and not case.may_send(one.lang, one.text, _begun_at(connection, delivery) or now):
                outcome, held_for = STANDS[case.standing(now)]
                if outcome is Outcome.EXPIRED:
                    change(connection, trail, (deliveries.c.id == delivery) & UNSENT, now, {"outcome": outcome, "held_for": held_for})
                return None
            values = {"outcome": Outcome.SENDING, "held_for": None, "attempts": deliveries.c.attempts + 1, "started_at": now}
            as_read = _SENDABLE if attempts is None else _SENDABLE & (deliveries.c.attempts == attempts)
            return one.text if change(connection, trail, (deliveries.c.id == delivery) & as_read, now, values) else None

    def tick(self, now: datetime) -> list[Asked]:
        """Escalate, and expire, what has waited for people for so long."""
        return tick(self._engine, now)

    def mark(self, delivery: int, outcome: Outcome, now: datetime, *, held_for: HeldFor | None = None, remote_id: str | None = None, error: str = "") -> None:
        """Record where a delivery stands."""
        values = {"outcome": outcome, "held_for": held_for, "remote_id": remote_id, "error": error}
        with writing(self._engine, now) as (connection, trail):
            change(connection, trail, deliveries.c.id == delivery, now, values)

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
    columns: list[Any] = [*messages.c, deliveries.c.id.label("delivery"), *(deliveries.c[name] for name in _OF_DELIVERY), _ASKED]
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
        bool(row.asked),
    )


def _delivery(row: Row[Any]) -> Delivery:
    held_for = HeldFor(row.held_for) if row.held_for else None
    return Delivery(row.delivery, row.lang, row.text, Outcome(row.outcome), row.changed_at, held_for, row.remote_id, row.attempts, row.error)


def _begun_at(connection: Connection, delivery: int) -> datetime | None:
    """When the first language of a delivery's message was claimed that is, or may be, out: from then on the others follow (I6)."""
    one = deliveries.alias()
    message = select(messages.c.post, one.c.channel, one.c.account).join(one, one.c.message == messages.c.id).where(one.c.id == delivery).subquery()
    same = (messages.c.post == message.c.post) & (deliveries.c.channel == message.c.channel) & (deliveries.c.account == message.c.account)
    begun = deliveries.c.outcome.in_((Outcome.SENDING, Outcome.DELIVERED)) | (deliveries.c.held_for == HeldFor.UNCERTAIN)
    query = select(func.min(deliveries.c.started_at)).join_from(deliveries, messages).join(message, same).where(begun)
    return connection.execute(query).scalar()


def _fold(connection: Connection, trail: Trail, channel: str, account: str, area: AreaId, now: datetime) -> int:
    of_area = select(messages.c.id).where(messages.c.area == area)
    older = _of(channel, account) & deliveries.c.message.in_(of_area)
    return len(change(connection, trail, older & UNSENT, now, {"outcome": Outcome.FOLDED, "held_for": None}))


def _insert(connection: Connection, trail: Trail, key: str, post: Post, lang: str, text: str, position: Position, now: datetime) -> Row[Any] | None:
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    row = {
        "idempotency_id": f"{key}:{lang}",
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
    written = connection.execute(dialect.insert(messages).values(row).on_conflict_do_nothing().returning(*messages.c)).one_or_none()
    if written is not None:
        trail.note("message.written", "message", written)
    return written


def _chunks(areas: Sequence[AreaId]) -> Iterator[Sequence[AreaId]]:
    return (areas[start : start + AREAS_A_QUERY] for start in range(0, len(areas), AREAS_A_QUERY))
