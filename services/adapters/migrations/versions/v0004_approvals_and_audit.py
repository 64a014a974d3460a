"""Approvals, the audit trail that nothing is changed in or taken out of, and how often a dead letter was tried anew."""

from datetime import UTC

import msgspec
import sqlalchemy as sa
from alembic import op

from services.kernel.approval import PLANNER
from services.kernel.audit import Head, canonical, sealed

revision = "0004"
down_revision = "0003"

_MOMENT = sa.DateTime(timezone=True)
_REFUSES = "BEGIN SELECT RAISE(ABORT, 'The audit trail is only ever appended to'); END"
_SQLITE = (
    "TRIGGER audit_never_changes BEFORE UPDATE ON audit",
    "TRIGGER audit_loses_nothing BEFORE DELETE ON audit",
    # INSERT OR REPLACE takes rows out and asks no DELETE trigger
    "TRIGGER audit_is_appended BEFORE INSERT ON audit WHEN NEW.seq <> 1 + (SELECT coalesce(max(seq), 0) FROM audit)",
    "TRIGGER audit_head_moves_on BEFORE UPDATE ON audit_head WHEN NEW.seq <= OLD.seq",
    "TRIGGER audit_head_stays BEFORE DELETE ON audit_head",
    "TRIGGER audit_head_is_one BEFORE INSERT ON audit_head WHEN (SELECT count(*) FROM audit_head) > 0",
)
_POSTGRESQL = (
    "FUNCTION audit_refuses() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'The audit trail is only ever appended to'; END $$",
    "TRIGGER audit_loses_nothing BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_refuses()",
    "TRIGGER audit_is_not_emptied BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_refuses()",
    "TRIGGER audit_head_moves_on BEFORE UPDATE ON audit_head FOR EACH ROW WHEN (NEW.seq <= OLD.seq) EXECUTE FUNCTION audit_refuses()",
    "TRIGGER audit_head_stays BEFORE DELETE ON audit_head FOR EACH ROW EXECUTE FUNCTION audit_refuses()",
    "TRIGGER audit_head_is_not_emptied BEFORE TRUNCATE ON audit_head FOR EACH STATEMENT EXECUTE FUNCTION audit_refuses()",
)


def upgrade() -> None:
    """Make the tables; the trail begins with how far the record went that it doesn't cover."""
    op.add_column("deliveries", sa.Column("retries", sa.Integer, nullable=False, server_default="0"))
    op.create_index("ix_deliveries_held_for", "deliveries", ["held_for"])
    _approvals()
    audit = op.create_table(
        "audit",
        sa.Column("seq", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("actor", sa.String(300), nullable=False),
        sa.Column("action", sa.String(40), nullable=False),
        sa.Column("subject", sa.String(40), nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("seal", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_audit"),
    )
    head = op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("seal", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_head"),
    )
    bound = op.get_bind()
    now = bound.execute(sa.select(sa.func.now())).scalar_one()
    before = {table: bound.execute(sa.text(f"SELECT coalesce(max(id), 0) FROM {table}")).scalar_one() for table in ("messages", "deliveries")}  # noqa: S608
    at = now if now.tzinfo else now.replace(tzinfo=UTC)
    first = sealed(Head(), at, PLANNER, "trail.begun", "trail", canonical(before))
    op.bulk_insert(audit, [msgspec.structs.asdict(first)])
    op.bulk_insert(head, [{"id": 1, "seq": first.seq, "seal": first.seal}])
    for made in _POSTGRESQL if bound.dialect.name == "postgresql" else (f"{trigger} {_REFUSES}" for trigger in _SQLITE):
        op.execute(f"CREATE {made}")


def downgrade() -> None:
    """Drop the tables, and all that people decided."""
    for table in ("audit", "audit_head", "approval_decisions", "approval_versions", "approvals"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_refuses")
    op.drop_index("ix_deliveries_held_for", "deliveries")
    op.drop_column("deliveries", "retries")


def _approvals() -> None:
    op.create_table(
        "approvals",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("account", sa.String(100), nullable=False),
        sa.Column("post", sa.String(300), nullable=False),
        sa.Column("area", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("others", sa.Integer, nullable=False),
        sa.Column("escalates_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_approvals"),
        sa.UniqueConstraint("channel", "account", "post", name="uq_approvals_channel_account_post"),
    )
    op.create_table(
        "approval_versions",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("approval", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("author", sa.String(100), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("texts", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_approval_versions"),
        sa.ForeignKeyConstraint(["approval"], ["approvals.id"], name="fk_approval_versions_approval"),
        sa.UniqueConstraint("approval", "number", name="uq_approval_versions_approval_number"),
    )
    op.create_table(
        "approval_decisions",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("approval", sa.Integer, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("verdict", sa.String(16), nullable=False),
        sa.Column("by", sa.String(100), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_approval_decisions"),
        sa.ForeignKeyConstraint(["approval"], ["approvals.id"], name="fk_approval_decisions_approval"),
        sa.UniqueConstraint("approval", "version", "verdict", "by", name="uq_approval_decisions_approval_version_verdict_by"),
    )
