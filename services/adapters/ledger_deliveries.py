"""Deliveries for operators: those that ended badly, and another try for them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection, Row, func, select

from services.adapters.ledger_engine import engine, told
from services.adapters.ledger_tables import deliveries, messages
from services.adapters.ledger_trail import change, writing
from services.kernel.delivery import HeldFor, Outcome
from services.kernel.ids import AreaId


class Listed(Struct, frozen=True):
    """One delivery, as it is listed."""

    id: int
    channel: str
    account: str
    area: AreaId
    kind: str
    lang: str
    text: str
    outcome: Outcome
    held_for: HeldFor | None
    at: datetime
    attempts: int
    retries: int
    error: str


class NotRetried(Exception):
    """Why a delivery can't be tried anew: one sentence. Nothing was changed."""


class SqlDeliveries:
    """Make one a process, after forking."""

    def __init__(self, url: str, timeout_s: float) -> None:
        self._engine = engine(url, timeout_s)

    def close(self) -> None:
        """Let go of all connections."""
        self._engine.dispose()

    def newest(self, count: int, outcome: Outcome | None = None) -> list[Listed]:
        """The `count` that changed last, all or those that stand there. Raises `Unavailable`."""
        columns: list[Any] = [*deliveries.c, messages.c.area, messages.c.kind, messages.c.lang, messages.c.text]
        query = select(*columns).join_from(deliveries, messages)
        if outcome is not None:
            query = query.where(deliveries.c.outcome == outcome)
        with told(), self._engine.begin() as connection:
            return [_listed(row) for row in connection.execute(query.order_by(deliveries.c.changed_at.desc(), deliveries.c.id.desc()).limit(count))]

    def retry(self, ids: Sequence[int], now: datetime, by: str) -> list[tuple[str, AreaId]]:
        """Queue dead letters again: all of `ids`, or none. Gives their channels and areas. Raises `NotRetried` and `Unavailable`."""
        with writing(self._engine, now, by) as (connection, trail):
            places = [_place_of_dead(connection, one) for one in set(ids)]
            dead = deliveries.c.id.in_(ids) & (deliveries.c.outcome == Outcome.DEAD_LETTERED)
            values = {"outcome": Outcome.QUEUED, "held_for": None, "retries": deliveries.c.retries + 1}
            if len(change(connection, trail, dead, now, values, "delivery.retried")) != len(places):
                raise NotRetried("Somebody else has just changed one of them: list them again.")
            return places


def _place_of_dead(connection: Connection, delivery: int) -> tuple[str, AreaId]:
    query = select(deliveries, messages.c.area, messages.c.post).join(messages).where(deliveries.c.id == delivery)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotRetried(f"There is no delivery {delivery}.")
    if row.outcome != Outcome.DEAD_LETTERED:
        raise NotRetried(f"Delivery {delivery} is {row.outcome.replace('_', ' ')}: only dead letters are tried anew.")
    last = select(func.max(messages.c.id)).join(deliveries).where(deliveries.c.channel == row.channel, deliveries.c.account == row.account)
    newest = select(messages.c.post).where(messages.c.id == last.where(messages.c.area == row.area).scalar_subquery())
    if connection.execute(newest).scalar() != row.post:
        raise NotRetried(f"Delivery {delivery} is no longer the newest about {row.area}: something newer was said in its place.")
    return row.channel, AreaId(row.area)


def _listed(row: Row[Any]) -> Listed:
    held_for = HeldFor(row.held_for) if row.held_for else None
    return Listed(
        row.id,
        row.channel,
        row.account,
        AreaId(row.area),
        row.kind,
        row.lang,
        row.text,
        Outcome(row.outcome),
        held_for,
        row.changed_at,
        row.attempts,
        row.retries,
        row.error,
    )
