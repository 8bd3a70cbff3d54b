"""What `plan` says for fourteen days is what passes then do, if nobody does anything and nothing new is written.

Worlds are drawn at random: lists, people, posts now and dated ahead, and what editors had done before. Then the clock
walks over every moment at which something is planned or wakes up by itself, and each gets the pass of `run --once`.
"""

import asyncio
import shutil
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from sqlalchemy import func, select

from dispatch.acts import approval, pausing
from dispatch.acts.act import Desk
from dispatch.acts.plan import Planned, plan
from dispatch.acts.report import wakeups
from dispatch.store import issues
from dispatch.store.schema import chunk, delivery

from .conftest import HEAD, Publish, World
from .drawn import STARTS, Drawn, Editors, table, worlds, write_people

DAYS = 14
Started = tuple[datetime, str, str, int, tuple[object, ...], tuple[datetime, ...]]


def foretold(planned: Sequence[Planned]) -> list[Started]:
    """What starts by itself, as the plan has it."""
    return sorted(
        (
            one.at,
            one.list_slug,
            one.cadence,
            one.people,
            tuple(sorted((share.language, share.posts, share.people) for share in one.cohorts)),
            one.leaves,
        )
        for one in planned
        if one.cohorts and not one.waits_for
    )


async def walk(world: World, planned: Sequence[Planned]) -> list[Started]:
    """Pass by pass through the days; what started."""
    until, found = world.now + timedelta(days=DAYS), []
    while True:
        await world.app.engine.housekeeping()
        done = await world.work(hold=False)
        found += [await started(world, number) for number in done.started]
        moments = {one.at for one in planned} | {one.at for one in await wakeups(world.context)}
        coming = min((at for at in moments if world.now < at <= until), default=None)
        if coming is None:
            return sorted(found)
        world.now = coming


async def started(world: World, number: int) -> Started:
    """An issue as it began."""
    issue = await world.issue(number)
    async with world.context.store.read() as tx:
        cohorts = await issues.cohorts_of(tx, number)
        counted = (
            select(delivery.c.cohort, func.count().label("count"))
            .where(delivery.c.issue == number)
            .group_by(delivery.c.cohort)
        )
        sizes = {row.cohort: row.count for row in await tx.execute(counted)}
        moments = select(chunk.c.not_before).where(chunk.c.issue == number)
        leaves = sorted(set((await tx.execute(moments)).scalars()))
    shares = tuple(sorted((row.language, row.posts, sizes[row.number]) for row in cohorts))
    ends = (leaves[0], leaves[-1]) if len(leaves) > 1 else ()
    return (world.now, issue.list_slug, issue.cadence.value, sum(sizes.values()), shares, ends)


async def play(template: Path, drawn: Drawn, store: str = "") -> tuple[list[Started], list[Started]]:
    """The plan, and what then happens."""
    with TemporaryDirectory() as name:
        folder = Path(name) / "publication"
        shutil.copytree(template, folder)
        tables = "".join(table(slug, own) for slug, own in drawn.lists.items())
        (folder / "dispatch.toml").write_text(HEAD + tables + store)
        async with World(folder, drawn.start).open() as world:
            addresses = write_people(world, drawn)
            await world.work(hold=False)
            editors = Editors(world, addresses)
            for step in drawn.steps:
                await editors.step(*step)
            world.later(hours=drawn.outage)
            planned = await plan(world.desk, world.now, DAYS)
            return foretold(planned), await walk(world, planned)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A publication after its first pass, without lists."""
    folder = tmp_path_factory.mktemp("template")
    (folder / "dispatch.toml").write_text(HEAD)
    for name in ("posts", "subscribers"):
        (folder / name).mkdir()

    async def prepare() -> None:
        async with World(folder, STARTS[0] - timedelta(days=1)).open() as world:
            await world.work(hold=False)

    asyncio.run(prepare())
    return folder


OFFERED = {"cadence": "daily", "timezone": "Europe/Berlin", "approval": False, "fallback": "other", "tags": []}
LATE = {"late": "24 hours", "if_late": "ask", "min_posts": 1, "max_posts": 2, "cutoff": "3 hours"}
AT = {"daily": "08:00", "weekly": "tue,fri 08:00", "monthly": "10,last 08:00"}
READER = {"lists": "news", "cadence": "daily", "tags": "", "timezone": "", "hour": "", "language": ""}
UNSEEN = Drawn(  # when its date came, nobody was there; the digest of the night closed between that and the plan
    start=STARTS[0],
    lists={
        slug: {**OFFERED, **LATE, **AT, "local_time": False, "max_posts": None, "cutoff": "30 hours", "daily": "00:30"}
        for slug in ("news", "tides")
    },
    people=[READER],
    steps=[("publish_ahead", 1, 1), ("publish_ahead", 2, 0), ("withdraw", 1, 0), ("publish", 0, 2)],
    outage=30,
)


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
)
@given(drawn=worlds)
@example(drawn=UNSEEN)
def test_what_is_planned_is_what_happens(template: Path, drawn: Drawn) -> None:
    """The same issues start at the same moments, with the same posts for as many people, and leave when it said."""
    planned, happened = asyncio.run(play(template, drawn))
    assert happened == planned


@pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
def test_the_plan_is_true_on_each_database(template: Path, database: str) -> None:
    """With hours of their own, somebody away, an issue for each zone and a correction."""
    drawn = Drawn(
        start=STARTS[1],
        lists={slug: {**OFFERED, **LATE, **AT, "local_time": slug == "news"} for slug in ("news", "tides")},
        people=[
            {**READER, "hour": "22:00", "language": "de"},
            {**READER, "timezone": "Australia/Lord_Howe", "tags": "sea"},
            {**READER, "lists": "news;tides", "cadence": "weekly"},
            {**READER, "cadence": "immediate"},
        ],
        steps=[
            *(("publish", 0, 0), ("publish", 1, 1), ("publish_ahead", 4, 0), ("translate", 3, 0), ("make", 0, 2)),
            *(("schedule_locally", 0, 3), ("rest", 1, 4), ("rest", 3, 2), ("correct", 0, 2), ("work", 0, 0)),
        ],
        outage=1,
    )
    planned, happened = asyncio.run(play(template, drawn, database))
    assert happened == planned
    assert len(planned) > 5


async def test_what_rests_is_planned_for_the_end_of_its_rest(publish: Publish) -> None:
    """An immediate issue that is held goes when the plan says, by a pass at that moment."""
    async with publish('[lists.news]\nsince = 2026-03-01\nhold = "30 minutes"\n') as world:
        world.people("news", "ada@example.org", "bob@example.org")
        world.write("Ebb")
        await world.work()
        (one,) = await plan(world.desk, world.now, DAYS)
        assert (one.at, one.number, one.posts, one.people) == (world.now + timedelta(minutes=30), 1, ("Ebb",), 2)
        world.now = one.at
        assert (await world.work(hold=False)).started == (1,)


async def test_what_waits_for_somebody_is_planned_as_waiting(publish: Publish) -> None:
    """It says for what, stands when it is due, and no pass starts it."""
    news = '[lists.news]\ncadence = "daily"\nsince = 2026-03-01\napproval = true\nat = "08:00"\n'
    async with publish(news) as world:
        world.people("news", "ada@example.org")
        world.write("Ebb")
        await world.work()
        first, *_ = await plan(world.desk, world.now, DAYS)
        assert (first.number, first.posts, first.waits_for) == (1, ("Ebb",), "approval")
        world.now = first.at
        assert (await world.work(hold=False)).started == ()
        await approval.approve(Desk(world.context, "other"), 1)
        first, *_ = await plan(world.desk, world.now, DAYS)
        assert (first.at, first.number, first.waits_for) == (world.now, 1, "")


async def test_a_paused_list_is_planned_as_waiting(publish: Publish) -> None:
    """What its next slot would bring waits for the list."""
    async with publish('[lists.news]\ncadence = "daily"\nsince = 2026-03-01\nat = "08:00"\n') as world:
        world.people("news", "ada@example.org")
        world.write("Ebb")
        await world.work()
        await pausing.pause_list(world.desk, "news")
        (one,) = await plan(world.desk, world.now, DAYS)
        assert (one.number, one.posts, one.waits_for) == (1, ("Ebb",), "its list, which is paused")
