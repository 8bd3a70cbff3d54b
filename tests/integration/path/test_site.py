"""Feeds and pages as passes leave them below public/."""

import asyncio
import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import feedparser
import pytest
from lxml import etree
from PIL import Image

from dispatch.acts.post import withdraw
from dispatch.publish.collecting import collect
from dispatch.publish.syndicating import syndicate
from dispatch.store import documents, facts
from dispatch.theme import Theme

from .conftest import Publish, World

SMALL = "[feeds]\nentries = 10\narchive = 10\n"
LISTS = '[lists.news]\nsince = 2026-03-01\n[lists.ice]\ntags = ["ice"]\n'
FEEDS = ("feed.xml", "atom.xml", "feed.json")


def _files(world: World) -> dict[str, bytes]:
    """Every file below public/."""
    public = world.context.public
    return {path.relative_to(public).as_posix(): path.read_bytes() for path in public.rglob("*") if path.is_file()}


def _changed(before: dict[str, bytes], after: dict[str, bytes]) -> set[str]:
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def _titles(world: World, path: str) -> list[str]:
    """The titles in a feed, by a reader that nobody here wrote."""
    return [entry.title for entry in feedparser.parse((world.context.public / path).read_bytes()).entries]


def _walk(world: World, name: str) -> list[str]:
    """All titles that a reader finds who follows a feed to the end of its history (RFC 5005, section 4)."""
    found: list[str] = []
    path: str | None = name
    while path:
        parsed = feedparser.parse((world.context.public / path).read_bytes())
        found += [entry.title for entry in parsed.entries]
        older = [link.href for link in parsed.feed.links if link.rel == "prev-archive"]
        path = older[0].removeprefix("https://sea.example/") if older else None
    return found


def _walk_json(world: World) -> list[str]:
    found: list[str] = []
    path: str | None = "feed.json"
    while path:
        parsed = json.loads((world.context.public / path).read_bytes())
        found += [item["title"] for item in parsed["items"]]
        path = parsed["next_url"].removeprefix("https://sea.example/") if "next_url" in parsed else None
    return found


def _media(world: World) -> set[str]:
    return {name.rpartition("/")[2] for name in _files(world) if name.startswith("media/")}


def _leaf_through(world: World) -> list[str]:
    """All titles that a person finds who goes from the start page to older posts, as long as there are any."""
    found: list[str] = []
    page: Path | None = world.context.public / "index.html"
    while page:
        tree = etree.HTML(page.read_bytes())
        found += [title.text for title in tree.findall(".//h3/a")]
        older = tree.find('.//a[@rel="next"]')
        page = (page.parent / older.get("href") / "index.html").resolve() if older is not None else None
    return found


def _write(world: World, numbers: range, **front: object) -> None:
    for number in numbers:
        world.write(f"Post {number:02}", date=f"2026-01-{1 + number % 28:02}T{number % 24:02}:00:00Z", **front)


async def test_one_more_post_changes_only_what_it_belongs_to(publish: Publish) -> None:
    """Its page, the live feeds of its topics, and of each history the last page; nothing else, among however many."""
    async with publish(SMALL + LISTS) as world:
        _write(world, range(25), tags="[sea]")
        _write(world, range(25, 50), tags="[ice]")
        await world.stage()
        before = _files(world)
        world.write("Brand new", tags="[ice]")
        await world.stage()
        changed = _changed(before, _files(world))
        topics = ("", "lists/news/", "lists/ice/", "tags/ice/")
        live = {topic + name for topic in topics for name in (*FEEDS, "index.html")}
        pages = {name for name in changed if "/archive/" in f"/{name}"}
        assert changed - pages == live | {"posts/brand-new/index.html"}
        assert {name.rpartition("/")[0] for name in pages} == {
            "archive/6", "lists/news/archive/6", "lists/ice/archive/3", "tags/ice/archive/3"
        }  # fmt: skip


async def test_full_pages_of_the_history_never_change(publish: Publish) -> None:
    """However many posts come, whatever their dates."""
    async with publish(SMALL + LISTS) as world:
        _write(world, range(25))
        await world.stage()
        before = {name: data for name, data in _files(world).items() if name.startswith(("archive/1/", "archive/2/"))}
        for number in range(12):
            world.write(f"Later {number}", date=f"2025-0{1 + number % 9}-01")
            await world.stage()
        after = _files(world)
        assert len(before) == 8
        assert {name: after[name] for name in before} == before
        assert "archive/4/feed.xml" in after


async def test_a_full_page_is_archived(publish: Publish) -> None:
    """It says so, and names the page after it, as soon as it is full; a page that still grows does not."""
    async with publish(SMALL + LISTS) as world:
        _write(world, range(20))
        await world.stage()
        full = _files(world)["archive/2/atom.xml"]
        assert b"fh:archive/>" in full
        assert b"https://sea.example/archive/3/atom.xml" in full
        world.write("Newest")
        await world.stage()
        files = _files(world)
        assert files["archive/2/atom.xml"] == full
        assert b"fh:archive/>" not in files["archive/3/atom.xml"]


async def test_whoever_follows_a_feed_back_finds_every_post(publish: Publish) -> None:
    """RSS, Atom and JSON Feed, after edits, a withdrawal and a new tag."""
    async with publish(SMALL + LISTS) as world:
        _write(world, range(25))
        await world.stage()
        world.write("Post 03", "Corrected.", date="2026-01-04", tags="[ice]")
        world.write("Newest")
        await world.stage()
        await withdraw(world.desk, await world.post_id("Post 07"))
        await world.stage()
        wanted = {f"Post {number:02}" for number in range(25)} - {"Post 07"} | {"Newest"}
        for found in (_walk(world, "feed.xml"), _walk(world, "atom.xml"), _walk_json(world)):
            assert set(found) == wanted
        assert _titles(world, "tags/ice/feed.xml") == ["Post 03"]


@pytest.mark.parametrize("entries", [1, 5, 9, 10, 12])
async def test_every_post_is_reached_by_feeds_and_by_pages(publish: Publish, entries: int) -> None:
    """Whatever the live feed's length; also posts that come late with an old date."""
    async with publish(f"[feeds]\nentries = {entries}\narchive = 12\n{LISTS}") as world:
        for numbers in (range(3), range(3, 9), range(9, 28)):
            _write(world, numbers)
            await world.stage()
        for number in range(8):
            world.write(f"Late {number}", date="2015-01-01")
        await world.stage()
        wanted = {f"Post {number:02}" for number in range(28)} | {f"Late {number}" for number in range(8)}
        assert set(_walk(world, "feed.xml")) == wanted
        assert set(_leaf_through(world)) == wanted


@pytest.mark.parametrize("count", range(1, 12))
async def test_few_posts_are_reached_too(publish: Publish, count: int) -> None:
    """A live feed of five, and as many posts as fit, or some more: no link of the site leads nowhere."""
    async with publish(f"[feeds]\nentries = 5\n{LISTS}") as world:
        _write(world, range(count))
        await world.stage()
        assert len(_walk(world, "atom.xml")) >= count
        assert len(set(_leaf_through(world))) == count


async def test_a_small_topic_needs_no_history(publish: Publish) -> None:
    """Its live feeds hold all there is, and say so by naming no older page."""
    async with publish(LISTS) as world:
        _write(world, range(10))
        await world.stage()
        assert not (world.context.public / "archive").exists()
        assert b"prev-archive" not in (world.context.public / "feed.xml").read_bytes()
        _write(world, range(10, 11))
        await world.stage()
        assert len(_titles(world, "archive/1/feed.xml")) == 11


@pytest.mark.parametrize("hidden", [{"draft": "true"}, {"date": "2026-03-09"}])
async def test_what_readers_may_not_see_is_in_no_file(publish: Publish, hidden: dict[str, str]) -> None:
    """A draft and a post dated ahead: no feed, page, list of tags or authors, OPML or history knows of them."""
    async with publish(f'[feeds]\nentries = 10\narchive = 10\nauthors = "all"\n{LISTS}') as world:
        _write(world, range(12), tags="[ice]", author="Ann")
        world.write("Hush", "Unsaid.", tags="[secret, ice]", author="Nemo", language="fr", **hidden)
        await world.stage()
        for name, data in _files(world).items():
            assert not [word for word in (b"Hush", b"Unsaid", b"secret", b"Nemo") if word in data], name
            assert not [word for word in ("hush", "secret", "nemo", "languages/fr") if word in name]


async def test_a_withdrawn_post_leaves_every_feed_and_page(publish: Publish) -> None:
    """Live feeds, histories, tags, authors, languages: its words are nowhere, its address says that it is gone."""
    async with publish(f'[feeds]\nentries = 10\narchive = 10\nauthors = "all"\n{LISTS}') as world:
        world.write("Hush", "Unsaid.", date="2026-01-01", tags="[ice]", author="Nemo", language="fr")
        _write(world, range(12), tags="[ice]", author="Ann")
        await world.stage()
        holding = {name for name, data in _files(world).items() if b"Unsaid" in data}
        assert {"archive/1/feed.xml", "lists/ice/archive/1/feed.json", "authors/nemo/atom.xml"} <= holding
        assert "languages/fr/feed.xml" in holding
        await withdraw(world.desk, await world.post_id("Hush"))
        await world.stage()
        files = _files(world)
        assert not [name for name, data in files.items() if b"Unsaid" in data or b">Hush" in data]
        assert {"posts/hush/.gone", "authors/nemo/.gone"} <= files.keys()
        assert "authors/nemo/feed.xml" not in files


async def test_the_files_of_a_withdrawn_post_go_with_it(publish: Publish) -> None:
    """Pictures and enclosures, but for those that another post shows; they are back if the post comes back."""
    async with publish(LISTS) as world:
        world.place("posts/talk.mp3", "Listen.")
        for name in ("own", "shared"):
            Image.new("RGB", (20, 10), "red").save(world.folder / "posts" / f"{name}.png")
        world.write("Hush", "![a](own.png) ![b](shared.png)", enclosure="talk.mp3")
        world.write("Other", "![b](shared.png)")
        await world.stage()
        assert _media(world) >= {
            "own.png",
            "talk.mp3",
        }
        world.write("Hush", "![a](own.png) ![b](shared.png)", enclosure="talk.mp3", draft="true")
        await world.stage()
        assert _media(world) == {"shared.png"}
        world.write("Hush", "![a](own.png) ![b](shared.png)", enclosure="talk.mp3")
        await world.stage()
        assert _media(world) >= {
            "own.png",
            "talk.mp3",
        }


async def test_a_tag_of_no_post_ends_until_there_is_one_again(publish: Publish) -> None:
    """Its page and feeds are gone, and come back."""
    async with publish(SMALL + LISTS) as world:
        _write(world, range(12), tags="[ice]")
        await world.stage()
        _write(world, range(12))
        await world.stage()
        assert {"tags/ice/.gone", "tags/ice/archive/1/.gone", "lists/ice/feed.xml"} <= _files(world).keys()
        assert not [name for name in _files(world) if name.startswith("tags/ice/") and name.endswith(FEEDS)]
        _write(world, range(12), tags="[ice]")
        await world.stage()
        assert len(_titles(world, "tags/ice/archive/1/atom.xml")) == 10
        assert not [name for name in _files(world) if name.startswith("tags/ice/") and name.endswith(".gone")]


async def test_each_language_has_its_feeds_once_there_are_two(publish: Publish) -> None:
    """One language by itself has none; the first one's feed appears with the second's, for each list, too."""
    async with publish(LISTS) as world:
        world.write("Tide", language="en")
        await world.stage()
        assert not (world.context.public / "languages").exists()
        world.write("Gezeiten", language="de")
        await world.stage()
        assert _titles(world, "languages/en/feed.xml") == ["Tide"]
        assert _titles(world, "lists/news/languages/de/atom.xml") == ["Gezeiten"]
        assert (
            feedparser.parse((world.context.public / "languages/de/feed.xml").read_bytes()).feed.title
            == "Sea (Deutsch)"
        )
        page = (world.context.public / "index.html").read_text()
        assert 'href="./languages/de/"' in page


async def test_tags_and_authors_have_feeds_as_the_settings_say(publish: Publish) -> None:
    """A name that is offered no more gives way to a notice, and its feeds to 410."""
    async with publish('[feeds]\ntags = ["Ice"]\nauthors = ["ann"]\n') as world:
        world.write("One", tags="[ice, sea]", author="Ann")
        world.write("Two", tags="[sea]", author="Bob")
        await world.stage()
        files = _files(world)
        assert {"tags/ice/feed.xml", "authors/ann/feed.json"} <= files.keys()
        assert not [name for name in files if name.startswith(("tags/sea", "authors/bob"))]
        assert "tags/sea" not in files["posts/one/index.html"].decode()
    async with publish("[feeds]\ntags = []\n") as world:
        await world.stage()
        files = _files(world)
        assert not [name for name in files if name.startswith(("tags/", "authors/")) and name.endswith(FEEDS)]
        assert {"tags/ice/.gone", "authors/ann/.gone"} <= files.keys()
    async with publish('[feeds]\ntags = "all"\n') as world:
        await world.stage()
        assert _titles(world, "tags/ice/feed.xml") == ["One"]
        assert not (world.context.public / "tags/ice/.gone").exists()


async def test_a_topic_that_no_folder_can_hold_costs_nobody_else_anything(publish: Publish) -> None:
    """A language tag, a tag and an author of any length: what cannot be is reported, the rest is there."""
    async with publish(f'[feeds]\nauthors = "all"\n{LISTS}') as world:
        world.write("Long", language="en-" + "-".join(["abcdefgh"] * 40))
        world.write("Wide", tags=f'["{"x" * 5000}", "../../up", "index.html"]', author="A" * 400)
        world.write("Deep", path="ab/" * 2000 + "x", aliases=f"['/{'ab/' * 2000}y/']")
        world.write("Plain", language="de")
        done = await world.stage()
        assert {"Plain", "Wide", "Deep"} <= set(_titles(world, "feed.xml"))
        assert {problem.where for problem in done.problems} == {"posts/Long.md", "posts/Wide.md", "posts/Deep.md"}
        assert not list(world.folder.parent.glob("up*"))


async def test_opml_names_every_feed_once(publish: Publish) -> None:
    """The publication, lists, languages, tags and authors; each address leads to a feed that is there."""
    async with publish(f'[feeds]\nauthors = "all"\n{LISTS}') as world:
        world.write("Tide & <time>", language="en", tags='["a & b"]', author="Ann")
        world.write("Gezeiten", language="de")
        await world.stage()
        outlines = etree.fromstring((world.context.public / "feeds.opml").read_bytes()).findall("./body/outline")
        paths = [str(one.get("xmlUrl")).removeprefix("https://sea.example/") for one in outlines]
        assert paths == [
            "feed.xml", "lists/news/feed.xml", "lists/ice/feed.xml", "languages/de/feed.xml", "languages/en/feed.xml",
            "tags/a-b/feed.xml", "authors/ann/feed.xml",
        ]  # fmt: skip
        assert all((world.context.public / path).exists() for path in paths)


async def test_every_page_leads_to_a_feed(publish: Publish) -> None:
    """By autodiscovery, with a path that is there."""
    async with publish(SMALL + LISTS) as world:
        _write(world, range(12), tags="[ice]")
        await world.stage()
        for page in world.context.public.rglob("index.html"):
            links = feedparser.parse(page.read_bytes()).feed.get("links", [])
            feeds = [link["href"] for link in links if link.get("rel") == "alternate"]
            assert len(feeds) == 3, page
            assert all((page.parent / href).is_file() for href in feeds), page


async def test_a_rebuild_changes_nothing(publish: Publish) -> None:
    """Everything made anew, out of the same posts in the same store, has the same bytes."""
    async with publish(SMALL + LISTS) as world:
        _write(world, range(25), tags="[ice]")
        await world.stage()
        before = _files(world)
        done = await syndicate(world.context, everything=True)
        assert done.written == ()
        assert _files(world) == before


class CutOffError(Exception):
    """What stands for a kill."""


class Cut(Theme):
    """Templates that end everything at the moment when one of them is wanted."""

    def __init__(self, own: Path, last: str) -> None:
        super().__init__(own)
        self._last = last

    def render(self, name: str, *, language: str = "en", **values: Any) -> str:
        """The template, but for the last one."""
        if name == self._last:
            raise CutOffError
        return super().render(name, language=language, **values)


@pytest.mark.parametrize("last", ["web/post.html", "web/index.html", "web/list.html", "web/archive.html"])
async def test_a_pass_that_was_cut_off_is_made_good(publish: Publish, last: str) -> None:
    """Wherever it was, the next one writes what is missing, and nothing is different from a pass that was not."""
    async with publish(SMALL + LISTS) as world:
        _write(world, range(12))
        await world.stage()
        world.write("Late", tags="[ice]")
        await collect(world.context, world.now)
        with pytest.raises(CutOffError):
            await syndicate(replace(world.context, theme=Cut(world.folder / "templates", last)))
        await syndicate(world.context)
        made_good = _files(world)
        await syndicate(world.context, everything=True)
        assert _files(world) == made_good
        assert _titles(world, "lists/ice/feed.xml") == ["Late"]
        assert _titles(world, "archive/2/feed.xml")[0] == "Late"


async def test_a_rebuild_that_was_cut_off_goes_on(publish: Publish) -> None:
    """After a restart it does not begin at the first post again."""
    async with publish(SMALL + LISTS) as world:
        _write(world, range(12))
        await collect(world.context, world.now)
        with pytest.raises(CutOffError):
            await syndicate(replace(world.context, theme=Cut(world.folder / "templates", "web/archive.html")))
        done = await syndicate(world.context)
        assert "archive/1/index.html" in done.written
        assert not [name for name in done.written if name.startswith("posts/")]


async def test_settings_that_went_back_are_in_force(publish: Publish) -> None:
    """A rebuild under other settings that was cut off leaves nothing of these."""
    async with publish(SMALL + LISTS) as world:
        _write(world, range(12))
        await world.stage()
        before = _files(world)
    other = SMALL + LISTS.replace("[lists.ice]", '[lists.ice]\ntitle = "Frozen"')
    async with publish(other) as world:
        with pytest.raises(CutOffError):
            await syndicate(replace(world.context, theme=Cut(world.folder / "templates", "web/archive.html")))
        assert _files(world) != before
    async with publish(SMALL + LISTS) as world:
        await world.stage()
        assert _files(world) == before


async def test_a_list_that_takes_more_in_is_cut_anew(publish: Publish) -> None:
    """No page of its archive grows without bound, none is left over, and every post is still found."""
    async with publish(SMALL + '[lists.all]\ntags = ["ice"]\n[lists.other]\n') as world:
        _write(world, range(24), tags="[ice]")
        _write(world, range(24, 60), tags="[sea]")
        _write(world, range(60, 84), tags="[ice]")
        await world.stage()
    async with publish(SMALL + "[lists.all]\n[lists.other]\n") as world:
        await world.stage()
        assert len(set(_walk(world, "lists/all/feed.xml"))) == 84
        sizes = [len(_titles(world, f"lists/all/archive/{number}/feed.xml")) for number in range(1, 10)]
        assert sizes == [10] * 8 + [4]


async def test_two_that_write_at_once_take_turns(publish: Publish) -> None:
    """A rebuild beside a pass: the files show the newest state, and are what the store says of them."""
    async with publish(SMALL + LISTS) as world:
        _write(world, range(25))
        await world.stage()
        world.write("Post 03", "Corrected.", date="2026-01-04")
        await collect(world.context, world.now)
        await asyncio.gather(*(syndicate(world.context, everything=True) for _ in range(3)))
        assert b"Corrected" in _files(world)["archive/1/feed.xml"]
        async with world.context.store.read() as tx:
            known = await documents.digests(tx)
        assert {path: hashlib.sha256(_files(world)[path]).hexdigest() for path in known} == known


@pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
async def test_a_store_tells_what_changed(publish: Publish) -> None:
    """A pass that changes a feed says so; one that changes nothing leaves its documents and the event alone."""
    async with publish(LISTS) as world:
        world.write("One")
        await world.stage()
        assert world.context.published.is_set()
        world.context.published.clear()
        await world.stage()
        assert not world.context.published.is_set()
        async with world.context.store.read() as tx:
            assert await facts.get(tx, "site digest")


async def test_a_feed_id_outlives_its_address(publish: Publish) -> None:
    """It is minted once and stored, so a site that moves is the same feed to its readers."""
    async with publish(LISTS) as world:
        world.write("One")
        await world.stage()
        first = feedparser.parse((world.context.public / "atom.xml").read_bytes()).feed.id
    settings = world.folder / "dispatch.toml"
    settings.write_text(settings.read_text().replace("https://sea.example", "https://ocean.example"))
    async with world.open():
        await world.stage()
        moved = feedparser.parse((world.context.public / "atom.xml").read_bytes()).feed
    assert (moved.id, moved.links[0].href) == (first, "https://ocean.example/atom.xml")
