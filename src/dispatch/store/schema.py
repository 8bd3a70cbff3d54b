"""Every table, as the newest migration leaves it. `migrations/versions` is how a store gets there."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from dispatch.store.columns import Instant, Json, Words

WAITS = -1  # in place of a cohort
AWAY = "away_until IS NOT NULL"

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    }
)

# Facts about the store itself: its id, the key it signs with.
meta = Table("meta", metadata, Column("key", Text, primary_key=True), Column("value", Text, nullable=False))

# Numbers given in commit order: the row is locked by the transaction that takes one.
counter = Table(
    "counter", metadata, Column("name", Text, primary_key=True), Column("value", BigInteger, nullable=False)
)

source = Table(
    "source",
    metadata,
    Column("name", Text, primary_key=True),
    Column("first_pass", Instant, nullable=False),
    Column("state", Json, nullable=False),
)

post = Table(
    "post",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source", Text, nullable=False),
    Column("ref", Text, nullable=False),
    Column("place", Text, nullable=False),  # `where`, which SQL keeps for itself
    Column("stamp", Text, nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("explicit_id", Text),
    Column("explicit_slug", Boolean, nullable=False),
    Column("uid", Text, nullable=False, unique=True),
    Column("guid_is_link", Boolean, nullable=False),
    Column("slug", Text, nullable=False, unique=True),
    Column("url", Text, nullable=False),
    Column("home", Text, nullable=False, server_default=""),  # where it was first published, if elsewhere
    Column("title", Text, nullable=False),
    Column("summary", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("authors", Words, nullable=False),
    Column("tags", Words, nullable=False),
    Column("folded", Words, nullable=False),  # the tags as they are compared
    Column("image", Json),
    Column("assets", Json, nullable=False),
    Column("enclosures", Json, nullable=False, server_default="[]"),
    Column("aliases", Words, nullable=False),
    Column("translation", Text),
    Column("canonical", Text, nullable=False, server_default=""),
    Column("guid", Text, nullable=False, server_default=""),
    Column("state", Text, nullable=False),
    Column("barred", Boolean, nullable=False),  # withdrawn by hand: its file does not bring it back
    Column("revision", Text, nullable=False),
    Column("written", Text, nullable=False, server_default=""),  # the face that the site shows: see faces.FACE
    Column("published", Instant, nullable=False),
    Column("updated", Instant, nullable=False),
    Column("changed", Instant, nullable=False),
    Column("first_seen", Instant, nullable=False),
    Column("arrival", BigInteger, unique=True),
    Column("arrived", Instant),  # when it was given its arrival
    Column("archive", Boolean, nullable=False),
    Column("html", Text, nullable=False),  # last, for SQLite reads past it to whatever stands behind
    Index("ix_post_source_ref", "source", "ref"),
    Index("ix_post_state_published", "state", "published"),
    Index("ix_post_canonical", "canonical"),
    Index("ix_post_url", "url"),
    Index("ix_post_guid", "guid"),
    Index("ix_post_source_translation", "source", "translation"),
)

mailing_list = Table(
    "mailing_list",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("slug", Text, nullable=False, unique=True),
    Column("born", BigInteger, nullable=False),  # the arrival head when the list was first seen
    Column("composed_to", BigInteger, nullable=False),  # immediate issues exist up to this arrival
    Column("retired", Boolean, nullable=False),
    Column("born_as", Text, nullable=False, server_default=""),  # its first slug, whatever it is called now
    Column("paused", Boolean, nullable=False, server_default=false()),  # none of its issues begins
)

subscriber = Table(
    "subscriber",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("email", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("timezone", Text, nullable=False),
    Column("created", Instant, nullable=False),
    Column("feed_series", Integer, nullable=False, server_default="0"),  # how often their private feed was renewed
    Column("feed_open", Boolean, nullable=False, server_default=false()),  # False: they have none, or revoked it
)

subscription = Table(
    "subscription",
    metadata,
    Column("list_id", ForeignKey("mailing_list.id"), primary_key=True),
    Column("subscriber_id", ForeignKey("subscriber.id"), primary_key=True),
    Column("state", Text, nullable=False),
    Column("cadence", Text, nullable=False),
    Column("tags", Words, nullable=False),
    Column("mark", BigInteger, nullable=False),
    Column("joined", Instant),  # none: signed up by themselves and has not confirmed
    Column("ended", Instant),
    Column("hour", Text, nullable=False, server_default=""),  # HH:MM, their own; empty: the list's
    Column("away_until", Instant),  # gets nothing before
    Index("ix_subscription_subscriber_id", "subscriber_id"),
    Index("ix_subscription_away_until", "away_until", sqlite_where=text(AWAY), postgresql_where=text(AWAY)),
    sqlite_with_rowid=False,
)

# A keyed hash of every (address, list) ever taken from a file: a known one never joins again.
taken = Table("taken", metadata, Column("hash", Text, primary_key=True), sqlite_with_rowid=False)

suppression = Table(
    "suppression",
    metadata,
    Column("email", Text, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("at", Instant, nullable=False),
)

schedule = Table(
    "schedule",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("list_id", ForeignKey("mailing_list.id"), nullable=False),
    Column("cadence", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("timezone", Text, nullable=False),
    Column("slot", Text, nullable=False),  # wall-clock time of the next firing
    Column("due", Instant, nullable=False),  # the same as an instant
    Column("previous", BigInteger, nullable=False),  # the arrival head at the previous slot
    Column("revision", Integer, nullable=False),
    Column("local_time", Boolean, nullable=False, server_default=false()),  # due where the day comes first
    UniqueConstraint("list_id", "cadence"),
)

run = Table(
    "run",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("list_id", ForeignKey("mailing_list.id"), nullable=False),
    Column("cadence", Text, nullable=False),
    Column("slot", Text, nullable=False),
    Column("fired", Instant, nullable=False),
    Column("issue", Integer),  # none: there was nothing to send
    UniqueConstraint("list_id", "cadence", "slot"),
)

issue = Table(
    "issue",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("list_id", ForeignKey("mailing_list.id"), nullable=False),
    Column("cadence", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("first_arrival", BigInteger, nullable=False),
    Column("last_arrival", BigInteger, nullable=False),
    Column("created", Instant, nullable=False),
    Column("due", Instant, nullable=False),
    Column("frozen", Instant),
    Column("ended", Instant),
    Column("note", Text, nullable=False),
    Column("audience", Integer),  # how many deliveries the freeze wrote: what the sum must come to
    Column("slot", Text, nullable=False, server_default=""),  # wall-clock time of its run
    Column("fixed", Boolean, nullable=False, server_default=false()),  # an editor set `due`
    Column("late", Boolean, nullable=False, server_default=false()),  # waits for an editor's word
    Column("words", Json, nullable=False, server_default="{}"),  # by language: intro, subject, preheader
    Column("picked", Json, nullable=False, server_default="[]"),  # ids in the editor's order
    Column("left_out", Json, nullable=False, server_default="[]"),
    Column("editor", Text, nullable=False, server_default=""),
    Column("version", Integer, nullable=False, server_default="0"),
    Column("approved", Text, nullable=False, server_default=""),
    Column("approved_by", Text, nullable=False, server_default=""),
    Column("revision", Integer, nullable=False, server_default="1"),
    Column("corrects", Integer),
    Column("corrects_revision", Integer, nullable=False, server_default="0"),
    Column("receipt", Instant),  # when the editors were sent theirs
    Column("gave_back", Boolean, nullable=False, server_default=false()),  # posts, for some of it was cancelled
    Index("ix_issue_state", "state"),
)

cohort = Table(
    "cohort",
    metadata,
    Column("issue", ForeignKey("issue.number"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("language", Text, nullable=False),
    Column("posts", Json, nullable=False),  # ids, in the order shown
    Column("edition", Text, nullable=False),
    Column("more", Integer, nullable=False, server_default="0"),  # posts left over
)

# Who of a cohort leaves together: on a list with local time by zone and hour, else everybody, both empty.
departure = Table(
    "departure",
    metadata,
    Column("issue", ForeignKey("issue.number"), primary_key=True),
    Column("cohort", Integer, primary_key=True),
    Column("timezone", Text, primary_key=True),
    Column("hour", Text, primary_key=True),
    Column("first_chunk", Integer, nullable=False),
)

need = Table(
    "need",
    metadata,
    Column("issue", ForeignKey("issue.number"), primary_key=True),
    Column("tags", Words, primary_key=True),
    Column("language", Text, primary_key=True),
    Column("mark", BigInteger, primary_key=True),
    Column("cohort", Integer, nullable=False),  # WAITS: too few posts, which wait for the next issue
)

edition = Table(
    "edition",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("issue", ForeignKey("issue.number"), nullable=False),
    Column("data", LargeBinary, nullable=False),
    Column("marker", Text, nullable=False),
    Column("sender_address", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("revision", Integer, nullable=False, server_default="1"),
)

chunk = Table(
    "chunk",
    metadata,
    Column("issue", ForeignKey("issue.number"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("edition", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("not_before", Instant, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("first_try", Instant),
    Column("fence", Integer, nullable=False),
    Column("lease_until", Instant),
    Column("journal", Text, nullable=False),  # MACHINE/BOOT/FILE of the claim's journal, empty when unclaimed
    Column("error", Text, nullable=False),  # the provider's last words on the chunk as a whole
    Column("connections", Integer, nullable=False, server_default="0"),  # reserved by the claim
    Index("ix_chunk_state_not_before", "state", "not_before"),
)

# In the order of chunks, because a chunk is what is read and written at a time.
delivery = Table(
    "delivery",
    metadata,
    Column("issue", ForeignKey("issue.number"), primary_key=True),
    Column("chunk", Integer, primary_key=True),
    Column("subscriber_id", Integer, primary_key=True),
    Column("cohort", Integer, nullable=False),
    Column("email", Text, nullable=False),  # as it was at the freeze: outcomes act on this address
    Column("state", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("mark_from", BigInteger, nullable=False),
    Column("mark_to", BigInteger, nullable=False),
    Column("at", Instant),
    Column("outcome", Text),  # later news of it, if any came
    Column("outcome_at", Instant),
    Column("before", Text),  # the state in which it was sent again
    Column("revision", Integer, nullable=False, server_default="1"),  # of the edition that it got
    UniqueConstraint("issue", "subscriber_id"),
    sqlite_with_rowid=False,
)

# How fast a provider may be used: what was spent of its quotas, and how far it asked us to slow down.
pace = Table(
    "pace",
    metadata,
    Column("provider", Text, primary_key=True),
    Column("free_at", Instant),  # when the next message may go, as far as messages a second go
    Column("spent", Json, nullable=False),  # messages granted, by minute of the last hour
    Column("rate", Float),  # messages a second that it bore when it last said "slow down"; none: as configured
    Column("slowed", Instant),  # when that was
)

# What the breaker judges by: attempts and refusals of an issue by the recipients' domain; "" is all of them.
refusal = Table(
    "refusal",
    metadata,
    Column("issue", ForeignKey("issue.number"), primary_key=True),
    Column("domain", Text, primary_key=True),
    Column("attempted", Integer, nullable=False),
    Column("refused", Integer, nullable=False),
    sqlite_with_rowid=False,
)

# Mail about a subscription itself: see model.service_mail for its states.
service_mail = Table(
    "service_mail",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("subscriber_id", ForeignKey("subscriber.id"), nullable=False),
    Column("list_id", ForeignKey("mailing_list.id"), nullable=False),
    Column("state", Text, nullable=False),
    Column("asked", Instant, nullable=False),
    Column("not_before", Instant, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("first_try", Instant),
    Column("at", Instant, nullable=False),  # when its state last changed
    Column("detail", Text, nullable=False),  # the provider's last words
    Index("ix_service_mail_state_not_before", "state", "not_before"),
    Index("ix_service_mail_subscriber_id", "subscriber_id"),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("who", Text, nullable=False),
    Column("act", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("detail", Text, nullable=False),
)

# One row a running `dispatch run`: acts leave the delivering to it.
service = Table(
    "service",
    metadata,
    Column("id", Text, primary_key=True),
    Column("started", Instant, nullable=False),
    Column("heartbeat", Instant, nullable=False),
)
