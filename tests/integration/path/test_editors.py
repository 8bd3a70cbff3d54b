"""What editors make of issues: their own, the next digest's words and order, approval, times, corrections."""

from datetime import timedelta

import pytest

from dispatch.acts import approval, issue, pausing, shaping, timing
from dispatch.acts.act import ActError, Desk
from dispatch.acts.moment import moment
from dispatch.acts.preview import Reader, preview_issue, preview_list
from dispatch.acts.prospect import prospect
from dispatch.acts.shaping import Overtaken, Wish
from dispatch.deliver.run import run_chunk
from dispatch.model.issue import Issue, IssueState
from dispatch.model.subscriber import Cadence
from dispatch.publish.freezing import freeze
from dispatch.store import issues

from .conftest import Publish, World

NEWS = (
    '[lists.news]\ncadence = "weekly"\ncadences = ["daily", "immediate"]\nsince = 2026-03-01\nhold = "0 minutes"\n'
    'at = "mon 08:00"\n'
)
APPROVED = NEWS.replace("since", "approval = true\nsince")
ON_EACH = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
TITLES = ("Alpha", "Bravo", "Charlie", "Delta")


async def begin(world: World, *people: str) -> None:
    """The list's people, before the first post."""
    world.people("news", *(people or ("ada@example.org,weekly",)), columns="email,cadence")
    await world.work()


async def publish_posts(world: World, *titles: str) -> list[int]:
    """Posts, a minute apart; their ids."""
    for title in titles:
        world.later(minutes=1)
        world.write(title)
        await world.work()
    return [await world.post_id(title) for title in titles]


async def make(world: World, *ids: int, intro: str | None = None, **said: str) -> int:
    """An issue by hand."""
    return await shaping.make(world.desk, "news", Wish(intro=intro, posts=ids, **said))


def another(world: World, name: str) -> Desk:
    """Somebody else's hands."""
    return Desk(world.context, name)


async def next_monday(world: World) -> None:
    """Walk to a minute after the next slot, and do what is due."""
    world.now += timedelta(days=(0 - world.now.weekday()) % 7 or 7)
    world.now = world.now.replace(hour=7, minute=1)  # 08:01 in Berlin, before summer time
    await world.work()


# --- by hand ------------------------------------------------------------------------------------------------------


@ON_EACH
async def test_an_issue_by_hand_goes_to_everybody_and_digests_do_not_repeat_it(publish: Publish) -> None:
    """Chosen posts go out of turn to each cadence; the next digest brings the others only."""
    async with publish(NEWS) as world:
        await begin(world, "ada@example.org,weekly", "bob@example.org,daily")
        _, bravo = await publish_posts(world, "Alpha", "Bravo")
        number = await make(world, bravo, intro="Dear **readers**", subject="A letter")
        await world.work()
        assert not world.mails()
        await timing.send(world.desk, number)
        await world.work()
        assert [(str(mail["To"]), mail["Subject"]) for mail in world.mails()] == [
            ("ada@example.org", "A letter"),
            ("bob@example.org", "A letter"),
        ]
        await next_monday(world)
        for who in ("ada", "bob"):
            assert sorted(world.got(who, TITLES)) == [("Alpha",), ("Bravo",)]


async def test_a_letter_needs_no_post(publish: Publish) -> None:
    """An intro alone is an issue."""
    async with publish(NEWS) as world:
        await begin(world)
        number = await make(world, intro="Nothing new, but thank you.")
        await timing.send(world.desk, number)
        await world.work()
        (mail,) = world.mails()
        assert "thank you" in mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]


async def test_posts_come_in_the_editors_order(publish: Publish) -> None:
    """What is picked first stands first."""
    async with publish(NEWS) as world:
        await begin(world)
        alpha, bravo, charlie = await publish_posts(world, "Alpha", "Bravo", "Charlie")
        number = await make(world, bravo, charlie, alpha)
        assert (await prospect(world.desk, number)).posts == ("Bravo", "Charlie", "Alpha")


async def test_what_nobody_can_see_cannot_be_chosen(publish: Publish) -> None:
    """An unknown post, one that is dated ahead and one named twice are refused; so is an issue of nothing."""
    async with publish(NEWS) as world:
        await begin(world)
        (alpha,) = await publish_posts(world, "Alpha")
        world.write("Later", date="2027-01-01")
        await world.work()
        for ids in ((99,), (await world.post_id("Later"),), (alpha, alpha), ()):
            with pytest.raises(ActError):
                await make(world, *ids)
        with pytest.raises(ActError, match="no list"):
            await shaping.make(world.desk, "nowhere", Wish(intro="Hello"))


# --- the next digest ----------------------------------------------------------------------------------------------


@ON_EACH
async def test_the_next_digest_is_a_draft_that_an_editor_shapes(publish: Publish) -> None:
    """From its first post on it has a number; intro, subject, order and what is left out go with its slot."""
    async with publish(NEWS) as world:
        await begin(world)
        alpha, _, charlie = await publish_posts(world, "Alpha", "Bravo", "Charlie")
        assert await world.states() == [IssueState.DRAFT]
        wish = Wish(intro="Read this.", subject="Mine", posts=(alpha,), leave_out=(charlie,))
        done = await shaping.shape(world.desk, 1, wish)
        assert done.changed == ("intro", "subject", "posts", "left out")
        assert (await prospect(world.desk, 1)).posts == ("Alpha", "Bravo")
        await next_monday(world)
        (mail,) = world.mails()
        assert mail["Subject"] == "Mine"
        await publish_posts(world, "Delta")
        await next_monday(world)
        assert world.got("ada", TITLES) == [("Alpha", "Bravo"), ("Delta",)]


async def test_a_draft_without_posts_waits_for_the_next_slot(publish: Publish) -> None:
    """What an editor has written is not lost where nothing is new."""
    async with publish(NEWS) as world:
        await begin(world)
        number = await shaping.begin_next(world.desk, "news", Cadence.WEEKLY, Wish(intro="Soon."))
        await next_monday(world)
        waiting = await world.issue(number)
        assert (waiting.state, waiting.slot) == (IssueState.DRAFT, "2026-03-16T08:00")
        await publish_posts(world, "Alpha")
        await next_monday(world)
        assert world.got("ada", TITLES) == [("Alpha",)]
        with pytest.raises(ActError, match="immediate"):
            await shaping.begin_next(world.desk, "news", Cadence.MONTHLY, Wish())


async def test_the_second_of_two_editors_is_told_what_changed(publish: Publish) -> None:
    """Whoever looked at an older version changes nothing, and hears who was first with what."""
    async with publish(NEWS) as world:
        await begin(world)
        await publish_posts(world, "Alpha")
        seen = (await world.issue(1)).version
        await shaping.shape(another(world, "ada"), 1, Wish(subject="First"), seen)
        with pytest.raises(Overtaken, match=r"ada at .*: version 1: subject"):
            await shaping.shape(another(world, "bob"), 1, Wish(subject="Second"), seen)
        assert (await world.issue(1)).words[""].subject == "First"


async def test_a_cancelled_draft_lets_its_slot_pass(publish: Publish) -> None:
    """Nobody gets that week's issue; its posts come with the next."""
    async with publish(NEWS) as world:
        await begin(world)
        await publish_posts(world, "Alpha")
        await issue.cancel(world.desk, 1)
        await next_monday(world)
        assert not world.mails()
        await next_monday(world)
        assert world.got("ada", TITLES) == [("Alpha",)]


async def test_posts_after_the_cutoff_wait(publish: Publish) -> None:
    """A digest closes before its hour, so that what was looked at is what goes."""
    async with publish(NEWS.replace("since", 'cutoff = "12 h"\nsince')) as world:
        await begin(world)
        await publish_posts(world, "Alpha")
        world.now = world.now.replace(day=8, hour=22)  # Sunday evening
        await publish_posts(world, "Bravo")
        assert (await prospect(world.desk, 1)).posts == ("Alpha",)
        await next_monday(world)
        await next_monday(world)
        assert world.got("ada", TITLES) == [("Alpha",), ("Bravo",)]


# --- approval -----------------------------------------------------------------------------------------------------


@ON_EACH
async def test_without_a_second_persons_word_nothing_goes(publish: Publish) -> None:
    """Whoever shaped an issue does not approve it; approved by another it goes."""
    async with publish(APPROVED) as world:
        await begin(world)
        await publish_posts(world, "Alpha")
        await shaping.shape(another(world, "Ada"), 1, Wish(intro="Hello."))
        await next_monday(world)
        assert not world.mails()
        with pytest.raises(ActError, match="approval by somebody other than Ada"):
            await timing.send(world.desk, 1)
        with pytest.raises(ActError, match="somebody else"):
            await approval.approve(another(world, "ada "), 1)
        await approval.approve(another(world, "bob"), 1)
        await world.work()
        assert world.got("ada", TITLES) == [("Alpha",)]


async def test_a_change_voids_the_approval(publish: Publish) -> None:
    """Words, order and new posts are what was approved; after a change of any it waits again."""
    async with publish(APPROVED) as world:
        await begin(world)
        await publish_posts(world, "Alpha")
        await approval.approve(another(world, "bob"), 1)
        with pytest.raises(ActError, match="approved already, by bob"):
            await approval.approve(another(world, "cleo"), 1)
        assert (await shaping.shape(another(world, "ada"), 1, Wish(subject="Other"))).voided == "bob"
        assert "other than ada" in (await prospect(world.desk, 1)).waits_for
        await approval.approve(another(world, "bob"), 1)
        assert not (await prospect(world.desk, 1)).waits_for
        await publish_posts(world, "Bravo")
        assert (await prospect(world.desk, 1)).waits_for


async def test_what_older_marks_bring_along_is_approved_too(publish: Publish) -> None:
    """A post of an earlier issue comes with somebody's return: as it was approved then, or not without a word."""
    async with publish(APPROVED) as world:
        await begin(world, "ada@example.org,weekly", "bob@example.org,weekly")
        await pausing.stay_away(world.desk, "ada@example.org", moment("2026-03-12T12:00", "UTC", world.now))
        await publish_posts(world, "Alpha")
        await approval.approve(another(world, "bob"), 1)
        await next_monday(world)
        world.later(days=4)
        await publish_posts(world, "Bravo")
        await approval.approve(another(world, "bob"), 2)
        assert not (await prospect(world.desk, 2)).waits_for
        world.later(minutes=1)
        world.write("Alpha", "Another text.")
        await world.work()
        assert (await prospect(world.desk, 2)).waits_for


async def test_who_comes_back_gets_nothing_unapproved(publish: Publish) -> None:
    """What reached nobody while they were away was never looked at."""
    async with publish(APPROVED) as world:
        await begin(world, "ada@example.org,immediate")
        await pausing.stay_away(world.desk, "ada@example.org", moment("in 5 hours", "UTC", world.now))
        await publish_posts(world, "Alpha")
        world.later(hours=6)
        await world.work()
        assert not world.mails()
        (number,) = [one.number for one in await waiting(world)]
        await approval.approve(another(world, "bob"), number)
        await world.work()
        assert world.got("ada", TITLES) == [("Alpha",)]


async def waiting(world: World) -> list[Issue]:
    """The issues that wait for somebody's word."""
    async with world.context.store.read() as tx:
        return await issues.in_states(tx, [IssueState.HELD])


async def test_an_old_look_does_not_approve(publish: Publish) -> None:
    """Whoever names the version that they saw does not approve a newer one."""
    async with publish(APPROVED) as world:
        await begin(world)
        await publish_posts(world, "Alpha")
        await shaping.shape(another(world, "ada"), 1, Wish(subject="New"))
        with pytest.raises(ActError, match="version 1 by now, shaped by ada"):
            await approval.approve(another(world, "bob"), 1, version=0)


# --- times --------------------------------------------------------------------------------------------------------


@ON_EACH
async def test_a_scheduled_issue_goes_at_its_time_and_not_before(publish: Publish) -> None:
    """Nothing happens until then, and undo takes it back."""
    async with publish(NEWS) as world:
        await begin(world)
        (alpha,) = await publish_posts(world, "Alpha")
        number = await make(world, alpha)
        at = moment("tomorrow 8:00", "Europe/Berlin", world.now)
        await timing.schedule(world.desk, number, at)
        assert await timing.undo(world.desk, number) is IssueState.DRAFT
        await timing.schedule(world.desk, number, at)
        world.now = at.instant - timedelta(seconds=1)
        await world.work()
        assert not world.mails()
        world.now = at.instant
        await world.work()
        assert world.got("ada", TITLES) == [("Alpha",)]
        with pytest.raises(ActError, match="has begun"):
            await timing.undo(world.desk, number)
        with pytest.raises(ActError, match="only one that has not begun"):
            await timing.send(world.desk, number)


async def test_a_digest_that_was_given_a_time_goes_then_and_not_with_its_slot(publish: Publish) -> None:
    """Its posts are those of the moment at which it was scheduled."""
    async with publish(NEWS) as world:
        await begin(world)
        await publish_posts(world, "Alpha")
        await timing.schedule(world.desk, 1, moment("2026-03-10T12:00", "Europe/Berlin", world.now))
        await publish_posts(world, "Bravo")
        await next_monday(world)
        assert not world.mails()
        world.now = world.now.replace(day=10, hour=11)
        await world.work()
        await next_monday(world)
        assert world.got("ada", TITLES) == [("Alpha",), ("Bravo",)]


async def test_within_its_grace_a_send_can_be_taken_back(publish: Publish) -> None:
    """The issue waits so long, and undo makes it a draft again."""
    async with publish(NEWS.replace("since", 'grace = "10 minutes"\nsince')) as world:
        await begin(world)
        (alpha,) = await publish_posts(world, "Alpha")
        number = await make(world, alpha)
        await timing.send(world.desk, number)
        await world.work()
        assert not world.mails()
        await timing.undo(world.desk, number)
        await timing.send(world.desk, number)
        world.later(minutes=10)
        await world.work()
        assert len(world.mails()) == 1


@pytest.mark.parametrize(("if_late", "mails"), [("ask", 0), ("send", 1), ("skip", 0)])
async def test_what_is_late_does_as_its_list_says(publish: Publish, if_late: str, mails: int) -> None:
    """Three days after its hour a digest asks, goes or is left to the next one, which brings everything once."""
    tables = NEWS.replace("since", f'if_late = "{if_late}"\nsince')
    async with publish(tables) as world:
        await begin(world)
        await publish_posts(world, "Alpha")
        world.now = world.now.replace(day=12)
        await world.work()
        await world.work()
        assert len(world.mails()) == mails
        await next_monday(world)
        assert world.got("ada", TITLES) == [("Alpha",)]


async def test_an_editor_lets_a_late_issue_go(publish: Publish) -> None:
    """It asks, and `send` is the answer."""
    async with publish(NEWS) as world:
        await begin(world)
        await publish_posts(world, "Alpha")
        world.now = world.now.replace(day=12)
        await world.work()
        assert (await prospect(world.desk, 1)).waits_for
        await timing.send(world.desk, 1)
        await world.work()
        assert world.got("ada", TITLES) == [("Alpha",)]


@pytest.mark.parametrize("if_late", ["ask", "send", "skip"])
async def test_a_send_that_stood_still_for_days_does_as_its_list_says(publish: Publish, if_late: str) -> None:
    """Nobody gets Monday's mail on Thursday unless the list or an editor says so."""
    tables = NEWS.replace("since", f'if_late = "{if_late}"\nsince')
    async with publish(tables) as world:
        await begin(world)
        (alpha,) = await publish_posts(world, "Alpha")
        number = await make(world, alpha)
        await timing.send(world.desk, number)
        await freeze(world.context, world.now)
        world.later(days=3)
        await world.app.engine.drain()
        states = {"ask": IssueState.PAUSED, "send": IssueState.SENT, "skip": IssueState.SENT}
        assert (await world.issue(number)).state is states[if_late]
        assert len(world.mails()) == (1 if if_late == "send" else 0)
        if if_late == "ask":
            await issue.resume(world.desk, number)
            await world.app.engine.drain()
            assert len(world.mails()) == 1


# --- revisions ----------------------------------------------------------------------------------------------------


async def half_sent(world: World) -> int:
    """An issue of which one of two cohorts has been sent, paused."""
    world.people("news", "ada@example.org,weekly,en", "bob@example.org,weekly,de", columns="email,cadence,language")
    await world.work()
    (alpha,) = await publish_posts(world, "Alpha")
    number = await make(world, alpha, subject="Wrnog")
    await timing.send(world.desk, number)
    await freeze(world.context, world.now)
    await run_chunk(world.context, number, 0)
    await issue.pause(world.desk, number)
    return number


async def test_a_paused_issue_is_corrected_for_those_who_are_left(publish: Publish) -> None:
    """Pause, edit, resume: who has the first revision keeps it, the others get the second."""
    async with publish(NEWS) as world:
        number = await half_sent(world)
        done = await shaping.shape(world.desk, number, Wish(subject="Right"))
        assert done.left == 1
        await issue.resume(world.desk, number)
        await world.app.engine.drain()
        assert sorted(mail["Subject"] for mail in world.mails()) == ["Right", "Wrnog"]
        assert (await world.issue(number)).state is IssueState.SENT


@ON_EACH
async def test_a_correction_goes_to_those_who_got_the_first_revision(publish: Publish) -> None:
    """They and nobody else hear of the mistake."""
    async with publish(NEWS) as world:
        number = await half_sent(world)
        first = str(world.mails()[0]["To"])
        await shaping.shape(world.desk, number, Wish(subject="Right"))
        await issue.resume(world.desk, number)
        await world.app.engine.drain()
        wish = Wish(intro="We were wrong.", subject="Correction")
        correction = await shaping.make(world.desk, "news", wish, corrects=(number, 1))
        await timing.send(world.desk, correction)
        await world.work()
        assert [str(mail["To"]) for mail in world.mails() if mail["Subject"] == "Correction"] == [first]
        with pytest.raises(ActError, match="revisions 1 to 2"):
            await shaping.make(world.desk, "news", wish, corrects=(number, 3))


async def test_what_is_being_sent_is_paused_before_it_is_changed(publish: Publish) -> None:
    """And what has been sent is not changed any more."""
    async with publish(NEWS) as world:
        await begin(world)
        (alpha,) = await publish_posts(world, "Alpha")
        number = await make(world, alpha)
        await timing.send(world.desk, number)
        await freeze(world.context, world.now)
        with pytest.raises(ActError, match="pause it first"):
            await shaping.shape(world.desk, number, Wish(subject="Late"))
        await world.app.engine.drain()
        with pytest.raises(ActError, match="to-recipients-of"):
            await shaping.shape(world.desk, number, Wish(subject="Later"))


async def test_a_corrected_send_of_an_approving_list_is_approved_again(publish: Publish) -> None:
    """The second revision waits for a second person, too."""
    async with publish(NEWS.replace("since", "approval = true\nsince")) as world:
        world.people("news", "ada@example.org,weekly", columns="email,cadence")
        await world.work()
        (alpha,) = await publish_posts(world, "Alpha")
        number = await make(world, alpha)
        await approval.approve(another(world, "bob"), number)
        await timing.send(world.desk, number)
        await freeze(world.context, world.now)
        await issue.pause(world.desk, number)
        await shaping.shape(world.desk, number, Wish(subject="Right"))
        with pytest.raises(ActError, match="waits for approval"):
            await issue.resume(world.desk, number)
        await approval.approve(another(world, "bob"), number)
        await issue.resume(world.desk, number)
        await world.app.engine.drain()
        assert [mail["Subject"] for mail in world.mails()] == ["Right"]


async def test_each_act_leaves_a_line(publish: Publish) -> None:
    """Who, what, and when, in the order in which it was done."""
    async with publish(NEWS) as world:
        await begin(world)
        (alpha,) = await publish_posts(world, "Alpha")
        number = await shaping.make(another(world, "ada"), "news", Wish(posts=(alpha,)))
        await shaping.shape(another(world, "ada"), number, Wish(subject="New"))
        await approval.approve(another(world, "bob"), number)
        await timing.send(another(world, "bob"), number)
        history = [(line.who, line.act) for line in (await prospect(world.desk, number)).history]
        assert history == [("ada", "issue new"), ("ada", "issue edit"), ("bob", "issue approve"), ("bob", "issue send")]


# --- looking ------------------------------------------------------------------------------------------------------


async def test_a_preview_is_what_one_reader_gets(publish: Publish) -> None:
    """A named subscriber, somebody with tags, somebody who reads a language: each their own posts, no state moves."""
    async with publish(NEWS) as world:
        rows = ("ada@example.org,Ada,weekly,sea,", "bob@example.org,Bob,weekly,,de")
        world.people("news", *rows, columns="email,name,cadence,tags,language")
        await world.work()
        world.write("Alpha", tags="[sea]")
        world.write("Bravo", tags="[land]")
        await world.work()
        seen = {}
        readers = {
            "ada": Reader("ada@example.org"),
            "bob": Reader("bob@example.org"),
            "land": Reader(tags=("land",)),
            "german": Reader(language="de"),
        }
        for name, reader in readers.items():
            (shown,) = await preview_issue(world.desk, 1, reader)
            seen[name] = {title for title in TITLES if title in shown.text}, "Abbestellen" in shown.text
        assert seen == {
            "ada": ({"Alpha"}, False),
            "bob": ({"Alpha", "Bravo"}, True),
            "land": ({"Bravo"}, False),
            "german": ({"Alpha", "Bravo"}, True),
        }
        assert await world.states() == [IssueState.DRAFT]
        with pytest.raises(ActError, match="is not on news"):
            await preview_issue(world.desk, 1, Reader("eve@example.org"))
        with pytest.raises(ActError, match="does not offer 'monthly'"):
            await preview_list(world.desk, "news", "monthly", Reader())


async def test_posts_that_are_nearly_the_same_are_named_and_both_come(publish: Publish) -> None:
    """Two sources with one headline: the editor hears of it, and decides."""
    async with publish(NEWS + '[sources.wire]\ntype = "folder"\npath = "wire"\n') as world:
        (world.folder / "wire").mkdir()
        await begin(world)
        world.write("Storm closes the northern harbour")
        world.place("wire/storm.md", "---\ntitle: Storm closes the northern harbour!\n---\n\nText.\n")
        await world.work()
        found = await prospect(world.desk, 1)
        assert len(found.posts) == 2
        assert [sorted(pair) for pair in found.alike] == [sorted(found.posts)]
