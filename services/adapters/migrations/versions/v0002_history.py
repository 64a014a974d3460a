"""The history of events, a record an outage, and how far the journal is archived."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables, with the cursor before the journal's first entry."""
    op.create_table(
        "events",
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Column("at_seq", sa.BigInteger, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("outage", sa.String(240), nullable=False),
        sa.Column("source", sa.String(32), nullable=False),
        sa.Column("event_id", sa.String(200), nullable=False),
        sa.Column("accepted_at", _MOMENT, nullable=False),
        sa.Column("occurred_at", _MOMENT, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("customers", sa.Integer, nullable=True),
        sa.Column("planned", sa.Boolean, nullable=False),
        sa.Column("cause", sa.String(16), nullable=False),
        sa.Column("areas", sa.Text, nullable=False),
        sa.Column("event", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("at_ms", "at_seq", name="pk_events"),
    )
    op.create_index("ix_events_outage", "events", ["outage"])
    op.create_table(
        "outages",
        sa.Column("outage", sa.String(240), nullable=False),
        sa.Column("source", sa.String(32), nullable=False),
        sa.Column("first_ms", sa.BigInteger, nullable=False),
        sa.Column("first_seq", sa.BigInteger, nullable=False),
        sa.Column("last_ms", sa.BigInteger, nullable=False),
        sa.Column("last_seq", sa.BigInteger, nullable=False),
        sa.Column("first_occurred_at", _MOMENT, nullable=False),
        sa.Column("last_occurred_at", _MOMENT, nullable=False),
        sa.Column("started_at", _MOMENT, nullable=True),
        sa.Column("restored_at", _MOMENT, nullable=True),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("planned", sa.Boolean, nullable=False),
        sa.Column("cause", sa.String(16), nullable=False),
        sa.Column("peak_customers", sa.Integer, nullable=True),
        sa.Column("areas", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("outage", name="pk_outages"),
    )
    op.create_index("ix_outages_first_ms_first_seq", "outages", ["first_ms", "first_seq"])
    op.create_index("ix_outages_last_ms", "outages", ["last_ms"])
    cursor = op.create_table(
        "archive_cursor",
        sa.Column("journal", sa.String(32), nullable=False),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Column("at_seq", sa.BigInteger, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("moved_at", _MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("journal", name="pk_archive_cursor"),
    )
    op.bulk_insert(cursor, [{"journal": "journal", "at_ms": 0, "at_seq": 0, "number": 0, "moved_at": None}])


def downgrade() -> None:
    """Drop the tables, and the history in them."""
    for table in ("archive_cursor", "outages", "events"):
        op.drop_table(table)
