"""What else can be in a sender's way: a full disk, a locked store, a second sender."""

import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from faults import CLOSE, Fault, Phase
from faultserver import FaultServer

CONNECTIONS = 3


@pytest.fixture
def server(tmp_path: Path) -> Iterator[FaultServer]:
    """A server that is well, and takes a moment for each message."""
    with FaultServer(tmp_path / "record", delay=0.005).open() as found:
        yield found


@pytest.fixture
def sending(publication: Any, server: FaultServer) -> Any:
    """The publication, sending there; its post waits to be found."""
    provider = server.provider(f"connections = {CONNECTIONS}")
    publication.settings(provider=provider, web='allow_insecure_web = true\nurl = "http://localhost"')
    publication.post("one.md", "One")
    return publication


def _assert_everybody_has_one(publication: Any, server: FaultServer, people: list[str]) -> None:
    assert sorted(server.recipients()) == people
    assert set(publication.report(1).values()) == {"accepted"}


def _finish(publication: Any) -> None:
    """As many passes as it takes; few."""
    for _ in range(4):
        publication.run("run", "--once")
        if "balances" in publication.run("issue", "report", "1").stdout:
            return
    raise AssertionError(publication.run("issue", "report", "1").stdout)


@pytest.mark.parametrize("kilobytes", [2, 90])
def test_a_store_that_cannot_grow_costs_nobody_anything(
    sending: Any, server: FaultServer, tools: Any, kilobytes: int
) -> None:
    """No file may grow beyond that, before or after the messages are out: said in words; then each has one."""
    people = sending.crowd(900)
    server.faults = [Fault(Phase.BANNER, CLOSE)]
    sending.run("run", "--once", "--now", tools.an_hour_ago())  # freezes the issue, and reaches nobody
    server.heal()
    limited = f'ulimit -f {kilobytes}; exec "$@"'
    command = ["bash", "-c", limited, "bash", tools.dispatch, "--config", str(sending.folder), "run", "--once"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "dispatch.db says" in done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert server.taken in ((0,) if kilobytes == 2 else (900,))
    _finish(sending)
    _assert_everybody_has_one(sending, server, people)


@pytest.fixture
def small_disk(publication: Any) -> Iterator[Path]:
    """The publication's folder as a disk of its own, of 16 MB."""
    folder: Path = publication.folder
    mount = ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("Only root can mount a small disk. Type: sudo .venv/bin/pytest tests/acceptance/test_rivals.py")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_disk_that_fills_up_in_the_middle_of_a_send(
    small_disk: Path, sending: Any, server: FaultServer, tools: Any
) -> None:
    """Not a byte is left: the sender stops or waits, and says so; with room again everybody has one."""
    people = sending.crowd(900)
    sender = sending.start("run", "--once")
    assert tools.until(lambda: server.taken > 100)
    filler = small_disk / "filler"
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        while file.write(bytes(4096)):
            pass
    assert server.taken < 900
    assert sender.wait(60) == 1
    filler.unlink()
    _finish(sending)
    _assert_everybody_has_one(sending, server, people)


@contextmanager
def _locked(publication: Any) -> Iterator[None]:
    """Another process's write that does not end."""
    with closing(sqlite3.connect(publication.folder / "dispatch.db", isolation_level=None, timeout=30)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def test_a_store_that_is_locked_for_long_loses_nobody(sending: Any, server: FaultServer, tools: Any) -> None:
    """Fifteen seconds in the middle of a send, longer than a write waits: the service goes on by itself."""
    people = sending.crowd(900)
    with sending.service():
        assert tools.until(lambda: server.taken > 100)
        with _locked(sending):
            time.sleep(15)
        assert tools.until(lambda: set(sending.report(1).values()) == {"accepted"}, 60)
    _assert_everybody_has_one(sending, server, people)


def test_a_pass_that_finds_the_store_locked_says_so(sending: Any, server: FaultServer, tools: Any) -> None:
    """Exit 1 and no traceback; what was sent meanwhile is known to the next pass, and sent once."""
    people = sending.crowd(300)
    sender = sending.start("run", "--once")
    assert tools.until(lambda: server.taken > 50)
    with _locked(sending):
        sender.wait(40)
    said = (sending.folder / "log.txt").read_text()
    assert sender.returncode == 1, said
    assert "Another process holds it" in said
    _finish(sending)
    _assert_everybody_has_one(sending, server, people)


def test_two_passes_at_once_share_the_work(sending: Any, server: FaultServer) -> None:
    """Started together on a store that neither has seen: both end well, nobody has two."""
    people = sending.crowd(900)
    both = [sending.start("run", "--once", log=f"log{number}.txt") for number in (1, 2)]
    assert [one.wait(60) for one in both] == [0, 0], [
        (sending.folder / f"log{number}.txt").read_text() for number in (1, 2)
    ]
    _finish(sending)
    _assert_everybody_has_one(sending, server, people)
    assert server.peak <= CONNECTIONS, "the limit is the provider's, not each process's"


def test_a_pass_beside_the_service_is_a_second_worker(sending: Any, server: FaultServer, tools: Any) -> None:
    """`run --once` during a send of `run`: nobody has two, nobody is missed."""
    people = sending.crowd(900)
    with sending.service():
        assert tools.until(lambda: server.taken > 20)
        sending.once()
        assert tools.until(lambda: set(sending.report(1).values()) == {"accepted"}, 60)
    _assert_everybody_has_one(sending, server, people)
    assert server.peak <= CONNECTIONS, "the limit is the provider's, not each process's"
