"""What the site shows by topic, where it was, who follows it: memberships, archive pages, redirects, WebSub."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add tables and columns; the next pass fills them."""
    op.add_column("post", sa.Column("enclosures", sa.Text, nullable=False, server_default="[]"))
    op.add_column("post", sa.Column("home", sa.Text, nullable=False, server_default=""))
    if op.get_bind().dialect.name == "sqlite":
        _text_last()  # before others refer to the table
    _topics()
    _issue_pages()
    _addresses()
    _websub_requests()
    _websub_debts()
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


def _text_last() -> None:
    """Let SQLite find a post's other columns without reading past its text."""
    names = [column["name"] for column in sa.inspect(op.get_bind()).get_columns("post")]
    order = (*(name for name in names if name != "html"), "html")
    with op.batch_alter_table("post", recreate="always", partial_reordering=[order]):
        pass


def _issue_pages() -> None:
    op.create_table(
        "issue_page",
        sa.Column("issue", sa.Integer, nullable=False),
        sa.Column("cohort", sa.Integer, nullable=False),
        sa.Column("list_id", sa.Integer, nullable=False),
        sa.Column("listed", sa.Boolean, nullable=False),
        sa.Column("shows", sa.Text),
        sa.PrimaryKeyConstraint("issue", "cohort", name="pk_issue_page"),
        sa.ForeignKeyConstraint(["issue"], ["issue.number"], name="fk_issue_page_issue_issue"),
        sa.ForeignKeyConstraint(["list_id"], ["mailing_list.id"], name="fk_issue_page_list_id_mailing_list"),
    )
    op.create_index("ix_issue_page_shows", "issue_page", ["shows", "issue"])
    op.create_index("ix_issue_page_list_id_listed_issue", "issue_page", ["list_id", "listed", "issue"])
    op.create_table(
        "issue_page_post",
        sa.Column("post_id", sa.Integer, nullable=False),
        sa.Column("issue", sa.Integer, nullable=False),
        sa.Column("cohort", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("post_id", "issue", "cohort", name="pk_issue_page_post"),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name="fk_issue_page_post_post_id_post"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_issue_page_post_issue_cohort", "issue_page_post", ["issue", "cohort"])


def _addresses() -> None:
    op.create_table(
        "former_address",
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("post_id", sa.Integer),
        sa.Column("given", sa.Boolean, nullable=False),
        sa.Column("page_of", sa.Integer),
        sa.Column("wanted", sa.Integer, nullable=False),
        sa.Column("written", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("path", name="pk_former_address"),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name="fk_former_address_post_id_post"),
        sa.ForeignKeyConstraint(["page_of"], ["post.id"], name="fk_former_address_page_of_post"),
    )
    op.create_index("ix_former_address_post_id", "former_address", ["post_id"])
    op.create_index("ix_former_address_page_of", "former_address", ["page_of"])
    op.create_index("ix_post_url", "post", ["url"])


def _websub_requests() -> None:
    op.create_table(
        "websub_request",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("mode", sa.Text, nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("callback", sa.Text, nullable=False),
        sa.Column("host", sa.Text, nullable=False),
        sa.Column("secret", sa.Text, nullable=False),
        sa.Column("lease", sa.Integer, nullable=False),
        sa.Column("asked", sa.BigInteger, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("not_before", sa.BigInteger, nullable=False),
        sa.Column("challenge", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_websub_request"),
        sa.UniqueConstraint("topic", "callback", name="uq_websub_request_topic_callback"),
    )
    op.create_index("ix_websub_request_host", "websub_request", ["host"])


def _websub_debts() -> None:
    op.create_table(
        "websub_subscription",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("callback", sa.Text, nullable=False),
        sa.Column("host", sa.Text, nullable=False),
        sa.Column("secret", sa.Text, nullable=False),
        sa.Column("lease_until", sa.BigInteger, nullable=False),
        sa.Column("pushed", sa.Text, nullable=False),
        *_tries(),
        sa.PrimaryKeyConstraint("id", name="pk_websub_subscription"),
        sa.UniqueConstraint("path", "callback", name="uq_websub_subscription_path_callback"),
    )
    op.create_index("ix_websub_subscription_host", "websub_subscription", ["host"])
    op.create_index("ix_websub_subscription_lease_until", "websub_subscription", ["lease_until"])
    op.create_table(
        "websub_notice",
        sa.Column("hub", sa.Text, nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("told", sa.Text, nullable=False),
        *_tries(),
        sa.PrimaryKeyConstraint("hub", "path", name="pk_websub_notice"),
    )


def _tries() -> list[sa.Column[Any]]:
    """What is known of tries to bring somebody what is owed to them."""
    return [
        sa.Column("tried", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("not_before", sa.BigInteger, nullable=False),
        sa.Column("claimed_until", sa.BigInteger, nullable=False),
    ]
