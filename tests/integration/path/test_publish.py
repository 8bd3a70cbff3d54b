"""From posts and people to mail in the outbox: who gets what, when, and how often."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dispatch.acts import issue as issue_acts
from dispatch.acts import timing
from dispatch.acts.act import ActError
from dispatch.acts.post import withdraw
from dispatch.acts.subscriber import import_people, read_file, unsubscribe
from dispatch.model.issue import IssueState
from dispatch.publish import run_pass
from dispatch.publish.composing import compose

from .conftest import MONDAY, Publish, World

NEWS = "[lists.news]\nsince = 2026-03-01\n"
WEEKLY = '[lists.weekly]\ncadence = "weekly"\nsince = 2026-03-01\n[lists.weekly.at]\nweekly = "mon 08:00"\n'
DAILY = '[lists.daily]\ncadence = "daily"\nsince = 2026-03-01\n'


# --- immediate lists ----------------------------------------------------------------------------------------------


async def test_who_joins_together_with_a_post_gets_it(publish: Publish) -> None:
    """A pass reads people before posts."""
    async with publish(NEWS) as world:
        world.write("Departure", date="2026-03-02")
        world.people("news", "ada@example.org")
        await world.work(hold=False)
        assert world.got("ada", ["Departure"]) == [("Departure",)]
        assert await world.states() == [IssueState.SENT]


async def test_who_joins_after_a_post_does_not_get_it(publish: Publish) -> None:
    """A mark begins at the head, so nobody is mailed what was there before them."""
    async with publish(NEWS) as world:
        world.people("news", "ada@example.org")
        world.write("Departure")
        await world.work(hold=False)
        world.people("news", "ada@example.org", "bob@example.org")
        await world.work(hold=False)
        world.write("Arrival")
        await world.work(hold=False)
        assert world.got("ada", ["Departure", "Arrival"]) == [("Departure",), ("Arrival",)]
        assert world.got("bob", ["Departure", "Arrival"]) == [("Arrival",)]


async def test_a_sources_first_pass_mails_nobody(publish: Publish) -> None:
    """Without `since`, all that is there at the start is archive; what comes later is mailed."""
    async with publish("[lists.news]\n") as world:
        world.people("news", "ada@example.org")
        world.write("Old")
        await world.work(hold=False)
        assert world.mails() == []
        world.write("New")
        await world.work(hold=False)
        assert world.got("ada", ["Old", "New"]) == [("New",)]


async def test_a_flood_is_one_mail(publish: Publish) -> None:
    """Four new posts at once go out as one issue, three as three."""
    async with publish(NEWS) as world:
        world.people("news", "ada@example.org")
        await world.work()
        titles = ["Alpha", "Bravo", "Charlie", "Delta"]
        for title in titles:
            world.write(title)
        await world.work(hold=False)
        assert world.got("ada", titles) == [tuple(titles)]
        for title in titles[:3]:
            world.write(f"{title} II")
        await world.work(hold=False)
        assert len(world.mails()) == 4


async def test_a_post_waits_out_the_hold(publish: Publish) -> None:
    """An immediate issue goes when its post has rested for five minutes, not before."""
    async with publish(NEWS) as world:
        world.people("news", "ada@example.org")
        world.write("Departure")
        assert (await world.work()).started == ()
        world.later(minutes=4, seconds=59)
        await world.work()
        assert world.mails() == []
        world.later(seconds=1)
        assert (await world.work()).started == (1,)
        assert world.got("ada", ["Departure"]) == [("Departure",)]


async def test_an_edit_during_the_hold_postpones_and_goes_out(publish: Publish) -> None:
    """The hold begins anew with each change, and the last form is mailed, once."""
    async with publish(NEWS) as world:
        world.people("news", "ada@example.org")
        world.write("Departure", text="FIRST")
        await world.work()
        world.later(minutes=4)
        world.write("Departure", text="SECOND and better")
        await world.work()
        world.later(minutes=4)
        await world.work()
        assert world.mails() == []
        world.later(minutes=1)
        await world.work()
        assert world.got("ada", ["FIRST", "SECOND"]) == [("SECOND",)]
        world.later(hours=1)
        world.write("Departure", text="THIRD, after the mail")
        await world.work(hold=False)
        assert len(world.mails()) == 1


async def test_an_editor_may_skip_the_hold(publish: Publish) -> None:
    """`issue send` lets a held issue go at the next pass."""
    async with publish(NEWS) as world:
        world.people("news", "ada@example.org")
        world.write("Departure")
        await world.work()
        await timing.send(world.desk, 1)
        await world.work()
        assert len(world.mails()) == 1


async def test_a_post_hidden_during_the_hold_is_not_mailed_until_it_returns(publish: Publish) -> None:
    """Hidden before it was mailed, a post goes out when its author shows it again, once."""
    async with publish(NEWS) as world:
        world.people("news", "ada@example.org")
        world.write("Departure")
        await world.work()
        world.write("Departure", draft="true")
        world.later(minutes=10)
        await world.work()
        assert world.mails() == []
        world.write("Departure")
        await world.work()
        world.later(minutes=10)
        await world.work()
        assert world.got("ada", ["Departure"]) == [("Departure",)]


async def test_a_post_hidden_after_it_was_mailed_is_not_mailed_again(publish: Publish) -> None:
    """What somebody got they do not get twice, however often its author hides it."""
    async with publish(NEWS) as world:
        world.people("news", "ada@example.org")
        world.write("Departure")
        await world.work(hold=False)
        for draft in ("true", "false"):
            world.later(hours=1)
            world.write("Departure", draft=draft)
            await world.work(hold=False)
        assert len(world.mails()) == 1


async def test_a_draft_of_the_first_pass_is_mailed_when_it_is_published(publish: Publish) -> None:
    """What nobody could see at the start is no archive: it is new on the day it appears."""
    async with publish("[lists.news]\n") as world:
        world.people("news", "ada@example.org")
        world.write("Departure", draft="true")
        world.write("Scheduled", date="2026-03-03T08:00:00Z")
        await world.work(hold=False)
        world.later(days=2)
        world.write("Departure")
        await world.work(hold=False)
        assert Counter(world.got("ada", ["Departure", "Scheduled"])) == {("Departure",): 1, ("Scheduled",): 1}


async def test_a_scheduled_post_goes_out_when_its_time_has_come(publish: Publish) -> None:
    """A date ahead keeps a post from readers and mail until then."""
    async with publish(NEWS) as world:
        world.people("news", "ada@example.org")
        world.write("Tomorrow", date="2026-03-03T08:00:00Z")
        await world.work(hold=False)
        assert world.mails() == []
        world.now = datetime(2026, 3, 3, 8, tzinfo=UTC)
        await world.work(hold=False)
        assert world.got("ada", ["Tomorrow"]) == [("Tomorrow",)]


async def test_a_post_withdrawn_by_hand_stays_out(publish: Publish) -> None:
    """Though its file is there, and is even edited, it is neither mailed nor shown."""
    async with publish(NEWS) as world:
        world.people("news", "ada@example.org")
        world.write("Departure")
        await world.work()
        await withdraw(world.desk, await world.post_id("Departure"))
        world.later(minutes=10)
        await world.work()
        world.write("Departure", text="Edited.")
        world.later(minutes=10)
        await world.work(hold=False)
        assert world.mails() == []
        assert await world.states() == [IssueState.CANCELLED]
        assert "Departure" not in (world.folder / "public" / "feed.xml").read_text()


async def test_a_deleted_file_takes_its_held_issue_with_it(publish: Publish) -> None:
    """What vanishes before it is mailed is not mailed."""
    async with publish(NEWS) as world:
        world.people("news", "ada@example.org")
        for name in ("Keep", "Stay", "Remain", "Departure"):
            world.write(name, date="2026-02-01")
        await world.work()
        world.write("Mistake")
        await world.work()
        (world.folder / "posts" / "Mistake.md").unlink()
        world.later(minutes=10)
        await world.work()
        assert world.mails() == []
        assert await world.states() == [IssueState.CANCELLED]


async def test_issues_of_a_list_start_in_order(publish: Publish) -> None:
    """A later post that is ready first waits for the one before it, so that no mark jumps over anybody."""
    async with publish(NEWS) as world:
        world.people("news", "ada@example.org")
        world.write("First")
        await world.work()
        world.later(minutes=2)
        world.write("Second")
        await world.work()
        with pytest.raises(ActError, match="Issue 1 of the same list waits before it"):
            await timing.send(world.desk, 2)
        assert (await world.work()).started == ()
        world.later(minutes=3)
        assert (await world.work()).started == (1,)
        world.later(minutes=2)
        assert (await world.work()).started == (2,)
        assert world.got("ada", ["First", "Second"]) == [("First",), ("Second",)]


async def test_a_crash_between_compose_and_freeze_loses_nothing(publish: Publish) -> None:
    """An issue that was composed when the process died is started by the next one, once."""
    async with publish(NEWS) as world:
        world.people("news", "ada@example.org")
        await world.work()
        world.write("Departure")
        from dispatch.publish.collecting import collect

        await collect(world.context, world.now)
        assert await compose(world.context, world.now, hold=False) == (1,)
    world.later(minutes=1)
    async with publish(NEWS) as world:
        await world.work(hold=False)
        await world.work(hold=False)
        assert world.got("ada", ["Departure"]) == [("Departure",)]


async def test_a_crash_after_the_freeze_loses_nothing(publish: Publish) -> None:
    """A frozen audience is delivered by whoever comes next, once."""
    async with publish(NEWS) as world:
        world.people("news", "ada@example.org", "bob@example.org")
        world.write("Departure")
        assert (await run_pass(world.context, world.now, hold=False)).started == (1,)
    async with publish(NEWS) as world:
        assert (await world.work(hold=False)).started == ()
        assert Counter(str(mail["To"]) for mail in world.mails()) == {"ada@example.org": 1, "bob@example.org": 1}


async def test_who_leaves_after_the_freeze_is_skipped(publish: Publish) -> None:
    """Between the freeze and their turn people may leave; the sum says so."""
    async with publish(NEWS) as world:
        world.people("news", "ada@example.org", "bob@example.org")
        world.write("Departure")
        await run_pass(world.context, world.now, hold=False)
        await unsubscribe(world.desk, "bob@example.org", None)
        await world.app.engine.drain()
        assert await world.ledger(1) == {"ada": "accepted", "bob": "skipped"}
        assert await world.states() == [IssueState.SENT]


async def test_who_left_does_not_come_back_by_a_file(publish: Publish) -> None:
    """Neither the same file nor an edited one, nor an import, brings back who unsubscribed."""
    async with publish(NEWS) as world:
        world.people("news", "ada@example.org", "bob@example.org")
        await world.work()
        await unsubscribe(world.desk, "bob@example.org", None)
        world.people("news", "bob@example.org", "ada@example.org", "cy@example.org")
        await world.work()
        path = Path(world.folder / "subscribers" / "news.csv")
        async with read_file(world.desk, path) as intake:
            await import_people(world.desk, path, intake)
        world.write("Departure")
        await world.work(hold=False)
        assert sorted(str(mail["To"]) for mail in world.mails()) == ["ada@example.org", "cy@example.org"]


async def test_a_row_taken_out_of_the_file_changes_nothing(publish: Publish) -> None:
    """The store is the truth; the file only lets people in."""
    async with publish(NEWS) as world:
        world.people("news", "ada@example.org", "bob@example.org")
        await world.work()
        world.people("news", "ada@example.org")
        world.write("Departure")
        await world.work(hold=False)
        assert len(world.mails()) == 2


async def test_one_bad_post_stops_no_other(publish: Publish) -> None:
    """It is reported by file and line; the rest goes out."""
    async with publish(NEWS) as world:
        world.people("news", "ada@example.org")
        world.place("posts/bad.md", "---\ntitle: [unclosed\n---\nText\n")
        world.write("Good")
        done = await world.work(hold=False)
        assert [problem.where for problem in done.problems] == ["posts/bad.md"]
        assert world.got("ada", ["Good"]) == [("Good",)]


async def test_a_source_that_is_gone_withdraws_nothing(publish: Publish) -> None:
    """A folder that cannot be found is reported, and its posts stay."""
    async with publish(NEWS) as world:
        world.people("news", "ada@example.org")
        world.write("Departure")
        await world.work()
        (world.folder / "posts").rename(world.folder / "elsewhere")
        done = await world.work()
        assert "sources.blog" in [problem.where for problem in done.problems]
        world.later(minutes=10)
        await world.work()
        assert world.got("ada", ["Departure"]) == [("Departure",)]


# --- digests ------------------------------------------------------------------------------------------------------


async def live(world: World, days: int, diary: dict[int, list[str]], hours: int = 6) -> None:
    """Let days go by with passes every few hours, writing posts in the evening of the days the diary says."""
    start = world.now
    for step in range(days * 24 // hours):
        world.now = start + timedelta(hours=hours * step)
        if step * hours % 24 == 12:
            for title in diary.get(step * hours // 24, []):
                world.write(title)
        await world.work()
    world.now = start + timedelta(days=days)


async def test_a_digest_holds_everything_once_over_many_weeks(publish: Publish) -> None:
    """Over five weeks with a change of the clocks, each post is in exactly one mail, in the week it came."""
    diary = {0: ["Alpha"], 3: ["Bravo", "Charlie"], 7: ["Delta"], 16: ["Echo"], 27: ["Foxtrot"], 30: ["Golf"]}
    titles = [title for day in diary.values() for title in day]
    async with publish(WEEKLY) as world:
        world.people("weekly", "ada@example.org")
        await live(world, 35, diary)
        await world.work()
        assert world.got("ada", titles) == [
            ("Alpha", "Bravo", "Charlie"),
            ("Delta",),
            ("Echo",),
            ("Foxtrot",),
            ("Golf",),
        ]


async def test_each_subscriber_has_their_own_pace_and_taste(publish: Publish) -> None:
    """Cadence and tags are each person's own; nobody gets a post twice, or one that is not theirs."""
    tables = (
        '[lists.mixed]\ncadence = "weekly"\ncadences = ["daily", "immediate"]\nsince = 2026-03-01\n'
        '[lists.mixed.at]\nweekly = "mon 08:00"\n'
    )
    async with publish(tables) as world:
        columns = "email,cadence,tags"
        rows = [
            "week@example.org,weekly,",
            "day@example.org,daily,",
            "now@example.org,immediate,",
            "sea@example.org,weekly,SEA",
        ]
        world.people("mixed", *rows, columns=columns)
        world.write("Alpha", tags="[sea]")
        await live(world, 2, {1: ["Bravo"]})
        world.now = MONDAY + timedelta(days=7)
        await world.work()
        titles = ["Alpha", "Bravo"]
        assert world.got("week", titles) == [("Alpha", "Bravo")]
        assert world.got("sea", titles) == [("Alpha",)]
        assert world.got("day", titles) == [("Alpha",), ("Bravo",)]
        assert world.got("now", titles) == [("Alpha",), ("Bravo",)]


async def test_a_missed_slot_is_caught_up_exactly_once(publish: Publish) -> None:
    """After weeks of sleep one digest holds all that came, and the next slot is an ordinary one."""
    tables = WEEKLY.replace("since", 'if_late = "send"\nsince')
    async with publish(tables) as world:
        world.people("weekly", "ada@example.org")
        await world.work()
        world.write("Alpha")
        await world.work()
    world.later(days=17)
    async with publish(tables) as world:
        world.write("Bravo")
        await world.work()
        await world.work()
        titles = ["Alpha", "Bravo", "Charlie"]
        assert world.got("ada", titles) == [("Alpha", "Bravo")]
        world.write("Charlie")
        await world.work()
        assert len(world.mails()) == 1
        world.later(days=7)
        await world.work()
        assert world.got("ada", titles) == [("Alpha", "Bravo"), ("Charlie",)]


async def test_a_newcomers_first_digest_is_whole(publish: Publish) -> None:
    """Who joins in the middle of the week gets the week's posts, and not last week's."""
    async with publish(WEEKLY) as world:
        world.people("weekly", "ada@example.org")
        world.write("Alpha")
        await live(world, 7, {})
        await world.work()
        world.write("Bravo")
        await live(world, 3, {})
        world.people("weekly", "ada@example.org", "bob@example.org")
        await live(world, 5, {})
        assert world.got("bob", ["Alpha", "Bravo"]) == [("Bravo",)]
        assert world.got("ada", ["Alpha", "Bravo"]) == [("Alpha",), ("Bravo",)]


async def test_a_slot_with_nothing_new_mails_nobody(publish: Publish) -> None:
    """An empty digest is no digest."""
    async with publish(DAILY) as world:
        world.people("daily", "ada@example.org")
        await live(world, 3, {})
        assert world.mails() == []
        assert await world.states() == []


async def test_a_changed_hour_counts_from_the_next_slot(publish: Publish) -> None:
    """After an edit of dispatch.toml the digest comes at the new hour, once."""
    async with publish(DAILY) as world:
        world.people("daily", "ada@example.org")
        world.write("Alpha")
        await world.work()
    async with publish(DAILY + '[lists.daily.at]\ndaily = "18:00"\n') as world:
        world.now = datetime(2026, 3, 2, 16, 59, tzinfo=UTC)
        await world.work()
        assert world.mails() == []
        world.now = datetime(2026, 3, 2, 17, tzinfo=UTC)
        await world.work()
        await live(world, 2, {})
        assert world.got("ada", ["Alpha"]) == [("Alpha",)]


@pytest.mark.parametrize("slot", ["2026-03-29T02:30", "2026-10-25T02:30"])
async def test_the_night_the_clocks_change_has_one_digest(slot: str, publish: Publish) -> None:
    """In Berlin's DST nights a 02:30 digest comes once, at an hour that exists."""
    async with publish(
        '[lists.daily]\ncadence = "daily"\nsince = 2026-03-01\n[lists.daily.at]\ndaily = "02:30"\n'
    ) as world:
        world.people("daily", "ada@example.org")
        world.now = datetime.fromisoformat(slot).replace(tzinfo=UTC) - timedelta(hours=30)
        await world.work()
    async with publish(
        '[lists.daily]\ncadence = "daily"\nsince = 2026-03-01\n[lists.daily.at]\ndaily = "02:30"\n'
    ) as world:
        await live(world, 4, {0: ["Alpha"], 1: ["Bravo"], 2: ["Charlie"]}, hours=1)
        assert world.got("ada", ["Alpha", "Bravo", "Charlie"]) == [("Alpha",), ("Bravo",), ("Charlie",)]


async def test_languages_get_editions_of_their_own(publish: Publish) -> None:
    """One post in two languages reaches each reader in one, and whoever speaks neither in the publication's."""
    async with publish(NEWS) as world:
        rows = ["ada@example.org,en", "udo@example.org,de", "zoe@example.org,fr"]
        world.people("news", *rows, columns="email,language")
        world.place("posts/trip.en.md", "---\ntitle: The journey\n---\nText\n")
        world.place("posts/trip.de.md", "---\ntitle: Die Reise\n---\nText\n")
        await world.work(hold=False)
        titles = ["The journey", "Die Reise"]
        assert world.got("udo", titles) == [("Die Reise",)]
        assert world.got("ada", titles) == world.got("zoe", titles) == [("The journey",)]


# --- acts on what is being sent -----------------------------------------------------------------------------------


async def test_a_cancelled_issue_balances_and_mails_nobody(publish: Publish) -> None:
    """Cancelled before its first chunk, everybody ends cancelled."""
    async with publish(NEWS) as world:
        world.people("news", "ada@example.org", "bob@example.org")
        world.write("Departure")
        await run_pass(world.context, world.now, hold=False)
        tally = await issue_acts.cancel(world.desk, 1)
        await world.app.engine.drain()
        assert tally.balances
        assert world.mails() == []
        assert (await world.issue(1)).ended is not None


async def test_a_paused_issue_waits_and_goes_on(publish: Publish) -> None:
    """Nothing is sent while it is paused; resumed, everybody gets it once."""
    async with publish(NEWS) as world:
        world.people("news", "ada@example.org")
        world.write("Departure")
        await run_pass(world.context, world.now, hold=False)
        await issue_acts.pause(world.desk, 1)
        await world.app.engine.drain()
        assert world.mails() == []
        await issue_acts.resume(world.desk, 1)
        await world.app.engine.drain()
        assert len(world.mails()) == 1
        assert await world.states() == [IssueState.SENT]
