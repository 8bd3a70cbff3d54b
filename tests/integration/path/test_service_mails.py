"""Whoever acts on a subscription gets one mail about it, soon and once, whatever happens in between."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import ClassVar

import pytest
from pydantic import BaseModel

from dispatch.acts import people
from dispatch.cli.summary import summarise
from dispatch.deliver.rescue import rescue
from dispatch.deliver.run import run_chunk
from dispatch.errors import ProviderDown
from dispatch.message.splice import Splicer
from dispatch.model.delivery import Receipt, Recipient, SendState
from dispatch.model.issue import CompiledEdition
from dispatch.model.pace import Limits
from dispatch.model.service_mail import STILL_TRUE, ServiceMailKind
from dispatch.model.subscriber import Cadence, SubscriptionState
from dispatch.providers.base import Capabilities, Watch
from dispatch.publish import run_pass
from dispatch.publish.service_mails import send_service_mails
from dispatch.store import service_mails, subscribers
from dispatch.store.subscribers import NewPerson

from .conftest import Publish, World, text_of

NEWS = '[lists.news]\ntitle = "Tides"\ncadence = "weekly"\nat = "mon 08:00"\n'
TWO = f"{NEWS}[lists.letters]\nsince = 2026-03-01\n"
LOST = "1 confirm mail was given up after a day: it was not tried"
CONFIRM, WELCOME = ServiceMailKind.CONFIRM, ServiceMailKind.WELCOME
PENDING = SubscriptionState.PENDING


class NoOptions(BaseModel):
    """A provider without settings."""


@dataclass
class Post:
    """A provider in memory; what becomes of a message goes by its address."""

    answers: dict[str, SendState] = field(default_factory=dict)
    down: str = ""
    idempotent: bool = False
    hangs: bool = False
    sent: list[EmailMessage] = field(default_factory=list)
    tries: int = 0
    in_hand: asyncio.Event = field(default_factory=asyncio.Event)
    limits: Limits = field(default_factory=Limits)
    slows: bool = False
    name = "post"
    Options: ClassVar[type[BaseModel]] = NoOptions

    @property
    def capabilities(self) -> Capabilities:
        """As the test wants them."""
        return Capabilities(mails=True, idempotent=self.idempotent)

    async def send(self, edition: CompiledEdition, recipients: Sequence[Recipient], key: str, watch: Watch) -> None:
        """Answer each as the test wants it."""
        self.tries += 1
        if self.down:
            raise ProviderDown(self.down)
        for index, one in enumerate(recipients):
            if not await watch.turn():
                return
            watch.intent(index)
            if self.slows:
                watch.slow_down()
            if self.hangs:
                self.in_hand.set()
                await asyncio.sleep(3600)
            message: EmailMessage = message_from_bytes(  # type: ignore[assignment]
                Splicer(edition).splice(one), EmailMessage, policy=policy.default
            )
            self.sent.append(message)
            watch.receipt(index, Receipt(self.answers.get(one.email, SendState.ACCEPTED), "as the test wants it"))

    async def check(self) -> str:
        """Always there."""
        return "post"

    async def aclose(self) -> None:
        """Nothing is open."""


async def asked(world: World, kind: ServiceMailKind, who: str = "ada", language: str = "", slug: str = "news") -> int:
    """Somebody whose subscription stands as the mail says, and who waits for it; their id."""
    list_id, email = world.context.lists[slug].id, f"{who}@sea.example"
    person = NewPerson(email, who.title(), language, "", list_id, STILL_TRUE[kind][0], Cadence.WEEKLY, (), 0)
    async with world.context.store.write() as tx:
        await subscribers.join(tx, [person], world.now)
        number = (await subscribers.ids_of(tx, [email]))[email]
        assert await service_mails.ask(tx, kind, number, list_id, world.now)
    return number


async def send(world: World, post: Post) -> int:
    """All that is due goes to this provider."""
    return await send_service_mails(replace(world.context, provider=post), world.now)


async def standing(world: World) -> dict[SendState, int]:
    """How many wait or did not arrive."""
    async with world.context.store.read() as tx:
        return {one.state: one.count for one in await service_mails.standing(tx)}


def outbox(world: World) -> list[EmailMessage]:
    """All mail in the outbox."""
    files = sorted(Path(world.folder / "outbox" / "new").glob("*.eml"))
    return [message_from_bytes(path.read_bytes(), EmailMessage, policy=policy.default) for path in files]  # type: ignore[misc]


@pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
async def test_what_is_asked_for_is_mailed_once(publish: Publish) -> None:
    """Neither another pass nor a restart mails it again; each link is the person's own."""
    async with publish(NEWS) as world:
        ada = await asked(world, CONFIRM)
        await world.app.deliver()
        await world.app.deliver()
    async with publish(NEWS) as world:
        world.later(hours=1)
        await world.app.deliver()
        (mail,) = outbox(world)
        assert await standing(world) == {}
        keyring, list_id = world.context.keyring, world.context.lists["news"].id
        token = text_of(mail).partition("https://sea.example/confirm/")[2].split()[0]
        read = keyring.read_confirm(token)
    assert (read.subscriber, read.list_id, read.asked) == (ada, list_id, world.now.replace(hour=9))
    assert (mail["To"], mail["From"]) == ("ada@sea.example", "Sea <jules@sea.example>")


async def test_each_gets_it_in_their_language_and_the_rendering_is_shared(publish: Publish) -> None:
    """A welcome knows the name, the mail to confirm does not; the list's words are the list's."""
    async with publish(NEWS) as world:
        post = Post()
        await asked(world, WELCOME, "ada")
        await asked(world, WELCOME, "bea", "de")
        await asked(world, CONFIRM, "cas", "de")
        assert await send(world, post) == 3
    ada, bea, cas = post.sent
    assert (ada["Content-Language"], bea["Content-Language"], cas["Content-Language"]) == ("en", "de", "de")
    assert (ada["To"], cas["To"]) == ("Ada <ada@sea.example>", "cas@sea.example")
    assert "every Monday at 08:00 (Europe/Berlin)" in text_of(ada)
    assert "Montag" in text_of(bea)
    assert len({mail["Message-ID"] for mail in post.sent}) == 3


async def test_while_the_provider_is_down_they_wait(publish: Publish) -> None:
    """One of them finds out for all; they are tried again later, and then go out once, with the words of then."""
    async with publish(NEWS) as world:
        post = Post(down="no route to host")
        await asked(world, CONFIRM, "ada")
        await asked(world, WELCOME, "bea")
        assert await send(world, post) == 0
        assert (post.tries, world.said) == (1, ["service mail waits: no route to host"])
        assert await send(world, post) == 0
        assert (post.tries, await standing(world)) == (1, {SendState.PENDING: 2})
        post.down = ""
        world.later(seconds=20)
        assert (await send(world, post), await send(world, post)) == (2, 0)
        assert await standing(world) == {}


async def test_after_a_day_it_is_given_up_and_said(publish: Publish) -> None:
    """Until then it is tried again and again, but not for ever."""
    async with publish(NEWS) as world:
        post = Post(answers={"ada@sea.example": SendState.RETRY})
        await asked(world, CONFIRM)
        for hours in (0, 12, 11, 2, 24):
            world.later(hours=hours)
            await send(world, post)
        assert post.tries == 3
        assert world.said == ["1 confirm mail was given up after a day: as the test wants it"]
        assert await standing(world) == {SendState.EXPIRED: 1}


async def test_a_refused_address_is_not_tried_again(publish: Publish) -> None:
    """It is said, and the others get theirs."""
    async with publish(NEWS) as world:
        post = Post(answers={"ada@sea.example": SendState.REJECTED})
        await asked(world, CONFIRM, "ada")
        await asked(world, CONFIRM, "bea")
        assert (await send(world, post), await send(world, post)) == (1, 0)
        assert world.said == ["confirm mail to ada@sea.example is rejected: as the test wants it"]


async def _cut_off(world: World, post: Post) -> None:
    """Die with a mail in the provider's hands."""
    post.hangs = True
    sending = asyncio.create_task(send(world, post))
    await post.in_hand.wait()
    sending.cancel()
    with suppress(asyncio.CancelledError):
        await sending
    post.hangs = False


async def test_what_was_in_hand_at_a_crash_is_not_sent_again(publish: Publish) -> None:
    """Nobody knows whether it arrived; the others go out after the restart."""
    post = Post()
    async with publish(NEWS) as world:
        await asked(world, CONFIRM, "ada")
        await asked(world, CONFIRM, "bea")
        await _cut_off(world, post)
    async with publish(NEWS) as world:
        world.later(hours=1)
        assert await send(world, post) == 1
        assert [mail["To"] for mail in post.sent] == ["bea@sea.example"]
        assert await standing(world) == {SendState.UNKNOWN: 1}


async def test_a_provider_that_sends_nothing_twice_gets_it_again_after_a_crash(publish: Publish) -> None:
    """So that it is lost to nobody; but not while another process may still be at it."""
    post = Post(idempotent=True)
    async with publish(NEWS) as world:
        await asked(world, CONFIRM)
        await _cut_off(world, post)
    async with publish(NEWS) as world:
        world.later(minutes=1)
        assert await send(world, post) == 0
        world.later(minutes=5)
        assert await send(world, post) == 1


async def test_two_processes_send_it_once(publish: Publish) -> None:
    """Whoever takes it sends it."""
    async with publish(NEWS) as world:
        post = Post()
        await asked(world, CONFIRM)
        await asked(world, CONFIRM, "bea")
        assert sum(await asyncio.gather(send(world, post), send(world, post))) == 2
    assert sorted(mail["To"] for mail in post.sent) == ["ada@sea.example", "bea@sea.example"]


async def test_whoever_is_forgotten_or_suppressed_meanwhile_gets_none(publish: Publish) -> None:
    """Nor is anything of it left."""
    async with publish(NEWS) as world:
        post = Post()
        await asked(world, CONFIRM, "ada")
        await asked(world, CONFIRM, "bea")
        await people.forget(world.desk, "ada@sea.example")
        await people.suppress(world.desk, "bea@sea.example", "complained")
        assert await send(world, post) == 0
        assert (post.sent, await standing(world)) == ([], {})


async def test_a_broken_template_holds_up_its_own_mail_alone(publish: Publish) -> None:
    """It is named, as the reason for which the mail waits too; once it is mended the mail goes out."""
    async with publish(NEWS) as world:
        world.place("templates/email/service/confirm.txt", "{{ nobody }}")
    async with publish(NEWS) as world:
        post = Post()
        await asked(world, CONFIRM, "ada")
        await asked(world, WELCOME, "bea")
        assert await send(world, post) == 1
        assert world.said[-1].startswith("confirm mail waits: templates/email/service/confirm.txt")
        summary = await summarise(world.desk, await world.stage(), [])
        (waits,) = summary.stuck_mails
        assert (summary.failed, waits.detail.partition(":")[0]) == (True, "templates/email/service/confirm.txt")
        (world.folder / "templates" / "email" / "service" / "confirm.txt").unlink()
        world.later(minutes=1)
        assert await send(world, post) == 1
        assert not (await summarise(world.desk, await world.stage(), [])).failed


async def test_whatever_is_wrong_with_one_mail_stops_no_other(publish: Publish) -> None:
    """A fault that nobody thought of is told, and its mail tried again later."""
    async with publish(TWO) as world:
        post, lists = Post(), world.context.lists
        await asked(world, CONFIRM, "ada")
        await asked(world, CONFIRM, "bea", slug="letters")
        faulty = {**lists, "news": replace(lists["news"], slug="nobody's")}
        context = replace(world.context, provider=post, lists=faulty)
        assert (await send_service_mails(context, world.now), await send_service_mails(context, world.now)) == (1, 0)
        assert world.said == ['confirm mail waits: KeyError: "nobody\'s"']
        world.later(minutes=1)
        assert await send(world, post) == 1


async def test_mail_of_a_list_that_is_gone_waits_for_it(publish: Publish) -> None:
    """A list that left the settings by mistake may come back."""
    async with publish(NEWS) as world:
        await asked(world, CONFIRM)
    async with publish("[lists.other]\n") as world:
        assert await send(world, Post()) == 0
    async with publish(NEWS) as world:
        assert await send(world, Post()) == 1


async def test_what_was_asked_for_long_ago_is_not_sent_any_more(publish: Publish) -> None:
    """Its links may be dead, and nobody waits for it; that is said once."""
    async with publish(NEWS) as world:
        await asked(world, CONFIRM)
        world.later(days=1, minutes=1)
        await asked(world, WELCOME, "bea")
        assert await send(world, post := Post()) == 1
        assert ([mail["To"] for mail in post.sent], world.said) == (["Bea <bea@sea.example>"], [LOST])


async def test_mail_of_a_list_that_stays_away_is_given_up_by_the_pass(publish: Publish) -> None:
    """After a day, and said once; then no pass stumbles over it any more, and after a week nothing is left."""
    async with publish(NEWS) as world:
        await asked(world, CONFIRM)
    async with publish("[lists.other]\n") as world:
        for hours in (23, 1.5, 1.5):
            world.later(hours=hours)
            await world.stage()
        assert (await standing(world), world.said) == ({SendState.EXPIRED: 1}, [LOST])
        world.later(days=7, hours=1)
        await world.stage()
        assert await standing(world) == {}


async def test_service_mails_keep_to_the_messages_a_second(publish: Publish) -> None:
    """Each for itself is as far from the next as messages of a chunk."""
    async with publish(NEWS) as world:
        for who in ("ada", "bea", "cas"):
            await asked(world, CONFIRM, who)
        begun = asyncio.get_running_loop().time()
        assert await send(world, Post(limits=Limits(1, per_second=10))) == 3
        assert asyncio.get_running_loop().time() - begun > 0.19


@pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
async def test_service_mails_keep_to_the_messages_an_hour(publish: Publish) -> None:
    """The third waits for the next hour, which is told and is no failure; chunks have nothing left of it meanwhile."""
    async with publish(TWO) as world:
        post = Post(limits=Limits(1, per_hour=2))
        for who in ("ada", "bea", "cas"):
            await asked(world, CONFIRM, who)
        assert (await send(world, post), await send(world, post), post.tries) == (2, 0, 2)
        assert world.said == ["service mail waits: the limits of post are reached: there is room from 10:01:00 UTC on"]
        summary = await summarise(world.desk, await world.stage(), [])
        assert (await standing(world), summary.failed) == ({SendState.PENDING: 1}, False)
        await an_issue(world)
        assert await run_chunk(world.with_provider(post), 1, 0) > 3000
        world.later(minutes=61)
        assert (await send(world, post), post.tries) == (1, 3)
        assert await run_chunk(world.with_provider(post), 1, 0) == 0


async def test_a_mail_that_was_not_handed_over_costs_nothing_of_the_hour(publish: Publish) -> None:
    """Where the provider is away the quota is as it was."""
    async with publish(NEWS) as world:
        post = Post(limits=Limits(1, per_hour=1), down="no route to host")
        await asked(world, CONFIRM)
        assert await send(world, post) == 0
        post.down = ""
        world.later(seconds=20)
        assert await send(world, post) == 1


async def test_who_is_asked_for_fewer_messages_lets_chunks_slow_down_too(publish: Publish) -> None:
    """The provider is one, whatever it is given."""
    async with publish(NEWS) as world:
        await asked(world, CONFIRM)
        assert await send(world, Post(slows=True)) == 1
        assert world.said == ["post asks for fewer messages: at most 5.0 a second from now on"]


async def test_over_a_connection_that_a_chunk_has_nothing_else_goes(publish: Publish) -> None:
    """The mail waits for it, and then the next chunk waits for the mail; but not for one that nobody sends."""
    async with publish(TWO) as world:
        await an_issue(world)
        busy = Post(limits=Limits(1), hangs=True)
        chunk = asyncio.create_task(run_chunk(world.with_provider(busy), 1, 0))
        await busy.in_hand.wait()
        await asked(world, CONFIRM)
        free = Post(limits=Limits(1))
        assert (await send(world, free), world.said) == (0, [])
        chunk.cancel()
        await asyncio.gather(chunk, return_exceptions=True)
        await rescue(world.context)
        world.later(seconds=1)
        assert await run_chunk(world.with_provider(free), 1, 0) > 0
        assert (await send(world, free), free.tries) == (1, 1)
        assert await run_chunk(world.with_provider(free), 1, 0) == 0
        assert free.tries == 2


async def an_issue(world: World) -> None:
    """An issue whose one chunk is ready."""
    world.people("letters", "zoe@sea.example", "yan@sea.example")
    world.write("Tides")
    await run_pass(world.context, world.now, hold=False)


async def test_more_than_one_look_can_hold_goes_out_at_once(publish: Publish) -> None:
    """However many signed up."""
    async with publish(NEWS) as world:
        emails, list_id = [f"r{number}@sea.example" for number in range(103)], world.context.lists["news"].id
        crowd = [NewPerson(one, "", "", "", list_id, PENDING, Cadence.WEEKLY, (), 0) for one in emails]
        async with world.context.store.write() as tx:
            await subscribers.join(tx, crowd, world.now)
            for number in (await subscribers.ids_of(tx, emails)).values():
                await service_mails.ask(tx, CONFIRM, number, list_id, world.now)
        assert await send(world, post := Post()) == 103
    assert len({mail["To"] for mail in post.sent}) == 103


async def test_a_service_that_is_to_stop_takes_no_more(publish: Publish) -> None:
    """What is not taken waits for the next start."""
    async with publish(NEWS) as world:
        await asked(world, CONFIRM)
        world.context.stopping.set()
        assert await send(world, Post()) == 0
        assert await standing(world) == {SendState.PENDING: 1}
