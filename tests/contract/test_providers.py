"""Every provider that is registered passes the same laws."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from pydantic import ValidationError

from dispatch import plugins
from dispatch.errors import ProviderDown, ProviderError, ProviderRefused
from dispatch.message.splice import Splicer
from dispatch.model.delivery import Receipt, Recipient, SendState
from dispatch.model.issue import CompiledEdition
from dispatch.providers.base import Provider, ProviderSetting

KEY = "42/0/1"
REGISTERED = sorted(point.name for point in entry_points(group=plugins.PROVIDERS))


@dataclass
class Notes:
    """A Watch that notes all it is told, and stops after so many turns."""

    turns: int = 1000
    intents: list[int] = field(default_factory=list)
    receipts: dict[int, Receipt] = field(default_factory=dict)
    stopping: bool = False
    connections: int = 1
    slowed: int = 0

    def delay(self) -> float:
        """One message more, while turns are left."""
        self.stopping = self.stopping or self.turns <= 0
        self.turns -= 1
        return 0.0

    left: frozenset[int] = frozenset()

    def has_left(self, index: int) -> bool:
        """Whoever is said to have left."""
        return index in self.left

    def slow_down(self) -> None:
        """Count, and stop."""
        self.slowed += 1
        self.stopping = True

    async def turn(self) -> bool:
        """One message more, while turns are left."""
        await asyncio.sleep(0)
        self.stopping = self.stopping or self.turns <= 0
        self.turns -= 1
        return not self.stopping

    def intent(self, index: int) -> None:
        """Nobody may be handed over twice."""
        assert index not in self.intents
        self.intents.append(index)

    def receipt(self, index: int, receipt: Receipt) -> None:
        """Nobody may be answered twice."""
        assert index not in self.receipts
        self.receipts[index] = receipt

    def states(self) -> dict[int, SendState]:
        """What became of each."""
        return {index: receipt.state for index, receipt in sorted(self.receipts.items())}


class Post:
    """An SMTP server that keeps what it gets and refuses what it is told to."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, bytes]] = []
        self.replies: dict[str, str] = {}  # of RCPT, by address
        self.data_replies: dict[str, str] = {}
        self.sender_reply = ""
        self.hang_up_on = ""

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take the sender, unless told otherwise."""
        if self.sender_reply:
            return self.sender_reply
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take the recipient, unless told otherwise."""
        if address in self.replies:
            return self.replies[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep the message, or hang up before any answer."""
        address = envelope.rcpt_tos[0]
        if address == self.hang_up_on:
            assert server.transport
            server.transport.abort()
            return "250 nobody hears this"
        if address in self.data_replies:
            return self.data_replies[address]
        assert isinstance(envelope.content, bytes)
        self.mails.append((address, envelope.content))
        return "250 kept"


def password_is_right(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
    """One login is known."""
    known = isinstance(data, LoginPassword) and (data.login, data.password) == (b"us", b"right")
    return AuthResult(success=known, handled=False)


@dataclass
class Bench:
    """A provider under test, and how to look at what it carried."""

    provider: Provider
    carried: Callable[[], list[bytes]]
    unreachable: Provider  # the same, with nobody at the other end
    post: Post | None = None
    address: dict[str, Any] = field(default_factory=dict)


def build(name: str, folder: Path, **options: Any) -> Provider:
    """A provider as app builds it."""
    kind = plugins.load(plugins.PROVIDERS, name)
    provider: Provider = kind(ProviderSetting(name, folder, "verlag.example"), kind.Options(**options))
    return provider


def outbox_bench(folder: Path) -> tuple[Bench, Callable[[], None]]:
    """A Maildir; its unreachable twin finds a file where the folder should be."""
    (folder / "taken").write_text("a file")

    def carried() -> list[bytes]:
        return [path.read_bytes() for path in sorted((folder / "outbox" / "new").glob("*"))]

    return Bench(build("outbox", folder), carried, build("outbox", folder, path="taken")), lambda: None


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def smtp_bench(folder: Path) -> tuple[Bench, Callable[[], None]]:
    """A real server on this machine; its unreachable twin's port is closed."""
    post = Post()
    server = Controller(
        post, hostname="127.0.0.1", port=free_port(), auth_require_tls=False, authenticator=password_is_right
    )
    server.start()
    address = {"host": "127.0.0.1", "port": server.port, "tls": "none", "timeout": 5}
    bench = Bench(
        build("smtp", folder, **address, connections=2),
        lambda: [content for _, content in post.mails],
        build("smtp", folder, **{**address, "port": free_port()}),
        post,
        address,
    )
    return bench, server.stop


BENCHES = {"outbox": outbox_bench, "smtp": smtp_bench}


@pytest.fixture(params=REGISTERED)
async def bench(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Bench]:
    """One provider after the other."""
    made, stop = BENCHES[request.param](tmp_path)
    yield made
    await made.provider.aclose()
    await made.unreachable.aclose()
    stop()


@pytest.fixture
async def smtp(tmp_path: Path) -> AsyncIterator[Bench]:
    """The SMTP provider and a server that can be told to refuse."""
    made, stop = smtp_bench(tmp_path)
    yield made
    stop()


def parsed(message: bytes) -> EmailMessage:
    """A message as a reader's program sees it."""
    return message_from_bytes(message, EmailMessage, policy=policy.default)  # type: ignore[return-value]


async def test_everybody_gets_one_message_of_their_own(
    bench: Bench, compiled: CompiledEdition, people: Sequence[Recipient]
) -> None:
    """Each recipient is accepted once, after an intent, and their message says their name and holds their link."""
    notes = Notes()
    await bench.provider.send(compiled, people, KEY, notes)
    assert sorted(notes.intents) == list(range(len(people)))
    assert notes.states() == dict.fromkeys(range(len(people)), SendState.ACCEPTED)
    mails = {str(mail["Message-ID"]): mail for mail in map(parsed, bench.carried())}
    assert len(mails) == len(people)
    for person in people:
        mail = mails[f"<{person.message_id}>"]
        assert person.email in str(mail["To"])
        assert str(mail["List-Unsubscribe"]) == f"<{person.unsubscribe}>"
        text = mail.get_body(("plain",))
        assert text
        assert f"Dear {person.name}," in text.get_content()


async def test_the_bytes_arrive_as_they_were_spliced(
    bench: Bench, compiled: CompiledEdition, people: Sequence[Recipient]
) -> None:
    """No provider changes a message: dots at the start of lines, encodings and line ends stay."""
    await bench.provider.send(compiled, people, KEY, Notes())
    splicer = Splicer(compiled)
    spliced = {splicer.splice(person).rstrip() for person in people}
    assert {mail.rstrip() for mail in bench.carried()} == spliced


async def test_nothing_is_handed_over_once_told_to_stop(
    bench: Bench, compiled: CompiledEdition, people: Sequence[Recipient]
) -> None:
    """Between two messages the watch is asked; after its no, nobody more has an intent or a receipt."""
    notes = Notes(turns=3)
    await bench.provider.send(compiled, people, KEY, notes)
    assert sorted(notes.intents) == sorted(notes.receipts) == [0, 1, 2]
    assert len(bench.carried()) == 3


async def test_whoever_has_left_is_left_out(
    bench: Bench, compiled: CompiledEdition, people: Sequence[Recipient]
) -> None:
    """Nothing is handed over for somebody who has gone meanwhile; everybody else has theirs."""
    notes = Notes(left=frozenset({0, 4, 9}))
    await bench.provider.send(compiled, people, KEY, notes)
    assert sorted(notes.intents) == sorted(notes.receipts) == [1, 2, 3, 5, 6, 7, 8]
    assert len(bench.carried()) == 7


async def test_nobody_is_a_fine_audience(bench: Bench, compiled: CompiledEdition) -> None:
    """An empty chunk sends nothing and raises nothing."""
    notes = Notes()
    await bench.provider.send(compiled, [], KEY, notes)
    assert (notes.intents, bench.carried()) == ([], [])


async def test_out_of_reach_burns_nobody(bench: Bench, compiled: CompiledEdition, people: Sequence[Recipient]) -> None:
    """With nobody at the other end it is ProviderDown, and no recipient is accepted, rejected or lost."""
    notes = Notes()
    with pytest.raises(ProviderDown, match="again"):
        await bench.unreachable.send(compiled, people, KEY, notes)
    assert set(notes.states().values()) <= {SendState.RETRY}
    assert bench.carried() == []


async def test_a_check_sends_nothing_and_says_who_answered(bench: Bench) -> None:
    """A check answers in one line, or raises ProviderError."""
    answer = await bench.provider.check()
    assert answer.strip()
    assert "\n" not in answer
    assert bench.carried() == []
    with pytest.raises(ProviderError):
        await bench.unreachable.check()


async def test_an_idempotent_provider_takes_a_repetition_for_the_same(
    bench: Bench, compiled: CompiledEdition, people: Sequence[Recipient]
) -> None:
    """Who promises that the same key cannot send twice, keeps that promise."""
    if not bench.provider.capabilities.idempotent:
        return
    await bench.provider.send(compiled, people, KEY, Notes())
    await bench.provider.send(compiled, people, KEY, Notes())
    assert len(bench.carried()) == len(people)


@pytest.mark.parametrize("name", REGISTERED)
def test_an_unknown_option_is_refused(name: str) -> None:
    """A key that a provider does not know is an error, not a hope."""
    kind = plugins.load(plugins.PROVIDERS, name)
    with pytest.raises(ValidationError):
        kind.Options(host="localhost", pigeons=3)


async def test_each_answer_is_one_recipients(
    smtp: Bench, compiled: CompiledEdition, people: Sequence[Recipient]
) -> None:
    """Over SMTP a 5xx rejects and a 4xx defers the one it is about, at RCPT and after DATA; the rest is accepted."""
    assert smtp.post
    smtp.post.replies = {people[1].email: "550 5.1.1 no such user", people[2].email: "451 4.7.1 greylisted"}
    smtp.post.data_replies = {people[3].email: "554 5.7.1 spam", people[4].email: "452 4.2.2 full"}
    notes = Notes()
    await smtp.provider.send(compiled, people, KEY, notes)
    told = {1: SendState.REJECTED, 2: SendState.RETRY, 3: SendState.REJECTED, 4: SendState.RETRY}
    assert notes.states() == {index: told.get(index, SendState.ACCEPTED) for index in range(10)}
    assert notes.receipts[1].detail == "550 5.1.1 no such user"


async def test_a_connection_that_breaks_in_the_middle_leaves_one_in_doubt(
    smtp: Bench, tmp_path: Path, compiled: CompiledEdition, people: Sequence[Recipient]
) -> None:
    """Who was being handed over is unknown; those before are accepted and those after untouched."""
    assert smtp.post
    smtp.post.hang_up_on = people[4].email
    notes = Notes()
    with pytest.raises(ProviderDown):
        await build("smtp", tmp_path, **smtp.address, connections=1).send(compiled, people, KEY, notes)
    assert notes.states() == {**dict.fromkeys(range(4), SendState.ACCEPTED), 4: SendState.UNKNOWN}
    assert sorted(notes.intents) == [0, 1, 2, 3, 4]


async def test_closing_time_defers(smtp: Bench, compiled: CompiledEdition, people: Sequence[Recipient]) -> None:
    """A 421 is nobody's fault: who met it waits, the others are left alone, and the provider wants fewer."""
    assert smtp.post
    smtp.post.replies = {person.email: "421 4.3.2 closing" for person in people}
    notes = Notes()
    await smtp.provider.send(compiled, people, KEY, notes)
    assert notes.states() == {0: SendState.RETRY}
    assert (notes.slowed, notes.intents) == (1, [])


async def test_a_refused_sender_needs_a_person(
    smtp: Bench, compiled: CompiledEdition, people: Sequence[Recipient]
) -> None:
    """A 5xx to MAIL refuses us, not the recipient: nobody is burnt."""
    assert smtp.post
    smtp.post.sender_reply = "553 5.1.8 not your domain"
    notes = Notes()
    with pytest.raises(ProviderRefused, match="not your domain"):
        await smtp.provider.send(compiled, people, KEY, notes)
    assert set(notes.states().values()) <= {SendState.RETRY}


async def test_a_refused_login_needs_a_person(
    smtp: Bench, tmp_path: Path, compiled: CompiledEdition, people: Sequence[Recipient], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong password is ProviderRefused and is never shown; the right one sends."""
    login = {**smtp.address, "username": "us", "password": {"env": "SEA_PASSWORD"}}
    monkeypatch.setenv("SEA_PASSWORD", "wrong-secret")
    with pytest.raises(ProviderRefused) as caught:
        await build("smtp", tmp_path, **login).send(compiled, people, KEY, Notes())
    assert "wrong-secret" not in str(caught.value)
    monkeypatch.delenv("SEA_PASSWORD")
    with pytest.raises(ProviderRefused, match="SEA_PASSWORD is not set"):
        await build("smtp", tmp_path, **login).check()
    (tmp_path / "password").write_text("right\n")
    notes = Notes()
    await build("smtp", tmp_path, **{**login, "password": {"file": "password"}}).send(compiled, people, KEY, notes)
    assert set(notes.states().values()) == {SendState.ACCEPTED}


async def test_nobody_waits_for_a_connection_that_is_not_needed(
    smtp: Bench, tmp_path: Path, compiled: CompiledEdition, people: Sequence[Recipient]
) -> None:
    """A server that lets further connections hang keeps no finished send open."""
    connections: list[asyncio.StreamWriter] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Hand the first connection on to the real server, and leave all others without a greeting."""
        connections.append(writer)
        if len(connections) == 1:
            back_reader, back_writer = await asyncio.open_connection("127.0.0.1", smtp.address["port"])
            await asyncio.gather(_pass_on(reader, back_writer), _pass_on(back_reader, writer))

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    provider = build("smtp", tmp_path, **{**smtp.address, "port": port, "timeout": 60})
    notes = Notes(connections=3)
    await asyncio.wait_for(provider.send(compiled, people, KEY, notes), 20)
    assert set(notes.states().values()) == {SendState.ACCEPTED}
    await provider.aclose()
    for writer in connections:
        writer.close()
    server.close()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
    writer.close()


async def test_a_failed_login_leaves_no_connection_behind(
    smtp: Bench, tmp_path: Path, compiled: CompiledEdition, people: Sequence[Recipient], monkeypatch: pytest.MonkeyPatch
) -> None:
    """However often a login is refused, nothing stays open."""
    monkeypatch.setenv("SEA_PASSWORD", "wrong-secret")
    login = {**smtp.address, "username": "us", "password": {"env": "SEA_PASSWORD"}}
    provider = build("smtp", tmp_path, **login)
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(5):
        with pytest.raises(ProviderRefused):
            await provider.send(compiled, people, KEY, Notes(connections=4))
    await provider.aclose()
    await asyncio.sleep(0.2)
    assert len(os.listdir("/proc/self/fd")) <= before + 2


async def test_one_who_cannot_be_written_to_costs_nobody_else_anything(
    smtp: Bench, compiled: CompiledEdition, people: Sequence[Recipient]
) -> None:
    """A message that cannot be made is that person's own receipt, to be tried again; the others have theirs."""
    impossible = replace(people[3], message_id=None)  # type: ignore[arg-type]
    notes = Notes()
    await smtp.provider.send(compiled, [*people[:3], impossible, *people[4:]], KEY, notes)
    assert notes.states() == {n: SendState.RETRY if n == 3 else SendState.ACCEPTED for n in range(10)}
