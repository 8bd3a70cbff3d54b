"""Quotas and the breaker's counts; outcomes; deliveries in the order of chunks; the connections of a claim."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add two tables and some columns, and order a third table anew."""
    op.add_column("chunk", sa.Column("connections", sa.Integer, nullable=False, server_default="0"))
    op.add_column("mailing_list", sa.Column("born_as", sa.Text, nullable=False, server_default=""))
    op.execute("UPDATE mailing_list SET born_as = slug")
    op.add_column("issue", sa.Column("audience", sa.Integer))
    op.execute(
        "UPDATE issue SET audience = (SELECT count(*) FROM delivery WHERE delivery.issue = issue.number) "
        "WHERE frozen IS NOT NULL"
    )
    _delivery()
    _pace()
    _refusal()


def _delivery() -> None:
    with op.batch_alter_table("delivery", table_kwargs={"sqlite_with_rowid": False}) as table:
        table.drop_index("ix_delivery_issue_chunk")
        table.drop_constraint("pk_delivery", type_="primary")
        table.create_primary_key("pk_delivery", ["issue", "chunk", "subscriber_id"])
        table.create_unique_constraint("uq_delivery_issue_subscriber_id", ["issue", "subscriber_id"])
        table.add_column(sa.Column("outcome", sa.Text))
        table.add_column(sa.Column("outcome_at", sa.BigInteger))
        table.add_column(sa.Column("before", sa.Text))


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
