"""After each issue its editors are told, once, whatever happens in between."""

import asyncio
import socket
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, ClassVar

import pytest
from aiosmtpd.controller import Controller
from pydantic import BaseModel
from sqlalchemy import update

from dispatch.acts import issue as acts
from dispatch.acts.post import withdraw
from dispatch.context import Context
from dispatch.deliver.single import send_single
from dispatch.errors import ProviderDown, ProviderError
from dispatch.message.splice import Splicer
from dispatch.model.delivery import Receipt, Recipient, SendState
from dispatch.model.issue import CompiledEdition, IssueState
from dispatch.model.pace import Limits
from dispatch.providers.base import Capabilities, ProviderSetting, Watch
from dispatch.providers.smtp import Smtp
from dispatch.providers.smtp.options import SmtpOptions
from dispatch.publish.receipts import send_receipts
from dispatch.store import issues
from dispatch.store.schema import delivery

from .conftest import Publish, World, text_of

NEWS = "[lists.news]\nsince = 2026-03-01\n"
ADA, BEA = "ada@sea.example", "bea@sea.example"


class NoOptions(BaseModel):
    """A provider without settings."""


@dataclass
class Post:
    """A provider in memory; what becomes of a message goes by its address."""

    answers: dict[str, SendState] = field(default_factory=dict)
    down: str = ""
    hangs: bool = False
    per_second: float | None = None
    per_hour: int | None = None
    sent: list[tuple[str, EmailMessage]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    name = "post"
    capabilities = Capabilities(mails=True, idempotent=False)
    Options: ClassVar[type[BaseModel]] = NoOptions

    @property
    def limits(self) -> Limits:
        """As the test wants them."""
        return Limits(1, self.per_second, self.per_hour)

    async def send(self, edition: CompiledEdition, recipients: Sequence[Recipient], key: str, watch: Watch) -> None:
        """Answer each as the test wants it; "silent" gives none."""
        self.keys.append(key)
        if self.down:
            raise ProviderDown(self.down)
        for index, one in enumerate(recipients):
            if not await watch.turn():
                return
            watch.intent(index)
            if self.hangs:
                await asyncio.sleep(3600)
            self.sent.append((one.email, parsed(Splicer(edition).splice(one))))
            watch.receipt(index, Receipt(self.answers.get(one.email, SendState.ACCEPTED), "as the test wants it"))

    async def check(self) -> str:
        """Always there."""
        return "post"

    async def aclose(self) -> None:
        """Nothing is open."""


def parsed(data: bytes) -> EmailMessage:
    """A message as a reader's program sees it."""
    return message_from_bytes(data, EmailMessage, policy=policy.default)  # type: ignore[misc]


def told(world: World, provider: Any, *editors: str) -> Context:
    """The publication with this provider and these editors."""
    publication = replace(world.context.publication, editors=editors or (ADA, BEA))
    return replace(world.context, provider=provider, publication=publication)


async def sent(world: World) -> None:
    """Issue 1, "Spring tide", goes to ann and bob."""
    world.people("news", "ann@x.example", "bob@x.example")
    await world.work()
    world.write("Spring tide")
    await world.work(hold=False)
    assert await world.states() == [IssueState.SENT]


async def test_editors_are_told_how_an_issue_went(publish: Publish) -> None:
    """The sum, how long it took, what to type and what comes next, as a machine's word (RFC 3834)."""
    async with publish(NEWS) as world:
        await sent(world)
        post = Post()
        assert await send_receipts(told(world, post), world.now) == (1,)
    (ada, mail), (bea, _) = post.sent
    assert (ada, bea, mail["To"], mail["From"]) == (ADA, BEA, ADA, "Sea <jules@sea.example>")
    assert mail["Subject"] == "Sent: issue 1 “Spring tide” to 2 of 2"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert not [name for name in mail if name.startswith("List-")]
    for said in ("Accepted", "All together  2", "took 0\u00a0s", "dispatch issue report 1", "None is planned."):
        assert said in text_of(mail)


async def test_a_receipt_says_the_subject_in_the_editors_language(publish: Publish) -> None:
    """Whichever edition went out first."""
    async with publish(NEWS) as world:
        world.people("news", "ann@x.example,de", "bob@x.example,en", columns="email,language")
        await world.work()
        for number in range(4):
            world.write(f"Tide {number}")
        await world.work(hold=False)
        post = Post()
        assert await send_receipts(told(world, post, ADA), world.now) == (1,)
    assert "and 3 more" in post.sent[0][1]["Subject"]


@pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
async def test_editors_are_told_once(publish: Publish) -> None:
    """Neither a second call nor two processes at once tell them twice, nor a restart."""
    async with publish(NEWS) as world:
        await sent(world)
        post = Post()
        context = told(world, post, ADA)
        both = await asyncio.gather(send_receipts(context, world.now), send_receipts(context, world.now))
        assert sorted(both) == [(), (1,)]
    async with publish(NEWS) as world:
        world.later(minutes=1)
        assert await send_receipts(told(world, post, ADA), world.now) == ()
    assert [email for email, _ in post.sent] == [ADA]


async def test_while_the_provider_is_down_the_receipt_waits(publish: Publish) -> None:
    """The next call tries again, with the same Message-ID; what went wrong is said."""
    async with publish(NEWS) as world:
        await sent(world)
        post = Post(down="no route to host")
        assert await send_receipts(told(world, post), world.now) == ()
        assert world.said[-1] == "issue 1: its editors could not be told: no route to host"
        post.down = ""
        assert await send_receipts(told(world, post), world.now) == (1,)
    assert len({mail["Message-ID"] for _, mail in post.sent}) == 2
    assert post.keys == ["receipt/1", "receipt/1"]


async def test_one_editor_who_cannot_be_reached_keeps_nobody_from_the_receipt(publish: Publish) -> None:
    """Who was refused is said, and the others are not mailed again for that."""
    async with publish(NEWS) as world:
        await sent(world)
        post = Post(answers={ADA: SendState.REJECTED})
        assert await send_receipts(told(world, post), world.now) == (1,)
        assert await send_receipts(told(world, post), world.now) == ()
        assert f"issue 1: its receipt to {ADA} is rejected: as the test wants it" in world.said


async def test_without_editors_there_are_no_receipts(publish: Publish) -> None:
    """Whoever names some later hears of what ends from then on, and of the last day."""
    async with publish(NEWS) as world:
        await sent(world)
        assert await send_receipts(world.context, world.now) == ()
        world.later(hours=25)
        assert await send_receipts(told(world, Post()), world.now) == ()


async def test_an_issue_that_was_cancelled_before_it_began_has_no_receipt(publish: Publish) -> None:
    """Nobody was mailed, so there is nothing to tell."""
    async with publish(NEWS) as world:
        world.people("news", "ann@x.example")
        await world.work()
        world.write("Spring tide")
        await world.work()
        await acts.cancel(world.desk, 1)
        assert await world.states() == [IssueState.CANCELLED]
        assert await send_receipts(told(world, Post()), world.now) == ()


async def test_an_issue_that_came_to_nothing_has_no_receipt(publish: Publish) -> None:
    """Its posts were withdrawn before it could begin."""
    async with publish(NEWS) as world:
        world.people("news", "ann@x.example")
        await world.work()
        world.write("Spring tide")
        await world.work()
        await withdraw(world.desk, await world.post_id("Spring tide"))
        await world.work(hold=False)
        assert await world.states() == [IssueState.CANCELLED]
        assert await send_receipts(told(world, Post()), world.now) == ()


async def test_unknowns_are_named_and_counted(publish: Publish) -> None:
    """Fifty by name, and how many more there are."""
    async with publish(NEWS) as world:
        world.people("news", *(f"r{number}@x.example" for number in range(60)))
        await world.work()
        world.write("Spring tide")
        await world.work(hold=False)
        async with world.context.store.write() as tx:
            await tx.execute(update(delivery).values(state=SendState.UNKNOWN))
        post = Post()
        assert await send_receipts(told(world, post, ADA), world.now) == (1,)
    text = text_of(post.sent[0][1])
    assert text.count("@x.example") == 50
    assert "and 10 more: dispatch issue report 1 --state unknown" in text


async def test_an_issue_that_was_cancelled_on_its_way_has_one(publish: Publish) -> None:
    """It says how many it reached."""
    async with publish(NEWS) as world:
        await sent(world)
        async with world.context.store.write() as tx:
            assert await issues.move(tx, 1, [IssueState.SENT], IssueState.CANCELLED)
        post = Post()
        assert await send_receipts(told(world, post, ADA), world.now) == (1,)
    assert post.sent[0][1]["Subject"] == "Cancelled: issue 1 “Spring tide”, after 2 of 2"


async def test_the_next_issue_is_named_in_the_lists_zone_and_in_utc(publish: Publish) -> None:
    """Where each reader has an hour of their own, from the first to the last."""
    weekly = f'{NEWS}cadence = "weekly"\nlocal_time = true\n[lists.news.at]\nweekly = "tue 08:00"\n'
    async with publish(weekly) as world:
        world.people("news", "ann@x.example,Europe/Berlin", "bob@x.example,America/New_York", columns="email,timezone")
        await world.work()
        world.write("Spring tide")
        world.later(days=2)
        await world.work()
        assert await world.states() == [IssueState.SENT]
        post = Post()
        assert await send_receipts(told(world, post, ADA), world.now) == (1,)
    text = " ".join(text_of(post.sent[0][1]).split())
    assert "Weekly: from March 10, 2026, 08:00 Europe/Berlin (07:00 UTC) to March 10, 2026, 13:00 Europe/Berlin" in text


async def test_a_real_server_takes_the_receipt(publish: Publish) -> None:
    """The same by SMTP; an editor may be written with a name."""
    inbox = Inbox()
    port = free_port()
    controller = Controller(inbox, hostname="127.0.0.1", port=port)
    async with publish(NEWS) as world:
        await sent(world)
        controller.start()
        try:
            options = SmtpOptions(host="127.0.0.1", port=port, tls="none")
            smtp = Smtp(ProviderSetting("smtp", world.folder, "sea.example"), options)
            assert await send_receipts(told(world, smtp, f"Ada Lovelace <{ADA}>"), world.now) == (1,)
            await smtp.aclose()
        finally:
            controller.stop()
    assert (inbox.sender, inbox.people) == ("jules@sea.example", [ADA])
    mail = parsed(inbox.content)
    assert (mail["To"], mail["Subject"]) == (f"Ada Lovelace <{ADA}>", "Sent: issue 1 “Spring tide” to 2 of 2")
    assert not mail.defects


def free_port() -> int:
    """A port on loopback that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@dataclass
class Inbox:
    """A real SMTP server's record of the last message."""

    sender: str = ""
    people: list[str] = field(default_factory=list)
    content: bytes = b""

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """Take a message."""
        self.sender, self.people, self.content = envelope.mail_from, envelope.rcpt_tos, envelope.content
        return "250 OK"


EDITION = CompiledEdition(1, "", b"Subject: A test\r\n\r\nHello.\r\n", "zqmark", "jules@sea.example", "A test")
PEOPLE = [Recipient(0, email, "", "", f"{email}.1") for email in (ADA, BEA)]


async def single_send(world: World, post: Post, patience: float = 10) -> list[SendState]:
    """What becomes of two messages that are in no ledger."""
    return [answer.state for answer in await send_single(told(world, post), EDITION, PEOPLE, "test/1", patience)]


async def test_single_messages_keep_to_the_providers_pace(publish: Publish) -> None:
    """Ten a second are a tenth of a second apart."""
    async with publish(NEWS) as world:
        begun = asyncio.get_running_loop().time()
        assert await single_send(world, Post(per_second=10)) == [SendState.ACCEPTED, SendState.ACCEPTED]
        assert asyncio.get_running_loop().time() - begun > 0.09


async def test_single_messages_keep_to_the_providers_quota(publish: Publish) -> None:
    """Whoever comes too late is not handed over, and then it is said when there is room again."""
    async with publish(NEWS) as world:
        post = Post(per_hour=1)
        assert await single_send(world, post) == [SendState.ACCEPTED, SendState.RETRY]
        with pytest.raises(ProviderError, match="limits of post are reached: there is room from 10:01:00 UTC on"):
            await single_send(world, post)
        world.later(minutes=61)
        assert await single_send(world, post) == [SendState.ACCEPTED, SendState.RETRY]


async def test_what_a_silent_provider_holds_is_unknown_and_the_rest_was_not_tried(publish: Publish) -> None:
    """Its time is limited."""
    async with publish(NEWS) as world:
        assert await single_send(world, Post(hangs=True), patience=0.2) == [SendState.UNKNOWN, SendState.RETRY]


async def test_whoever_shuts_down_hands_over_nothing_more(publish: Publish) -> None:
    """And a receipt that was not handed over is due again."""
    async with publish(NEWS) as world:
        await sent(world)
        world.context.stopping.set()
        post = Post()
        assert await single_send(world, post) == [SendState.RETRY, SendState.RETRY]
        assert await send_receipts(told(world, post), world.now) == ()
        world.context.stopping.clear()
        assert await send_receipts(told(world, post), world.now) == (1,)


async def test_a_fault_of_a_provider_is_told_as_one(publish: Publish) -> None:
    """A plugin may raise anything."""

    class Faulty(Post):
        async def send(self, *args: Any, **more: Any) -> None:
            raise KeyError("oops")

    async with publish(NEWS) as world:
        with pytest.raises(ProviderError, match="the provider failed: KeyError"):
            await single_send(world, Faulty())
