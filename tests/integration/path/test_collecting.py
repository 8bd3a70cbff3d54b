"""What a look at the sources writes down of each post."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager
from datetime import timedelta

from PIL import Image

from dispatch.publish.collecting import collect
from dispatch.store import posts

from .conftest import World

Publish = Callable[..., AbstractAsyncContextManager[World]]


async def heads(world: World, *hours: float) -> list[int]:
    """The last arrivals so many hours ago."""
    async with world.context.store.read() as tx:
        return [await posts.head_at(tx, world.now - timedelta(hours=ago)) for ago in hours]


async def test_each_arrival_is_dated_by_when_readers_could_see_it(publish: Publish) -> None:
    """New or back from being a draft: the pass that found it; dated ahead: its date. That is what a cutoff asks for."""
    async with publish("") as world:
        world.write("First", date="2020-01-01")
        world.write("Later", date=(world.now + timedelta(hours=1)).isoformat())
        await collect(world.context, world.now)
        world.write("First", date="2020-01-01", draft="true")
        world.later(hours=2)
        await collect(world.context, world.now)
        world.later(hours=2)
        world.write("First", date="2020-01-01")
        await collect(world.context, world.now)
        assert await heads(world, 5, 4, 3, 2, 1, 0) == [0, 0, 2, 2, 2, 3]


async def test_a_post_keeps_the_address_and_the_guid_that_its_story_is_known_by(publish: Publish) -> None:
    """What front matter names, else its own page; an edit that names another changes no more than that."""
    async with publish("") as world:
        world.write("Own")
        world.write("Copy", canonical="http://www.news.example/1/?utm_source=x", guid="urn:x:1")
        await collect(world.context, world.now)
        before = await world.post_id("Own")
        world.later(hours=1)
        world.write("Own", canonical="https://news.example/2")
        await collect(world.context, world.now)
        async with world.context.store.read() as tx:
            found = {one.title: one for one in await posts.everything(tx, 9)}
        assert (found["Copy"].canonical, found["Copy"].guid) == ("https://news.example/1", "urn:x:1")
        assert (found["Own"].canonical, found["Own"].guid) == ("https://news.example/2", "")
        assert found["Own"].id == before
        assert found["Own"].changed < world.now


async def test_posts_of_an_older_store_get_the_address_of_their_story(publish: Publish) -> None:
    """An upgrade mails no copy of what was mailed before it."""
    async with publish("") as world:
        world.write("Own")
        await collect(world.context, world.now)
        async with world.context.store.write() as tx:
            await posts.change(tx, await world.post_id("Own"), {"canonical": "", "guid": ""})
        await collect(world.context, world.now)
        async with world.context.store.read() as tx:
            (own,) = await posts.everything(tx, 9)
        assert (own.canonical, own.guid) == ("https://sea.example/posts/own", own.uid)


async def live(world: World) -> set[str]:
    """The titles of all posts that readers can see."""
    async with world.context.store.read() as tx:
        return {one.title for one in await posts.newest(tx, 99)}


async def test_a_pass_called_off_ends_with_the_picture_in_hand(publish: Publish) -> None:
    """It takes no post and withdraws none; the next goes on, and makes no picture a second time."""
    async with publish("") as world:
        for name in "ABCD":
            world.write(name)
        await collect(world.context, world.now)
        (world.folder / "posts" / "A.md").unlink()
        for number in range(8):
            Image.new("RGB", (8, 8), (number, 0, 0)).save(world.folder / "posts" / f"{number}.webp", lossless=True)
        world.write("Album", "".join(f"![Boat]({number}.webp)\n" for number in range(8)))
        made = world.context.renditions
        await called_off(world, lambda: made.is_dir() and any(made.glob("[!.]*")))
        before = {file.name: file.stat().st_mtime_ns for file in made.glob("[!.]*")}
        assert 1 <= len(before) < 6
        assert await live(world) == set("ABCD")
        await collect(world.context, world.now)
        after = {file.name: file.stat().st_mtime_ns for file in made.glob("[!.]*")}
        assert before.items() <= after.items()
        assert len(after) == 8
        assert await live(world) == {"B", "C", "D", "Album"}


async def called_off(world: World, when: Callable[[], bool]) -> None:
    """A look at the sources until something is so; returns when all that it began is over."""
    loop, threads = asyncio.get_running_loop(), ThreadPoolExecutor()
    loop.set_default_executor(threads)
    task = asyncio.create_task(collect(world.context, world.now))
    while not when():
        assert not task.done()
        await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.wait([task])
    loop.set_default_executor(ThreadPoolExecutor())
    threads.shutdown()
