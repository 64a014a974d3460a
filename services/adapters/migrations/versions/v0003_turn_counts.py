"""How many turns of conversations there were, by hour, platform, language, intent and ending."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "turn_counts",
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("platform", sa.String(16), nullable=False),
        sa.Column("lang", sa.String(8), nullable=False),
        sa.Column("intent", sa.String(32), nullable=False),
        sa.Column("what", sa.String(32), nullable=False),
        sa.Column("count", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("hour", "platform", "lang", "intent", "what", name="pk_turn_counts"),
    )


def downgrade() -> None:
    """Drop it, and the counts in it."""
    op.drop_table("turn_counts")
