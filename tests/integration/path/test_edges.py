"""Where acts, outages and other issues cross: nobody twice, nobody missed, and nothing stands in another's way."""

import asyncio
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from dispatch.acts import issue, pausing, shaping, timing
from dispatch.acts.act import ActError
from dispatch.acts.moment import moment
from dispatch.acts.shaping import Wish
from dispatch.model.issue import IssueState
from dispatch.publish.freezing import freeze
from dispatch.theme import Theme

from .conftest import Publish, World

DAILY = (
    '[lists.news]\ncadence = "daily"\ncadences = ["immediate"]\nsince = 2026-03-01\nhold = "0 minutes"\n'
    'if_late = "{if_late}"\n'
)
TITLES = ("Alpha", "Bravo", "Charlie")


async def write(world: World, *titles: str, **front: str) -> list[int]:
    """Posts, a minute apart."""
    for title in titles:
        world.later(minutes=1)
        world.write(title, **front)
        await world.work()
    return [await world.post_id(title) for title in titles]


async def test_a_letter_in_one_language_is_for_its_readers(publish: Publish) -> None:
    """Whoever reads another gets none, and no other issue waits for that."""
    async with publish(DAILY.format(if_late="ask")) as world:
        world.people("news", "ada@example.org,de", "bob@example.org,fr", columns="email,language")
        await world.work()
        number = await shaping.make(world.desk, "news", Wish(intro="Liebe Leser!", language="de"))
        await timing.send(world.desk, number)
        await world.work()
        assert [str(mail["To"]) for mail in world.mails()] == ["ada@example.org"]
        other = await shaping.make(world.desk, "news", Wish(intro="Hello"))
        with pytest.raises(ActError, match="neither a post nor an intro"):
            await shaping.shape(world.desk, other, Wish(intro=""))


async def test_an_issue_that_cannot_be_rendered_keeps_no_other_waiting(publish: Publish, tmp_path: Path) -> None:
    """It is named with what is wrong; the other list's issue goes."""
    tables = DAILY.format(if_late="ask") + '[lists.other]\nsince = 2026-03-01\nhold = "0 minutes"\n'
    (tmp_path / "templates").mkdir()
    async with publish(tables) as world:
        world.people("news", "ada@example.org")
        world.people("other", "bob@example.org")
        await world.work()
        world.place("templates/email/preheader.txt", "{% if list_title == 'news' %}{{ missing.name }}{% endif %}")
        number = await shaping.make(world.desk, "news", Wish(intro="Hello."))
        await timing.send(world.desk, number)
        world.write("Alpha")
        done = await world.work()
        assert [str(mail["To"]) for mail in world.mails()] == ["bob@example.org"]
        assert [problem.where for problem in done.problems] == [f"issue {number}"]


async def test_a_send_given_up_after_the_next_digest_began_repeats_nothing(publish: Publish) -> None:
    """Whom it had not reached get its posts with a later one, and not what they had meanwhile."""
    async with publish(DAILY.format(if_late="skip")) as world:
        world.people("news", "ada@example.org")
        await world.work()
        await write(world, "Alpha")
        world.now = (world.now + timedelta(days=1)).replace(hour=7, minute=30)
        await world.stage()
        world.write("Bravo")
        world.now = (world.now + timedelta(days=2)).replace(hour=7, minute=30)
        await world.work()
        await write(world, "Charlie")
        world.now = (world.now + timedelta(days=1)).replace(hour=7, minute=30)
        await world.work()
        got = [title for mail in world.got("ada", TITLES) for title in mail]
        assert sorted(got) == list(TITLES)


async def test_a_return_stands_in_no_issues_way(publish: Publish) -> None:
    """Somebody comes back while an issue is held: they get it with everybody, and what they missed with it."""
    async with publish(DAILY.format(if_late="ask").replace("0 minutes", "1 hour")) as world:
        people = ("ada@example.org,immediate", "bob@example.org,immediate")
        world.people("news", *people, columns="email,cadence")
        await world.work()
        await pausing.stay_away(world.desk, "bob@example.org", moment("in 5 hours", "UTC", world.now))
        await write(world, "Alpha")
        world.later(hours=2)
        await world.work()
        world.later(hours=2, minutes=50)
        world.write("Bravo")
        await world.work()
        world.later(minutes=20)
        await world.work()
        assert world.got("bob", TITLES) == []
        world.later(hours=1)
        await world.work()
        assert world.got("ada", TITLES) == [("Alpha",), ("Bravo",)]
        assert world.got("bob", TITLES) == [("Alpha", "Bravo")]


async def half_sent(world: World, *posts: int) -> int:
    """An issue by hand, frozen and paused before anybody had it."""
    number = await shaping.make(world.desk, "news", Wish(posts=posts))
    await timing.send(world.desk, number)
    await freeze(world.context, world.now)
    await issue.pause(world.desk, number)
    return number


async def test_each_cohort_keeps_its_own_edition_through_revisions(publish: Publish) -> None:
    """A post that is left out and taken in again comes to those whom it was for, and to nobody else."""
    async with publish(DAILY.format(if_late="ask")) as world:
        world.people("news", "ada@example.org,", "bob@example.org,sea", columns="email,tags")
        await world.work()
        await write(world, "Alpha", tags="[sea]")
        (bravo,) = await write(world, "Bravo")
        world.now = (world.now + timedelta(days=1)).replace(hour=7, minute=30)
        await world.stage()
        await issue.pause(world.desk, 1)
        await shaping.shape(world.desk, 1, Wish(leave_out=(bravo,)))
        await shaping.shape(world.desk, 1, Wish(take_in=(bravo,)))
        await issue.resume(world.desk, 1)
        await world.app.engine.drain()
        assert world.got("ada", TITLES) == [("Alpha", "Bravo")]
        assert world.got("bob", TITLES) == [("Alpha",)]


async def test_an_issue_under_way_gets_no_other_posts(publish: Publish) -> None:
    """Its posts can be put in another order; what it brings is not brought again."""
    async with publish(DAILY.format(if_late="ask")) as world:
        world.people("news", "ada@example.org")
        await world.work()
        alpha, bravo, charlie = await write(world, *TITLES)
        number = await half_sent(world, alpha, bravo)
        with pytest.raises(ActError, match=f"Post {charlie} is not in issue"):
            await shaping.shape(world.desk, number, Wish(posts=(charlie,)))
        await shaping.shape(world.desk, number, Wish(posts=(alpha,)))
        await issue.resume(world.desk, number)
        await world.app.engine.drain()
        world.now = (world.now + timedelta(days=1)).replace(hour=7, minute=30)
        await world.work()
        assert sorted(title for mail in world.got("ada", TITLES) for title in mail) == list(TITLES)


async def test_without_local_time_the_lists_own_hour_counts_again(publish: Publish) -> None:
    """No digest goes at the first zone's hour any more."""
    tables = DAILY.format(if_late="ask")
    async with publish(tables + "local_time = true\n") as world:
        world.people("news", "ann@example.org,Pacific/Auckland", columns="email,timezone")
        await world.work()
        await write(world, "Alpha")
    async with publish(tables) as world:
        world.later(hours=12)
        await world.work()
        assert not world.mails()
        world.now = (world.now + timedelta(hours=12)).replace(hour=7, minute=0)
        await world.work()
        assert len(world.mails()) == 1


class SlowTheme(Theme):
    """Renders when it is told to."""

    def __init__(self, own: Any) -> None:
        super().__init__(own)
        self.asked, self.go = threading.Event(), threading.Event()

    def render(self, name: str, **values: Any) -> str:
        """Wait for the word first."""
        self.asked.set()
        self.go.wait(20)
        return super().render(name, **values)


@pytest.mark.parametrize("act", ["schedule", "pause"])
async def test_an_act_while_an_issue_is_rendered_is_not_lost(publish: Publish, act: str) -> None:
    """Its time is changed, or its list paused, before its audience is frozen: then it does not begin."""
    async with publish(DAILY.format(if_late="ask")) as world:
        world.people("news", "ada@example.org")
        await world.work()
        (alpha,) = await write(world, "Alpha")
        number = await shaping.make(world.desk, "news", Wish(posts=(alpha,)))
        await timing.send(world.desk, number)
        theme = SlowTheme(world.folder / "templates")
        starting = asyncio.create_task(freeze(replace(world.context, theme=theme), world.now))
        await asyncio.to_thread(theme.asked.wait, 20)
        if act == "schedule":
            await timing.schedule(world.desk, number, moment("in 30 hours", "UTC", world.now))
        else:
            await pausing.pause_list(world.desk, "news")
        theme.go.set()
        assert (await starting).numbers == ()
        assert (await world.issue(number)).state in (IssueState.HELD, IssueState.COMPOSED)


async def test_a_clock_that_was_a_year_ahead_silences_nobody(publish: Publish) -> None:
    """Once it is right again, digests come at their hours; what fired does not fire again."""
    async with publish(DAILY.format(if_late="send")) as world:
        world.people("news", "ada@example.org,daily", "bob@example.org,immediate", columns="email,cadence")
        await world.work()
        await write(world, "Alpha")
        right = world.now
        world.later(days=365)
        await world.work()
        world.now = right + timedelta(hours=1)
        await write(world, "Bravo")
        for _ in range(2):
            world.now = (world.now + timedelta(days=1)).replace(hour=7, minute=30)
            await world.work()
        for who in ("ada", "bob"):
            assert world.got(who, TITLES) == [("Alpha",), ("Bravo",)]


async def test_a_post_dated_before_the_cutoff_is_in_that_digest(publish: Publish) -> None:
    """Though nobody was there at its date: it arrived then."""
    async with publish(DAILY.format(if_late="ask") + 'cutoff = "3 h"\n') as world:
        world.people("news", "ada@example.org")
        await world.work()
        await write(world, "Alpha", date="2026-03-02T20:00:00+01:00")
        world.now = (world.now + timedelta(days=1)).replace(hour=7, minute=0)
        world.write("Bravo")
        await world.work()
        assert world.got("ada", TITLES) == [("Alpha",)]
