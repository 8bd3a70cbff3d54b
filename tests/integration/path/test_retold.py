"""A story that is told again, by another source: whoever had it once does not get it twice."""

from dispatch.acts import shaping, timing
from dispatch.acts.shaping import Wish

from .conftest import Publish, World

TABLES = (
    '[lists.daily]\ncadence = "daily"\nsince = 2026-03-01\n'
    '[sources.wire]\ntype = "folder"\npath = "wire"\n'
)  # fmt: skip
TITLES = ("Original", "Copy")


async def begin(world: World, person: str = "ada@example.org,") -> None:
    """A reader, perhaps with tags, before the first post."""
    (world.folder / "wire").mkdir()
    world.people("daily", person, columns="email,tags")
    await world.work()


def copy(world: World, tags: str = "[]") -> None:
    """The story once more, from the other source."""
    front = f"title: Copy\ncanonical: https://sea.example/posts/original\ntags: {tags}"
    world.place("wire/copy.md", f"---\n{front}\n---\n\nText.\n")


async def by_hand(world: World, title: str) -> None:
    """An editor sends one post to everybody."""
    number = await shaping.make(world.desk, "daily", Wish(posts=(await world.post_id(title),)))
    await timing.send(world.desk, number)
    await world.work()


async def next_day(world: World) -> None:
    """Let a slot pass."""
    world.later(hours=24)
    await world.work()


async def test_a_story_that_moves_to_another_source_is_no_new_one(publish: Publish) -> None:
    """Its first telling was mailed and withdrawn; its second is not mailed."""
    async with publish(TABLES) as world:
        await begin(world)
        for title in ("Original", "One", "Two", "Three"):
            world.write(title)
        await next_day(world)
        (world.folder / "posts" / "Original.md").unlink()
        copy(world)
        await next_day(world)
        assert world.got("ada", TITLES) == [("Original",)]


async def test_a_copy_that_came_by_hand_stands_for_its_original(publish: Publish) -> None:
    """Though the original arrived first, and is still owed."""
    async with publish(TABLES) as world:
        await begin(world)
        world.write("Original")
        await world.work()
        copy(world)
        await world.work()
        await by_hand(world, "Copy")
        await next_day(world)
        assert world.got("ada", TITLES) == [("Copy",)]


async def test_what_came_by_hand_counts_whatever_the_tags(publish: Publish) -> None:
    """Somebody got a story that they had not asked for; its copy under a tag of theirs is the same story."""
    async with publish(TABLES) as world:
        await begin(world, "ada@example.org,land")
        world.write("Original", tags="[sea]")
        await world.work()
        await by_hand(world, "Original")
        copy(world, "[land]")
        await world.work()
        await next_day(world)
        assert world.got("ada", TITLES) == [("Original",)]
