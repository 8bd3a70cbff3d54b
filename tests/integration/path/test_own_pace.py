"""Each subscriber their own pace: whatever they change, and whatever is cancelled, each post comes once (law 4).

The oracle keeps for every person the set of posts that they are owed. It knows sets and no marks.
"""

import asyncio
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from dispatch.acts import change as changes
from dispatch.acts import issue as issue_acts
from dispatch.acts import people
from dispatch.context import Context
from dispatch.deliver.run import run_chunk
from dispatch.model.delivery import SendState
from dispatch.model.issue import Issue, IssueState
from dispatch.model.subscriber import Cadence
from dispatch.publish.collecting import collect
from dispatch.publish.composing import compose
from dispatch.publish.freezing import freeze
from dispatch.publish.joining import starting_marks
from dispatch.store import issues, posts
from dispatch.store.schema import cohort, delivery

from .conftest import HEAD, Publish, World

TABLES = (
    '[lists.mixed]\ncadence = "immediate"\ncadences = ["daily", "weekly"]\nsince = 2026-03-01\nhold = "0 minutes"\n'
    'if_late = "send"\n'
    '[lists.mixed.at]\ndaily = "08:00"\nweekly = "mon 08:00"\n'
)
PEOPLE = ("ada", "bob", "cleo", "dora")
LANGUAGES = {"ada": "en", "bob": "de", "cleo": "fr", "dora": "en"}  # a cohort each, so a chunk each
TAGS = ("sea", "land")
Step = tuple[str, int, int]


@dataclass
class Person:
    """What the oracle knows of somebody."""

    cadence: Cadence
    tags: frozenset[str]  # empty: everything
    owed: set[int] = field(default_factory=set)  # arrivals
    under_way: dict[int, set[int]] = field(default_factory=dict)  # by issue: what would come back
    got: list[int] = field(default_factory=list)

    def wants(self, tag: str) -> bool:
        """Whether a post with this tag is one for them."""
        return not self.tags or tag in self.tags

    def choose(self, tags: frozenset[str], tag_of: dict[int, str]) -> None:
        """Other tags from now on: of what is owed stays what they had before and still want."""
        self.tags = tags
        for owed in (self.owed, *self.under_way.values()):
            owed -= {one for one in owed if not self.wants(tag_of[one])}


@dataclass
class Oracle:
    """Says who is owed which post."""

    people: dict[str, Person] = field(default_factory=dict)
    tag_of: dict[int, str] = field(default_factory=dict)
    stopped: set[int] = field(default_factory=set)  # arrivals whose immediate issue was cancelled before it began

    def arrive(self, arrival: int, tag: str) -> None:
        """A post is there."""
        self.tag_of[arrival] = tag
        for person in self.people.values():
            if person.wants(tag):
                person.owed.add(arrival)

    def begin(self, issue: Issue) -> dict[str, set[int]]:
        """An issue starts: what each person gets with it."""
        found = {}
        for name, person in self.people.items():
            if person.cadence is issue.cadence:
                due = {one for one in person.owed if one <= issue.last_arrival}
                person.owed -= due
                due -= self.stopped if issue.cadence is Cadence.IMMEDIATE else set()
                if due:
                    found[name] = person.under_way[issue.number] = due
        return {name: set(due) for name, due in found.items()}

    def end(self, number: int, name: str, *, arrived: bool) -> None:
        """A delivery has ended: it is there, or its posts are owed again."""
        due = self.people[name].under_way.pop(number)
        if arrived:
            self.people[name].got += sorted(due)
        else:
            self.people[name].owed |= due


@dataclass
class Stage:
    """The publication and its oracle, side by side."""

    world: World
    context: Context
    oracle: Oracle = field(default_factory=Oracle)

    async def step(self, name: str, one: int, other: int) -> None:
        """Do one thing; the numbers say to whom and what."""
        await getattr(self, name)(one, other)

    async def publish(self, one: int, other: int) -> None:
        """A new post."""
        self.world.later(minutes=1)
        tag = TAGS[one % len(TAGS)]
        name = f"post{len(self.oracle.tag_of)}"
        self.world.write(name, tags=f"[{tag}]")
        await collect(self.context, self.world.now)
        async with self.context.store.read() as tx:
            (newest,) = await posts.arrived(tx, len(self.oracle.tag_of), 10**6)
        self.oracle.arrive(newest.arrival or 0, tag)

    async def join(self, one: int, other: int) -> None:
        """Somebody joins, if they have not."""
        name = PEOPLE[one % len(PEOPLE)]
        if name in self.oracle.people:
            return
        cadence, tags = _cadence(other), _tags(other)
        cells = {"email": f"{name}@example.org", "lists": "mixed", "cadence": cadence, "tags": ";".join(tags)}
        await people.add(self.world.desk, {**cells, "language": LANGUAGES[name]}, again=False)
        person = self.oracle.people[name] = Person(cadence, tags)
        start = await self.start(cadence)
        person.owed = {one for one, tag in self.oracle.tag_of.items() if one > start and person.wants(tag)}

    async def start(self, cadence: Cadence) -> int:
        """Where newcomers begin."""
        async with self.context.store.read() as tx:
            return (await starting_marks(tx))["mixed", cadence]

    async def change_cadence(self, one: int, other: int) -> None:
        """Somebody wants another pace."""
        if person := self.oracle.people.get(PEOPLE[one % len(PEOPLE)]):
            person.cadence = _cadence(other)
            await self.change(one, cadence=person.cadence.value)

    async def change_tags(self, one: int, other: int) -> None:
        """Somebody wants other posts."""
        if person := self.oracle.people.get(PEOPLE[one % len(PEOPLE)]):
            person.choose(_tags(other), self.oracle.tag_of)
            await self.change(one, tags=";".join(person.tags))

    async def change(self, one: int, **cells: str) -> None:
        """As an editor does it."""
        await changes.change(self.world.desk, f"{PEOPLE[one % len(PEOPLE)]}@example.org", changes.Change(cells))

    async def compose(self, one: int, other: int) -> None:
        """Issues are made of what is due; an hour, a day or a week has gone by."""
        self.world.later(hours=(1, 24, 168)[one % 3])
        await compose(self.context, self.world.now)

    async def stop(self, one: int, other: int) -> None:
        """An issue is cancelled before it begins."""
        held = await self.in_state(IssueState.HELD)
        if held:
            issue = held[one % len(held)]
            await issue_acts.cancel(self.world.desk, issue.number)
            if issue.cadence is Cadence.IMMEDIATE:
                self.oracle.stopped |= set(range(issue.first_arrival, issue.last_arrival + 1))

    async def begin(self, one: int, other: int) -> None:
        """What is composed starts; each person's share is what the oracle says."""
        held = sorted(await self.in_state(IssueState.HELD), key=lambda issue: issue.first_arrival)
        await freeze(self.context, self.world.now)
        for issue in held:
            assert await self.brought(issue.number) == self.oracle.begin(issue), issue

    async def deliver(self, one: int, other: int) -> None:
        """A chunk of an issue goes out."""
        sending = await self.in_state(IssueState.SENDING)
        if sending:
            issue = sending[one % len(sending)]
            await run_chunk(self.context, issue.number, other % 3)
            await self.settle(issue.number)

    async def cancel(self, one: int, other: int) -> None:
        """An issue under way is cancelled; who was not reached is owed its posts."""
        sending = await self.in_state(IssueState.SENDING)
        if sending:
            issue = sending[one % len(sending)]
            await issue_acts.cancel(self.world.desk, issue.number)
            await self.settle(issue.number)

    async def settle(self, number: int) -> None:
        """Tell the oracle which deliveries have ended."""
        for name, state in (await self.world.ledger(number)).items():
            if number in self.oracle.people[name].under_way and state != SendState.PENDING:
                self.oracle.end(number, name, arrived=state == SendState.ACCEPTED)

    async def in_state(self, state: IssueState) -> list[Issue]:
        """Issues that stand so."""
        async with self.context.store.read() as tx:
            return await issues.in_states(tx, [state])

    async def brought(self, number: int) -> dict[str, set[int]]:
        """The arrivals that an issue holds for each person, as the store has it."""
        statement = (
            select(delivery.c.email, cohort.c.posts)
            .join(cohort, (cohort.c.issue == delivery.c.issue) & (cohort.c.number == delivery.c.cohort))
            .where(delivery.c.issue == number)
        )
        async with self.context.store.read() as tx:
            rows = (await tx.execute(statement)).all()
            known = await posts.many(tx, {one for row in rows for one in row.posts})
        return {row.email.partition("@")[0]: {known[one].arrival or 0 for one in row.posts} for row in rows}

    async def finish(self) -> None:
        """Let everything go out."""
        for _ in range(2):
            await self.compose(2, 0)
            await self.begin(0, 0)
            for issue in await self.in_state(IssueState.SENDING):
                for chunk in range(4):
                    await run_chunk(self.context, issue.number, chunk)
                await self.settle(issue.number)


def _cadence(number: int) -> Cadence:
    return (Cadence.IMMEDIATE, Cadence.DAILY, Cadence.WEEKLY)[number % 3]


def _tags(number: int) -> frozenset[str]:
    return (frozenset(), frozenset(TAGS[:1]), frozenset(TAGS), frozenset(TAGS[1:]))[number % 4]


async def play(source: Path, steps: Sequence[Step]) -> Oracle:
    """Play steps on a copy of an empty publication, then let everything go out."""
    with TemporaryDirectory() as name:
        folder = Path(name) / "publication"
        shutil.copytree(source, folder)
        async with World(folder).open() as world:
            stage = Stage(world, world.context)
            for step in steps:
                await stage.step(*step)
            await stage.finish()
            return stage.oracle


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A publication after its first pass, with no posts and nobody to read them."""
    folder = tmp_path_factory.mktemp("empty")
    (folder / "dispatch.toml").write_text(HEAD + TABLES)
    for name in ("posts", "subscribers"):
        (folder / name).mkdir()

    async def prepare() -> None:
        world = World(folder)
        async with world.open():
            await collect(world.context, world.now)

    asyncio.run(prepare())
    return folder


STEPS = (
    "publish", "publish", "publish", "join", "change_cadence", "change_tags", "compose", "begin", "begin",
    "deliver", "cancel", "stop",
)  # fmt: skip
step_lists = st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 11), st.integers(0, 11)), max_size=30)
JOINED = [("join", 0, 0), ("join", 1, 2), ("join", 2, 1)]
READY = [("publish", 0, 0), ("compose", 0, 0), ("begin", 0, 0)]


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@example(steps=[*JOINED, *READY, ("deliver", 0, 0), ("change_cadence", 1, 0), *READY])  # weekly to immediate
@example(steps=[*JOINED, *READY, *READY, ("deliver", 1, 0), ("cancel", 0, 0), *READY])  # an earlier issue cancelled
@example(steps=[*JOINED, *READY, ("cancel", 0, 0), ("change_cadence", 0, 2), *READY])
@example(steps=[*JOINED, ("publish", 1, 0), ("change_tags", 1, 1), ("publish", 1, 0), ("change_tags", 1, 2), *READY])
@example(steps=[*JOINED, ("publish", 0, 0), ("compose", 0, 0), ("stop", 0, 0), *READY])
@given(steps=step_lists)
def test_each_post_comes_once_to_whoever_wants_it(empty: Path, steps: list[Step]) -> None:
    """Each issue holds for each person exactly what the oracle says, and in the end nobody was missed or had twice."""
    oracle = asyncio.run(play(empty, steps))
    for person in oracle.people.values():
        assert len(person.got) == len(set(person.got))


async def test_whoever_adds_a_tag_gets_the_very_next_issue(publish: Publish) -> None:
    """A tag added between two issues costs nobody the second: one gets it for the old tag, one for the new."""
    async with publish('[lists.news]\nsince = 2026-03-01\ntags = ["sea", "land"]\n') as world:
        world.people("news", "ada@example.org,sea", "bob@example.org,sea", columns="email,tags")
        world.write("Ebb", tags="[sea]")
        await world.work(hold=False)
        await changes.change(world.desk, "ada@example.org", changes.Change({"tags": "sea;land"}, "news"))
        world.later(hours=1)
        world.write("Flood", tags="[sea]")
        await world.work(hold=False)
        world.later(hours=1)
        world.write("Field", tags="[land]")
        await world.work(hold=False)
        assert world.got("ada", ["Ebb", "Flood", "Field"]) == [("Ebb",), ("Flood",), ("Field",)]
        assert world.got("bob", ["Ebb", "Flood", "Field"]) == [("Ebb",), ("Flood",)]
