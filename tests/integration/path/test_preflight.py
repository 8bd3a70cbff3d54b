"""Preflight knows what the publication knows: its pages, its posts' files, its own templates, its editor's words."""

import shutil
from pathlib import Path

from dispatch.acts.act import Desk
from dispatch.acts.check import check
from dispatch.acts.known_pages import known_pages
from dispatch.acts.preflight import Remarks, preflight
from dispatch.acts.preview import Reader, preview_issue, preview_list
from dispatch.acts.shaping import Wish, make
from dispatch.app import open_app
from dispatch.config import read_config
from dispatch.publish import run_pass
from dispatch.render.preflight.remark import Severity

from .conftest import Publish, World

SAMPLE = Path(__file__).parents[3] / "sample"
NEWS = "[lists.news]\nsince = 2026-03-01\n"
FAULT, WARNING, NOTE = Severity


async def seen(world: World) -> Remarks:
    """What preflight says of the list's newest post."""
    (shown,) = await preview_list(world.desk, "news", "", Reader())
    return await preflight(world.desk, shown)


def faults(remarks: Remarks) -> list[tuple[str, str, str]]:
    """Check, place and object of what should not go out."""
    return [(one.check, one.where, one.about) for one in remarks if one.severity is FAULT]


async def test_every_page_of_the_site_is_known(publish: Publish) -> None:
    """Posts, lists, tags, feeds, files, what the service answers; not a draft, nor a post that is gone."""
    async with publish(NEWS) as world:
        world.write("Ebb", tags="[C++]")
        world.write("Draft", draft="true")
        for name in ("Gone", "Flood", "Slack", "Springs"):
            world.write(name)
        await world.stage()
        (world.folder / "posts" / "Gone.md").unlink()
        await world.stage()
        async with world.context.store.read() as tx:
            known = await known_pages(tx, world.context)
        paths = ["", "/", "/posts/ebb/", "/posts/ebb#top", "/posts/ebb/?a=b", "/lists/news/", "/lists/news/feed.xml"]
        paths += ["/tags/c-plus-plus/", "/feed.json", "/style.css", "/u/token", "/subscribe", "/preferences/"]
        assert [path for path in paths if not known(f"https://sea.example{path}")] == []
        paths = ["/posts/draft/", "/posts/gone/", "/posts/neaps/", "/lists/old/", "/about", "/media/x.png", "/%00"]
        assert [path for path in paths if known(f"https://sea.example{path}")] == []


async def test_a_link_between_posts_is_dead_until_its_post_is_there(publish: Publish) -> None:
    """The place is the author's file and line, whatever the link became on the way."""
    async with publish(NEWS) as world:
        world.write("Ebb", "See [the flood](flood.md).", date="2026-03-01")
        await world.stage()
        expected = ("links", "posts/Ebb.md:6", "https://sea.example/posts/flood/")
        assert faults(await seen(world)) == [expected]
        world.write("flood", date="2026-02-01")
        await world.stage()
        assert faults(await seen(world)) == []


async def test_what_was_sent_is_looked_at_as_it_was_sent(publish: Publish) -> None:
    """Its bytes are those of the ledger; its posts' files tell the line still."""
    async with publish(NEWS) as world:
        world.people("news", "ada@example.org")
        world.write("Ebb", "See [the flood](flood.md).", date="2026-03-01")
        await world.work(hold=False)
        (shown,) = await preview_issue(world.desk, 1, Reader())
        assert faults(await preflight(world.desk, shown)) == [
            ("links", "posts/Ebb.md:6", "https://sea.example/posts/flood/")
        ]


async def test_a_picture_before_its_copy_is_no_dead_one(publish: Publish) -> None:
    """Files that the next pass copies below public/ are there; a picture that no file is behind is not."""
    async with publish(NEWS) as world:
        shutil.copy(SAMPLE / "posts/pictures/lighthouse-at-dusk.jpg", world.folder / "posts" / "dusk.jpg")
        world.write("Ebb", "![A lighthouse at dusk](dusk.jpg)\n\n![A boat](boat.jpg)", date="2026-03-01")
        await world.stage()
        shutil.rmtree(world.folder / "public")
        assert faults(await seen(world)) == [("pictures", "posts/Ebb.md:8", "https://sea.example/posts/ebb/boat.jpg")]


def place(folder: Path, name: str, text: str) -> None:
    """A template of the publication's own, which it looks for when it is opened."""
    path = folder / "templates" / "email" / name
    path.parent.mkdir(parents=True)
    path.write_text(text)


async def test_templates_of_ones_own_are_looked_at(publish: Publish, tmp_path: Path) -> None:
    """A footer without a way out, in a colour that nobody can read, is named by its line in the HTML."""
    place(tmp_path, "parts/footer.html", '<p style="color:#fafafa">Goodbye from the pier</p>')
    async with publish(NEWS) as world:
        world.write("Ebb", date="2026-03-01")
        await world.stage()
        (shown,) = await preview_list(world.desk, "news", "", Reader())
        found = {one.check: one for one in await preflight(world.desk, shown) if one.severity is FAULT}
        assert set(found) == {"footer", "contrast"}
        file, _, line = found["contrast"].where.partition(":")
        assert file == "edition.html"
        assert "Goodbye from the pier" in shown.html.splitlines()[int(line) - 1]
        broken = [one.what for one in [one async for one in check(world.desk)] if not one.ok]
        assert sorted(broken) == ["list news, contrast", "list news, footer"]


async def test_an_intro_and_a_cut_are_told(publish: Publish) -> None:
    """The editor's words have lines too, and what found no room is told."""
    async with publish(NEWS) as world:
        world.people("news", "ada@example.org")
        world.write("Long", "\n\n".join(f"Wave {n}: " + "water and sand and wind " * 20 for n in range(300)))
        await world.stage()
        wish = Wish("Dear reader,\n\nsee [this](/posts/gone/).", "Long", None, "", (await world.post_id("Long"),))
        number = await make(world.desk, "news", wish)
        (shown,) = await preview_issue(world.desk, number, Reader())
        remarks = await preflight(world.desk, shown)
        assert faults(remarks) == [("links", "the intro:3", "https://sea.example/posts/gone/")]
        assert shown.cut
        assert any(one.check == "size" and "of 300 paragraphs" in one.said for one in remarks)


async def test_a_service_mail_is_looked_at_too(publish: Publish, tmp_path: Path) -> None:
    """One broken colour in the mail that confirms fails the check."""
    original = SAMPLE.parent / "templates/email/service/confirm.html"
    text = original.read_text().replace("{% block lead %}", '{% block lead %}<p style="color:#fefefe">Hm</p>')
    place(tmp_path, "service/confirm.html", text)
    async with publish(NEWS) as world:
        findings = [one async for one in check(world.desk)]
        assert [one.what for one in findings if not one.ok] == ["confirm mail, contrast"]


async def test_the_sample_publication_passes(tmp_path: Path) -> None:
    """What we show to everybody has no fault and no warning, in any list, issue and language."""
    folder = tmp_path / "sample"
    shutil.copytree(SAMPLE, folder)
    async with open_app(read_config(folder), tell=lambda _: None) as app:
        desk = Desk(app.context, "test")
        await run_pass(app.context, app.context.clock(), hold=False)
        assert [one for one in [one async for one in check(desk)] if one.warning or not one.ok] == []
        for number in (1, 2, 3):
            for shown in await preview_issue(desk, number, Reader()):
                assert [one for one in await preflight(desk, shown) if one.severity is not NOTE] == []
