"""The ledger's tables: what was written, what became of it on each channel, and the history of events.

Changed only together with a migration (a test holds them equal).
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

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
    Column("retries", Integer, nullable=False, server_default="0"),
    Column("error", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("started_at", Moment, nullable=True),
    Column("changed_at", Moment, nullable=False),
    UniqueConstraint("message", "channel", "account"),
)
Index("ix_deliveries_outcome", deliveries.c.outcome)
Index("ix_deliveries_held_for", deliveries.c.held_for)

approvals = Table(  # rows of these three are never changed
    "approvals",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("channel", String(32), nullable=False),
    Column("account", String(100), nullable=False),
    Column("post", String(300), nullable=False),
    Column("area", String(200), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("others", Integer, nullable=False),
    Column("escalates_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    UniqueConstraint("channel", "account", "post"),
)

approval_versions = Table(
    "approval_versions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("approval", Integer, ForeignKey("approvals.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("author", String(100), nullable=False),
    Column("at", Moment, nullable=False),
    Column("texts", Text, nullable=False),
    UniqueConstraint("approval", "number"),
)

approval_decisions = Table(
    "approval_decisions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("approval", Integer, ForeignKey("approvals.id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("verdict", String(16), nullable=False),
    Column("by", String(100), nullable=False),
    Column("at", Moment, nullable=False),
    Column("reason", Text, nullable=False),
    UniqueConstraint("approval", "version", "verdict", "by"),
)

pictures = Table(  # kept until they are sent, and a while longer
    "pictures",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("channel", String(32), nullable=False),
    Column("account", String(100), nullable=False),
    Column("post", String(300), nullable=False),
    Column("lang", String(8), nullable=False),
    Column("words", Text, nullable=False),
    Column("alt", Text, nullable=False),
    Column("png", LargeBinary, nullable=False),
    Column("created_at", Moment, nullable=False),
    UniqueConstraint("channel", "account", "post", "lang"),
)
Index("ix_pictures_created_at", pictures.c.created_at)

audit = Table(  # triggers let nothing be changed or taken out
    "audit",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", String(40), nullable=False),
    Column("actor", String(300), nullable=False),
    Column("action", String(40), nullable=False),
    Column("subject", String(40), nullable=False),
    Column("state", Text, nullable=False),
    Column("seal", String(64), nullable=False),
)

audit_head = Table(  # one row: the newest entry; whoever appends locks it
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, nullable=False),
    Column("seal", String(64), nullable=False),
)

events = Table(
    "events",
    metadata,
    Column("at_ms", BigInteger, nullable=False),  # the position, in two parts: its text doesn't sort by age
    Column("at_seq", BigInteger, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("outage", String(240), nullable=False),
    Column("source", String(32), nullable=False),
    Column("event_id", String(200), nullable=False),
    Column("accepted_at", Moment, nullable=False),
    Column("occurred_at", Moment, nullable=False),
    Column("status", String(16), nullable=False),
    Column("customers", Integer, nullable=True),
    Column("planned", Boolean, nullable=False),
    Column("cause", String(16), nullable=False),
    Column("areas", Text, nullable=False),
    Column("event", Text, nullable=False),
    PrimaryKeyConstraint("at_ms", "at_seq"),
)
Index("ix_events_outage", events.c.outage)

outages = Table(
    "outages",
    metadata,
    Column("outage", String(240), primary_key=True),
    Column("source", String(32), nullable=False),
    Column("first_ms", BigInteger, nullable=False),
    Column("first_seq", BigInteger, nullable=False),
    Column("last_ms", BigInteger, nullable=False),
    Column("last_seq", BigInteger, nullable=False),
    Column("first_occurred_at", Moment, nullable=False),
    Column("last_occurred_at", Moment, nullable=False),
    Column("started_at", Moment, nullable=True),
    Column("restored_at", Moment, nullable=True),
    Column("status", String(16), nullable=False),
    Column("planned", Boolean, nullable=False),
    Column("cause", String(16), nullable=False),
    Column("peak_customers", Integer, nullable=True),
    Column("areas", Text, nullable=False),
)
Index("ix_outages_first_ms_first_seq", outages.c.first_ms, outages.c.first_seq)
Index("ix_outages_last_ms", outages.c.last_ms)

archive_cursor = Table(  # one row
    "archive_cursor",
    metadata,
    Column("journal", String(32), primary_key=True),
    Column("at_ms", BigInteger, nullable=False),
    Column("at_seq", BigInteger, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("moved_at", Moment, nullable=True),
)

turn_counts = Table(
    "turn_counts",
    metadata,
    Column("hour", Moment, nullable=False),
    Column("platform", String(16), nullable=False),
    Column("lang", String(8), nullable=False),
    Column("intent", String(32), nullable=False),
    Column("what", String(32), nullable=False),
    Column("count", BigInteger, nullable=False),
    PrimaryKeyConstraint("hour", "platform", "lang", "intent", "what"),
)
