"""Who gets mail, on which list, at which pace."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple


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
    joined: datetime | None = None  # none: signed up by themselves and has not confirmed
    hour: str = ""  # HH:MM, their own on a list with `local_time`; empty: the list's
    away_until: datetime | None = None  # gets nothing before; then what they missed
    ended: datetime | None = None  # when they left; none: they are there, or wait


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
    hour: str  # HH:MM, or empty
    language: str
    state: SubscriptionState


@dataclass(frozen=True, slots=True, eq=False)
class Terms:
    """What a row of a subscribers' file asks for, beside the person: many rows share one, told apart by identity."""

    lists: tuple[str, ...]  # slugs
    cadence: Cadence | None
    tags: tuple[str, ...]
    timezone: str
    language: str
    state: SubscriptionState


class FileRow(NamedTuple):
    """One good row while a file is read; there may be millions."""

    line: int
    email: str  # normalised
    name: str
    hour: str  # HH:MM, or empty
    terms: Terms
