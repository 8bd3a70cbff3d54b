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
from dispatch.errors import ProviderDown
from dispatch.message.splice import Splicer
from dispatch.model.delivery import Receipt, Recipient, SendState
from dispatch.model.issue import CompiledEdition
from dispatch.model.pace import Limits
from dispatch.model.service_mail import STILL_TRUE, ServiceMailKind
from dispatch.model.subscriber import Cadence, SubscriptionState
from dispatch.providers.base import Capabilities, Watch
from dispatch.publish.service_mails import send_service_mails
from dispatch.store import service_mails, subscribers
from dispatch.store.subscribers import NewPerson

from .conftest import Publish, World, text_of

NEWS = '[lists.news]\ntitle = "Tides"\ncadence = "weekly"\nat = "mon 08:00"\n'
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
    name = "post"
    limits = Limits()
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
            watch.intent(index)
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


async def asked(world: World, kind: ServiceMailKind, who: str = "ada", language: str = "") -> int:
    """Somebody whose subscription stands as the mail says, and who waits for it; their id."""
    list_id, email = world.context.lists["news"].id, f"{who}@sea.example"
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
        assert post.tries == 4
        assert world.said == ["confirm mail to ada@sea.example is expired: as the test wants it"]
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
    """It is named; once it is mended the mail goes out."""
    async with publish(NEWS) as world:
        world.place("templates/email/service/confirm.txt", "{{ nobody }}")
    async with publish(NEWS) as world:
        post = Post()
        await asked(world, CONFIRM, "ada")
        await asked(world, WELCOME, "bea")
        assert await send(world, post) == 1
        assert world.said[-1].startswith("confirm mail waits: templates/email/service/confirm.txt")
        (world.folder / "templates" / "email" / "service" / "confirm.txt").unlink()
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
