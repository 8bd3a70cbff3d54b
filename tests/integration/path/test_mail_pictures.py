"""From a picture beside a post to what the mail, the page and the feeds show of it."""

import re
import shutil
from pathlib import Path

from lxml import html
from PIL import Image, ImageDraw

from dispatch.store import posts

from .conftest import Publish, World

NEWS = "[lists.news]\nsince = 2026-03-01\n"


def draw(world: World, name: str, size: tuple[int, int] = (1600, 800)) -> None:
    """A chart beside the posts."""
    picture = Image.new("RGB", size, "white")
    ImageDraw.Draw(picture).rectangle((9, 9, 99, 99), fill="navy")
    picture.save(world.folder / "posts" / name)


def shown(world: World) -> list[dict[str, str]]:
    """The pictures of the newest mail, their attributes."""
    body = world.mails()[-1].get_body(("html",))
    assert body
    return [dict(image.attrib) for image in html.fromstring(body.get_content()).iter("img")]


def published(world: World, address: str) -> Path:
    """The file below public/ that an address names."""
    return world.folder / "public" / address.removeprefix("https://sea.example/")


async def test_the_mail_shows_what_was_made_for_it_and_the_page_the_original(publish: Publish) -> None:
    """Each at an address where there is a file, in whole pixels; the lead picture like those in the text."""
    async with publish(NEWS) as world:
        draw(world, "chart.webp")
        draw(world, "lead.avif", (400, 300))
        world.write("Tides", "![A chart](chart.webp)", image="lead.avif", image_alt="The sea", date="2026-03-02")
        world.people("news", "ada@example.org")
        await world.work(hold=False)
        lead, chart = sorted(shown(world), key=lambda one: one["alt"], reverse=True)
        assert (lead["alt"], lead["width"], lead["height"]) == ("The sea", "400", "300")
        assert (chart["alt"], int(chart["width"])) == ("A chart", 2 * int(chart["height"]))
        sizes = [Image.open(published(world, one["src"])).size for one in (lead, chart)]
        assert sizes == [(400, 300), (1200, 600)]
        assert re.search(r"chart-mail\.(png|jpg)$", chart["src"])
        original = chart["src"].rpartition("-mail.")[0] + ".webp"
        assert published(world, original).read_bytes() == (world.folder / "posts/chart.webp").read_bytes()
        for name in ("posts/tides/index.html", "feed.xml", "atom.xml", "feed.json"):
            text = (world.folder / "public" / name).read_text()
            assert ".webp" in text
            assert "-mail." not in text


async def test_no_picture_is_made_twice(publish: Publish) -> None:
    """A second pass touches none, and what was lost comes back only when the site is written anew."""
    async with publish(NEWS) as world:
        draw(world, "chart.webp")
        world.write("Tides", "![A chart](chart.webp)")
        await world.work()
        made = world.context.renditions
        assert len(list(made.iterdir())) == 1
        shutil.rmtree(made)
        await world.work()
        assert not made.exists()
        world.write("Moons", "![The same](chart.webp)")
        await world.work()
        (kept,) = made.iterdir()
        before = kept.stat()
        world.write("Moons", "![The same](chart.webp), again")
        await world.work()
        assert (kept.stat().st_mtime_ns, kept.stat().st_ino) == (before.st_mtime_ns, before.st_ino)


async def test_a_post_of_an_older_store_still_goes_out(publish: Publish) -> None:
    """Without a picture made for it, the mail links to the original, as it always did."""
    async with publish(NEWS) as world:
        draw(world, "chart.webp")
        world.write("Tides", "![A chart](chart.webp)", date="2026-03-02")
        world.people("news", "ada@example.org")
        await world.stage()
        async with world.context.store.write() as tx:
            (post,) = await posts.everything(tx, 9)
            old = [{"source": str(one.source), "target": one.target} for one in post.assets if not one.mails]
            await posts.change(tx, post.id, {"assets": old})
        world.later(minutes=10)
        await world.work()
        assert shown(world) == []
        body = world.mails()[-1].get_body(("html",))
        assert body
        assert re.search(r'href="https://sea\.example/media/[0-9a-f]{12}/chart\.webp"', body.get_content())
