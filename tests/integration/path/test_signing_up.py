"""Signing up by a form and confirming by a link, and what it means for mail."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from dispatch.acts import people
from dispatch.acts.act import ActError
from dispatch.acts.joining import JoiningByForm, SignUp, Standing, WrongFieldsError
from dispatch.acts.offering import Offerings
from dispatch.acts.subscriber import unsubscribe
from dispatch.errors import TokenError
from dispatch.model.subscriber import SubscriptionState
from dispatch.store import audit, subscribers
from dispatch.store.schema import service_mail, subscriber

from .conftest import Publish, World

NEWS = '[lists.news]\nsince = 2026-03-01\ncadences = ["weekly"]\nat = { weekly = "mon 08:00" }\n'
TWO = NEWS + '[lists.letters]\nsince = 2026-03-01\ncadence = "weekly"\nwelcome = false\n'
ADA = "ada@example.org"
ON_EACH = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)


def joining(world: World) -> JoiningByForm:
    """What stands behind the form."""
    return JoiningByForm(world.context, Offerings(world.context))


async def sign_up(world: World, email: str = ADA, slug: str = "news", **others: str) -> None:
    """Somebody fills in the form of a list."""
    await joining(world).sign_up(SignUp(slug, email, **others))


async def mails(world: World) -> list[tuple[str, str]]:
    """The service mails that were asked for: (kind, address), in their order."""
    columns = select(service_mail.c.kind, subscriber.c.email)
    statement = columns.join(subscriber, subscriber.c.id == service_mail.c.subscriber_id).order_by(service_mail.c.id)
    async with world.context.store.read() as tx:
        return [(kind, email) for kind, email in await tx.execute(statement)]


async def states(world: World, email: str = ADA) -> dict[str, str]:
    """How a person's subscriptions stand."""
    async with world.context.store.read() as tx:
        return {one.list_slug: one.state.value for one in await subscribers.of_address(tx, email)}


async def link(world: World, email: str = ADA, slug: str = "news", asked: datetime | None = None) -> str:
    """The token of the mail that was asked for just now, or at another moment."""
    async with world.context.store.read() as tx:
        who = (await subscribers.ids_of(tx, [email]))[email]
    return world.context.keyring.confirm(who, world.context.lists[slug].id, asked or world.now)


async def mail(world: World, title: str) -> None:
    """Publish a post and send it."""
    world.later(minutes=1)
    world.write(title)
    await world.work(hold=False)


async def test_nothing_comes_before_the_press_and_then_what_is_new(publish: Publish) -> None:
    """The mark is set when they become active: neither what was there before, nor what came while they waited."""
    async with publish(NEWS) as world:
        await mail(world, "Before")
        await sign_up(world, "Ada@Example.org", name="  Ada \r\n King ", language="xx")
        await mail(world, "Meanwhile")
        token = await link(world, asked=world.now)
        page = await joining(world).look(token)
        assert (page.standing, page.email, page.list_slug) == (Standing.WAITS, "a…@example.org", "news")
        assert await states(world) == {"news": "pending"}
        page = await joining(world).confirm(token)
        assert page.standing is Standing.IN
        assert world.context.keyring.read_unsubscribe(page.preferences).list_id == world.context.lists["news"].id
        await mail(world, "After")
        assert world.got("ada", ["Before", "Meanwhile", "After"]) == [("After",)]
        assert "Ada King" in str(world.mails()[-1]["To"])
        assert await mails(world) == [("confirm", ADA), ("welcome", ADA)]
        async with world.context.store.read() as tx:
            acts = [(line.who, line.act) for line in reversed(await audit.lines(tx))]
    assert [act for who, act in acts if who == "subscriber"] == ["sign up", "confirm"]


async def test_a_digest_chosen_in_the_form_is_whole(publish: Publish) -> None:
    """A newcomer's first digest holds what its other readers get."""
    async with publish(NEWS) as world:
        world.people("news", "bob@example.org,weekly", columns="email,cadence")
        await world.work()
        world.write("Early")
        await world.work()
        world.later(days=1)
        await sign_up(world, cadence="weekly")
        await joining(world).confirm(await link(world))
        world.later(days=5, hours=22, minutes=30)
        await world.work()
        assert world.got("ada", ["Early"]) == world.got("bob", ["Early"]) == [("Early",)]


async def test_a_second_press_says_that_they_are_in(publish: Publish) -> None:
    """Nothing is done twice: one welcome, one line in the audit."""
    async with publish(NEWS) as world:
        await sign_up(world)
        token = await link(world)
        for _ in range(3):
            assert (await joining(world).confirm(token)).standing is Standing.IN
        assert await mails(world) == [("confirm", ADA), ("welcome", ADA)]


async def test_a_list_without_welcome_sends_none(publish: Publish) -> None:
    """`welcome = false`."""
    async with publish(TWO) as world:
        await sign_up(world, slug="letters")
        await joining(world).confirm(await link(world, slug="letters"))
        assert await mails(world) == [("confirm", ADA)]


async def test_an_old_link_does_nothing(publish: Publish) -> None:
    """After seven days; whoever is in already is told so by it still."""
    async with publish(NEWS) as world:
        await sign_up(world)
        token = await link(world)
        world.later(days=7)
        page = await joining(world).confirm(token)
        assert (page.standing, page.list_slug, page.preferences) == (Standing.EXPIRED, "news", "")
        assert await states(world) == {"news": "pending"}
        await joining(world).confirm(await link(world))
        assert (await joining(world).look(token)).standing is Standing.IN


@ON_EACH
async def test_a_link_is_no_way_back_after_leaving(publish: Publish) -> None:
    """Who left signs up again: an old link lets nobody in and brings no welcome, whoever ended it; a new one does."""
    async with publish(NEWS) as world:
        await sign_up(world)
        token = await link(world)
        await joining(world).confirm(token)
        await handed_over(world)
        world.later(minutes=16)
        await unsubscribe(world.desk, ADA, None)
        for _ in range(2):
            assert (await joining(world).confirm(token)).standing is Standing.EXPIRED
        assert (await joining(world).look(token)).preferences == ""
        await sign_up(world)
        assert (await joining(world).confirm(token)).standing is Standing.EXPIRED
        assert await states(world) == {"news": "ended"}
        assert (await joining(world).confirm(await link(world))).standing is Standing.IN
        assert (await joining(world).look(token)).standing is Standing.IN
        assert [kind for kind, _ in await mails(world)] == ["confirm", "welcome", "confirm", "welcome"]


async def test_a_forged_link_is_none(publish: Publish) -> None:
    """Nor is the one to leave by, or another person's with the number changed."""
    async with publish(NEWS) as world:
        await sign_up(world)
        good = await link(world)
        other = good.replace(".1.", ".2.", 1)
        own = world.context.keyring.unsubscribe(1, 1)
        for bad in ("", "x", "k1.1.1.1.mac", "%00", own, other, good[:-1]):
            with pytest.raises(TokenError):
                await joining(world).confirm(bad)
        assert await states(world) == {"news": "pending"}


async def test_who_is_in_gets_the_link_to_their_page_instead(publish: Publish) -> None:
    """Nothing of theirs changes, and the form says nothing of it."""
    async with publish(NEWS) as world:
        world.people("news", ADA)
        await world.work()
        await sign_up(world, cadence="weekly", name="Mallory")
        assert await mails(world) == [("preferences", ADA)]
        async with world.context.store.read() as tx:
            (one,) = await subscribers.of_address(tx, ADA)
    assert (one.state, one.cadence, one.subscriber.name) == (SubscriptionState.ACTIVE, "immediate", "")


async def test_who_left_comes_back_by_their_own_press(publish: Publish) -> None:
    """Until then they have left, whoever typed their address; what was sent meanwhile is not made up for."""
    async with publish(NEWS) as world:
        world.people("news", ADA)
        await mail(world, "First")
        await unsubscribe(world.desk, ADA, None)
        await mail(world, "Second")
        await sign_up(world)
        assert await states(world) == {"news": "ended"}
        await mail(world, "Third")
        await joining(world).confirm(await link(world))
        await mail(world, "Fourth")
        assert world.got("ada", ["First", "Second", "Third", "Fourth"]) == [("First",), ("Fourth",)]


async def test_a_suppressed_address_gets_no_mail_and_no_way_in(publish: Publish) -> None:
    """Not by the form, and not by a link that was sent before; the form answers as ever."""
    async with publish(NEWS) as world:
        await sign_up(world)
        await people.suppress(world.desk, ADA, "complained")
        world.later(hours=1)
        await sign_up(world)
        assert await mails(world) == [("confirm", ADA)]
        assert (await joining(world).confirm(await link(world))).standing is Standing.CLOSED
        assert await states(world) == {"news": "pending"}


async def test_nobodys_mailbox_is_filled(publish: Publish) -> None:
    """One mail a quarter of an hour and five a day to one address, over all lists; others are not kept waiting."""
    async with publish(TWO) as world:
        start = world.now
        for _ in range(3):
            await sign_up(world)
            await sign_up(world, slug="letters")
        assert len(await mails(world)) == 1
        await sign_up(world, "bob@example.org")
        assert len(await mails(world)) == 2
        while world.now < start + timedelta(hours=23):
            world.later(minutes=16)
            await sign_up(world, slug="letters" if world.now.minute % 2 else "news")
            await handed_over(world)
        assert [email for _, email in await mails(world)].count(ADA) == 5
        world.later(hours=2)
        await sign_up(world)
        assert [email for _, email in await mails(world)].count(ADA) == 6


async def handed_over(world: World) -> None:
    """All service mails were sent."""
    async with world.context.store.write() as tx:
        await tx.execute(service_mail.update().values(state="accepted"))


WRONG: list[tuple[dict[str, str], set[str]]] = [
    ({"email": ""}, {"email"}),
    ({"email": "ada"}, {"email"}),
    ({"email": "ada@example.org\r\nBcc: all@example.org"}, {"email"}),
    ({"email": "a@b.example, c@d.example"}, {"email"}),
    ({"email": "a\0@b.example"}, {"email"}),
    ({"email": f"{'x' * 300}@example.org"}, {"email"}),
    ({"name": "x" * 101}, {"name"}),
    ({"cadence": "daily"}, {"cadence"}),
    ({"cadence": "sometimes", "email": "?"}, {"cadence", "email"}),
]


async def test_what_cannot_be_used_is_named_by_its_field(publish: Publish) -> None:
    """Nothing is written then."""
    async with publish(NEWS) as world:
        for given, wrong in WRONG:
            with pytest.raises(WrongFieldsError) as raised:
                await sign_up(world, **{"email": ADA, **given})
            assert set(raised.value.fields) == wrong
        assert await mails(world) == []


async def test_who_never_confirms_is_forgotten_after_a_week(publish: Publish) -> None:
    """By the next pass, within an hour; the old link then leads to the form."""
    async with publish(NEWS) as world:
        await sign_up(world)
        token = await link(world)
        world.later(minutes=30)
        await sign_up(world, "bob@example.org")
        world.later(days=6, hours=23, minutes=45)
        await world.stage()
        assert await states(world) == {}
        assert await states(world, "bob@example.org") == {"news": "pending"}
        world.later(minutes=59)
        await world.stage()
        assert await states(world, "bob@example.org") == {"news": "pending"}
        world.later(minutes=1)
        await world.stage()
        assert await states(world, "bob@example.org") == {}
        assert (await joining(world).look(token)).standing is Standing.EXPIRED
        async with world.context.store.read() as tx:
            assert ADA not in await subscribers.ids_of(tx, [ADA])


async def test_an_editors_word_counts_for_who_has_not_confirmed(publish: Publish) -> None:
    """`subscriber add` lets them in, and says so the second time."""
    async with publish(NEWS) as world:
        await sign_up(world)
        await people.add(world.desk, {"email": ADA, "lists": "news"}, again=False)
        assert await states(world) == {"news": "active"}
        with pytest.raises(ActError, match="already"):
            await people.add(world.desk, {"email": ADA, "lists": "news"}, again=False)
