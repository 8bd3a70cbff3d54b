"""A subscriber's own feed: what it brings, and when its address counts."""

import re
from collections.abc import Sequence

import feedparser
import pytest
from sqlalchemy import event

from dispatch.acts import change, pausing, people, private_feed
from dispatch.acts.act import ActError
from dispatch.acts.change import Change
from dispatch.acts.post import withdraw
from dispatch.acts.preferences import ChoosingByLink
from dispatch.acts.private_reading import PrivateReading
from dispatch.acts.subscriber import unsubscribe
from dispatch.publish.collecting import collect
from dispatch.store import audit
from dispatch.store.posts import change as change_post

from .conftest import Publish, World
from .test_choosing import choosing, token_of

LISTS = """
[lists.news]
cadences = ["daily"]

[lists.letters]
tags = ["letter"]
fallback = "skip"
"""
ADA, BOB = "ada@example.org", "bob@example.org"
ON_EACH = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)


async def join(world: World, email: str = ADA, slug: str = "news", **cells: str) -> None:
    """Let somebody join a list."""
    await people.add(world.desk, {"email": email, "lists": slug, **cells}, again=True)


async def post(world: World, title: str, day: int = 1, **front: str) -> None:
    """Publish a post of a day in February."""
    world.write(title, date=f"2026-02-{day:02}", **front)
    await collect(world.context, world.now)


async def token(world: World, email: str = ADA) -> str:
    """That of the address at which somebody reads their own feed."""
    own = await private_feed.feed_of(world.desk, email)
    own = own if own.folder else await private_feed.renew(world.desk, email)
    return own.folder.rpartition("/")[2]


async def titles(world: World, email: str = ADA, reading: PrivateReading | None = None) -> list[str]:
    """What somebody's own feed brings."""
    return _titles((await (reading or PrivateReading(world.context)).read(await token(world, email), "feed.xml")).body)


def _titles(body: bytes | None) -> list[str]:
    found = feedparser.parse(body or b"")
    assert not found.bozo
    return [entry.title for entry in found.entries]


async def body(world: World, token: str) -> bytes | None:
    """What there is at an address."""
    return (await PrivateReading(world.context).read(token, "feed.xml")).body


@ON_EACH
async def test_it_brings_the_posts_of_their_lists_and_tags(publish: Publish) -> None:
    """Archive and all, newest first, each once; other tags bring other posts at the next request."""
    async with publish(LISTS) as world:
        await post(world, "Sea", 1, tags="[Sea, letter]")
        await post(world, "Owls", 2, tags="[owls]")
        await post(world, "Plain", 3)
        await join(world)
        assert await titles(world) == ["Plain", "Owls", "Sea"]
        await change.change(world.desk, ADA, Change({"tags": "sea;OWLS"}, "news"))
        assert await titles(world) == ["Owls", "Sea"]
        await join(world, slug="letters")
        assert await titles(world) == ["Owls", "Sea"]
        await unsubscribe(world.desk, ADA, "news")
        assert await titles(world) == ["Sea"]


@ON_EACH
async def test_nothing_shows_before_its_time_or_after_its_end(publish: Publish) -> None:
    """No draft, nothing dated ahead, withdrawn or hidden; a new post and an edit show at once."""
    async with publish(LISTS) as world:
        await join(world)
        reading = PrivateReading(world.context)
        await post(world, "Draft", draft="true")
        world.write("Ahead", date="2026-03-03T10:00:00Z")
        await post(world, "Kept", 4)
        await post(world, "Old", 3)
        assert await titles(world, reading=reading) == ["Kept", "Old"]
        await withdraw(world.desk, await world.post_id("Old"))
        assert await titles(world, reading=reading) == ["Kept"]
        world.later(days=2)
        world.write("Kept", "Other words.", title="Mended", date="2026-02-04")
        await collect(world.context, world.now)
        assert await titles(world, reading=reading) == ["Ahead", "Mended"]
        await post(world, "Mended too", 4, draft="true")
        (world.folder / "posts" / "Ahead.md").write_text("---\ntitle: Ahead\ndate: 2026-03-03\ndraft: true\n---\n")
        await collect(world.context, world.now)
        assert await titles(world, reading=reading) == ["Mended"]


@ON_EACH
async def test_each_story_is_told_once_in_their_language(publish: Publish) -> None:
    """As mail does: a list that skips what is not in it brings nothing else, and a second list repeats no story."""
    async with publish(LISTS) as world:
        await post(world, "Tides", 1, translation="tides", tags="[letter]", language="en")
        await post(world, "Gezeiten", 2, translation="tides", tags="[letter]", language="de")
        await post(world, "Only English", 3, tags="[letter]", language="en")
        await join(world, language="de-AT")
        await join(world, BOB)
        assert await titles(world) == ["Only English", "Gezeiten"]
        assert await titles(world, BOB) == ["Only English", "Tides"]
        await join(world, slug="letters")
        assert await titles(world) == ["Only English", "Gezeiten"]
        await unsubscribe(world.desk, ADA, "news")
        assert await titles(world) == ["Gezeiten"]


@pytest.mark.parametrize(("step", "apart"), [(1, 10), (2, 1)])
async def test_translations_take_no_room_from_other_posts(publish: Publish, step: int, apart: int) -> None:
    """A feed of so many entries has so many stories, though each is told twice, at once or days later."""
    async with publish(LISTS + "[feeds]\nentries = 3\n") as world:
        for number in range(1, 8):
            for language, day in (("en", number * step), ("de", number * step + apart)):
                world.write(
                    f"{language} {number}", date=f"2026-02-{day:02}", translation=str(number), language=language
                )
        await collect(world.context, world.now)
        await join(world, language="de")
        await join(world, BOB)
        assert await titles(world) == ["de 7", "de 6", "de 5"]
        assert await titles(world, BOB) == ["en 7", "en 6", "en 5"]


async def test_a_telling_that_was_mailed_and_withdrawn_keeps_no_other_out(publish: Publish) -> None:
    """Though its reader would rather have had the story in their language."""
    async with publish("[lists.news]\nsince = 2026-01-01\n[feeds]\nentries = 1\n") as world:
        world.people("news", f"{ADA},de", columns="email,language")
        await world.work(hold=False)
        await post(world, "Gezeiten", 1, translation="tides", language="de")
        await world.work(hold=False)
        assert len(world.mails()) == 1
        for day, title in enumerate(("Owls", "Whales", "Crabs"), 2):
            await post(world, title, day)
        await post(world, "Tides", 9, translation="tides", language="en")
        assert await titles(world) == ["Crabs"]
        await withdraw(world.desk, await world.post_id("Gezeiten"))
        assert await titles(world) == ["Tides"]


async def test_a_pause_stops_mail_and_not_the_feed(publish: Publish) -> None:
    """Nor does a suppressed address: a feed is fetched, and nothing is sent."""
    async with publish(LISTS) as world:
        await post(world, "One")
        await join(world)
        await pausing.stay_away(world.desk, ADA, pausing.until_when(world.desk, "2027-01-01"))
        await people.suppress(world.desk, ADA, "complained")
        assert await titles(world) == ["One"]


@ON_EACH
async def test_only_the_last_address_counts(publish: Publish) -> None:
    """One that was replaced or switched off is told apart from one that never was; none of them comes back."""
    async with publish(LISTS) as world:
        await join(world)
        first = await token(world)
        await private_feed.renew(world.desk, ADA)
        second = await token(world)
        assert await body(world, first) is None
        assert await body(world, second)
        assert await private_feed.switch_off(world.desk, ADA)
        assert not await private_feed.switch_off(world.desk, ADA)
        assert await body(world, second) is None
        third = await token(world)
        assert [bool(await body(world, one)) for one in (first, second, third)] == [False, False, True]
        ended = await PrivateReading(world.context).read(first, "atom.xml")
        assert "ended" in ended.said


async def test_nobody_without_a_list_has_a_feed(publish: Publish) -> None:
    """Whoever left every list, or was forgotten; back on a list, the address they had serves again."""
    async with publish(LISTS) as world:
        await join(world)
        mine = await token(world)
        await unsubscribe(world.desk, ADA, None)
        assert await body(world, mine) is None
        with pytest.raises(ActError, match="on no list"):
            await private_feed.renew(world.desk, ADA)
        await join(world)
        assert await body(world, mine)
        assert mine not in await people.export(world.desk, None)
        await people.forget(world.desk, ADA)
        assert await body(world, mine) is None


async def test_a_list_that_is_out_of_the_settings_ends_no_feed(publish: Publish) -> None:
    """It brings nothing meanwhile."""
    async with publish(LISTS) as world:
        await post(world, "One", tags="[letter]")
        await join(world, slug="letters")
        mine = await token(world)
    async with publish("[lists.news]\n") as world:
        assert _titles(await body(world, mine)) == []


async def test_equal_needs_share_one_rendering(publish: Publish) -> None:
    """Each reader finds their own address in it, and nothing else of anybody."""
    async with publish(LISTS) as world:
        await post(world, "One", tags="[sea]")
        await join(world, name="Ada Lovelace")
        await join(world, BOB, tags="sea")
        reading = PrivateReading(world.context)
        for email in (ADA, BOB):
            found = (await reading.read(await token(world, email), "atom.xml")).body or b""
            assert await token(world, email) in found.decode()
            assert not re.search(rb"example\.org|Lovelace|ada|bob", found)
        assert reading.written == 1
        await post(world, "Two", tags="[sea]")
        for email in (ADA, BOB):
            assert b"Two" in ((await reading.read(await token(world, email), "atom.xml")).body or b"")
        assert reading.written == 2


async def test_what_is_kept_is_bounded(publish: Publish) -> None:
    """The bodies asked for longest ago go first, and can be written again."""
    async with publish(LISTS) as world:
        await post(world, "One")
        await join(world)
        mine, reading = await token(world), PrivateReading(world.context, limit=1)
        for name in ("feed.xml", "atom.xml", "feed.xml"):
            assert (await reading.read(mine, name)).body
        assert reading.written == 3


async def test_a_post_that_moved_is_fed_from_where_it_is(publish: Publish) -> None:
    """Though nothing else of it has changed."""
    async with publish(LISTS) as world:
        await post(world, "One")
        await join(world)
        mine, reading = await token(world), PrivateReading(world.context)
        await reading.read(mine, "feed.xml")
        async with world.context.store.write() as tx:
            await change_post(tx, await world.post_id("One"), {"url": "https://sea.example/elsewhere/"})
        assert b"https://sea.example/elsewhere/" in ((await reading.read(mine, "feed.xml")).body or b"")


async def test_the_page_makes_moves_and_ends_it(publish: Publish) -> None:
    """A button pressed twice does what it does once; each act is in the audit, and no address is."""
    async with publish(LISTS) as world:
        await join(world)
        page, link = choosing(world), await token_of(world)
        assert (await page.look(link)).feed.addresses == {}
        made = await page.renew_feed(link, 0)
        assert made.changed == (("", "feed"),)
        assert await _same(page, link, 0) == made.choices.feed.addresses
        assert list(made.choices.feed.addresses) == ["RSS", "Atom", "JSON Feed"]
        moved = await page.renew_feed(link, 1)
        assert moved.choices.feed.address != made.choices.feed.address
        ended = await page.end_feed(link)
        assert (ended.changed, ended.choices.feed.addresses) == ((("", "no-feed"),), {})
        assert (await page.end_feed(link)).changed == ()
        lines = await _audit(world)
        assert [detail for who, act, detail in lines if act == "subscriber feed"] == [
            "switched off",
            "renewed",
            "opened",
        ]
        assert made.choices.feed.folder.rpartition("/")[2] not in str(lines)


async def _same(page: ChoosingByLink, link: str, series: int) -> dict[str, str]:
    """The addresses after a press that came too late."""
    saved = await page.renew_feed(link, series)
    assert saved.changed == ()
    return saved.choices.feed.addresses


async def _audit(world: World) -> Sequence[tuple[str, str, str]]:
    async with world.context.store.read() as tx:
        return [(line.who, line.act, line.detail) for line in await audit.lines(tx)]


@pytest.mark.parametrize(("slug", "cells"), [("news", {}), ("news", {"tags": "rare"}), ("letters", {"language": "de"})])
async def test_a_reader_who_comes_again_costs_a_few_short_queries(
    publish: Publish, slug: str, cells: dict[str, str]
) -> None:
    """Whatever is rare among many posts is asked for by itself; nothing is written again."""
    async with publish(LISTS + "[feeds]\nentries = 5\n") as world:
        world.write("Rare", date="2026-01-01", tags="[letter, rare]", language="de")
        for number in range(1, 26):
            world.write(f"Post {number}", date=f"2026-02-{number:02}", tags="[letter]")
        await collect(world.context, world.now)
        await join(world, slug=slug, **cells)
        mine, reading = await token(world), PrivateReading(world.context)
        first = await reading.read(mine, "feed.xml")
        seen: list[str] = []
        engine = world.context.store._engine.sync_engine
        event.listen(engine, "before_cursor_execute", lambda *values: seen.append(values[2]))
        assert await reading.read(mine, "feed.xml") == first
        assert len(_titles(first.body)) == (1 if cells else 5)
        assert reading.written == 1
        assert 3 <= len(seen) <= 8
