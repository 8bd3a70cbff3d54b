"""What later news, a second send and a change of mind do to the ledger and to people."""

import pytest
from sqlalchemy import update

from dispatch.acts import change as changes
from dispatch.acts import issue as issue_acts
from dispatch.acts import people
from dispatch.acts.act import ActError
from dispatch.acts.report import issue_report
from dispatch.acts.resend import Wish, look, resend
from dispatch.acts.subscriber import unsubscribe
from dispatch.model.delivery import ChunkState, SendState
from dispatch.model.issue import IssueState
from dispatch.model.states import Outcome
from dispatch.publish import run_pass
from dispatch.store import audit, ledger, outcomes, resending, subscribers
from dispatch.store.schema import delivery

from .conftest import Publish, World

NEWS = "[lists.news]\nsince = 2026-03-01\n"
TWO_PACES = '[lists.news]\nsince = 2026-03-01\ncadences = ["daily"]\n[lists.news.at]\ndaily = "08:00"\n'
UNKNOWN = Wish(states=(SendState.UNKNOWN,))


async def mail(world: World, title: str, *, deliver: bool = True) -> None:
    """Publish a post and send it."""
    world.later(minutes=1)
    world.write(title)
    await run_pass(world.context, world.now, hold=False)
    if deliver:
        await world.app.engine.drain()


async def set_states(world: World, number: int, **states: SendState) -> None:
    """Let an issue have ended in these states; the others were accepted."""
    async with world.context.store.write() as tx:
        for name, state in states.items():
            row = (delivery.c.issue == number, delivery.c.email == f"{name}@example.org")
            await tx.execute(update(delivery).where(*row).values(state=state, detail="as the test says"))


async def note(world: World, name: str, outcome: Outcome) -> bool:
    """News of somebody's delivery of issue 1."""
    async with world.context.store.write() as tx:
        found = await resending.find(tx, 1, f"{name}@example.org")
        assert found
        return await outcomes.note(tx, 1, found[0], outcome, world.now)


async def test_later_news_settles_what_was_unknown(publish: Publish) -> None:
    """Delivered makes it accepted, a bounce rejected; deferred settles nothing; what had ended otherwise stays."""
    async with publish(NEWS) as world:
        world.people("news", *(f"{name}@example.org" for name in ("ada", "bob", "cleo", "dora")))
        await mail(world, "First")
        await set_states(world, 1, ada=SendState.UNKNOWN, bob=SendState.UNKNOWN, cleo=SendState.UNKNOWN)
        assert await note(world, "ada", Outcome.DELIVERED)
        assert await note(world, "bob", Outcome.BOUNCED)
        assert await note(world, "cleo", Outcome.DEFERRED)
        assert await note(world, "dora", Outcome.BOUNCED_FOR_NOW)
        expected = {"ada": "accepted", "bob": "rejected", "cleo": "unknown", "dora": "accepted"}
        assert await world.ledger(1) == expected


async def test_a_complaint_acts_once_on_the_address_it_was_sent_to(publish: Publish) -> None:
    """That address is suppressed, and not the person's new one; told again after a lift, it changes nothing."""
    async with publish(NEWS) as world:
        world.people("news", "ada@example.org", "bob@example.org")
        await mail(world, "First")
        await changes.change(world.desk, "ada@example.org", changes.Change({"email": "ada@example.net"}))
        assert await note(world, "ada", Outcome.COMPLAINED)
        assert await note(world, "bob", Outcome.UNSUBSCRIBED)
        async with world.context.store.read() as tx:
            assert await subscribers.suppressed(tx, "ada@example.org") == "complained, issue 1"
            assert await subscribers.suppressed(tx, "ada@example.net") is None
            (bob,) = await subscribers.of_address(tx, "bob@example.org")
            assert bob.state == "ended"
        await people.lift(world.desk, "ada@example.org")
        assert not await note(world, "ada", Outcome.COMPLAINED)
        assert not await note(world, "ada", Outcome.BOUNCED)
        async with world.context.store.read() as tx:
            assert await subscribers.suppressed(tx, "ada@example.org") is None


async def test_sent_again_it_is_the_edition_they_had(publish: Publish) -> None:
    """Each person's own language, in new chunks; the post may have changed since, the issue has not."""
    async with publish(NEWS) as world:
        world.people("news", "ada@example.org,de", "bob@example.org,en", columns="email,language")
        await mail(world, "First")
        before = {str(one["To"]): str(one) for one in world.mails()}
        await set_states(world, 1, ada=SendState.EXPIRED, bob=SendState.UNKNOWN)
        world.later(minutes=1)
        world.write("First", "Rewritten.")
        await world.work()
        wish = Wish(states=(SendState.EXPIRED, SendState.UNKNOWN))
        assert (await look(world.desk, 1, wish)).counts == resending.Counts(2, 0, 0)
        for path in (world.folder / "outbox" / "new").glob("*"):
            path.unlink()
        assert await resend(world.desk, 1, wish) == 2
        assert await world.states() == [IssueState.SENDING]
        await world.app.engine.drain()
        assert {str(one["To"]): str(one) for one in world.mails()} == before
        assert await world.states() == [IssueState.SENT]
        async with world.context.store.read() as tx:
            assert (await ledger.tally(tx, 1)).counts == {SendState.ACCEPTED: 2}


async def test_cancelling_a_second_send_forgets_no_doubt(publish: Publish) -> None:
    """Who may have it already is unknown as before and gets nothing twice; the others get theirs with the next one."""
    async with publish(NEWS) as world:
        world.people("news", "ada@example.org", "bob@example.org", "cleo@example.org")
        await mail(world, "First")
        await set_states(world, 1, ada=SendState.UNKNOWN, bob=SendState.REJECTED)
        await resend(world.desk, 1, Wish(states=(SendState.UNKNOWN, SendState.REJECTED)))
        await issue_acts.cancel(world.desk, 1)
        assert await world.ledger(1) == {"ada": "unknown", "bob": "cancelled", "cleo": "accepted"}
        assert (await world.issue(1)).ended
        with pytest.raises(ActError, match="next issue"):
            await look(world.desk, 1, UNKNOWN)
        for path in (world.folder / "outbox" / "new").glob("*"):
            path.unlink()
        await mail(world, "Second")
        titles = ["First", "Second"]
        assert world.got("bob", titles) == [("First", "Second")]
        assert world.got("ada", titles) == world.got("cleo", titles) == [("Second",)]


async def test_an_issue_under_way_is_not_sent_again(publish: Publish) -> None:
    """Held, being sent, paused: each says what to do instead."""
    async with publish(NEWS) as world:
        world.people("news", "ada@example.org")
        world.write("First")
        await run_pass(world.context, world.now)
        with pytest.raises(ActError, match="issue send"):
            await look(world.desk, 1, UNKNOWN)
        await run_pass(world.context, world.now, hold=False)
        with pytest.raises(ActError, match="still being sent"):
            await look(world.desk, 1, UNKNOWN)
        await issue_acts.pause(world.desk, 1)
        with pytest.raises(ActError, match="resume it"):
            await look(world.desk, 1, UNKNOWN)


NOT_AGAIN = {
    Wish(states=(SendState.ACCEPTED,)): "--to",
    Wish(states=(SendState.CANCELLED,)): "gave its posts back",
    UNKNOWN: "nobody to send it to again",
    Wish(addresses=("eve@example.org",)): "not in the audience",
    Wish(addresses=("bob@example.org", "ada@example.org")): "--again",
    Wish(states=(SendState.REJECTED,)): "1 who left the list, 1 suppressed",
}


async def test_what_cannot_be_sent_again_is_said(publish: Publish) -> None:
    """Why not, and what would do; whoever has left or is suppressed is counted."""
    async with publish(NEWS) as world:
        world.people("news", *(f"{name}@example.org" for name in ("ada", "bob", "cleo", "dora")))
        await mail(world, "First")
        rejected = SendState.REJECTED
        await set_states(world, 1, bob=SendState.EXPIRED, cleo=rejected, dora=rejected)
        await unsubscribe(world.desk, "cleo@example.org", None)
        await people.suppress(world.desk, "dora@example.org", "asked")
        for wish, said in NOT_AGAIN.items():
            with pytest.raises(ActError, match=said):
                await resend(world.desk, 1, wish)
        with pytest.raises(ActError, match="no issue 7"):
            await resend(world.desk, 7, UNKNOWN)
        assert await world.states() == [IssueState.SENT]


NO_CHANGE = [
    ({"cadence": "hourly"}, "", "none of"),
    ({"cadence": "daily"}, "", "it offers: immediate"),
    ({"timezone": "Berlin"}, "", "IANA"),
    ({"email": "no address"}, "", "email"),
    ({"email": "eve@example.org"}, "", "suppressed"),
    ({"email": "bob@example.org", "name": "Bob"}, "", "another subscriber's"),
    ({"tags": "sea"}, "nws", "their lists are: news"),
]


async def test_a_change_that_cannot_be_changes_nothing(publish: Publish) -> None:
    """Not even the part of it that could."""
    async with publish(NEWS) as world:
        world.people("news", "ada@example.org", "bob@example.org")
        await world.work()
        await people.suppress(world.desk, "eve@example.org", "asked")
        async with world.context.store.read() as tx:
            before = await subscribers.everybody(tx)
        for cells, list_slug, said in NO_CHANGE:
            with pytest.raises(ActError, match=said):
                await changes.change(world.desk, "ada@example.org", changes.Change(cells, list_slug))
        with pytest.raises(ActError, match="no subscriber"):
            await changes.change(world.desk, "nobody@example.org", changes.Change({"name": "X"}))
        async with world.context.store.read() as tx:
            assert await subscribers.everybody(tx) == before


async def test_who_comes_back_at_another_pace_gets_nothing_twice(publish: Publish) -> None:
    """A newcomer's first digest is whole; somebody who had part of it already gets the rest."""
    async with publish(TWO_PACES) as world:
        world.people("news", "ada@example.org", "bob@example.org,daily", columns="email,cadence")
        await mail(world, "First")
        await unsubscribe(world.desk, "ada@example.org", None)
        await mail(world, "Second")
        cells = {"email": "ada@example.org", "lists": "news", "cadence": "daily"}
        await people.add(world.desk, cells, again=True)
        world.later(days=1)
        await world.work()
        assert world.got("bob", ["First", "Second"]) == [("First", "Second")]
        assert world.got("ada", ["First", "Second"]) == [("First",), ("Second",)]


async def test_a_new_address_is_the_same_person(publish: Publish) -> None:
    """Neither address joins again by a file, and `forget` finds nothing of the old one left in the audit."""
    async with publish(NEWS) as world:
        world.people("news", "ada@example.org")
        await mail(world, "First")
        await people.suppress(world.desk, "ada@example.org", "asked")
        await people.lift(world.desk, "ada@example.org")
        await changes.change(world.desk, "ada@example.org", changes.Change({"email": "ADA@Example.net"}))
        world.people("news", "ada@example.org", "ada@example.net")
        await mail(world, "Second")
        assert [str(one["To"]) for one in world.mails()][1:] == ["ada@example.net"]
        async with world.context.store.read() as tx:
            assert len(await subscribers.everybody(tx)) == 1
        await people.forget(world.desk, "ada@example.net")
        async with world.context.store.read() as tx:
            assert "ada@" not in repr(await audit.lines(tx))


async def test_what_nobody_wants_makes_no_issue(publish: Publish) -> None:
    """Where no post fits anybody there is no issue, and the posts are not waited for again."""
    async with publish(NEWS) as world:
        world.people("news", "ada@example.org,sea", columns="email,tags")
        await mail(world, "First")
        assert await world.states() == []
        world.later(minutes=1)
        world.write("Second", tags="[sea]")
        await world.work(hold=False)
        assert world.got("ada", ["First", "Second"]) == [("Second",)]


async def test_a_report_names_who_holds_what(publish: Publish) -> None:
    """A claimed chunk is told with its holder and how many wait in it."""
    async with publish(NEWS) as world:
        world.people("news", "ada@example.org", "bob@example.org")
        await mail(world, "First", deliver=False)
        async with world.context.store.write() as tx:
            held = await ledger.claim(tx, 1, 0, "elsewhere/boot/x.journal", now=world.now, lease_until=world.now)
        assert held
        (group,) = (await issue_report(world.desk, 1)).missing
        assert (group.holder, group.people, group.lease_until) == ("elsewhere/boot/x.journal", 2, world.now)
        assert group.state is ChunkState.CLAIMED
