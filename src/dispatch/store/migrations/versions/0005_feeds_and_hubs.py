"""What the site shows by topic, where it was, who follows it: memberships, archive pages, redirects, WebSub."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add tables and columns; the next pass fills them."""
    _topics()
    _addresses()
    _websub()
    op.add_column("post", sa.Column("enclosures", sa.Text, nullable=False, server_default="[]"))
    op.add_column("subscriber", sa.Column("feed_series", sa.Integer, nullable=False, server_default="0"))
    op.add_column("subscriber", sa.Column("feed_open", sa.Boolean, nullable=False, server_default=sa.false()))


def _topics() -> None:
    op.create_table(
        "topic",
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("wanted", sa.Integer, nullable=False),
        sa.Column("written", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("path", name="pk_topic"),
    )
    op.create_table(
        "shown",
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("post_id", sa.Integer, nullable=False),
        sa.Column("published", sa.BigInteger, nullable=False),
        sa.Column("arrival", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("topic", "post_id", name="pk_shown"),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name="fk_shown_post_id_post"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_shown_topic_published", "shown", ["topic", "published"])
    op.create_index("ix_shown_topic_arrival", "shown", ["topic", "arrival"])
    op.create_index("ix_shown_post_id", "shown", ["post_id"])
    op.create_table(
        "archive_page",
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("after", sa.BigInteger, nullable=False),
        sa.Column("wanted", sa.Integer, nullable=False),
        sa.Column("written", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("topic", "number", name="pk_archive_page"),
    )
    op.create_table(
        "document",
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("changed", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("path", name="pk_document"),
    )


def _addresses() -> None:
    op.create_table(
        "former_address",
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("post_id", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("path", name="pk_former_address"),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name="fk_former_address_post_id_post"),
    )


def _websub() -> None:
    op.create_table(
        "websub_request",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("mode", sa.Text, nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("callback", sa.Text, nullable=False),
        sa.Column("secret", sa.Text, nullable=False),
        sa.Column("lease", sa.Integer, nullable=False),
        sa.Column("asked", sa.BigInteger, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("not_before", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_websub_request"),
        sa.UniqueConstraint("topic", "callback", name="uq_websub_request_topic_callback"),
    )
    op.create_table(
        "websub_subscription",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("callback", sa.Text, nullable=False),
        sa.Column("secret", sa.Text, nullable=False),
        sa.Column("lease_until", sa.BigInteger, nullable=False),
        sa.Column("pushed", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("not_before", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_websub_subscription"),
        sa.UniqueConstraint("topic", "callback", name="uq_websub_subscription_topic_callback"),
    )
    op.create_table(
        "websub_notice",
        sa.Column("hub", sa.Text, nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("told", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("not_before", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("hub", "topic", name="pk_websub_notice"),
    )
