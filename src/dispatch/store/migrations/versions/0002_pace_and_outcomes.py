"""Quotas and the breaker's counts; outcomes; the connections that a claim reserves."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add two tables and three columns."""
    op.add_column("chunk", sa.Column("connections", sa.Integer, nullable=False, server_default="0"))
    op.add_column("delivery", sa.Column("outcome", sa.Text))
    op.add_column("delivery", sa.Column("outcome_at", sa.BigInteger))
    _pace()
    _refusal()


def _pace() -> None:
    op.create_table(
        "pace",
        sa.Column("provider", sa.Text, nullable=False),
        sa.Column("free_at", sa.BigInteger),
        sa.Column("spent", sa.Text, nullable=False),
        sa.Column("rate", sa.Float),
        sa.Column("slowed", sa.BigInteger),
        sa.PrimaryKeyConstraint("provider", name="pk_pace"),
    )


def _refusal() -> None:
    op.create_table(
        "refusal",
        sa.Column("issue", sa.Integer, nullable=False),
        sa.Column("domain", sa.Text, nullable=False),
        sa.Column("attempted", sa.Integer, nullable=False),
        sa.Column("refused", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("issue", "domain", name="pk_refusal"),
        sa.ForeignKeyConstraint(["issue"], ["issue.number"], name="fk_refusal_issue_issue"),
        sqlite_with_rowid=False,
    )
