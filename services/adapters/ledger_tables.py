"""The ledger's tables: what was written, and what became of it on each channel. Changed only together with a migration (a test holds them equal)."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Column, DateTime, Dialect, ForeignKey, Index, Integer, MetaData, String, Table, Text, TypeDecorator, UniqueConstraint

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
    }
)


class Moment(TypeDecorator[datetime]):
    """A time with its offset: SQLite keeps none, so there it is UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To the database, in UTC."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """From the database, aware."""
        return None if value is None else value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


messages = Table(
    "messages",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("idempotency_id", String(400), nullable=False),
    Column("post", String(300), nullable=False),
    Column("area", String(200), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("reason", Text, nullable=False),
    Column("said", Text, nullable=False),
    Column("before", Text, nullable=False),
    Column("lang", String(8), nullable=False),
    Column("text", Text, nullable=False),
    Column("position", String(64), nullable=False),
    Column("created_at", Moment, nullable=False),
    UniqueConstraint("idempotency_id"),
)
Index("ix_messages_area_id", messages.c.area, messages.c.id)
Index("ix_messages_post", messages.c.post)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("message", Integer, ForeignKey("messages.id"), nullable=False),
    Column("channel", String(32), nullable=False),
    Column("account", String(100), nullable=False),
    Column("outcome", String(32), nullable=False),
    Column("held_for", String(32), nullable=True),
    Column("remote_id", String(100), nullable=True),
    Column("attempts", Integer, nullable=False),
    Column("error", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("started_at", Moment, nullable=True),
    Column("changed_at", Moment, nullable=False),
    UniqueConstraint("message", "channel", "account"),
)
Index("ix_deliveries_outcome", deliveries.c.outcome)
