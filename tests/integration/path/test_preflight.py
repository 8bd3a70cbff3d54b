"""Preflight knows what the publication knows: its pages, its posts' files, its own templates, its editor's words."""

import random
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from dispatch.acts.act import Desk
from dispatch.acts.check import check
from dispatch.acts.known_pages import known_pages
from dispatch.acts.preflight import Remarks, preflight
from dispatch.acts.preview import Reader, preview_issue, preview_list
from dispatch.acts.shaping import Wish, make, shape
from dispatch.app import open_app
from dispatch.config import read_config
from dispatch.publish import run_pass
from dispatch.render.preflight.remark import Severity
from dispatch.render.preflight.weight import ONE
from dispatch.theme import Theme
from dispatch.web.rehearsal import broken_pages

from .conftest import Publish, World

SAMPLE = Path(__file__).parents[3] / "sample"
NEWS = "[lists.news]\nsince = 2026-03-01\n"
FAULT, WARNING, NOTE = Severity
SHARED = {
    "base.html",
    "fields.html",
    "parts.html",
    "preferences_feed.html",
    "single.html",
    "not_found.html",
}  # parts of pages, and what stands in for any
OF_THE_SITE = {
    "archive.html",
    "ended.html",
    "follow.html",
    "index.html",
    "issue.html",
    "issue_withdrawn.html",
    "issues.html",
    "list.html",
    "moved.html",
    "post.html",
    "withdrawn.html",
}  # which every pass writes


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
        paths += ["/subscribe/news/"]
        assert [path for path in paths if not known(f"https://sea.example{path}")] == []
        paths = [
            "/posts/draft/",
            "/posts/gone/",
            "/posts/neaps/",
            "/lists/old/",
            "/about",
            "/media/x.png",
            "/subscriber-stories/",
            "/preferences-of-fish",
            "/%00",
            "/" + "a" * 300,
        ]
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
        assert faults(remarks) == [("links", "line 3 of the intro", "https://sea.example/posts/gone/")]
        assert shown.cut
        assert any(one.check == "size" and "of the post's 300 paragraphs" in one.said for one in remarks)


async def test_a_letter_has_no_file_beside_it(publish: Publish) -> None:
    """Whoever asks for it by language or tags gets it, and a picture that is not there is to be had from the web."""
    async with publish(NEWS) as world:
        world.people("news", "ada@example.org")
        await world.stage()
        number = await make(world.desk, "news", Wish("Dear reader,\n\n![Low water](low.jpg)", "Ebb", None, "", None))
        for reader in (Reader(), Reader(language="de"), Reader(tags=("tides",)), Reader(address="ada@example.org")):
            (shown,) = await preview_issue(world.desk, number, reader)
            assert "Dear reader" in shown.text
        (found,) = [one for one in await preflight(world.desk, shown) if one.check == "pictures"]
        assert (found.where, found.severity) == ("line 3 of the intro", WARNING)
        assert found.cure.startswith("Give the full address of a picture on the web")


async def test_an_intro_in_another_language_is_named_by_its_own_lines(publish: Publish) -> None:
    """What an edition does not show is not looked at."""
    async with publish(NEWS) as world:
        world.people("news", "ada@example.org,", "bo@example.org,de", columns="email,language")
        await world.stage()
        number = await make(world.desk, "news", Wish("See [this](/posts/gone/).", "Ebb", None, "", None))
        await shape(world.desk, number, Wish("Moin,\n\n[hier](/posts/gone/) lang.", "Ebbe", None, "de", None))
        shown = await preview_issue(world.desk, number, Reader())
        places = [(one.name, [where for _, where, _ in faults(await preflight(world.desk, one))]) for one in shown]
        assert places == [("", ["line 1 of the intro"]), ("de", ["line 3 of the intro"])]


@pytest.mark.parametrize(("more", "names"), [([], ["", "de"]), (["ed@example.org,,flood"], ["", "de", "smallest"])])
async def test_a_cohort_is_shown_once(more: list[str], names: list[str], publish: Publish) -> None:
    """The largest, one of each other language, and the smallest where it is none of these; of what was sent too."""
    rows = [
        "ada@example.org,,ebb",
        "bo@example.org,,ebb",
        "flo@example.org,,ebb",
        "cy@example.org,de,",
        "di@example.org,de,",
    ]
    async with publish(NEWS + 'cadence = "weekly"\n[lists.news.at]\nweekly = "mon 12:00"\n') as world:
        world.people("news", *rows, *more, columns="email,language,tags")
        world.write("Ebb", tags="[ebb]", date="2026-03-01")
        world.write("Flood", tags="[flood]", date="2026-03-01")
        await world.stage()
        assert [one.name for one in await preview_issue(world.desk, 1, Reader())] == names
        world.later(hours=3)
        await world.work()
        assert [one.name for one in await preview_issue(world.desk, 1, Reader())] == ["", "de"]


async def test_a_picture_weighs_what_its_readers_load(publish: Publish) -> None:
    """Of a heavy photo mail shows a rendition, and that one is weighed; where mail shows the file itself, the file."""
    async with publish(NEWS) as world:
        world.write("Ebb", "![Low water](low.png)", date="2026-03-01")
        heavy = Image.new("RGB", (3000, 2000), "#336699")
        heavy.save(world.folder / "posts" / "low.png", compress_level=0)
        assert (world.folder / "posts" / "low.png").stat().st_size > ONE
        await world.stage()
        assert [one for one in await seen(world) if one.check == "weight"] == []
        noise = Image.frombytes("RGB", (640, 640), random.Random(7).randbytes(640 * 640 * 3))  # noqa: S311
        noise.save(world.folder / "posts" / "loud.png")
        world.later(hours=1)
        world.write("Flood", "![High water](loud.png)", date="2026-03-02")
        await world.stage()
        (found,) = [one for one in await seen(world) if one.check == "weight"]
        assert found.where == "posts/Flood.md:6"
        assert found.about.startswith("loud.png, ")


async def test_templates_are_tried_before_the_first_post(publish: Publish, tmp_path: Path) -> None:
    """A sample stands for what is not there yet, in each kind of issue; and it is said how to look at the first one."""
    async with publish(NEWS) as world:
        findings = [one async for one in check(world.desk)]
        assert [one.what for one in findings if not one.ok] == []
        assert any(one.note and "dispatch run --once --simulate" in one.said for one in findings)
    place(tmp_path, "parts/digest.html", "{{ nothing }}")
    async with publish(NEWS) as world:
        broken = [one for one in [one async for one in check(world.desk)] if not one.ok]
        assert [one.what for one in broken] == ["list news"]
        assert "digest.html" in broken[0].said


async def test_one_fault_in_all_mails_is_one_finding(publish: Publish, tmp_path: Path) -> None:
    """A logo that is not there is named by its line in the settings; that it has no text is as it should be."""
    async with publish(NEWS + "[lists.more]\n"):
        settings = tmp_path / "dispatch.toml"
    title, logo = 'title = "Sea"\n', 'logo = "https://sea.example/media/logo.png"\n'
    settings.write_text(settings.read_text().replace(title, title + logo))
    async with World(tmp_path).open() as world:
        findings = [one async for one in check(world.desk)]
        (broken,) = [one for one in findings if not one.ok]
        assert broken.what == "list news, pictures"
        assert broken.said.startswith("dispatch.toml:4: a picture of the site is not there: https://sea.example/media/")
        assert [one for one in findings if one.what.endswith(", alt")] == []


async def test_a_place_in_a_file_of_ours_comes_with_the_command_that_writes_it(
    publish: Publish, tmp_path: Path
) -> None:
    """A check writes no mail, but says how to get the one that it speaks of."""
    place(tmp_path, "service/goodbye.html", (SAMPLE.parent / "templates/email/service/goodbye.html").read_text())
    page = tmp_path / "templates/email/service/goodbye.html"
    page.write_text(page.read_text().replace("{% block lead %}", '{% block lead %}<p style="color:#fefefe">Hm</p>'))
    async with publish(NEWS) as world:
        (broken,) = [one for one in [one async for one in check(world.desk)] if not one.ok]
        assert broken.said.startswith("edition.html:")
        assert broken.said.endswith("`dispatch list preview news --service goodbye --out DIR` writes that file.")


async def test_every_page_that_acts_is_tried(publish: Publish, tmp_path: Path) -> None:
    """Each template of the pages on which people join, choose and leave is found if it is broken."""
    pages = {path.name for path in (SAMPLE.parent / "templates/web").glob("*.html")} - SHARED - OF_THE_SITE
    async with publish(NEWS + "[lists.more]\n") as world:
        assert await broken_pages(world.context) == []
        for name in pages:
            world.place(f"templates/web/{name}", "{{ nothing }}")
        theme = Theme(tmp_path / "templates")
        said = await broken_pages(replace(world.context, theme=theme))
        assert {one.partition(":")[0] for one in said} == {f"templates/web/{name}" for name in pages}
        world.place("templates/web/not_found.html", "{{ nothing }}")
        (one,) = await broken_pages(replace(world.context, theme=Theme(tmp_path / "templates")))
        assert one.startswith("templates/web/not_found.html:1: ")


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
