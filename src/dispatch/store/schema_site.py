"""The tables of feeds, pages and whoever follows them; `schema` has all others."""

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint

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

# The page of each edition that went out, where its list has such pages.
issue_page = Table(
    "issue_page",
    metadata,
    Column("issue", ForeignKey("issue.number"), primary_key=True),
    Column("cohort", Integer, primary_key=True),
    Column("list_id", ForeignKey("mailing_list.id"), nullable=False),
    Column("listed", Boolean, nullable=False),  # among the list's past issues
    Column("shows", Text),  # the edition's digest or a notice; empty: was tried; none: not tried yet, nobody is mailed
    Index("ix_issue_page_shows", "shows", "issue"),
    Index("ix_issue_page_list_id_listed_issue", "list_id", "listed", "issue"),
)

# Which posts an edition with a page holds: a page shows none that was withdrawn.
issue_page_post = Table(
    "issue_page_post",
    metadata,
    Column("post_id", ForeignKey("post.id"), primary_key=True),
    Column("issue", Integer, primary_key=True),
    Column("cohort", Integer, primary_key=True),
    Index("ix_issue_page_post_issue_cohort", "issue", "cohort"),
    sqlite_with_rowid=False,
)

# Where a post's page was before, or stands in an old site: these lead to where it is.
former_address = Table(
    "former_address",
    metadata,
    Column("path", Text, primary_key=True),  # below public/, unquoted, without slashes around it
    Column("post_id", ForeignKey("post.id")),  # none: it leads nowhere any more, and goes once the site shows that
    Column("given", Boolean, nullable=False),  # by the post's author, as an alias
    Column("page_of", ForeignKey("post.id")),  # the post that had its page there last, whoever is named now
    Column("wanted", Integer, nullable=False),  # grows with every change that the site has to show
    Column("written", Integer, nullable=False),  # the value of `wanted` that it shows
    Index("ix_former_address_post_id", "post_id"),
    Index("ix_former_address_page_of", "page_of"),
)

# What somebody asked of our hub and has not confirmed yet.
websub_request = Table(
    "websub_request",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("mode", Text, nullable=False),
    Column("topic", Text, nullable=False),  # as they wrote it
    Column("callback", Text, nullable=False),
    Column("host", Text, nullable=False),  # of the callback
    Column("secret", Text, nullable=False),
    Column("lease", Integer, nullable=False),  # seconds
    Column("asked", Instant, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("not_before", Instant, nullable=False),
    Column("challenge", Text, nullable=False),  # of the try that is in hand; empty: none is
    UniqueConstraint("topic", "callback"),
    Index("ix_websub_request_host", "host"),
)


def _tries() -> list[Column[Any]]:
    """How far one is with bringing somebody what is owed to them: see store/tries.py."""
    return [
        Column("tried", Text, nullable=False),  # the digest that `attempts` failed to bring them
        Column("attempts", Integer, nullable=False),
        Column("not_before", Instant, nullable=False),  # of the next try at `tried`
        Column("claimed_until", Instant, nullable=False),  # by whoever tries now
    ]


# Who our hub pushes to; a push is owed where `pushed` is not the document's digest.
websub_subscription = Table(
    "websub_subscription",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("path", Text, nullable=False),  # the document's
    Column("callback", Text, nullable=False),
    Column("host", Text, nullable=False),  # of the callback
    Column("secret", Text, nullable=False),
    Column("lease_until", Instant, nullable=False),
    Column("pushed", Text, nullable=False),  # the digest that they had last, or that was given up
    *_tries(),
    UniqueConstraint("path", "callback"),
    Index("ix_websub_subscription_host", "host"),
    Index("ix_websub_subscription_lease_until", "lease_until"),
)

# What each hub of somebody else's was told; it is owed a word where `told` is not the document's digest.
websub_notice = Table(
    "websub_notice",
    metadata,
    Column("hub", Text, primary_key=True),
    Column("path", Text, primary_key=True),  # the document's
    Column("told", Text, nullable=False),
    *_tries(),
)


def every_table() -> list[Table]:
    """All tables of the store, in an order in which rows can be put into them."""
    return list(metadata.sorted_tables)
