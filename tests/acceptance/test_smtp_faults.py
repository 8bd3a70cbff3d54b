"""A server that breaks in any phase of SMTP: nobody missed, nobody twice, by the server's own record."""

import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dispatch.acts import issue as acts
from dispatch.acts.act import Desk
from dispatch.acts.report import IssueReport, issue_report
from dispatch.app import App, open_app
from dispatch.config import read_config
from dispatch.model.delivery import SendState
from dispatch.model.issue import IssueState
from dispatch.publish import run_pass
from faults import CLOSE, OFFERS, SILENCE, Fault, Manner, Phase
from faultserver import FaultServer

CONNECTIONS = 2
GARBAGE = "it is raining in Bremerhaven"
ENDLESS = "\r\n".join(["250-and another thing"] * 5000)
A_WHILE = timedelta(minutes=20)  # longer than any wait for another try
PEOPLE = [f"reader{number:02}@example.org" for number in range(12)]
BO, CY = PEOPLE[4], PEOPLE[7]


@dataclass
class Sending:
    """One issue to twelve people through a server that may break, with a clock that the test turns."""

    publication: Any
    server: FaultServer
    now: datetime = datetime(2026, 6, 2, 12, tzinfo=UTC)
    said: list[str] = field(default_factory=list)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[App]:
        """The publication, as each command opens it; afterwards a while has passed."""
        clock = _clock_from(self.now)
        config = read_config(self.publication.folder)
        async with open_app(config, tell=self.said.append, clock=clock) as app:
            yield app
        self.now = clock() + A_WHILE

    async def once(self) -> IssueReport:
        """What `run --once` does; how the issue stands then."""
        async with self.open() as app:
            await app.engine.housekeeping()
            await run_pass(app.context, app.context.clock(), hold=False)
            await app.engine.drain()
            return await issue_report(Desk(app.context, "test"), 1, list(SendState))

    async def resume(self) -> None:
        """What `issue resume` writes."""
        async with self.open() as app:
            await acts.resume(Desk(app.context, "test"), 1)

    async def until_it_balances(self) -> dict[str, str]:
        """Pass after pass; who stands where in the end."""
        for _ in range(8):
            report = await self.once()
            if report.tally.balances:
                assert report.issue.state is IssueState.SENT
                return states(report)
        raise AssertionError(f"the issue never ends: {report.tally}, {self.said}")

    def assert_proven(self, ledger: dict[str, str]) -> None:
        """By the server's record: nobody twice, and whoever is missing is named as unknown or refused."""
        received = Counter(self.server.recipients())
        assert [who for who, count in received.items() if count > 1] == []
        assert sorted(ledger) == PEOPLE
        assert {who for who, state in ledger.items() if state == "accepted"} <= set(received)
        assert {ledger[who] for who in received} <= {"accepted", "unknown"}
        assert {ledger[who] for who in set(PEOPLE) - set(received)} <= {"unknown", "rejected"}
        assert self.server.wrongs == []


def _clock_from(start: datetime) -> Callable[[], datetime]:
    began = time.monotonic()
    return lambda: start + timedelta(seconds=time.monotonic() - began)


def states(report: IssueReport) -> dict[str, str]:
    """Who stands where."""
    return {row.email: row.state.value for row in report.rows}


def in_state(ledger: dict[str, str], state: str) -> list[str]:
    """Who stands there."""
    return [who for who, its in ledger.items() if its == state]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[FaultServer]:
    """A server that answers; nothing is wrong with it yet."""
    with FaultServer(tmp_path / "record").open() as found:
        yield found


@pytest.fixture
def sending(publication: Any, server: FaultServer) -> Sending:
    """A post and twelve people, to be sent over two connections."""
    _settings(publication, server)
    publication.people(*PEOPLE)
    publication.post("one.md", "Über die Flut", "Ölzeug, und:\n\n.\n\nein Punkt.")
    return Sending(publication, server)


def _settings(publication: Any, server: FaultServer, more: str = "") -> None:
    provider = server.provider(f"connections = {CONNECTIONS}\ntimeout = 0.5\n{more}")
    publication.settings(provider=provider, web='allow_insecure_web = true\nurl = "http://localhost"')


PASSING = [
    Fault(Phase.BANNER, SILENCE),
    Fault(Phase.BANNER, CLOSE),
    Fault(Phase.BANNER, "554 5.3.2 no service here"),
    Fault(Phase.BANNER, "421 4.3.2 too busy"),
    Fault(Phase.BANNER, GARBAGE),
    Fault(Phase.EHLO, SILENCE),
    Fault(Phase.EHLO, CLOSE),
    Fault(Phase.EHLO, "421 4.3.2 too busy"),
    Fault(Phase.EHLO, "502 5.5.1 I know HELO only"),
    *(
        Fault(phase, answer, spare=3)
        for phase in (Phase.MAIL, Phase.RCPT, Phase.DATA)
        for answer in (SILENCE, CLOSE, "451 4.3.0 later", "454 4.7.0 later", "421 4.3.2 going down", GARBAGE)
    ),
    *(
        Fault(Phase.DOT, answer, spare=3)
        for answer in ("451 4.3.0 later", "452 4.3.1 full", "454 4.7.0 later", "421 4.3.2 going down")
    ),
    Fault(Phase.DATA, "250 2.0.0 yes, and no 354", spare=3),
    Fault(Phase.MAIL, ENDLESS, spare=3),
    Fault(Phase.DOT, "250 2.0.0 taken\r\n421 4.3.2 going down", spare=3, keep=True),
    Fault(Phase.RSET, SILENCE),
    Fault(Phase.QUIT, SILENCE),
    Fault(Phase.QUIT, CLOSE),
]


def named(fault: Fault) -> str:
    """What a fault is called in a test's name."""
    return f"{fault.phase}-{fault.answer.splitlines()[0][:9]}{'-kept' if fault.keep else ''}".replace(" ", "-")


@pytest.mark.parametrize("fault", PASSING, ids=named)
async def test_what_breaks_before_a_message_is_handed_over_costs_a_wait_and_nobody(
    sending: Sending, server: FaultServer, fault: Fault
) -> None:
    """While it breaks nobody is burnt or in doubt; once the server is well everybody has one."""
    server.faults = [_fresh(fault)]
    first = await sending.once()
    assert set(states(first).values()) <= {"accepted", "retry", "pending"}
    assert first.issue.state is not IssueState.PAUSED
    server.heal()
    ledger = await sending.until_it_balances()
    sending.assert_proven(ledger)
    assert set(ledger.values()) == {"accepted"}


def _fresh(fault: Fault) -> Fault:
    return Fault(fault.phase, fault.answer, fault.people, fault.spare, fault.times, fault.keep)


DOUBTFUL = [
    Fault(Phase.DOT, CLOSE, spare=3),
    Fault(Phase.DOT, CLOSE, spare=3, keep=True),
    Fault(Phase.DOT, SILENCE, spare=3),
    Fault(Phase.DOT, SILENCE, spare=3, keep=True),
    Fault(Phase.DOT, GARBAGE, spare=3),
    Fault(Phase.DOT, GARBAGE, spare=3, keep=True),
    Fault(Phase.DOT, "354 go on, and on", spare=3),
    Fault(Phase.DOT, "354 go on, and on", spare=3, keep=True),
]


@pytest.mark.parametrize("pipelining", [True, False], ids=["pipelined", "one-by-one"])
@pytest.mark.parametrize("fault", DOUBTFUL, ids=named)
async def test_only_a_message_handed_over_whole_and_never_answered_is_unknown(
    sending: Sending, server: FaultServer, fault: Fault, pipelining: bool
) -> None:
    """The unknown are exactly those whose message the server had whole and did not answer: one a connection."""
    server.offers = OFFERS if pipelining else OFFERS[1:]
    server.faults = [_fresh(fault)]
    first = states(await sending.once())
    doubtful = sorted(server.unanswered)
    assert in_state(first, "unknown") == doubtful
    assert 1 <= len(doubtful) <= server.connections
    server.heal()
    ledger = await sending.until_it_balances()
    sending.assert_proven(ledger)
    assert in_state(ledger, "unknown") == doubtful


@pytest.mark.parametrize("pipelining", [True, False], ids=["pipelined", "one-by-one"])
async def test_a_connection_lost_in_mid_message_leaves_one_in_doubt_at_most(
    sending: Sending, server: FaultServer, pipelining: bool
) -> None:
    """What is in the network's buffers may have arrived: one a connection may be unknown, none is sent twice."""
    server.offers = OFFERS if pipelining else OFFERS[1:]
    server.faults = [Fault(Phase.BODY, CLOSE, spare=3)]
    first = states(await sending.once())
    assert len(in_state(first, "unknown")) <= server.connections
    server.heal()
    ledger = await sending.until_it_balances()
    sending.assert_proven(ledger)
    assert in_state(ledger, "unknown") == in_state(first, "unknown")


REFUSALS = {
    "at-RCPT": [Fault(Phase.RCPT, "550 5.1.1 no such user", people=[BO, CY])],
    "at-RCPT-then-354": [
        Fault(Phase.RCPT, "550 5.1.1 no such user", people=[BO, CY]),
        Fault(Phase.DATA, "354 go on"),  # RFC 2920, section 3.1: then a single dot is to be sent
    ],
    "at-DATA": [Fault(Phase.DATA, "554 5.7.1 no such user", people=[BO, CY])],
    "at-the-dot": [Fault(Phase.DOT, "554 5.7.1 no such user", people=[BO, CY])],
}


@pytest.mark.parametrize("pipelining", [True, False], ids=["pipelined", "one-by-one"])
@pytest.mark.parametrize("where", REFUSALS)
async def test_a_refused_recipient_is_only_that_recipients(
    sending: Sending, server: FaultServer, where: str, pipelining: bool
) -> None:
    """5xx for two of twelve: they are rejected with the server's words, the ten have theirs, no body is for nobody."""
    server.offers = OFFERS if pipelining else OFFERS[1:]
    server.faults = [_fresh(fault) for fault in REFUSALS[where]]
    report = await sending.once()
    ledger = states(report)
    sending.assert_proven(ledger)
    assert in_state(ledger, "rejected") == [BO, CY]
    assert len(in_state(ledger, "accepted")) == 10
    assert ["no such user" in row.detail for row in report.rows if row.email in (BO, CY)] == [True, True]


@pytest.mark.parametrize("answer", ["451 4.7.1 greylisted", "454 4.7.0 later", "421 4.7.0 you again"])
async def test_a_deferred_recipient_comes_back(sending: Sending, server: FaultServer, answer: str) -> None:
    """4xx to one recipient: they wait for another try, nobody is burnt, and then they have theirs."""
    server.faults = [Fault(Phase.RCPT, answer, people=[BO], times=1)]
    first = states(await sending.once())
    assert first[BO] in ("retry", "pending")
    ledger = await sending.until_it_balances()
    sending.assert_proven(ledger)
    assert set(ledger.values()) == {"accepted"}


STOPPING = {
    "sender": ([Fault(Phase.MAIL, "550 5.7.1 not your domain")], OFFERS, "", "not your domain"),
    "login": ([Fault(Phase.AUTH, "535 5.7.8 who are you")], OFFERS, "login", "login of 'hanne'"),
    "size": ([], ("PIPELINING", "8BITMIME", "SIZE 1000"), "", "1,000"),
    "no-starttls": ([], OFFERS, 'tls = "starttls"', "STARTTLS"),
}


@pytest.mark.parametrize("why", STOPPING)
async def test_what_refuses_us_as_a_whole_stops_the_issue_and_says_why(
    sending: Sending, server: FaultServer, publication: Any, why: str
) -> None:
    """Paused with the reason, nobody burnt; mended and resumed, everybody has one."""
    server.faults, server.offers, more, words = STOPPING[why]
    _refuse_with(publication, server, more)
    report = await sending.once()
    assert report.issue.state is IssueState.PAUSED
    assert words in report.issue.note
    assert set(states(report).values()) <= {"pending", "retry"}
    assert server.taken == 0
    server.heal()
    server.offers = OFFERS
    if more.startswith("tls"):
        _settings(publication, server)
    await sending.resume()
    ledger = await sending.until_it_balances()
    sending.assert_proven(ledger)
    assert set(ledger.values()) == {"accepted"}


def _refuse_with(publication: Any, server: FaultServer, more: str) -> None:
    if more == "login":
        server.login = ("hanne", "mole")
        (publication.folder / "word").write_text("mole\n")
        _settings(publication, server, 'username = "hanne"\npassword = { file = "word" }')
    elif more:
        text = (publication.folder / "dispatch.toml").read_text()
        publication.write("dispatch.toml", text.replace('tls = "none"', more))


@pytest.mark.parametrize("answer", ["454 4.7.0 cannot check now", "421 4.3.2 going down", CLOSE, SILENCE])
async def test_a_login_that_cannot_be_checked_now_is_tried_again(
    sending: Sending, server: FaultServer, publication: Any, answer: str
) -> None:
    """4xx to AUTH is a passing trouble (RFC 4954, section 6): no pause, and it goes on by itself."""
    _refuse_with(publication, server, "login")
    server.faults = [Fault(Phase.AUTH, answer)]
    report = await sending.once()
    assert report.issue.state is IssueState.SENDING
    assert server.taken == 0
    server.heal()
    ledger = await sending.until_it_balances()
    sending.assert_proven(ledger)
    assert set(ledger.values()) == {"accepted"}


@pytest.mark.parametrize("answer", ["454 4.7.0 no TLS now", CLOSE, "220 go\r\nand then no TLS"])
async def test_a_tls_that_fails_is_tried_again_and_nothing_goes_in_the_clear(
    sending: Sending, server: FaultServer, publication: Any, answer: str
) -> None:
    """Nobody is burnt, and no message is sent without the encryption that was asked for."""
    _refuse_with(publication, server, 'tls = "starttls"')
    server.offers = (*OFFERS, "STARTTLS")
    server.faults = [Fault(Phase.STARTTLS, answer)]
    report = await sending.once()
    assert set(states(report).values()) <= {"pending", "retry"}
    assert server.taken == 0
    server.heal()
    server.offers = OFFERS
    _settings(publication, server)
    if report.issue.state is IssueState.PAUSED:
        await sending.resume()
    ledger = await sending.until_it_balances()
    sending.assert_proven(ledger)
    assert set(ledger.values()) == {"accepted"}


@pytest.mark.parametrize("pipelining", [True, False], ids=["pipelined", "one-by-one"])
@pytest.mark.parametrize("manner", list(Manner))
async def test_replies_may_come_in_any_shape(
    sending: Sending, server: FaultServer, manner: Manner, pipelining: bool
) -> None:
    """Together, apart, byte by byte, in many lines: all the same; commands are pipelined only where it is offered."""
    server.offers = OFFERS if pipelining else OFFERS[1:]
    server.manner = manner
    ledger = await sending.until_it_balances()
    sending.assert_proven(ledger)
    assert set(ledger.values()) == {"accepted"}
    assert (server.pipelined > 0) == pipelining
    assert server.peak <= CONNECTIONS
    assert all(b"\r\n.\r\n" not in message.data for message in server.messages())


@pytest.mark.parametrize("pipelining", [True, False], ids=["pipelined", "one-by-one"])
async def test_a_server_may_hang_up_after_some_messages(
    sending: Sending, server: FaultServer, pipelining: bool
) -> None:
    """Two a connection, then it hangs up without a word, as some do: one pass serves all, nobody is in doubt."""
    server.offers = OFFERS if pipelining else OFFERS[1:]
    server.messages_a_connection = 2
    ledger = states(await sending.once())
    sending.assert_proven(ledger)
    assert set(ledger.values()) == {"accepted"}


async def test_a_server_that_offers_nothing_is_sent_plain_mail(sending: Sending, server: FaultServer) -> None:
    """No PIPELINING, SIZE, 8BITMIME or SMTPUTF8: none of them is used, and the umlauts arrive."""
    server.offers = ("HELP",)
    ledger = await sending.until_it_balances()
    sending.assert_proven(ledger)
    assert all(message.data.isascii() for message in server.messages())
