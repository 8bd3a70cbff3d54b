"""What editors shape and approve; hours of one's own; pauses; the story behind a post; revisions of an edition."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

ISSUE = (
    sa.Column("slot", sa.Text, nullable=False, server_default=""),
    sa.Column("fixed", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("late", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("words", sa.Text, nullable=False, server_default="{}"),
    sa.Column("picked", sa.Text, nullable=False, server_default="[]"),
    sa.Column("left_out", sa.Text, nullable=False, server_default="[]"),
    sa.Column("editor", sa.Text, nullable=False, server_default=""),
    sa.Column("version", sa.Integer, nullable=False, server_default="0"),
    sa.Column("approved", sa.Text, nullable=False, server_default=""),
    sa.Column("approved_by", sa.Text, nullable=False, server_default=""),
    sa.Column("revision", sa.Integer, nullable=False, server_default="1"),
    sa.Column("corrects", sa.Integer),
    sa.Column("corrects_revision", sa.Integer, nullable=False, server_default="0"),
    sa.Column("receipt", sa.BigInteger),
    sa.Column("gave_back", sa.Boolean, nullable=False, server_default=sa.false()),
)


def upgrade() -> None:
    """Add columns and a table; who leaves together is kept by itself, not with the cohort."""
    for column in ISSUE:
        op.add_column("issue", column)
    op.execute("UPDATE issue SET receipt = ended WHERE ended IS NOT NULL")
    op.execute("UPDATE issue SET gave_back = true WHERE state = 'cancelled' AND frozen IS NOT NULL")
    _post()
    _people()
    op.add_column("edition", sa.Column("revision", sa.Integer, nullable=False, server_default="1"))
    op.add_column("delivery", sa.Column("revision", sa.Integer, nullable=False, server_default="1"))
    op.add_column("cohort", sa.Column("more", sa.Integer, nullable=False, server_default="0"))
    op.drop_column("cohort", "first_chunk")
    op.create_table(
        "departure",
        sa.Column("issue", sa.Integer, nullable=False),
        sa.Column("cohort", sa.Integer, nullable=False),
        sa.Column("timezone", sa.Text, nullable=False),
        sa.Column("hour", sa.Text, nullable=False),
        sa.Column("first_chunk", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("issue", "cohort", "timezone", "hour", name="pk_departure"),
        sa.ForeignKeyConstraint(["issue"], ["issue.number"], name="fk_departure_issue_issue"),
    )


def _post() -> None:
    """A post arrived when it was first seen or, dated ahead, when its time came."""
    for name in ("canonical", "guid"):
        op.add_column("post", sa.Column(name, sa.Text, nullable=False, server_default=""))
        op.create_index(f"ix_post_{name}", "post", [name])
    op.create_index("ix_post_source_translation", "post", ["source", "translation"])
    op.add_column("post", sa.Column("arrived", sa.BigInteger))
    op.execute(
        "UPDATE post SET arrived = CASE WHEN published > first_seen AND published <= changed THEN published "
        "ELSE first_seen END WHERE arrival IS NOT NULL"
    )


def _people() -> None:
    local_time = sa.Column("local_time", sa.Boolean, nullable=False, server_default=sa.false())
    op.add_column("schedule", local_time)
    op.add_column("mailing_list", sa.Column("paused", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("subscription", sa.Column("hour", sa.Text, nullable=False, server_default=""))
    op.add_column("subscription", sa.Column("away_until", sa.BigInteger))
    away = sa.text("away_until IS NOT NULL")
    op.create_index(
        "ix_subscription_away_until", "subscription", ["away_until"], sqlite_where=away, postgresql_where=away
    )
