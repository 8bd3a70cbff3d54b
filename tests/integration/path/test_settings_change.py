"""Settings change under a publication that has already mailed: nobody is lost, nobody gets anything twice."""

from email.message import EmailMessage

from dispatch.acts import people
from dispatch.acts.report import status
from dispatch.acts.subscriber import import_people, read_file, unsubscribe
from dispatch.deliver.run import run_chunk
from dispatch.model.issue import IssueState
from dispatch.publish import run_pass

from .conftest import Publish, World

NEWS = "[lists.news]\nsince = 2026-03-01\n"


def rewrite(world: World, *changes: tuple[str, str]) -> None:
    """Edit dispatch.toml."""
    path = world.folder / "dispatch.toml"
    text = path.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")


async def mailed_once(publish: Publish) -> World:
    """A publication that has sent one issue to one person."""
    async with publish(NEWS) as world:
        world.people("news", "ada@example.org")
        world.write("Departure")
        await world.work(hold=False)
        assert len(world.mails()) == 1
    return world


async def test_a_renamed_source_keeps_its_posts(publish: Publish) -> None:
    """The same files under another name are the same posts, and are not mailed again."""
    world = await mailed_once(publish)
    rewrite(world, ("[sources.blog]", "[sources.journal]"))
    async with world.open():
        assert (await world.work(hold=False)).collected.new == 0
        world.write("Arrival")
        await world.work(hold=False)
        assert world.got("ada", ["Departure", "Arrival"]) == [("Departure",), ("Arrival",)]


async def test_a_renamed_list_keeps_its_people(publish: Publish) -> None:
    """`formerly` takes people, marks and links along; their old file changes nothing."""
    world = await mailed_once(publish)
    rewrite(world, ("[lists.news]", '[lists.letters]\nformerly = "news"'))
    (world.folder / "subscribers" / "news.csv").rename(world.folder / "subscribers" / "letters.csv")
    async with world.open():
        await world.work(hold=False)
        world.write("Arrival")
        await world.work(hold=False)
        assert world.got("ada", ["Departure", "Arrival"]) == [("Departure",), ("Arrival",)]


async def test_a_renamed_list_brings_back_nobody_who_was_forgotten(publish: Publish) -> None:
    """Who was taken from a file is remembered under the list's first name, whatever it is called now."""
    world = await mailed_once(publish)
    async with world.open():
        await people.forget(world.desk, "ada@example.org")
    rewrite(world, ("[lists.news]", '[lists.letters]\nformerly = "news"'))
    (world.folder / "subscribers" / "news.csv").rename(world.folder / "subscribers" / "letters.csv")
    async with world.open():
        await world.work(hold=False)
        world.write("Arrival")
        await world.work(hold=False)
        assert world.got("ada", ["Departure", "Arrival"]) == [("Departure",)]


async def test_what_a_retired_list_owes_is_held(publish: Publish) -> None:
    """Its issue waits, others go out, its people can still leave; back in the settings, it goes on."""
    async with publish(NEWS) as world:
        world.people("news", "ada@example.org", "bob@example.org")
        world.write("Departure")
        await run_pass(world.context, world.now, hold=False)
    rewrite(world, ("[lists.news]", "[lists.other]"))
    async with world.open():
        world.people("other", "cleo@example.org")
        await run_chunk(world.context, 1, 0)
        world.write("Arrival")
        await world.work(hold=False)
        assert world.got("ada", ["Departure", "Arrival"]) == []
        assert world.got("cleo", ["Arrival"])[-1] == ("Arrival",)
        assert await unsubscribe(world.desk, "bob@example.org", None) == ["news"]
    rewrite(world, ("[lists.other]", "[lists.news]"))
    async with world.open():
        await world.work(hold=False)
        assert await world.ledger(1) == {"ada": "accepted", "bob": "skipped"}


async def test_two_sources_may_want_one_slug(publish: Publish) -> None:
    """The second gets another, keeps it through edits, and is reported once with both files."""
    async with publish(NEWS + '[sources.more]\ntype = "folder"\npath = "more"\n') as world:
        world.place("posts/one.md", "---\ntitle: One\nslug: same\n---\nText\n")
        world.place("more/two.md", "---\ntitle: Two\nslug: same\n---\nText\n")
        done = await world.work()
        assert [problem.where for problem in done.problems] == ["more/two.md"]
        assert "posts/one.md" in str(done.problems[0])
        for edit in ("once", "twice"):
            world.later(minutes=1)
            world.place("more/two.md", f"---\ntitle: Two\nslug: same\n---\nText {edit}\n")
            await world.work()
            assert (world.folder / "public/posts/same-2/index.html").exists()
            assert not (world.folder / "public/posts/same-2/.gone").exists()


async def test_a_tag_of_any_script_selects_posts_alike_in_feeds_and_mail(publish: Publish) -> None:
    """Capital letters beyond ASCII fold as they do in mail."""
    async with publish('[lists.news]\nsince = 2026-03-01\ntags = ["ÜBERSETZUNG"]\n') as world:
        world.people("news", "ada@example.org")
        world.write("Departure", tags="[Übersetzung]")
        world.write("Other", tags="[sea]")
        await world.work(hold=False)
        feed = (world.folder / "public/lists/news/feed.xml").read_text(encoding="utf-8")
        assert "Departure" in feed
        assert "Other" not in feed
        assert world.got("ada", ["Departure", "Other"]) == [("Departure",)]


async def test_a_post_that_could_not_be_read_at_first_is_archive_all_the_same(publish: Publish) -> None:
    """An old post mended after the first pass fills feeds and mails nobody."""
    async with publish("[lists.news]\n") as world:
        world.people("news", "ada@example.org")
        world.place("posts/old.md", '---\ntitle: "Old\ndate: 2015-01-01\n---\nText\n')
        assert (await world.work(hold=False)).problems
        world.later(minutes=1)
        world.place("posts/old.md", "---\ntitle: Old\ndate: 2015-01-01\n---\nText\n")
        assert (await world.work(hold=False)).collected.new == 1
        assert world.mails() == []


async def test_a_post_that_is_away_for_a_moment_is_mailed_when_it_is_back(publish: Publish) -> None:
    """Its issue was cancelled for want of it; nobody has had it, so it arrives anew."""
    async with publish(NEWS) as world:
        world.people("news", "ada@example.org")
        for name in ("One", "Two", "Three"):
            world.write(name)
        await world.work(hold=False)
        world.write("Departure")
        await world.work()
        kept = (world.folder / "posts/Departure.md").read_text(encoding="utf-8")
        (world.folder / "posts/Departure.md").unlink()
        world.later(minutes=6)
        await world.work()
        assert (await world.states())[-1] is IssueState.CANCELLED
        world.place("posts/Departure.md", kept)
        await world.work(hold=False)
        assert world.got("ada", ["Departure"])[-1] == ("Departure",)


async def test_a_link_with_a_blank_stops_nothing(publish: Publish) -> None:
    """A post whose home has a blank in its address can be edited like any other."""
    async with publish(NEWS) as world:
        for text in ("Text", "Text, edited"):
            world.place("posts/link.md", f'---\ntitle: Link\nlink: "https://ex.org/a b"\n---\n{text}\n')
            world.later(minutes=1)
            assert not (await world.work()).problems
        assert "https://ex.org/a%20b" in (world.folder / "public/feed.xml").read_text(encoding="utf-8")


def sent_to(mails: list[EmailMessage]) -> list[str]:
    """Whom mails are for."""
    return sorted(str(mail["To"]) for mail in mails)


async def test_a_cancelled_digest_gives_its_posts_back(publish: Publish) -> None:
    """Whoever was not mailed gets the posts with the next digest."""
    daily = '[lists.daily]\ncadence = "daily"\nsince = 2026-03-01\n'
    async with publish(daily) as world:
        from dispatch.acts import issue as acts

        world.people("daily", "ada@example.org")
        world.write("Departure")
        await world.work()
        world.later(days=1)
        await run_pass(world.context, world.now)
        await acts.cancel(world.desk, 1)
        assert sent_to(world.mails()) == []
        world.later(days=1)
        await world.work()
        assert world.got("ada", ["Departure"]) == [("Departure",)]


async def test_a_file_that_waits_is_named_until_somebody_lets_its_people_in(publish: Publish) -> None:
    """`status` asks for a person as long as a file of another name is not imported."""
    async with publish(NEWS) as world:
        world.place("subscribers/friends.csv", "email,lists\nada@example.org,news\n")
        await world.work()
        await world.work()
        before = await status(world.desk)
        assert before.needs_a_person
        assert "subscribers/friends.csv" in before.files[0]
        path = world.folder / "subscribers" / "friends.csv"
        async with read_file(world.desk, path) as intake:
            await import_people(world.desk, path, intake)
        after = await status(world.desk)
        assert (after.files, after.needs_a_person) == ((), False)
        assert after.people == {("news", "active"): 1}
