"""Issues as sent: each edition that went out can be read by everybody, and says nothing of anybody."""

import re
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
from lxml import html as lxml_html
from sqlalchemy import delete, select, update

from dispatch.acts import issue, post, shaping, timing
from dispatch.acts.shaping import Wish
from dispatch.deliver.run import run_chunk
from dispatch.model.issue import IssueState
from dispatch.publish.archiving import archive
from dispatch.publish.freezing import freeze
from dispatch.store import chunks, issue_pages
from dispatch.store.schema import delivery, edition, subscriber
from dispatch.store.schema_site import issue_page

from .conftest import Publish, World, text_of

ON_EACH = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
WEEKLY = '[lists.news]\ntitle = "The Weekly"\ncadence = "weekly"\nsince = 2026-03-01\n'
WEEKLY += '[lists.news.at]\nweekly = "mon 08:00"\n'
COLUMNS = "email,name,tags,language"
PEOPLE = (
    "ada@reader.example,Ada Augusta,,en",
    "bob@reader.example,Bob Bohrer,sea,en",
    "cleo@reader.example,Cleo Klee,,en",
    "dora@reader.example,Dora Dorn,,de",
)


def of(mail: EmailMessage) -> str:
    """Where a mail says that it stands, below public/."""
    return str(mail["Archived-At"] or "").strip("<>").removeprefix("https://sea.example/")


def page(world: World, path: str) -> str:
    """A page as it lies there."""
    return (world.folder / "public" / path / "index.html").read_text(encoding="utf-8")


def html_of(mail: EmailMessage) -> str:
    """A mail's HTML."""
    body = mail.get_body(("html",))
    assert body
    return str(body.get_content())


def mail_to(world: World, who: str) -> EmailMessage:
    """The last mail to somebody."""
    return [mail for mail in world.mails() if f"{who}@" in str(mail["To"])][-1]


async def sent_digest(world: World) -> int:
    """A digest that went to three cohorts: the largest, who likes the sea alone, who reads German."""
    world.people("news", *PEOPLE, columns=COLUMNS)
    await world.stage()
    world.write("Alpha", "About alpha.", tags="[sea]")
    world.write("Beta", "About beta.")
    world.write("Gamma", "About gamma.", tags="[sea]")
    await world.stage()
    world.later(days=7)
    (number,) = (await world.work()).started
    return number


@ON_EACH
async def test_a_mails_link_leads_to_what_its_reader_got(publish: Publish) -> None:
    """Header, text and HTML name one address, and its page holds the posts of that mail and no others."""
    async with publish(WEEKLY) as world:
        number = await sent_digest(world)
        held = {"ada": "ABG", "bob": "AG", "cleo": "ABG", "dora": "ABG"}
        for who, letters in held.items():
            mail = mail_to(world, who)
            address = f"https://sea.example/{of(mail)}"
            assert address in text_of(mail)
            assert f'href="{address}"' in html_of(mail)
            shown = page(world, of(mail))
            for name in ("alpha", "beta", "gamma"):
                assert (f"About {name}." in shown) is (name[0].upper() in letters)
        assert of(mail_to(world, "ada")) == of(mail_to(world, "cleo")) == f"issues/{number}/"
        assert {of(mail_to(world, who)) for who in ("bob", "dora")} == {f"issues/{number}/{at}/" for at in (1, 2)}
        assert '<html lang="de"' in page(world, of(mail_to(world, "dora")))


@ON_EACH
async def test_no_page_says_anything_of_anybody(publish: Publish) -> None:
    """Neither an address, nor a name, nor a link of anybody's own, on any page below issues/."""
    async with publish(WEEKLY) as world:
        await sent_digest(world)
        links = [link for mail in world.mails() for link in re.findall(r"/[up]/([\w.~-]{8,})", html_of(mail))]
        assert len(links) >= 8
        async with world.context.store.read() as tx:
            people = (await tx.execute(select(subscriber.c.email, subscriber.c.name))).all()
            markers = (await tx.execute(select(edition.c.marker))).scalars().all()
        secrets = [*links, *markers, *(word for one in people for word in one)]
        pages = sorted((world.folder / "public" / "issues").rglob("*.html"))
        assert len(pages) == 3
        for path in [*pages, world.folder / "public" / "lists" / "news" / "issues" / "index.html"]:
            text = path.read_text(encoding="utf-8")
            assert [secret for secret in secrets if secret in text] == []
        assert 'href="https://sea.example/preferences/"' in pages[0].read_text(encoding="utf-8")


async def test_what_is_for_a_receiver_alone_is_not_shown_to_everybody(publish: Publish) -> None:
    """Why they get it, and a way to the page that one is on; the mail itself shows both, and everybody the rest."""
    async with publish(WEEKLY) as world:
        number = await sent_digest(world)
        shown = page(world, f"issues/{number}")
        hidden = lxml_html.document_fromstring(shown).xpath("//*[@class='yours']")
        assert [" ".join(one.text_content().split()) for one in hidden] == [
            "You get this because your address is subscribed to The Weekly. Reply to this mail, and it reaches us.",
            "· Read on the web",
        ]
        assert ".yours { display: none; }" in shown
        assert ".yours" not in html_of(mail_to(world, "ada"))
        assert all("display" not in one.get("style", "") for one in hidden)
        assert not {"Unsubscribe", "All\xa0issues"} & {link.text for one in hidden for link in one.iter("a")}


@ON_EACH
async def test_a_withdrawn_post_is_on_no_page_any_more(publish: Publish) -> None:
    """Nor in a subject that names it; the other posts are led to, and pages without it stay as they were."""
    async with publish(WEEKLY) as world:
        number = await sent_digest(world)
        others = page(world, of(mail_to(world, "bob")))
        await post.withdraw(world.desk, await world.post_id("Beta"))
        await world.stage()
        for who in ("ada", "dora"):
            notice = page(world, of(mail_to(world, who)))
            assert "beta" not in notice.casefold()
            assert "About" not in notice
            assert "/posts/alpha/" in notice.casefold()
            assert "noindex" in notice
        assert page(world, of(mail_to(world, "bob"))) == others
        await post.withdraw(world.desk, await world.post_id("Alpha"))
        await post.withdraw(world.desk, await world.post_id("Gamma"))
        await world.stage()
        below = world.folder / "public" / "issues" / str(number)
        assert number == 1
        assert sorted(path.parent.name for path in below.rglob(".gone")) == ["1", "1", "2"]
        everywhere = "".join(path.read_text(encoding="utf-8") for path in below.rglob("*.html")).casefold()
        everywhere += page(world, "lists/news/issues").casefold()
        assert [name for name in ("alpha", "beta", "gamma") if name in everywhere] == []


async def test_a_post_that_comes_back_brings_the_page_back(publish: Publish) -> None:
    """As it was sent, byte for byte."""
    async with publish(WEEKLY) as world:
        number = await sent_digest(world)
        before = page(world, f"issues/{number}")
        world.write("Beta", "About beta.", draft="true")
        await world.stage()
        assert "About" not in page(world, f"issues/{number}")
        world.write("Beta", "About beta, and more.")
        await world.stage()
        assert page(world, f"issues/{number}") == before


async def test_a_page_shows_what_was_sent_though_posts_have_changed(publish: Publish) -> None:
    """It is made of the stored edition, also when all are written anew."""
    async with publish(WEEKLY) as world:
        number = await sent_digest(world)
        before = page(world, f"issues/{number}")
        world.write("Alpha", "Altogether else.", tags="[sea]")
        await world.stage()
        (world.folder / "public" / "issues" / str(number) / "index.html").unlink()
        done = await archive(world.context, everything=True)
        assert done.written == (f"issues/{number}/index.html",)
        assert not done.problems
        assert page(world, f"issues/{number}") == before


@ON_EACH
async def test_nobody_is_mailed_before_the_page_is_there(publish: Publish) -> None:
    """Whoever is killed between the freeze and the page: no chunk can be claimed until the next pass wrote it."""
    async with publish(WEEKLY) as world:
        number = await sent_digest(world)
        async with world.context.store.write() as tx:  # as a kill after the freeze leaves it
            await tx.execute(update(issue_page).values(shows=None))
            await tx.execute(update(delivery).values(state="pending"))
            await tx.execute(update(chunks.chunk).values(state="pending"))
            await tx.execute(update(chunks.issue).values(state=IssueState.SENDING, ended=None))
        (world.folder / "public" / "issues" / str(number) / "index.html").unlink()
        mailed = len(world.mails())
        await world.app.engine.drain()
        await run_chunk(world.context, number, 0)
        assert len(world.mails()) == mailed
        async with world.context.store.read() as tx:
            assert await chunks.ready(tx, world.now, 10) == []
            assert await chunks.next_ready(tx) is None
        await world.stage()
        assert "About alpha." in page(world, f"issues/{number}")
        async with world.context.store.read() as tx:
            assert len(await chunks.ready(tx, world.now, 10)) == 3


async def test_a_page_that_cannot_be_written_holds_up_no_mail(publish: Publish) -> None:
    """It is reported, and written as soon as it can be."""
    async with publish(WEEKLY) as world:
        world.place("templates/web/issue.html", "{{ nothing.at.all }}")
    async with publish(WEEKLY) as world:
        number = await sent_digest(world)
        assert len(world.mails()) == 4
        done = await world.stage()
        assert [one.where for one in done.problems] == [f"page of issue {number}"] * 3
        assert "templates/web/issue.html:1" in str(done.problems[0])
        (world.folder / "templates" / "web" / "issue.html").unlink()
        async with publish(WEEKLY):
            assert (await world.stage()).problems == ()
            assert "About alpha." in page(world, f"issues/{number}")


async def made(world: World, **wish: str) -> int:
    """A letter of an editor's to everybody, frozen."""
    number = await shaping.make(world.desk, "news", Wish(**wish))
    await timing.send(world.desk, number)
    await freeze(world.context, world.now)
    return number


@ON_EACH
async def test_a_page_shows_the_newest_revision(publish: Publish) -> None:
    """Whoever got the first finds corrected what they were told."""
    async with publish(WEEKLY) as world:
        world.people("news", *PEOPLE, columns=COLUMNS)
        await world.stage()
        number = await made(world, subject="Wrnog", intro="Low water at neun.")
        await run_chunk(world.context, number, 0)
        await issue.pause(world.desk, number)
        await shaping.shape(world.desk, number, Wish(subject="Right", intro="Low water at nine."))
        await issue.resume(world.desk, number)
        await world.work()
        assert {mail["Subject"] for mail in world.mails()} == {"Wrnog", "Right"}
        for mail in world.mails():
            assert "at nine." in page(world, of(mail))
            assert "neun" not in page(world, of(mail))
        assert "Right" in page(world, "lists/news/issues")
        assert "Wrnog" not in page(world, "lists/news/issues")


@ON_EACH
async def test_what_reached_nobody_has_no_page(publish: Publish) -> None:
    """One that was cancelled in mid-send keeps it, for somebody has the link."""
    async with publish(WEEKLY) as world:
        world.people("news", *PEOPLE, columns=COLUMNS)
        await world.stage()
        reached = await made(world, subject="Ice", intro="The quay froze.")
        await run_chunk(world.context, reached, 0)
        nobody = await made(world, subject="Snow", intro="The quay is white.")
        for number in (reached, nobody):
            assert "The quay" in page(world, f"issues/{number}")
            await issue.cancel(world.desk, number)
        await world.stage()
        assert "The quay froze." in page(world, f"issues/{reached}")
        assert not (world.folder / "public" / "issues" / str(nobody) / "index.html").exists()
        assert "Ice" in page(world, "lists/news/issues")
        assert "Snow" not in page(world, "lists/news/issues")


async def test_drafts_have_no_page(publish: Publish) -> None:
    """Nothing is written of what may still be changed."""
    async with publish(WEEKLY) as world:
        world.people("news", *PEOPLE, columns=COLUMNS)
        world.write("Alpha")
        await world.stage()
        await shaping.make(world.desk, "news", Wish(subject="Ice", intro="The quay froze."))
        await world.stage()
        assert not (world.folder / "public" / "issues").exists()
        assert "Nothing has been sent yet." in page(world, "lists/news/issues")


async def test_a_list_that_nobody_can_join_shows_nothing(publish: Publish) -> None:
    """Its mails have no link to a page, and say all the same that they are issues; `archive = true` shows them."""
    private = WEEKLY.replace("since", "sign_up = false\nsince")
    async with publish(private) as world:
        number = await sent_digest(world)
        for mail in world.mails():
            assert mail["Archived-At"] is None
            assert mail["Precedence"] == "bulk"
            assert mail["Auto-Submitted"] is None
            assert "Read on the web" not in text_of(mail) + html_of(mail)
            assert "issues/" not in text_of(mail) + html_of(mail)
        assert not (world.folder / "public" / "issues").exists()
        assert not (world.folder / "public" / "lists" / "news" / "issues").exists()
    async with publish(private.replace("sign_up", "archive = true\nsign_up")) as world:
        await world.stage()
        assert "About alpha." in page(world, f"issues/{number}")
        assert f"issues/{number}/" in page(world, "lists/news/issues")
    async with publish(private) as world:
        await world.stage()
        assert list((world.folder / "public" / "issues").rglob("*.html")) == []
        assert not (world.folder / "public" / "lists" / "news" / "issues" / "index.html").exists()


async def test_single_posts_are_their_own_pages(publish: Publish) -> None:
    """An immediate mail of one post leads to the post, has a page that names it, and is not among past issues."""
    async with publish(WEEKLY.replace('cadence = "weekly"', 'cadence = "immediate"\ncadences = ["weekly"]')) as world:
        world.people("news", PEOPLE[0], columns=COLUMNS)
        await world.stage()
        world.write("Alpha", "About alpha.")
        (number,) = (await world.work(hold=False)).started
        assert of(world.mails()[0]) == "posts/alpha/"
        assert '<link rel="canonical" href="https://sea.example/posts/alpha/">' in page(world, f"issues/{number}")
        listed = page(world, "lists/news/issues")
        assert "Alpha" not in listed
        assert "Only single posts have been mailed so far." in listed
        assert "Nothing has been sent yet." not in listed
        assert '<a href="../../../lists/news/">The Weekly</a>' in lxml_html.tostring(notes(listed)[-1]).decode()


async def test_past_issues_say_which_mails_are_not_among_them(publish: Publish) -> None:
    """Where some were posts by themselves; where none was, nothing is said of them."""
    async with publish(WEEKLY) as world:
        await sent_digest(world)
        assert notes(page(world, "lists/news/issues")) == []
    both = WEEKLY.replace('cadence = "weekly"', 'cadence = "weekly"\ncadences = ["immediate"]')
    async with publish(both) as world:
        world.people("news", "eve@reader.example,,,en,immediate", columns=f"{COLUMNS},cadence")
        await world.stage()
        world.write("Delta")
        await world.work(hold=False)
        listed = page(world, "lists/news/issues")
        assert "Delta" not in listed
        assert [one.text_content() for one in notes(listed)] == [
            "Posts that were mailed one by one are not listed here: they are in The Weekly."
        ]


def notes(listed: str) -> list[Any]:
    """What a page of issues says beside its issues."""
    return list(lxml_html.document_fromstring(listed).xpath("//p[@class='empty'] | //header/p[position() > 1]"))


@ON_EACH
async def test_the_pages_of_one_issue_lead_from_language_to_language(publish: Publish) -> None:
    """Each to the others, to what holds the same posts there or else to the largest; nobody's mail has such links."""
    async with publish(WEEKLY) as world:
        world.people("news", *PEOPLE, "emil@reader.example,,sea,de", columns=COLUMNS)
        await world.stage()
        for name, tags in (("alpha", "[sea]"), ("beta", "[land]"), ("gamma", "[sea]")):
            for language in ("en", "de"):
                title = f"{name.title()} {language}"
                world.place(
                    f"posts/{name}.{language}.md",
                    f"---\ntitle: {title}\ndate: 2026-03-01\ntags: {tags}\ntranslation: {name}\n"
                    f"language: {language}\n---\n\nAbout {title}.\n",
                )
        await world.stage()
        world.later(days=7)
        await world.work()
        for who, tag in (("ada", "dora"), ("bob", "emil")):
            here, there = of(mail_to(world, who)), of(mail_to(world, tag))
            assert ways(world, here) == [("de", "Deutsch", there)]
            assert ways(world, there) == [("en", "English", here)]
        assert all("hreflang" not in html_of(mail) for mail in world.mails())


def ways(world: World, path: str) -> list[tuple[str, str, str]]:
    """The links of a page to its issue in other languages: language, its own name, and where they lead."""
    found = lxml_html.document_fromstring(page(world, path)).xpath("//header//a[@rel='alternate']")
    at = f"https://sea.example/{path}"
    return [
        (one.get("hreflang"), one.text, urljoin(at, one.get("href")).removeprefix("https://sea.example/"))
        for one in found
        if one.get("lang") == one.get("hreflang")
    ]


async def test_one_issue_rewrites_no_other_issues_page(publish: Publish) -> None:
    """Beside its own it writes the newest page of the list's issues."""
    async with publish(WEEKLY) as world:
        await sent_digest(world)
        world.write("Delta")
        await world.stage()
        world.later(days=7)
        before = stamps(world.folder)
        (number,) = (await world.work()).started
        after = stamps(world.folder)
        changed = {path for path in after if after[path] != before.get(path)}
        own = {path for path in changed if path.startswith(f"issues/{number}/")}
        assert own
        assert changed - own == {"lists/news/issues/index.html"}


def stamps(folder: Path) -> dict[str, int]:
    """When each file of this part of the site was written."""
    public = folder / "public"
    found = [*(public / "issues").rglob("*.html"), *(public / "lists" / "news" / "issues").rglob("*.html")]
    return {path.relative_to(public).as_posix(): path.stat().st_mtime_ns for path in found}


@ON_EACH
async def test_pages_of_many_issues_are_cut_from_the_oldest_on(
    publish: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full page of a list's issues stays what it is, each issue is on one page, and all can be reached."""
    monkeypatch.setattr("dispatch.publish.archiving.LEAF", 2)
    async with publish(WEEKLY) as world:
        world.people("news", *PEOPLE[:3], columns=COLUMNS)
        await world.stage()
        seen = {}
        for at in range(7):
            await made(world, subject=f"Letter {at}", intro="Ice.")
            await world.work()
            for place, letters in shown(world).items():
                assert not place or seen.setdefault(place, letters) == letters
        assert shown(world) == {"": [6, 5, 4], "1": [1, 0], "2": [3, 2]}
        folder = "lists/news/issues"
        assert 'href="./2/"' in page(world, folder)
        assert 'href="../"' in page(world, f"{folder}/2")
        assert 'href="../1/"' in page(world, f"{folder}/2")
        assert 'href="../2/"' in page(world, f"{folder}/1")


def shown(world: World) -> dict[str, list[int]]:
    """The letters on each page of the list's issues."""
    folder = world.folder / "public" / "lists" / "news" / "issues"
    pages = {path.parent.name.removeprefix("issues"): path.read_text() for path in folder.rglob("index.html")}
    return {name: [int(at) for at in re.findall(r"Letter (\d)", text)] for name, text in pages.items()}


async def test_issues_from_before_there_were_pages_get_theirs(publish: Publish) -> None:
    """A store of an earlier version has editions and no pages."""
    async with publish(WEEKLY) as world:
        number = await sent_digest(world)
        before = page(world, f"issues/{number}")
        async with world.context.store.write() as tx:
            await issue_pages.remove(tx, await issue_pages.of_lists(tx, [world.context.lists["news"].id]))
            assert (await tx.execute(delete(issue_page))).rowcount == 0
        (world.folder / "public" / "issues" / str(number) / "index.html").unlink()
        await archive(world.context, everything=True)
        assert page(world, f"issues/{number}") == before
        assert f"issues/{number}/" in page(world, "lists/news/issues")


async def test_a_page_says_the_day_in_its_lists_own_zone(publish: Publish) -> None:
    """The day is that of the list's readers, not of the server."""
    async with publish(WEEKLY.replace("since", 'timezone = "Pacific/Auckland"\nsince')) as world:
        world.now = datetime(2026, 3, 8, 22, tzinfo=UTC)
        world.people("news", PEOPLE[0], columns=COLUMNS)
        await world.stage()
        number = await made(world, subject="Ice", intro="Cold.")
        assert '<time datetime="2026-03-09">March\xa09,\xa02026</time>' in page(world, f"issues/{number}")
