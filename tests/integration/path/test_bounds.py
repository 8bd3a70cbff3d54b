"""How much, how little and in which language a digest holds; and who rests meanwhile."""

from datetime import timedelta

import pytest

from dispatch.acts import pausing
from dispatch.acts.moment import moment
from dispatch.model.issue import IssueState

from .conftest import Publish, World

DAILY = '[lists.news]\ncadence = "daily"\ncadences = ["immediate"]\nsince = 2026-03-01\nhold = "0 minutes"\n'
ON_EACH = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
ADA = "ada@example.org"


async def write(world: World, *titles: str, **front: str) -> None:
    """Posts, a minute apart."""
    for title in titles:
        world.later(minutes=1)
        world.write(title, **front)
        await world.work()


async def mornings(world: World, days: int = 1) -> None:
    """Walk over so many slots."""
    for _ in range(days):
        world.now = (world.now + timedelta(days=1)).replace(hour=7, minute=30)
        await world.work()


@ON_EACH
async def test_too_few_posts_wait_for_each_reader_by_themselves(publish: Publish) -> None:
    """Who has three gets them; who has two of them waits, loses none and gets none twice."""
    async with publish(DAILY + "min_posts = 3\n") as world:
        world.people("news", f"{ADA},", "bob@example.org,sea", columns="email,tags")
        await world.work()
        await write(world, "One", "Two", tags="[sea]")
        await mornings(world)
        assert not world.mails()
        await write(world, "Three")
        await mornings(world)
        await write(world, "Four", tags="[sea]")
        await mornings(world, 2)
        titles = ["One", "Two", "Three", "Four"]
        assert world.got("ada", titles) == [("One", "Three", "Two")]
        assert world.got("bob", titles) == [("Four", "One", "Two")]
        await write(world, "Five", "Six")
        await mornings(world)
        assert world.got("ada", [*titles, "Five", "Six"])[1:] == [("Five", "Four", "Six")]


async def test_what_is_over_the_limit_counts_as_served(publish: Publish) -> None:
    """The newest are shown, the mail says how many more there are, and they do not come again."""
    async with publish(DAILY + "max_posts = 2\n") as world:
        world.people("news", ADA)
        await world.work()
        await write(world, "One", "Two", "Three", "Four")
        await mornings(world, 2)
        (mail,) = world.mails()
        assert world.got("ada", ["One", "Two", "Three", "Four"]) == [("Four", "Three")]
        assert "2 more on the web" in mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]


@ON_EACH
@pytest.mark.parametrize("cadence", ["daily", "immediate"])
async def test_whoever_was_away_gets_what_they_missed_once(publish: Publish, cadence: str) -> None:
    """Nothing comes while they are away; on their return all of it does, without waiting for a new post."""
    async with publish(DAILY) as world:
        world.people("news", f"{ADA},{cadence}", f"bob@example.org,{cadence}", columns="email,cadence")
        await world.work()
        until = moment("2026-03-06T12:00", "Europe/Berlin", world.now)
        await pausing.stay_away(world.desk, ADA, until)
        await write(world, "One")
        await mornings(world)
        await write(world, "Two")
        await mornings(world)
        assert world.got("ada", ["One", "Two"]) == []
        assert world.got("bob", ["One", "Two"]) == [("One",), ("Two",)]
        world.now = until.instant
        await world.work()
        await mornings(world, 3)
        assert world.got("ada", ["One", "Two"]) == [("One", "Two")]
        assert len(world.got("bob", ["One", "Two"])) == 2


async def test_a_paused_list_begins_nothing_and_catches_up_once(publish: Publish) -> None:
    """Slots pass; when the list goes on, one digest holds what has waited."""
    async with publish(DAILY) as world:
        world.people("news", ADA, "bob@example.org,immediate", columns="email,cadence")
        await world.work()
        await pausing.pause_list(world.desk, "news")
        await write(world, "One")
        await mornings(world, 2)
        assert not world.mails()
        await pausing.resume_list(world.desk, "news")
        await world.work()
        await mornings(world)
        for who in ("ada", "bob"):
            assert world.got(who, ["One"]) == [("One",)]


async def test_the_same_story_from_two_sources_comes_once(publish: Publish) -> None:
    """The one that came first; its copies come neither with it nor later."""
    sources = "".join(f'[sources.{name}]\ntype = "folder"\npath = "{name}"\n' for name in ("other", "third"))
    async with publish(DAILY + sources) as world:
        world.people("news", ADA)
        await world.work()
        canonical = "https://www.elsewhere.example/story?utm_source=feed"
        await write(world, "Original", canonical="https://elsewhere.example/story/")
        world.place("other/copy.md", f"---\ntitle: Copy\ncanonical: {canonical}\n---\n\nText.\n")
        await mornings(world)
        world.place("third/again.md", f"---\ntitle: Again\ncanonical: {canonical}\n---\n\nText.\n")
        await mornings(world, 2)
        assert world.got("ada", ["Original", "Copy", "Again"]) == [("Original",)]


@pytest.mark.parametrize(("fallback", "got"), [("other", [("Hello",)]), ("skip", [("Hallo",)])])
async def test_a_translation_that_comes_later(publish: Publish, fallback: str, got: list[tuple[str, ...]]) -> None:
    """Who had the story in another language has had it; who waited for their own gets it then."""
    async with publish(DAILY + f'fallback = "{fallback}"\n') as world:
        world.people("news", f"{ADA},de", columns="email,language")
        await world.work()
        await write(world, "Hello", lang="en", translation="greeting")
        await mornings(world)
        await write(world, "Hallo", lang="de", translation="greeting")
        await mornings(world, 2)
        assert world.got("ada", ["Hello", "Hallo"]) == got


async def test_a_list_by_hand_makes_no_issues_by_itself(publish: Publish) -> None:
    """Its people get what an editor sends, and nothing else."""
    async with publish('[lists.news]\ncadence = "by hand"\nsince = 2026-03-01\n') as world:
        world.people("news", ADA)
        await world.work()
        await write(world, "One")
        await mornings(world, 8)
        assert await world.states() == []


async def test_a_cron_line_is_an_hour(publish: Publish) -> None:
    """Twice a day, at the list's place."""
    async with publish(DAILY + 'at = "0 8,18 * * *"\n') as world:
        world.people("news", ADA)
        await world.work()
        for hour in (17, 7, 17, 7):
            await write(world, f"Post{world.now:%d%H}")
            world.now = (world.now + timedelta(hours=24 if hour == 7 else 0)).replace(hour=hour, minute=30)
            await world.work()
        assert await world.states() == [IssueState.SENT] * 4
