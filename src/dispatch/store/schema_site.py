"""The tables of feeds, pages and whoever follows them; `schema` has all others."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint

from dispatch.store.columns import Instant
from dispatch.store.schema import metadata

# One selection of posts with a page and feeds: all, a list's, a tag's, an author's, a language's.
topic = Table(
    "topic",
    metadata,
    Column("path", Text, primary_key=True),  # its folder below public/
    Column("name", Text, nullable=False),  # of the tag, author or language; empty: dispatch.toml says it
    Column("wanted", Integer, nullable=False),  # grows with every change that its files have to show
    Column("written", Integer, nullable=False),  # the value of `wanted` that they show
)

# Live posts that a topic shows. What is no longer shown has no row.
shown = Table(
    "shown",
    metadata,
    Column("topic", Text, primary_key=True),
    Column("post_id", ForeignKey("post.id"), primary_key=True),
    Column("published", Instant, nullable=False),
    Column("arrival", BigInteger, nullable=False),
    Index("ix_shown_topic_published", "topic", "published"),
    Index("ix_shown_topic_arrival", "topic", "arrival"),
    Index("ix_shown_post_id", "post_id"),
    sqlite_with_rowid=False,
)

# Pages of a topic's whole history (RFC 5005, section 4): each holds what arrived after `after`, up to the next page's.
archive_page = Table(
    "archive_page",
    metadata,
    Column("topic", Text, primary_key=True),
    Column("number", Integer, primary_key=True),  # 1 is the oldest
    Column("after", BigInteger, nullable=False),
    Column("wanted", Integer, nullable=False),
    Column("written", Integer, nullable=False),
)

# Each live feed's file as it is: who follows it has had this, or is owed it.
document = Table(
    "document",
    metadata,
    Column("path", Text, primary_key=True),  # below public/
    Column("digest", Text, nullable=False),  # SHA-256 of its bytes, in hex
    Column("changed", Instant, nullable=False),
)

# Where a post's page was before, or stands in an old site: these lead to where it is.
former_address = Table(
    "former_address",
    metadata,
    Column("path", Text, primary_key=True),  # below public/, unquoted, without slashes around it
    Column("post_id", ForeignKey("post.id"), nullable=False),
)

# What somebody asked of our hub and has not confirmed yet.
websub_request = Table(
    "websub_request",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("mode", Text, nullable=False),
    Column("topic", Text, nullable=False),  # the feed's address
    Column("callback", Text, nullable=False),
    Column("secret", Text, nullable=False),
    Column("lease", Integer, nullable=False),  # seconds
    Column("asked", Instant, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("not_before", Instant, nullable=False),
    UniqueConstraint("topic", "callback"),
)

# Who our hub pushes to; a push is owed where `pushed` is not the document's digest.
websub_subscription = Table(
    "websub_subscription",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("topic", Text, nullable=False),  # the feed's address
    Column("callback", Text, nullable=False),
    Column("secret", Text, nullable=False),
    Column("lease_until", Instant, nullable=False),
    Column("pushed", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("not_before", Instant, nullable=False),
    UniqueConstraint("topic", "callback"),
)

# What each hub of somebody else's was told; it is owed a word where `told` is not the document's digest.
websub_notice = Table(
    "websub_notice",
    metadata,
    Column("hub", Text, primary_key=True),
    Column("topic", Text, primary_key=True),  # the feed's address
    Column("told", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("not_before", Instant, nullable=False),
)


def every_table() -> list[Table]:
    """All tables of the store, in an order in which rows can be put into them."""
    return list(metadata.sorted_tables)
