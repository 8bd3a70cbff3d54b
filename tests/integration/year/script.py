"""A random year: who is there at first, and all that happens, by its moment. The same seed makes the same year."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

from .reader import Story

START = datetime(2026, 3, 2, 9, 1, tzinfo=UTC)
PACES = {  # how many of a list's readers want which cadence
    "pace": {"immediate": 6, "daily": 8, "weekly": 44, "monthly": 42},
    "local": {"daily": 8, "weekly": 92},
    "few": {"weekly": 60, "monthly": 40},
}
TAGS = ("sea", "land", "air")
ZONES = ("", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Asia/Kolkata")
HOURS = ("", "", "", "", "", "", "", "07:00", "02:15")  # the last one is skipped, or comes twice, in some nights
MEMBERSHIPS = (("pace",), ("pace",), ("pace",), ("pace",), ("local",), ("local",), ("few",), ("pace", "local"))
# Minutes of an hour, so that no two kinds of events meet unless an outage makes them.
POSTS, PEOPLE, EDITORS, RETURNS, OUTAGES = 3, 5, 7, 9, 1
COLUMNS = ("email", "cadence", "tags", "timezone", "hour")
AT_ONCE = 30  # people who change their minds together


def tale_of(title: str) -> str:
    """What a post tells, by its title: a copy's is that of the original and a letter."""
    return title.removesuffix("c")


@dataclass(frozen=True)
class Size:
    """How much of everything there is."""

    people: int
    days: int
    posts: int
    changes: int  # of mind
    editing: int  # acts of each kind
    daily: bool  # whether some want the list with local time every day


@dataclass(frozen=True)
class Entry:
    """Somebody on a list, as a file of subscribers says it."""

    who: str
    list: str
    cadence: str
    tags: frozenset[str]
    zone: str
    hour: str

    @property
    def cells(self) -> tuple[str, ...]:
        """Those of a subscribers' file, as COLUMNS names them."""
        return (f"{self.who}@example.org", self.cadence, ";".join(sorted(self.tags)), self.zone, self.hour)


@dataclass(frozen=True)
class Plan:
    """A post that will be written."""

    story: Story
    date: datetime | None  # as its author says; perhaps still to come
    canonical: str = ""


@dataclass(order=True)
class Event:
    """Something that happens."""

    at: datetime
    number: int
    what: str = field(compare=False)
    given: tuple[object, ...] = field(compare=False, default=())


@dataclass
class Script:
    """The year."""

    size: Size
    seed: int
    entries: list[Entry] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    outages: list[tuple[datetime, datetime]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.random = Random(self.seed)  # noqa: S311 - a game, no secret
        self.end = START + timedelta(days=self.size.days)
        names = [f"n{number}" for number in range(self.size.people)]
        self.entries = [entry for who in names for entry in self.somebody(who)]
        self._write_outages()
        self._write_posts()
        self._spread("people", self.size.changes // AT_ONCE, PEOPLE)
        for act in ("by_hand", "cancel_draft", "send_draft", "leave_out", "pause_list"):
            self._spread(act, self.size.editing, EDITORS)
        self._spread("stop", self.size.days // 2, EDITORS)
        self._spread("restart", self.size.days // 20, OUTAGES)
        self.events.sort()

    def somebody(self, who: str) -> Iterator[Entry]:
        """A person's wishes."""
        zone = self.random.choice(ZONES)
        for slug in self.random.choice(MEMBERSHIPS):
            yield self.wish(who, slug, zone)

    def wish(self, who: str, slug: str, zone: str) -> Entry:
        """What somebody might want of a list."""
        hour = self.random.choice(HOURS) if slug == "local" else ""
        return Entry(who, slug, self.pace(slug), self.tags(), zone, hour)

    def pace(self, slug: str) -> str:
        """A cadence that a list offers."""
        weights = PACES[slug] if slug != "local" or self.size.daily else {"weekly": 1}
        return self.random.choices(list(weights), weights.values())[0]

    def tags(self) -> frozenset[str]:
        """What somebody might want to read of; empty: everything."""
        return frozenset(self.random.sample(TAGS, self.random.choice((0, 0, 0, 1, 1, 2))))

    def moment(self, minute: int) -> datetime:
        """Any hour of the year."""
        hour = self.random.randrange(24 * self.size.days - 48)
        return START.replace(minute=0) + timedelta(hours=hour + 1, minutes=minute + 10 * self.random.randrange(1, 6))

    def is_out(self, at: datetime) -> bool:
        """Whether nobody is at work then."""
        return any(begin <= at < end for begin, end in self.outages)

    def _add(self, at: datetime, what: str, *given: object) -> None:
        self.events.append(Event(at, len(self.events), what, given))

    def _spread(self, what: str, count: int, minute: int) -> None:
        for _ in range(count):
            self._add(self.moment(minute), what)

    def _write_outages(self) -> None:
        for number in range(self.size.days // 12):
            begin = self.moment(OUTAGES)
            hours = self.random.choice((3, 7, 20)) if number % 3 else self.random.choice((30, 50, 100))
            end = (begin + timedelta(hours=hours)).replace(minute=OUTAGES)
            self.outages.append((begin, end))
            self._add(end, "return_to_work")
            self._add(end + timedelta(hours=4, minutes=EDITORS), "decide")

    def _write_posts(self) -> None:
        for number in range(self.size.posts):
            at, source = self.moment(POSTS), self.random.choice(("blog", "blog", "wire"))
            story = Story(f"p{number}", source, self._topics(), f"p{number}", at)
            plan = Plan(story, self._date(at))
            self._add(at, "write", plan)
            if source == "blog" and plan.date is None and self.random.random() < 0.2:
                self._copy(at, story)
            elif self.random.random() < 0.1:
                self._add(at + timedelta(hours=self.random.choice((1, 9, 60))), "withdraw", story)

    def _date(self, at: datetime) -> datetime | None:
        """Most posts name none; some are back-dated, some are written before their time."""
        chance = self.random.random()
        if chance < 0.1:
            return at - timedelta(days=self.random.randrange(1, 3000))
        return at + timedelta(hours=self.random.randrange(2, 60)) if chance < 0.2 else None

    def _copy(self, at: datetime, story: Story) -> None:
        """Another source repeats it."""
        copy = Story(f"{story.title}c", "wire", story.tags, story.tale, at)
        plan = Plan(copy, None, f"https://sea.example/posts/{story.title}/")
        self._add(at + timedelta(hours=self.random.randrange(1, 5)), "write", plan)

    def _topics(self) -> frozenset[str]:
        return frozenset(self.random.sample(TAGS, self.random.choice((1, 1, 2))))
