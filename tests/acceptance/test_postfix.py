"""A real Postfix takes a thousand messages, encrypted and pipelined."""

import asyncio
import grp
import os
import pwd
import re
import shutil
import socket
import subprocess
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from certificates import sign

PEOPLE = [f"reader{number:04}@example.org" for number in range(1000)]
CONNECTIONS = 4
AS_ROOT = "Only root can start Postfix. Type: sudo .venv/bin/pytest tests/acceptance/test_postfix.py"
pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason=AS_ROOT)

MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
myhostname = postfix.example.org
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
mydestination =
alias_maps =
alias_database =
virtual_mailbox_domains = example.org
virtual_mailbox_base = {folder}/mail
virtual_mailbox_maps = static:all/
virtual_uid_maps = static:{owner}
virtual_gid_maps = static:{group}
virtual_minimum_uid = 1
smtpd_tls_security_level = encrypt
smtpd_tls_cert_file = {folder}/certificate.pem
smtpd_tls_key_file = {folder}/key.pem
smtpd_tls_received_header = yes
smtpd_client_connection_rate_limit = 0
"""
MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
virtual unix - n n - - virtual
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""


@dataclass
class Postfix:
    """A Postfix of our own below a folder; all mail lands in one Maildir."""

    folder: Path
    port: int

    @property
    def certificate(self) -> Path:
        """What a client must trust."""
        return self.folder / "certificate.pem"

    def configure(self) -> None:
        """Write its settings, a certificate that it signed itself, and the folders that it owns."""
        user, group = pwd.getpwnam("postfix").pw_uid, grp.getgrnam("postfix").gr_gid
        for name in ("queue", "data", "mail"):
            (self.folder / name).mkdir()
        for name in ("data", "mail"):
            os.chown(self.folder / name, user, group)
        (self.folder / "main.cf").write_text(MAIN.format(folder=self.folder, owner=user, group=group))
        (self.folder / "master.cf").write_text(MASTER.format(port=self.port))
        sign(self.certificate, self.folder / "key.pem")

    def command(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """`postfix -c FOLDER …`."""
        return subprocess.run(["postfix", "-c", str(self.folder), *words], capture_output=True, text=True, timeout=60)

    @contextmanager
    def running(self) -> Iterator["Postfix"]:
        """Start it; stop it at the end."""
        started = self.command("start")
        assert started.returncode == 0, started.stdout + started.stderr
        try:
            yield self
        finally:
            self.command("stop")

    def mails(self) -> list[Path]:
        """What has been delivered."""
        return list((self.folder / "mail" / "all" / "new").glob("*"))

    def received(self) -> list[dict[str, str]]:
        """Of each message that was delivered: for whom, under which queue id, and how it came."""
        return [_delivery(path.read_text()) for path in self.mails()]


def _delivery(text: str) -> dict[str, str]:
    head = text.partition("\n\n")[0]
    received = re.search(r"^Received: from .*?(?=^\S)", head, re.MULTILINE | re.DOTALL)
    assert received
    to = re.findall(r"^Delivered-To: (\S+)$", head, re.MULTILINE)
    queued = re.search(r" id (\w+)", received[0])
    assert queued
    return {"to": ", ".join(to), "id": queued[1], "how": received[0]}


class Relay:
    """A wire between client and server that counts how often the word passes from one to the other."""

    def __init__(self, target: int) -> None:
        self.turns = 0
        self.connections = 0  # made so far
        self.peak = 0  # the most that were open at once
        self._open = 0
        self._target = target
        self._started = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._socket.getsockname()[1])

    @contextmanager
    def open(self) -> Iterator["Relay"]:
        """Carry bytes both ways."""
        thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        thread.start()
        self._started.wait(10)
        try:
            yield self
        finally:
            self._loop.call_soon_threadsafe(self._ended.set)
            thread.join(10)

    async def _serve(self) -> None:
        self._loop, self._ended = asyncio.get_running_loop(), asyncio.Event()
        async with await asyncio.start_server(self._carry, sock=self._socket):
            self._started.set()
            await self._ended.wait()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._open += 1
        self.peak = max(self.peak, self._open)
        talk = {"speaker": ""}
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
        there = self._copy("client", reader, far_writer, talk)
        await asyncio.gather(there, self._copy("server", far_reader, writer, talk))
        self._open -= 1

    async def _copy(
        self, who: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, talk: dict[str, str]
    ) -> None:
        with suppress(OSError):
            while data := await reader.read(1 << 16):
                self.turns += talk["speaker"] == "server" and who == "client"
                talk["speaker"] = who
                writer.write(data)
                await writer.drain()
        writer.close()


@pytest.fixture
def postfix(tools: Any) -> Iterator[Postfix]:
    """A Postfix that runs; its folder can be entered by its own user, which pytest's cannot."""
    folder = Path(tempfile.mkdtemp(prefix="dispatch-postfix-"))
    folder.chmod(0o755)
    try:
        found = Postfix(folder, tools.free_port())
        found.configure()
        with found.running():
            yield found
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _settings(publication: Any, port: int, more: str) -> None:
    provider = f'[provider]\ntype = "smtp"\nhost = "127.0.0.1"\nport = {port}\nconnections = {CONNECTIONS}\n{more}\n'
    publication.settings(provider=provider, web='allow_insecure_web = true\nurl = "http://localhost"')


def test_a_real_postfix_takes_a_thousand_messages(publication: Any, postfix: Postfix, tools: Any) -> None:
    """Each of a thousand people has one, came encrypted; commands were pipelined; the report holds each queue id."""
    publication.people(*PEOPLE)
    publication.post("one.md", "Über die Flut")
    with Relay(postfix.port).open() as relay:
        _settings(publication, relay.port, f'ca_file = "{postfix.certificate}"')
        publication.once()
    assert tools.until(lambda: len(postfix.mails()) >= len(PEOPLE), 60)
    received = postfix.received()
    assert Counter(one["to"] for one in received) == Counter(PEOPLE)
    assert all("using TLSv1" in one["how"] for one in received)
    assert relay.peak <= CONNECTIONS
    assert relay.connections <= 3 * CONNECTIONS, "connections are kept, not made for each message"
    assert relay.turns < 2 * len(PEOPLE), "one by one, a message takes four turns"
    report = publication.run("issue", "report", "1", "--state", "accepted").stdout
    assert "balances" in report
    queued = dict(re.findall(r"accepted +(\S+@\S+) .*queued as (\w+)", report))
    assert queued == {one["to"]: one["id"] for one in received}


def test_a_certificate_that_nobody_vouches_for_is_refused(publication: Any, postfix: Postfix) -> None:
    """Without `ca_file`: paused before a single message, and the certificate is named as the reason."""
    _settings(publication, postfix.port, "")
    publication.people(*PEOPLE[:3])
    publication.post("one.md", "One")
    done = publication.run("run", "--once")
    assert done.returncode == 1
    assert "certificate" in done.stdout.lower()
    assert set(publication.report(1).values()) <= {"pending", "retry"}
    assert postfix.mails() == []
