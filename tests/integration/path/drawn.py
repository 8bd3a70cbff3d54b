"""Worlds drawn at random: lists, people, and what was written and shaped before somebody asked for the plan."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from dispatch.acts import approval, pausing, shaping, timing
from dispatch.acts import issue as issue_acts
from dispatch.acts.act import ActError, Desk
from dispatch.acts.moment import Moment
from dispatch.acts.shaping import Wish
from dispatch.model.issue import BEGUN, UNBEGUN, Issue
from dispatch.model.post import PostState
from dispatch.store import issues, posts

from .conftest import World

STARTS = tuple(datetime(2026, *day, 9, tzinfo=UTC) for day in ((3, 2), (3, 23), (10, 20)))  # into each DST night
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC")
LANGUAGES = ("en", "de", "fr")
TAGS = ("sea", "land")
SLUGS = ("news", "tides")
AHEAD = (1, 7, 20, 47, 100, 170, 220)  # hours
Step = tuple[str, int, int]


@dataclass(frozen=True)
class Drawn:
    """One world."""

    start: datetime
    lists: Mapping[str, Mapping[str, Any]]
    people: Sequence[Mapping[str, str]]
    steps: Sequence[Step]
    outage: int  # hours between the last pass and the plan


hours = st.sampled_from(["00:30", "02:30", "08:00", "19:15"])
list_tables = st.fixed_dictionaries(
    {
        "cadence": st.sampled_from(["daily", "weekly", "immediate"]),
        "timezone": st.sampled_from(ZONES),
        "local_time": st.booleans(),
        "min_posts": st.sampled_from([1, 1, 2]),
        "max_posts": st.sampled_from([None, None, 1, 2]),
        "cutoff": st.sampled_from(["0 minutes", "3 hours", "30 hours"]),
        "late": st.sampled_from(["1 hour", "24 hours"]),
        "if_late": st.sampled_from(["ask", "send", "skip"]),
        "approval": st.sampled_from([False, False, False, True]),
        "fallback": st.sampled_from(["other", "skip"]),
        "tags": st.sampled_from([[], [], ["sea"]]),
        "daily": hours,
        "weekly": hours.map(lambda at: f"tue,fri {at}"),
        "monthly": hours.map(lambda at: f"10,last {at}"),
    }
)
cells = st.fixed_dictionaries(
    {
        "lists": st.sampled_from(["news", "tides", "news;tides"]),
        "cadence": st.sampled_from(["immediate", "daily", "weekly", "monthly"]),
        "tags": st.sampled_from(["", "", "sea", "land", "sea;land"]),
        "timezone": st.sampled_from(["", *ZONES]),
        "hour": st.sampled_from(["", "", "06:45", "22:00"]),
        "language": st.sampled_from(["", *LANGUAGES]),
    }
)
STEPS = (
    *("publish", "publish", "publish", "publish_ahead", "publish_ahead", "translate", "wait", "wait", "work", "work"),
    *("rest", "make", "make", "schedule", "schedule", "schedule_locally", "correct", "leave_out", "put_first"),
    *("approve", "cancel", "send", "pause_list", "withdraw"),
)
worlds = st.builds(
    Drawn,
    start=st.sampled_from(STARTS),
    lists=st.fixed_dictionaries(dict.fromkeys(SLUGS, list_tables)),
    people=st.lists(cells, min_size=2, max_size=8),
    steps=st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 11), st.integers(0, 11)), min_size=6, max_size=18),
    outage=st.sampled_from([0, 0, 1, 5, 30, 60]),
)


def table(slug: str, drawn: Mapping[str, Any]) -> str:
    """A list as dispatch.toml describes it."""
    own = [f"{key} = {_toml(value)}" for key, value in drawn.items() if key not in SLOTS and value is not None]
    at = [f'{key} = "{drawn[key]}"' for key in SLOTS]
    offered = 'cadences = ["immediate", "daily", "weekly", "monthly"]\nsince = 2026-03-01\nhold = "0 minutes"'
    return "\n".join([f"[lists.{slug}]", *own, offered, f"[lists.{slug}.at]", *at, ""])


SLOTS = ("daily", "weekly", "monthly")


def _toml(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else repr(value)


@dataclass
class Editors:
    """Bring a world about, step by step; what cannot be done is left."""

    world: World
    people: Sequence[str]
    titles: list[str] = field(default_factory=list)

    async def step(self, name: str, one: int, other: int) -> None:
        """Do one thing; the numbers say to whom and what."""
        with suppress(ActError):
            await getattr(self, name)(one, other)

    async def publish(self, one: int, other: int, **front: Any) -> None:
        """A new post, seen at once."""
        self.titles.append(f"post{len(self.titles)}")
        tags = ("[sea]", "[land]", "[sea, land]")[one % 3]
        self.world.later(minutes=1)
        self.world.write(self.titles[-1], tags=tags, language=LANGUAGES[other % 3], **front)
        await self.work(0, 0)

    async def publish_ahead(self, one: int, other: int) -> None:
        """A post whose date lies ahead."""
        date = self.world.now + timedelta(hours=AHEAD[one % len(AHEAD)])
        await self.publish(one, other, date=f"{date.isoformat()}")

    async def translate(self, one: int, other: int) -> None:
        """One story in two languages, perhaps the second of them later."""
        key = f"story{one % 3}"
        later = self.world.now + timedelta(hours=AHEAD[one % len(AHEAD)])
        await self.publish(one, other, translation=key)
        await self.publish(one, other + 1, translation=key, **({"date": later.isoformat()} if one % 2 else {}))

    async def withdraw(self, one: int, other: int) -> None:
        """A post is taken back."""
        if self.titles:
            self.world.write(self.titles[one % len(self.titles)], draft="true")
            await self.work(0, 0)

    async def wait(self, one: int, other: int) -> None:
        """Time goes by."""
        self.world.later(hours=(1, 5, 11, 24, 50)[one % 5])

    async def work(self, one: int, other: int) -> None:
        """One pass."""
        await self.world.work(hold=False)

    async def rest(self, one: int, other: int) -> None:
        """Somebody is away for a while."""
        until = self.world.now + timedelta(hours=AHEAD[other % len(AHEAD)])
        moment = Moment(until, until.replace(tzinfo=None), "UTC")
        await pausing.stay_away(self.world.desk, self.people[one % len(self.people)], moment)

    async def pause_list(self, one: int, other: int) -> None:
        """A list is paused, or goes on."""
        act = pausing.pause_list if one % 3 == 0 else pausing.resume_list
        await act(self.world.desk, SLUGS[other % 2])

    async def make(self, one: int, other: int) -> None:
        """An issue by hand."""
        ids = await self._live()
        chosen = tuple(dict.fromkeys(ids[number % len(ids)] for number in (one, other))) if ids else ()
        await shaping.make(self.world.desk, SLUGS[one % 2], Wish(posts=chosen, intro="Dear all" if other % 2 else None))

    async def correct(self, one: int, other: int) -> None:
        """An issue by hand for those who got another."""
        begun = [number for number in range(1, 40) if (await self._sent(number))]
        ids = await self._live()
        if begun and ids:
            sent = await self.world.issue(begun[one % len(begun)])
            wish = Wish(posts=(ids[other % len(ids)],), intro="Sorry")
            number = await shaping.make(self.world.desk, sent.list_slug, wish, corrects=(sent.number, 1))
            await self._schedule(number, other)

    async def schedule(self, one: int, other: int) -> None:
        """An issue is given a time."""
        await self._schedule(await self._one_of(one), other)

    async def schedule_locally(self, one: int, other: int) -> None:
        """An issue by hand is given a wall-clock time for each zone."""
        await self._schedule(await self._one_of(one), other, local_time=True)

    async def _schedule(self, number: int, other: int, *, local_time: bool = False) -> None:
        at = self.world.now + timedelta(hours=AHEAD[other % len(AHEAD)])
        moment = Moment(at, at.replace(tzinfo=None, second=0, microsecond=0), "UTC")
        await timing.schedule(self.world.desk, number, moment, local_time=local_time)

    async def send(self, one: int, other: int) -> None:
        """An issue goes with the next pass."""
        await timing.send(self.world.desk, await self._one_of(one))

    async def cancel(self, one: int, other: int) -> None:
        """An issue is cancelled."""
        await issue_acts.cancel(self.world.desk, await self._one_of(one))

    async def approve(self, one: int, other: int) -> None:
        """A second person approves."""
        await approval.approve(Desk(self.world.context, "other"), await self._one_of(one))

    async def leave_out(self, one: int, other: int) -> None:
        """An editor does not want a post."""
        await self._shape(one, lambda ids: Wish(leave_out=(ids[other % len(ids)],)))

    async def put_first(self, one: int, other: int) -> None:
        """An editor wants a post first."""
        await self._shape(one, lambda ids: Wish(posts=(ids[other % len(ids)],), subject="Look"))

    async def _shape(self, one: int, wish: Any) -> None:
        if ids := await self._live():
            await shaping.shape(self.world.desk, await self._one_of(one), wish(ids))

    async def _live(self) -> list[int]:
        async with self.world.context.store.read() as tx:
            return sorted(post.id for post in await posts.everything(tx, 100, PostState.LIVE))

    async def _sent(self, number: int) -> Issue | None:
        async with self.world.context.store.read() as tx:
            found = await issues.get(tx, number)
        return found if found and found.frozen else None

    async def _one_of(self, one: int) -> int:
        async with self.world.context.store.read() as tx:
            waiting = await issues.in_states(tx, [*UNBEGUN, *BEGUN])
        if not waiting:
            raise ActError("There is none.")
        return waiting[one % len(waiting)].number


def write_people(world: World, drawn: Drawn) -> list[str]:
    """The people's file; hours of their own only where every list of theirs allows them."""
    rows, addresses = [], []
    for number, one in enumerate(drawn.people):
        addresses.append(f"reader{number}@example.org")
        local = all(drawn.lists[slug]["local_time"] for slug in one["lists"].split(";"))
        row = {**one, "hour": one["hour"] if local else ""}
        rows.append(",".join([addresses[-1], *row.values()]))
    world.people("news", *rows, columns=",".join(["email", *drawn.people[0]]))
    return addresses
