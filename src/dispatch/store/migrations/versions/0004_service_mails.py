"""Mail about a subscription itself, from the moment it is asked for until it is sent."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add a table."""
    op.create_table(
        "service_mail",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("subscriber_id", sa.Integer, nullable=False),
        sa.Column("list_id", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("asked", sa.BigInteger, nullable=False),
        sa.Column("not_before", sa.BigInteger, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("first_try", sa.BigInteger),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_service_mail"),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscriber.id"], name="fk_service_mail_subscriber_id_subscriber"),
        sa.ForeignKeyConstraint(["list_id"], ["mailing_list.id"], name="fk_service_mail_list_id_mailing_list"),
    )
    op.create_index("ix_service_mail_state_not_before", "service_mail", ["state", "not_before"])
    op.create_index("ix_service_mail_subscriber_id", "service_mail", ["subscriber_id"])
