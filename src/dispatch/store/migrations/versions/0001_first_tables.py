"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make every table; later migrations change them."""
    for make in MAKERS:
        make()


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("act", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )


def _counter() -> None:
    op.create_table(
        "counter",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("value", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_counter"),
    )


def _mailing_list() -> None:
    op.create_table(
        "mailing_list",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("slug", sa.Text, nullable=False),
        sa.Column("born", sa.BigInteger, nullable=False),
        sa.Column("composed_to", sa.BigInteger, nullable=False),
        sa.Column("retired", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_mailing_list"),
        sa.UniqueConstraint("slug", name="uq_mailing_list_slug"),
    )


def _meta() -> None:
    op.create_table(
        "meta",
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_meta"),
    )


def _post() -> None:
    op.create_table(
        "post",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("ref", sa.Text, nullable=False),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("stamp", sa.Text, nullable=False),
        sa.Column("content_hash", sa.Text, nullable=False),
        sa.Column("explicit_id", sa.Text),
        sa.Column("explicit_slug", sa.Boolean, nullable=False),
        sa.Column("uid", sa.Text, nullable=False),
        sa.Column("guid_is_link", sa.Boolean, nullable=False),
        sa.Column("slug", sa.Text, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("html", sa.Text, nullable=False),
        sa.Column("summary", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("authors", sa.Text, nullable=False),
        sa.Column("tags", sa.Text, nullable=False),
        sa.Column("folded", sa.Text, nullable=False),
        sa.Column("image", sa.Text),
        sa.Column("assets", sa.Text, nullable=False),
        sa.Column("aliases", sa.Text, nullable=False),
        sa.Column("translation", sa.Text),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("barred", sa.Boolean, nullable=False),
        sa.Column("revision", sa.Text, nullable=False),
        sa.Column("written", sa.Text, server_default="", nullable=False),
        sa.Column("published", sa.BigInteger, nullable=False),
        sa.Column("updated", sa.BigInteger, nullable=False),
        sa.Column("changed", sa.BigInteger, nullable=False),
        sa.Column("first_seen", sa.BigInteger, nullable=False),
        sa.Column("arrival", sa.BigInteger),
        sa.Column("archive", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_post"),
        sa.UniqueConstraint("arrival", name="uq_post_arrival"),
        sa.UniqueConstraint("slug", name="uq_post_slug"),
        sa.UniqueConstraint("uid", name="uq_post_uid"),
    )
    op.create_index("ix_post_source_ref", "post", ["source", "ref"])
    op.create_index("ix_post_state_published", "post", ["state", "published"])


def _service() -> None:
    op.create_table(
        "service",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("started", sa.BigInteger, nullable=False),
        sa.Column("heartbeat", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_service"),
    )


def _source() -> None:
    op.create_table(
        "source",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("first_pass", sa.BigInteger, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_source"),
    )


def _subscriber() -> None:
    op.create_table(
        "subscriber",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("timezone", sa.Text, nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_subscriber"),
        sa.UniqueConstraint("email", name="uq_subscriber_email"),
    )


def _suppression() -> None:
    op.create_table(
        "suppression",
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("email", name="pk_suppression"),
    )


def _taken() -> None:
    op.create_table(
        "taken",
        sa.Column("hash", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("hash", name="pk_taken"),
        sqlite_with_rowid=False,
    )


def _issue() -> None:
    op.create_table(
        "issue",
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("list_id", sa.Integer, sa.ForeignKey("mailing_list.id"), nullable=False),
        sa.Column("cadence", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("first_arrival", sa.BigInteger, nullable=False),
        sa.Column("last_arrival", sa.BigInteger, nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("due", sa.BigInteger, nullable=False),
        sa.Column("frozen", sa.BigInteger),
        sa.Column("ended", sa.BigInteger),
        sa.Column("note", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_issue"),
    )
    op.create_index("ix_issue_state", "issue", ["state"])


def _run() -> None:
    op.create_table(
        "run",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("list_id", sa.Integer, sa.ForeignKey("mailing_list.id"), nullable=False),
        sa.Column("cadence", sa.Text, nullable=False),
        sa.Column("slot", sa.Text, nullable=False),
        sa.Column("fired", sa.BigInteger, nullable=False),
        sa.Column("issue", sa.Integer),
        sa.PrimaryKeyConstraint("id", name="pk_run"),
        sa.UniqueConstraint("list_id", "cadence", "slot", name="uq_run_list_id_cadence_slot"),
    )


def _schedule() -> None:
    op.create_table(
        "schedule",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("list_id", sa.Integer, sa.ForeignKey("mailing_list.id"), nullable=False),
        sa.Column("cadence", sa.Text, nullable=False),
        sa.Column("rule", sa.Text, nullable=False),
        sa.Column("timezone", sa.Text, nullable=False),
        sa.Column("slot", sa.Text, nullable=False),
        sa.Column("due", sa.BigInteger, nullable=False),
        sa.Column("previous", sa.BigInteger, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_schedule"),
        sa.UniqueConstraint("list_id", "cadence", name="uq_schedule_list_id_cadence"),
    )


def _subscription() -> None:
    op.create_table(
        "subscription",
        sa.Column("list_id", sa.Integer, sa.ForeignKey("mailing_list.id"), nullable=False),
        sa.Column("subscriber_id", sa.Integer, sa.ForeignKey("subscriber.id"), nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("cadence", sa.Text, nullable=False),
        sa.Column("tags", sa.Text, nullable=False),
        sa.Column("mark", sa.BigInteger, nullable=False),
        sa.Column("joined", sa.BigInteger),
        sa.Column("ended", sa.BigInteger),
        sa.PrimaryKeyConstraint("list_id", "subscriber_id", name="pk_subscription"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_subscription_subscriber_id", "subscription", ["subscriber_id"])


def _chunk() -> None:
    op.create_table(
        "chunk",
        sa.Column("issue", sa.Integer, sa.ForeignKey("issue.number"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("edition", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("not_before", sa.BigInteger, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("first_try", sa.BigInteger),
        sa.Column("fence", sa.Integer, nullable=False),
        sa.Column("lease_until", sa.BigInteger),
        sa.Column("journal", sa.Text, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("issue", "number", name="pk_chunk"),
    )
    op.create_index("ix_chunk_state_not_before", "chunk", ["state", "not_before"])


def _cohort() -> None:
    op.create_table(
        "cohort",
        sa.Column("issue", sa.Integer, sa.ForeignKey("issue.number"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("posts", sa.Text, nullable=False),
        sa.Column("edition", sa.Text, nullable=False),
        sa.Column("first_chunk", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("issue", "number", name="pk_cohort"),
    )


def _delivery() -> None:
    op.create_table(
        "delivery",
        sa.Column("issue", sa.Integer, sa.ForeignKey("issue.number"), nullable=False),
        sa.Column("subscriber_id", sa.Integer, nullable=False),
        sa.Column("chunk", sa.Integer, nullable=False),
        sa.Column("cohort", sa.Integer, nullable=False),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("mark_from", sa.BigInteger, nullable=False),
        sa.Column("mark_to", sa.BigInteger, nullable=False),
        sa.Column("at", sa.BigInteger),
        sa.PrimaryKeyConstraint("issue", "subscriber_id", name="pk_delivery"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_delivery_issue_chunk", "delivery", ["issue", "chunk"])


def _edition() -> None:
    op.create_table(
        "edition",
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("issue", sa.Integer, sa.ForeignKey("issue.number"), nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.Column("marker", sa.Text, nullable=False),
        sa.Column("sender_address", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_edition"),
    )


def _need() -> None:
    op.create_table(
        "need",
        sa.Column("issue", sa.Integer, sa.ForeignKey("issue.number"), nullable=False),
        sa.Column("tags", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("mark", sa.BigInteger, nullable=False),
        sa.Column("cohort", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("issue", "tags", "language", "mark", name="pk_need"),
    )


MAKERS = (
    _audit,
    _counter,
    _mailing_list,
    _meta,
    _post,
    _service,
    _source,
    _subscriber,
    _suppression,
    _taken,
    _issue,
    _run,
    _schedule,
    _subscription,
    _chunk,
    _cohort,
    _delivery,
    _edition,
    _need,
)
