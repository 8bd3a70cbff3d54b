"""A server that accepts connections and never answers: editors can still act, and nothing is lost."""

import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from faults import SILENCE, Fault, Phase
from faultserver import FaultServer

SOON = 4  # seconds in which an act must be felt: two, and two more for a busy machine
FAIR = 5  # seconds that a message handed over just before a pause is given to be answered
DEAD = {
    "never-greets": Fault(Phase.BANNER, SILENCE),
    "never-answers-MAIL": Fault(Phase.MAIL, SILENCE, spare=3),
    "never-answers-after-the-dot": Fault(Phase.DOT, SILENCE, spare=3, keep=True),
}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[FaultServer]:
    """A server, alive so far."""
    with FaultServer(tmp_path / "record").open() as found:
        yield found


@pytest.fixture
def stuck(publication: Any, server: FaultServer) -> Any:
    """Twelve people, two connections, and all the patience of the default settings."""
    publication.settings(
        provider=server.provider("connections = 2"), web='allow_insecure_web = true\nurl = "http://localhost"'
    )
    publication.crowd(12)
    publication.post("one.md", "One")
    return publication


def _die(server: FaultServer, how: str) -> None:
    fault = DEAD[how]
    server.faults = [Fault(fault.phase, fault.answer, spare=fault.spare, keep=fault.keep)]


def _assert_proven(publication: Any, server: FaultServer) -> dict[str, str]:
    """By the server's record nobody has two, and the ledger says the same; it, by address."""
    ledger: dict[str, str] = publication.report(1)
    received = Counter(server.recipients())
    assert set(received.values()) <= {1}
    assert {who for who, state in ledger.items() if state == "accepted"} <= set(received)
    assert {ledger[who] for who in received} <= {"accepted", "unknown"}
    assert sorted(who for who, state in ledger.items() if state == "unknown") == sorted(server.unanswered)
    return ledger


@pytest.mark.parametrize("how", DEAD)
def test_pause_ends_a_send_that_is_stuck(stuck: Any, server: FaultServer, tools: Any, how: str) -> None:
    """The sender lets go within seconds; resumed on a server that is well, everybody else has theirs, once."""
    _die(server, how)
    sender = stuck.start("run", "--once")
    assert tools.until(lambda: server.silent)
    assert stuck.run("issue", "pause", "1").returncode == 0
    sender.wait(SOON + FAIR if server.unanswered else SOON)
    assert tools.until(lambda: not server.open_now, SOON)
    waiting = _assert_proven(stuck, server)
    assert set(waiting.values()) <= {"accepted", "pending", "retry", "unknown"}
    server.heal()
    resumed = stuck.run("issue", "resume", "1", "--yes")
    assert resumed.returncode == 0, resumed.stderr
    ledger = _assert_proven(stuck, server)
    assert set(ledger.values()) <= {"accepted", "unknown"}
    assert "balances" in stuck.run("issue", "report", "1").stdout


@pytest.mark.parametrize("how", ["never-greets", "never-answers-after-the-dot"])
def test_cancel_ends_a_send_of_the_service_that_is_stuck(stuck: Any, server: FaultServer, tools: Any, how: str) -> None:
    """Within seconds the connections are gone and the sum balances; nobody is mailed any more."""
    _die(server, how)
    with stuck.service():
        assert tools.until(lambda: server.silent)
        assert stuck.run("issue", "cancel", "1").returncode == 0
        acted = time.monotonic()
        assert tools.until(lambda: not server.open_now, SOON)
        assert tools.until(lambda: "balances" in stuck.run("issue", "report", "1").stdout, SOON)
        assert time.monotonic() - acted < SOON + 2, "looking takes a while too"
    ledger = _assert_proven(stuck, server)
    assert set(ledger.values()) <= {"accepted", "cancelled", "unknown"}
    server.heal()
    stuck.run("run", "--once")
    assert stuck.report(1) == ledger


@pytest.mark.parametrize("how", ["never-greets", "never-answers-after-the-dot"])
def test_the_service_stops_in_seconds(stuck: Any, server: FaultServer, tools: Any, how: str) -> None:
    """SIGTERM does not wait for a dead server; the next start finds out what became of it."""
    _die(server, how)
    with stuck.service() as running:
        assert tools.until(lambda: server.silent)
        assert running.stop() == 0
    server.heal()
    assert stuck.run("run", "--once").returncode == 0
    ledger = _assert_proven(stuck, server)
    assert set(ledger.values()) <= {"accepted", "unknown"}


def test_a_person_is_told_who_is_in_doubt(stuck: Any, server: FaultServer, tools: Any) -> None:
    """`status` is exit 1 and names each of them, and so does the report with --state unknown."""
    _die(server, "never-answers-after-the-dot")
    sender = stuck.start("run", "--once")
    assert tools.until(lambda: server.silent == 2)
    stuck.run("issue", "pause", "1")
    sender.wait(SOON + FAIR)
    doubtful = sorted(server.unanswered)
    assert len(doubtful) == 2
    assert sorted(stuck.report(1, "unknown")) == doubtful
    status = stuck.run("status")
    assert status.returncode == 1
    assert all(f"unknown   issue 1: {who}" in status.stdout for who in doubtful)


def test_a_refused_sender_is_in_the_status(stuck: Any, server: FaultServer) -> None:
    """Exit 1, the sender's address and the server's own words."""
    server.faults = [Fault(Phase.MAIL, "550 5.7.1 not your domain")]
    assert stuck.run("run", "--once").returncode == 1
    status = stuck.run("status")
    assert status.returncode == 1
    assert "paused" in status.stdout
    assert "tide.example.org" in status.stdout
    assert "550 5.7.1 not your domain" in status.stdout
