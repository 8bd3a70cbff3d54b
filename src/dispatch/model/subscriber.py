"""Who gets mail, on which list, at which pace."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Cadence(StrEnum):
    """The rule that turns posts into issues."""

    IMMEDIATE = "immediate"
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    BY_HAND = "by hand"


class SubscriptionState(StrEnum):
    """pending → active → ended; an ended subscription comes back only by the person's own hand."""

    PENDING = "pending"
    ACTIVE = "active"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A person: an address and how to speak to them."""

    id: int
    email: str  # normalised; unique
    name: str = ""
    language: str = ""  # BCP 47; empty: the publication's
    timezone: str = ""  # IANA; empty: the list's


@dataclass(frozen=True, slots=True)
class Subscription:
    """One subscriber on one list."""

    subscriber: Subscriber
    list_slug: str
    state: SubscriptionState
    cadence: Cadence
    tags: tuple[str, ...]  # sorted; empty: everything
    mark: int  # arrivals up to here have been served
    joined: datetime | None = None


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One good row of a subscribers' file."""

    where: str  # the file
    line: int
    email: str  # normalised
    name: str
    lists: tuple[str, ...]  # slugs
    cadence: Cadence | None
    tags: tuple[str, ...]
    timezone: str
    language: str
    state: SubscriptionState
