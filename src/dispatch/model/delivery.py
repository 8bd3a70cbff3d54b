"""One message's life, and the sum that every issue must come to."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Slot(StrEnum):
    """What differs from person to person; its value is encoded for the place it stands in."""

    NAME = "name"
    EMAIL = "email"
    UNSUBSCRIBE = "unsubscribe"  # an address of ours
    PREFERENCES = "preferences"  # another
    CONFIRM = "confirm"  # another, in the mail that asks for it


class SendState(StrEnum):
    """Where a delivery stands. The last six end it and add up to the audience; see states for the moves."""

    PENDING = "pending"
    RETRY = "retry"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    SKIPPED = "skipped"  # left, suppressed or erased after the freeze
    CANCELLED = "cancelled"
    EXPIRED = "expired"  # retried until its time was up
    UNKNOWN = "unknown"  # was in a provider's hands when a process died


OPEN_STATES = (SendState.PENDING, SendState.RETRY)
FINAL_STATES = tuple(state for state in SendState if state not in OPEN_STATES)


class ChunkState(StrEnum):
    """pending → claimed → closed; see states for the moves."""

    PENDING = "pending"
    CLAIMED = "claimed"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Recipient:
    """One person of a chunk, with a value for every slot."""

    subscriber: int
    email: str  # where the mail goes
    name: str
    unsubscribe: str  # their own link
    message_id: str  # without angle brackets
    tag: str = ""  # what a bounce brings home: names the issue and the person, and cannot be forged
    preferences: str = ""  # the page where they choose what they get, and when
    confirm: str = ""  # the page where they say that it was they who signed up


@dataclass(frozen=True, slots=True)
class Receipt:
    """The provider's answer at once, for one recipient."""

    state: SendState  # accepted, rejected, retry or unknown
    detail: str = ""  # the provider's own words, or its id for the message
    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """A chunk that is ours until the lease ends."""

    issue: int
    chunk: int
    fence: int  # grows with every claim: an older holder's close is refused
    attempt: int
    edition: str  # the compiled edition's digest
    first_try: datetime | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """How many deliveries of an issue stand where: derived from the ledger, never stored."""

    audience: int
    counts: dict[SendState, int]

    @property
    def open(self) -> int:
        """How many still wait."""
        return sum(self.counts.get(state, 0) for state in OPEN_STATES)

    @property
    def settled(self) -> int:
        """How many have ended, one way or another."""
        return sum(self.counts.get(state, 0) for state in FINAL_STATES)

    @property
    def balances(self) -> bool:
        """Whether everybody in the audience has ended: law 1."""
        return self.open == 0 and self.settled == self.audience
