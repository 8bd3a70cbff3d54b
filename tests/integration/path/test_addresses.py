"""Wherever a post was, its readers find it: along the real path, with a real store and a real folder."""

import asyncio
import shutil
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from dispatch.acts.post import withdraw
from dispatch.model.post import Post, PostState, Problem
from dispatch.publish.collecting import collect
from dispatch.publish.moving import move
from dispatch.publish.redirecting import redirect
from dispatch.publish.syndicating import syndicate
from dispatch.store import addresses, posts
from dispatch.store.schema import post

from ...conftest import DATABASES
from .conftest import HEAD, MONDAY, World

Publish = Callable[..., AbstractAsyncContextManager[World]]
SITE = "https://sea.example"
PATTERNS = ("/posts/{slug}/", "/{slug}/", "/{year}/{slug}/")
LIST = '[lists.news]\nfrom = "a@sea.example"\n'
both = pytest.mark.parametrize("database", sorted(DATABASES), indirect=True)


async def look(world: World) -> list[Problem]:
    """Take in what has changed and show it; what was found wrong."""
    collected = await collect(world.context, world.now)
    shown = await syndicate(world.context)
    return [*collected.problems, *shown.problems]


def ways(world: World) -> dict[str, str]:
    """What `_redirects` holds."""
    file = world.context.public / "_redirects"
    lines = file.read_text().splitlines() if file.exists() else []
    return {old: new for old, new, _ in (line.split(" ") for line in lines if line.startswith("/"))}


def page(world: World, path: str) -> str:
    """What lies at a path: a post's title, the address that a page leads on to, "gone", or nothing."""
    folder = world.context.public / path.strip("/")
    if not (folder / "index.html").exists():
        return ""
    text = (folder / "index.html").read_text()
    if 'http-equiv="refresh"' in text:
        return text.partition('rel="canonical" href="')[2].partition('"')[0]
    return "gone" if (folder / ".gone").exists() else text.partition("<h1>")[2].partition("</h1>")[0]


async def live(world: World) -> dict[str, Post]:
    """The posts that readers see, by title."""
    async with world.context.store.read() as tx:
        return {one.title: one for one in await posts.everything(tx, 99, PostState.LIVE)}


@both
async def test_a_renamed_slug_leads_on_and_back(publish: Publish) -> None:
    """In one step, however often it is renamed; an address that comes back into use leads nowhere."""
    async with publish(LIST) as world:
        for slug in ("tide", "ebb", "flood"):
            world.write("Sea", slug=slug)
            await look(world)
            world.later(hours=1)
        assert ways(world) == {"/posts/ebb/": "/posts/flood/", "/posts/tide/": "/posts/flood/"}
        assert page(world, "posts/tide") == "https://sea.example/posts/flood/"
        world.write("Sea", slug="tide")
        await look(world)
        assert ways(world) == {"/posts/ebb/": "/posts/tide/", "/posts/flood/": "/posts/tide/"}
        assert page(world, "posts/tide") == "Sea"


@both
async def test_a_changed_pattern_moves_every_post(publish: Publish) -> None:
    """Though no file has changed; dates are those of the publication's zone."""
    async with publish(LIST) as world:
        world.write("Sea", date="2025-12-31T23:30:00Z")
        await look(world)
    async with publish('permalink = "/{year}/{month}/{day}/{slug}/"\n' + LIST) as world:
        assert await look(world) == []
        assert (await live(world))["Sea"].url == "https://sea.example/2026/01/01/sea/"
        assert page(world, "2026/01/01/sea") == "Sea"
        assert ways(world) == {"/posts/sea/": "/2026/01/01/sea/"}
        world.later(hours=1)
        world.write("Sea", date="2024-02-03")
        await look(world)
        assert ways(world) == {"/posts/sea/": "/2024/02/03/sea/", "/2026/01/01/sea/": "/2024/02/03/sea/"}


async def test_a_page_at_the_root_gives_way_to_what_is_there(publish: Publish) -> None:
    """To the site's own folders, and to other posts; both are named, and the post has a page all the same."""
    async with publish(
        'permalink = "/{slug}/"\n[sources.b]\ntype = "folder"\npath = "b"\npermalink = "/x/{slug}/"\n'
    ) as world:
        world.write("Lists", slug="lists")
        world.write("Deep", path="/x/one/")
        world.place("b/one.md", "---\ntitle: One\n---\nText.\n")
        found = {one.where: one.message for one in await look(world)}
        shown = {title: one.url.removeprefix("https://sea.example") for title, one in (await live(world)).items()}
    assert shown == {"Lists": "/lists-2/", "Deep": "/x/one/", "One": "/x/one-2/"}
    assert "would be at /lists/, which the site itself uses; it got /lists-2/" in found["posts/Lists.md"]
    assert "would be at /x/one/, which posts/Deep.md uses; it got /x/one-2/" in found["b/one.md"]


@both
async def test_an_alias_leads_to_its_post_while_its_author_says_so(publish: Publish) -> None:
    """One that another post has, or that is another's page, is reported with both files and left out."""
    async with publish(LIST) as world:
        world.write("Ebb")
        world.write("Sea", aliases='["/old/", "/a.html", "/posts/ebb/"]')
        (problem,) = await look(world)
        assert (problem.where, problem.line, problem.fatal) == ("posts/Sea.md", 3, False)
        assert "/posts/ebb belongs to posts/Ebb.md" in problem.message
        world.write("Tide", aliases='["/old"]')
        (problem,) = await look(world)
        assert "/old belongs to posts/Sea.md" in problem.message
        assert ways(world) == {"/old/": "/posts/sea/", "/a.html": "/posts/sea/"}
        world.later(hours=1)
        world.write("Sea", aliases="[/new/]")
        assert await look(world) == []
        assert ways(world) == {"/new/": "/posts/sea/"}
        assert not (world.context.public / "old").exists()
        assert not (world.context.public / "a.html").exists()


@both
async def test_a_store_of_an_older_version_learns_its_aliases_in_a_few_statements(publish: Publish) -> None:
    """However many posts have some; what cannot be an address is passed over, what two posts name is reported."""
    count = 1200
    seen: list[str] = []
    async with publish(LIST) as world:
        async with world.context.store.write() as tx:
            await tx.execute(post.insert(), [_old_row(number) for number in range(count)])
        engine = world.context.store._engine.sync_engine
        event.listen(engine, "before_cursor_execute", lambda *values: seen.append(values[2]))
        (problem,) = await move(world.context)
        assert (problem.where, "/old/7 belongs to posts/7.md" in problem.message) == ("posts/8.md", True)
        assert len(seen) < count / 10
        async with world.context.store.read() as tx:
            known = {one.path: one.url for one in await addresses.every(tx)}
        assert known == {f"old/{number}": f"{SITE}/posts/{number}/" for number in range(count)}


@both
async def test_one_more_old_address_reads_none_of_the_others(publish: Publish) -> None:
    """But their lines in the file, which stay; nor any post that has nothing to do with it."""
    seen: list[str] = []
    async with publish('[redirects]\n"/rss.xml" = "/feed.xml"\n' + LIST) as world:
        async with world.context.store.write() as tx:
            await tx.execute(post.insert(), [_old_row(number) for number in range(60)])
        await move(world.context)
        await redirect(world.context)
        before = ways(world)
        world.write("Sea", aliases="[/new/]")
        await collect(world.context, world.now)
        engine = world.context.store._engine.sync_engine
        event.listen(engine, "before_cursor_execute", lambda *values: seen.append(values[2]))
        done = await redirect(world.context)
        assert done.written == ("_redirects", "new/index.html")
        assert ways(world) == {**before, "/new/": "/posts/sea/"}
        assert len(before) == 61
    reading = [one.partition("WHERE")[2] for one in seen if "FROM former_address" in one or "FROM post" in one]
    assert len(reading) == 3
    assert all("wanted !=" in one or " IN (" in one for one in reading)


async def test_what_leads_through_an_old_address_follows_it(publish: Publish) -> None:
    """Though only the post at the end has moved: line and page are led there in one step."""
    async with publish(LIST) as world:
        world.write("Ebb", id="e")
        await look(world)
        world.write("Ebb", id="e", link=f"{SITE}/old/")
        world.write("Sea", slug="one", id="s", aliases="[/old/]")
        await look(world)
        assert ways(world) == {"/old/": "/posts/one/", "/posts/ebb/": "/posts/one/"}
        world.later(hours=1)
        world.write("Sea", slug="two", id="s", aliases="[/old/]")
        await look(world)
        assert ways(world) == dict.fromkeys(("/old/", "/posts/ebb/", "/posts/one/"), "/posts/two/")
        assert page(world, "posts/ebb") == f"{SITE}/posts/two/"


async def test_a_file_that_was_changed_by_hand_is_written_anew(publish: Publish) -> None:
    """At the next change: nothing is taken from it."""
    async with publish(LIST) as world:
        world.write("Ebb", aliases="[/older/]")
        await look(world)
        file = world.context.public / "_redirects"
        file.write_text(file.read_text().replace("/older/", "/mine/"))
        world.write("Sea", aliases="[/old/]")
        await look(world)
        assert ways(world) == {"/old/": "/posts/sea/", "/older/": "/posts/ebb/"}


EDITS = st.tuples(
    st.sampled_from("ABC"),
    st.fixed_dictionaries(
        {
            "slug": st.sampled_from(["x", "y", "z"]),
            "aliases": st.sampled_from(["[]", "[/x/]", "[/posts/y/, /old/]", "[/named/]"]),
            "draft": st.sampled_from(["false", "false", "true"]),
            "link": st.sampled_from(["''", "''", f"{SITE}/old/", f"{SITE}/posts/y", "https://else.example/"]),
        }
    ),
)


@settings(max_examples=12, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(st.lists(EDITS, min_size=4, max_size=7))
def test_what_changes_little_by_little_is_what_a_rebuild_writes(blank_file: Path, edits: list[Any]) -> None:
    """The file and each page, whatever leads through what."""
    with TemporaryDirectory() as folder:
        shutil.copy(blank_file, Path(folder) / "dispatch.db")
        named = f'[redirects]\n"/named" = "/old/"\n"/two" = "{SITE}/posts/x/"\n"/x" = "/posts/z/"\n'
        asyncio.run(_edit_through(World(Path(folder)), named, edits))


async def _edit_through(world: World, named: str, edits: list[Any]) -> None:
    world.place("dispatch.toml", HEAD + named)
    (world.folder / "posts").mkdir()
    async with world.open():
        for name, fields in edits:
            world.later(hours=1)
            world.write(name, id=name, **fields)
            await look(world)
            before = {path: path.read_bytes() for path in world.context.public.rglob("*") if path.is_file()}
            assert (await redirect(world.context, everything=True)).written == ()
            assert before == {path: path.read_bytes() for path in world.context.public.rglob("*") if path.is_file()}


def _old_row(number: int) -> dict[str, Any]:
    aliases = (f"/old/{number}/", "/a?b", *(["/old/7/"] if number == 8 else []))
    return {
        **dict.fromkeys(("stamp", "content_hash", "html", "summary", "revision", "guid", "canonical"), ""),
        **dict.fromkeys(("explicit_slug", "guid_is_link", "barred", "archive"), False),
        **dict.fromkeys(("published", "updated", "changed", "first_seen", "arrived"), MONDAY),
        **{"source": "old", "ref": f"{number}.md", "place": f"posts/{number}.md", "uid": f"tag:{number}"},
        **{"slug": str(number), "url": f"{SITE}/posts/{number}/", "title": f"T{number}", "language": "en"},
        **{"state": "live", "arrival": number + 1000, "authors": (), "tags": (), "folded": (), "assets": []},
        "aliases": aliases,
    }


async def test_an_alias_borrows_the_old_address_of_another_post(publish: Publish) -> None:
    """While its author names it; then the address leads again to the post that had its page there."""
    history = [("one", "[]"), ("two", "[]"), ("two", "[/posts/one/]"), ("two", "[]")]
    seen = []
    async with publish(LIST) as world:
        for slug, aliases in history:
            world.write("Ebb", slug=slug, id="e")
            world.write("Sea", aliases=aliases)
            await look(world)
            seen.append(ways(world).get("/posts/one/"))
            world.later(hours=1)
    assert seen == [None, "/posts/two/", "/posts/sea/", "/posts/two/"]


@both
@pytest.mark.parametrize("hidden", [{"draft": "true"}, {"date": "2026-03-02T14:00:00Z"}])
async def test_what_nobody_can_read_yet_takes_no_alias_from_readers(publish: Publish, hidden: dict[str, str]) -> None:
    """The address leads on as before, or says as before that its post is gone, until the post that names it appears."""
    async with publish(LIST) as world:
        for slug in ("one", "two"):
            world.write("Ebb", slug=slug, id="e")
            await look(world)
            world.later(hours=1)
        world.write("New", aliases="[/posts/one/]", **hidden)
        assert await look(world) == []
        assert (ways(world), page(world, "posts/one")) == (
            {"/posts/one/": "/posts/two/"},
            "https://sea.example/posts/two/",
        )
        world.write("Ebb", slug="three", id="e")
        await look(world)
        assert ways(world) == {"/posts/one/": "/posts/three/", "/posts/two/": "/posts/three/"}
        await withdraw(world.desk, (await live(world))["Ebb"].id)
        await look(world)
        assert (ways(world), page(world, "posts/one")) == ({}, "gone")
        world.later(hours=9)
        world.write("New", aliases="[/posts/one/]")
        await look(world)
        assert ways(world) == {"/posts/one/": "/posts/new/"}


@both
async def test_a_withdrawn_posts_old_addresses_answer_as_its_page_does(publish: Publish) -> None:
    """With the notice, and no line that leads there; a draft that comes back is found again."""
    async with publish(LIST) as world:
        world.write("Ebb", slug="one", aliases="[/older/]")
        await look(world)
        world.later(hours=1)
        world.write("Ebb", slug="two", aliases="[/older/]")
        await look(world)
        world.later(hours=1)
        world.write("Ebb", slug="two", aliases="[/older/]", draft="true")
        await look(world)
        assert (ways(world), page(world, "posts/one"), page(world, "older")) == ({}, "gone", "gone")
        world.later(hours=1)
        world.write("Ebb", slug="two", aliases="[/older/]")
        await look(world)
        assert ways(world) == {"/older/": "/posts/two/", "/posts/one/": "/posts/two/"}
        assert page(world, "older") == "https://sea.example/posts/two/"
        await withdraw(world.desk, (await live(world))["Ebb"].id)
        await look(world)
        assert (ways(world), page(world, "posts/one"), page(world, "posts/two")) == ({}, "gone", "gone")


async def test_a_draft_takes_no_address_before_it_is_shown(publish: Publish) -> None:
    """Until then the old address of another post leads on from there."""
    async with publish(LIST) as world:
        world.write("Ebb", slug="one", id="e")
        await look(world)
        world.later(hours=1)
        world.write("Ebb", slug="two", id="e")
        await look(world)
        world.write("New", slug="one", id="n", date="2026-03-02T14:00:00Z")
        await look(world)
        assert ways(world) == {"/posts/one/": "/posts/two/"}
        world.later(hours=9)
        await look(world)
        assert (ways(world), page(world, "posts/one")) == ({}, "New")


@both
async def test_a_post_that_has_a_home_elsewhere_can_have_its_page_here(publish: Publish) -> None:
    """Where its source says so: its page names its home, and is what feeds link to. Taken back, it leads there."""
    home = "https://else.example/sea"
    own = 'pages = "own"\n' + LIST
    async with publish(LIST) as world:
        world.write("Sea", link=home)
        await look(world)
        assert (await live(world))["Sea"].url == home
        assert not (world.context.public / "posts").exists()
    async with publish(own) as world:
        await look(world)
        sea = (await live(world))["Sea"]
        assert (sea.url, sea.home, sea.canonical) == ("https://sea.example/posts/sea/", home, home)
        text = (world.context.public / "posts/sea/index.html").read_text()
        assert f'<link rel="canonical" href="{home}">' in text
        assert f'First published at <a href="{home}" dir="ltr">else.example</a>' in text
        assert "<link>https://sea.example/posts/sea/</link>" in (world.context.public / "feed.xml").read_text()
        assert ways(world) == {}
    async with publish(LIST) as world:
        await look(world)
        assert ((await live(world))["Sea"].url, ways(world)) == (home, {"/posts/sea/": home})
        assert page(world, "posts/sea") == home
    async with publish(own) as world:
        await look(world)
        assert (ways(world), page(world, "posts/sea")) == ({}, "Sea")


async def test_editors_redirects_and_a_lists_former_name_lead_on(publish: Publish) -> None:
    """What programs ask for has no page; what people ask for has one, which goes with its line."""
    renamed = '[lists.new]\nfrom = "a@sea.example"\nformerly = "old"\n'
    tables = '[redirects]\n"/rss.xml" = "/feed.xml"\n"/about.html" = "/posts/sea/"\n' + renamed
    async with publish('[lists.old]\nfrom = "a@sea.example"\n') as world:
        world.write("Sea")
        await look(world)
    async with publish(tables) as world:
        await look(world)
        expected = {"/about.html": "/posts/sea/", "/rss.xml": "/feed.xml", "/lists/old/*": "/lists/new/:splat"}
        assert ways(world) == expected
        assert page(world, "lists/old") == "https://sea.example/lists/new/"
        assert not (world.context.public / "rss.xml").exists()
        assert "https://sea.example/posts/sea/" in (world.context.public / "about.html").read_text()
    async with publish(LIST) as world:
        await look(world)
        assert ways(world) == {}
        assert not (world.context.public / "about.html").exists()


async def test_what_somebody_else_put_there_stays(publish: Publish) -> None:
    """Their pages and their own `_redirects`; each is named with what to do."""
    async with publish('[redirects]\n"/about" = "/posts/sea/"\n"/file/x" = "/feed.xml"\n') as world:
        world.write("Sea")
        world.place("public/about/index.html", "mine")
        world.place("public/file", "mine")
        world.place("public/_redirects", "/x /y\n")
        found = {one.where for one in await look(world)}
        public = world.context.public
        kept = [(public / name).read_text() for name in ("about/index.html", "file", "_redirects")]
    assert kept == ["mine", "mine", "/x /y\n"]
    assert found == {"public/about/index.html", "public/file/x/index.html", "public/_redirects"}


async def test_a_pass_without_news_writes_nothing(publish: Publish) -> None:
    """And looks at no old address; a rebuild writes the same bytes."""
    async with publish(LIST) as world:
        world.write("Sea", aliases="[/old/]")
        await look(world)
        before = {path: path.read_bytes() for path in world.context.public.rglob("*") if path.is_file()}
        assert (await syndicate(world.context)).written == ()
        (world.context.public / "old" / "index.html").unlink()
        assert (await syndicate(world.context)).written == ()
        assert (await syndicate(world.context, everything=True)).written == ("old/index.html",)
        assert before == {path: path.read_bytes() for path in world.context.public.rglob("*") if path.is_file()}


async def test_links_between_posts_lead_to_their_pages(publish: Publish) -> None:
    """By the pattern, which may need the other's date and language; one that has no date is noted."""
    async with publish('permalink = "/{language}/{year}/{slug}/"\n') as world:
        world.write("A", "[b](B.md) [c](2024-05-06-c.de.md#x) [d](D.md)", date="2020-01-01")
        world.write("B", date="2021-01-01", slug="bee")
        world.place("posts/2024-05-06-c.de.md", "---\ntitle: C\n---\nText\n")
        world.write("D")
        (problem,) = await look(world)
        found = await live(world)
    assert "'D.md' has no date" in problem.message
    assert f'href="{found["B"].url}"' in found["A"].html
    assert f'href="{found["C"].url}#x"' in found["A"].html


FIELDS = st.fixed_dictionaries(
    {
        "slug": st.sampled_from(["x", "y", "lists", "2026"]),
        "aliases": st.sampled_from(["[]", "[/x/]", "[/posts/y/, /old/]"]),
        "draft": st.sampled_from(["false", "false", "true"]),
        "date": st.sampled_from(["2025-06-01", "2026-01-01"]),
    }
)
STEPS = st.tuples(st.sampled_from(PATTERNS), st.dictionaries(st.sampled_from("ABC"), FIELDS, min_size=1))


@settings(max_examples=12, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(st.lists(STEPS, min_size=2, max_size=5))
def test_every_address_that_readers_knew_leads_to_the_post_in_one_step(
    blank_file: Path, history: list[tuple[str, Mapping[str, Any]]]
) -> None:
    """Whatever slugs, dates, patterns and aliases were, or to its notice; and no page is ever shadowed."""
    with TemporaryDirectory() as folder:
        shutil.copy(blank_file, Path(folder) / "dispatch.db")
        asyncio.run(_live_through(World(Path(folder)), history))


async def _live_through(world: World, history: list[tuple[str, Mapping[str, Any]]]) -> None:
    known: dict[str, str] = {}  # address: the title of the post that had its page there last
    named: dict[str, str] = {}  # what each post's author names now
    (world.folder / "posts").mkdir()
    for pattern, files in history:
        world.place("dispatch.toml", f'{HEAD}permalink = "{pattern}"\n')
        world.later(hours=1)
        for name, fields in files.items():
            world.write(name, id=name, **fields)
            named[name] = fields["aliases"]
        async with world.open():
            await look(world)
            found = {title: one.url.removeprefix(SITE) for title, one in (await live(world)).items()}
            known |= {path: title for title, path in found.items()}
            _judge(world, {path: title for path, title in known.items() if path not in str(named)}, found)


def _judge(world: World, known: Mapping[str, str], found: Mapping[str, str]) -> None:
    leads = ways(world)
    assert not leads.keys() & set(found.values())
    assert set(leads.values()) <= set(found.values())
    for path, to in leads.items():
        assert page(world, path) == f"{SITE}{to}"
    for title, path in found.items():
        assert page(world, path) == title
    for path, title in known.items():
        if title in found:
            assert path == found[title] or leads[path] == found[title]
        else:
            assert page(world, path) == "gone"
