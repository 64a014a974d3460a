"""Pictures that go with posts, until they are sent."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "pictures",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("account", sa.String(100), nullable=False),
        sa.Column("post", sa.String(300), nullable=False),
        sa.Column("lang", sa.String(8), nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("alt", sa.Text, nullable=False),
        sa.Column("png", sa.LargeBinary, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_pictures"),
        sa.UniqueConstraint("channel", "account", "post", "lang", name="uq_pictures_channel_account_post_lang"),
    )
    op.create_index("ix_pictures_created_at", "pictures", ["created_at"])


def downgrade() -> None:
    """Drop it, and all pictures."""
    op.drop_table("pictures")
