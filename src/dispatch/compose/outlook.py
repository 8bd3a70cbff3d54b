"""What a plan is made of, and what it says: how everything stands at one moment, and what then comes of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from dispatch.compose.cadence import Place, Rule
from dispatch.model.issue import Cohort, Issue, MailingList, Need
from dispatch.model.post import Post
from dispatch.model.subscriber import Cadence

NOWHERE: Place = ("", "")  # the one place of those whose place does not matter


@dataclass(frozen=True, slots=True)
class Group:
    """What some subscriptions of a list have in common, as far as plans go."""

    cadence: Cadence
    need: Need
    place: Place = NOWHERE
    corrections: frozenset[int] = frozenset()  # numbers of waiting issues that correct one which they got
    away_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Rhythm:
    """The schedule of a list and cadence."""

    cadence: Cadence
    rule: Rule
    slot: str
    due: datetime
    people: int  # who waits for it
    places: tuple[tuple[Place, datetime | None], ...] = ()  # with local time: where they are, and away until when
    fired: frozenset[str] = frozenset()  # slots, from this one on, that had their issue before


@dataclass(frozen=True, slots=True)
class Standing:
    """How a list stands."""

    one: MailingList
    composed_to: int
    groups: Mapping[Group, int]  # how many each has, of those who may be mailed
    rhythms: tuple[Rhythm, ...] = ()
    issues: tuple[Issue, ...] = ()  # those that have not begun
    first: Mapping[Cadence, int] = field(default_factory=dict)  # where the next digest begins
    left_out: Mapping[Cadence, frozenset[int]] = field(default_factory=dict)  # of issues that have begun
    stopped: tuple[tuple[int, int], ...] = ()  # windows of immediate issues that were cancelled before they began
    approval: bool = False
    mailed: Mapping[int, datetime] = field(default_factory=dict)  # where approval is asked for: see starting.pinned
    cutoff: timedelta = timedelta(0)
    late: timedelta = timedelta(hours=24)
    if_late: str = "ask"
    paused: bool = False


@dataclass(frozen=True, slots=True)
class Outlook:
    """How a publication stands."""

    language: str
    lists: tuple[Standing, ...]
    posts: tuple[Post, ...]  # those that some list may yet bring, what tells their stories, and those dated ahead
    head: int  # the last arrival
    heads: tuple[tuple[datetime, int], ...] = ()  # when arrivals were given, and the last of each time


class Wait(StrEnum):
    """What keeps an issue from starting."""

    NOTHING = ""
    APPROVAL = "approval"
    WORD = "word"  # its hour has passed
    LIST = "list"  # it is paused
    TURN = "turn"  # another issue goes first


@dataclass(frozen=True, slots=True)
class Coming:
    """An issue that starts or would start, or a slot that has nothing for anybody."""

    at: datetime
    list_slug: str
    cadence: Cadence
    issue: Issue | None = None  # there already
    cohorts: tuple[Cohort, ...] = ()
    sizes: tuple[int, ...] = ()  # how many are in each cohort
    leaves: tuple[datetime, ...] = ()  # the first and the last moment, where they differ
    wait: Wait = Wait.NOTHING
    waiting: int = 0  # of an empty slot: how many have nothing to get

    @property
    def largest(self) -> Cohort | None:
        """The cohort with the most people; of equals the one with the most posts."""
        pairs = zip(self.cohorts, self.sizes, strict=True)
        return max(pairs, key=lambda pair: (pair[1], len(pair[0].posts)), default=(None, 0))[0]
