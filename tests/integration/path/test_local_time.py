"""Each reader at their own hour: one issue a slot, neither none nor two, also in the nights when clocks change."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dispatch.acts import shaping, timing
from dispatch.acts.act import ActError
from dispatch.acts.moment import moment
from dispatch.acts.prospect import prospect
from dispatch.acts.report import wakeups
from dispatch.acts.shaping import Wish
from dispatch.model.issue import IssueState
from dispatch.store import subscribers

from .conftest import Publish, World

TABLES = (
    '[lists.news]\ncadence = "daily"\nsince = 2026-03-01\nlocal_time = true\nif_late = "send"\n'
    '[lists.news.at]\ndaily = "08:00"\n'
)
ZONES = {
    "ann": "Pacific/Auckland",
    "ben": "Europe/Berlin",
    "lou": "Australia/Lord_Howe",
    "leo": "America/Los_Angeles",
    "sam": "America/Santiago",
    "ned": "America/New_York",
}
ON_EACH = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)


async def people(world: World) -> None:
    """One reader a zone, before the first post."""
    rows = [f"{name}@example.org,{zone}" for name, zone in ZONES.items()]
    world.people("news", *rows, "own@example.org,", columns="email,timezone")
    await world.work()


def mailed(world: World) -> Counter[str]:
    """How many mails each person has."""
    return Counter(str(mail["To"]).partition("@")[0] for mail in world.mails())


async def walk(world: World, until: datetime) -> dict[str, list[datetime]]:
    """Go from wake-up to wake-up; when each person's mails left."""
    left: dict[str, list[datetime]] = {}
    seen = mailed(world)
    while world.now < until:
        coming = [one.at for one in await wakeups(world.context) if one.at > world.now]
        world.now = min([*coming, until])
        await world.work()
        now = mailed(world)
        for name, count in (now - seen).items():
            left.setdefault(name, []).extend([world.now] * count)
        seen = now
    return left


@ON_EACH
async def test_each_zone_has_its_own_morning(publish: Publish) -> None:
    """One issue, and everybody's mail leaves at eight where they are; whoever has no zone is where the list is."""
    async with publish(TABLES) as world:
        await people(world)
        world.write("Alpha")
        await world.work()
        left = await walk(world, world.now + timedelta(days=2))
        assert await world.states() == [IssueState.SENT]
        for name, zone in {**ZONES, "own": "Europe/Berlin"}.items():
            (at,) = left[name]
            assert f"{at.astimezone(ZoneInfo(zone)):%H:%M}" == "08:00", name


@pytest.mark.parametrize("start", ["2026-03-06", "2026-03-27", "2026-04-03", "2026-09-04", "2026-10-02", "2026-10-23"])
async def test_no_day_is_left_out_and_none_comes_twice(publish: Publish, start: str) -> None:
    """Over the clock changes of Berlin, New York, Lord Howe and Santiago each reader has one mail a day, at eight."""
    async with publish(TABLES) as world:
        world.now = datetime.fromisoformat(start).replace(hour=12, tzinfo=UTC)
        await people(world)
        left: dict[str, list[datetime]] = {}
        for day in range(4):
            world.write(f"Day{day}")
            await world.work()
            for name, moments in (await walk(world, world.now + timedelta(hours=24))).items():
                left.setdefault(name, []).extend(moments)
        for name, moments in (await walk(world, world.now + timedelta(hours=40))).items():
            left.setdefault(name, []).extend(moments)
        for name, zone in ZONES.items():
            walls = [at.astimezone(ZoneInfo(zone)) for at in left[name]]
            assert {f"{wall:%H:%M}" for wall in walls} == {"08:00"}, name
            assert len({wall.date() for wall in walls}) == len(walls), name
            assert sum(f"{name}@" in str(mail["To"]) for mail in world.mails()) == len(walls)
            assert world.got(name, [f"Day{day}" for day in range(4)]), name
            assert sorted(title for mail in world.got(name, [f"Day{day}" for day in range(4)]) for title in mail) == [
                "Day0", "Day1", "Day2", "Day3",
            ]  # fmt: skip


@ON_EACH
async def test_a_reader_may_have_an_hour_of_their_own(publish: Publish) -> None:
    """Theirs counts on the day of the slot, before or after the list's."""
    async with publish(TABLES) as world:
        await people(world)
        async with world.context.store.write() as tx:
            for name, hour in (("ben", "06:30"), ("own", "21:00")):
                (mine,) = await subscribers.of_address(tx, f"{name}@example.org")
                await subscribers.change_hour(tx, mine.subscriber.id, world.context.lists["news"].id, hour)
        world.write("Alpha")
        left = await walk(world, world.now + timedelta(days=2))
        berlin = ZoneInfo("Europe/Berlin")
        assert [f"{left[name][0].astimezone(berlin):%H:%M}" for name in ("ben", "own")] == ["06:30", "21:00"]


async def test_whoever_comes_first_sets_when_the_posts_are_closed(publish: Publish) -> None:
    """A post that comes after the first reader's hour is in nobody's digest of that day."""
    async with publish(TABLES) as world:
        await people(world)
        world.write("Alpha")
        await world.work()
        world.now = datetime(2026, 3, 2, 19, 30, tzinfo=UTC)  # 08:30 on Tuesday in Auckland
        await world.work()
        world.write("Bravo")
        await world.work()
        await walk(world, datetime(2026, 3, 3, 17, tzinfo=UTC))  # 09:00 on Tuesday in Los Angeles
        assert world.got("leo", ["Alpha", "Bravo"]) == [("Alpha",)]


async def test_an_issue_by_hand_may_go_at_local_time(publish: Publish) -> None:
    """At the hour that the editor names, wherever the reader is; a time that is past for some is refused."""
    async with publish(TABLES) as world:
        await people(world)
        number = await shaping.make(world.desk, "news", Wish(intro="Hello."))
        near = moment("in 2 hours", "Europe/Berlin", world.now)
        with pytest.raises(ActError, match="Pacific/Auckland"):
            await timing.schedule(world.desk, number, near, local_time=True)
        at = moment("2026-03-04T18:00", "Europe/Berlin", world.now)
        await timing.schedule(world.desk, number, at, local_time=True)
        first, last = (await prospect(world.desk, number)).leaves
        assert (first, last) == (datetime(2026, 3, 4, 5, tzinfo=UTC), datetime(2026, 3, 5, 2, tzinfo=UTC))
        left = await walk(world, world.now + timedelta(days=4))
        for name, zone in ZONES.items():
            assert [f"{at.astimezone(ZoneInfo(zone)):%d %H:%M}" for at in left[name]] == ["04 18:00"]


async def test_a_pause_keeps_the_hours_that_have_not_come(publish: Publish) -> None:
    """Whoever's morning is still to come when the issue goes on gets it then, not at once."""
    from dispatch.acts import issue

    async with publish(TABLES) as world:
        await people(world)
        world.write("Alpha")
        await world.work()
        world.now = datetime(2026, 3, 2, 19, 0, tzinfo=UTC)  # eight in Auckland
        await world.work()
        await issue.pause(world.desk, 1)
        await issue.resume(world.desk, 1)
        left = await walk(world, world.now + timedelta(days=2))
        for name in ("ben", "leo"):
            assert [f"{at.astimezone(ZoneInfo(ZONES[name])):%H:%M}" for at in left[name]] == ["08:00"]


async def test_a_zone_that_nobody_can_read_is_the_lists(publish: Publish) -> None:
    """One person's broken zone or hour keeps nobody waiting, and they get theirs with the list's."""
    async with publish(TABLES) as world:
        await people(world)
        async with world.context.store.write() as tx:
            (mine,) = await subscribers.of_address(tx, "own@example.org")
            await subscribers.change(tx, mine.subscriber.id, {"timezone": "Mars/Olympus"})
            await subscribers.change_hour(tx, mine.subscriber.id, world.context.lists["news"].id, "25:99")
        world.write("Alpha")
        left = await walk(world, world.now + timedelta(days=2))
        assert [f"{at.astimezone(ZoneInfo('Europe/Berlin')):%H:%M}" for at in left["own"]] == ["08:00"]
