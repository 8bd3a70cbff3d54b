"""A publication on disk, the command `dispatch`, an SMTP server, a site with feeds: all of them real."""

import csv
import io
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import feedparser
import pytest
from aiosmtpd.controller import Controller

DISPATCH = str(Path(sys.executable).parent / "dispatch")
PATIENCE = 20  # seconds until something that should happen counts as missed
SETTINGS = """\
[publication]
title = "The Tide Table"
url = "{url}"
description = "Notes from the shore."
timezone = "Europe/Berlin"
author = "Hanne"
email = "editors@tide.example.org"
address = "The Tide Table, Am Hafen 1, 27568 Bremerhaven"

[sources.posts]
type = "folder"
path = "posts"

[lists.news]
title = "Tide News"
cadence = "immediate"
{since}
hold = "{hold}"

{provider}

[web]
{web}
{more}
"""


@dataclass
class Answer:
    """What a server answered, redirects not followed."""

    status: int
    headers: Mapping[str, str]
    body: str


def fetch(url: str, data: bytes | None = None, headers: Mapping[str, str] | None = None) -> Answer:
    """GET, or POST if there is data."""
    try:
        with urlopen(Request(url, data=data, headers=dict(headers or {})), timeout=10) as reply:  # noqa: S310
            return Answer(reply.status, reply.headers, reply.read().decode())
    except HTTPError as error:
        return Answer(error.code, error.headers, error.read().decode())


def until(found: Callable[[], Any], seconds: float = PATIENCE) -> Any:
    """What `found` finds as soon as it finds something; its last answer when the time is up."""
    end = time.monotonic() + seconds
    while not (answer := found()) and time.monotonic() < end:
        time.sleep(0.02)
    return answer


def free_port() -> int:
    """A port on loopback that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def markdown(title: str, body: str = "A few words.", **fields: str) -> str:
    """A post as Hugo writes it."""
    lines = "".join(f"{name}: {value}\n" for name, value in {"date": "2026-06-01", **fields}.items())
    return f"---\ntitle: {title}\n{lines}---\n\n{body}\n"


def an_hour_ago() -> str:
    """A moment whose retries are due by now, and that is not so long ago that an issue would ask."""
    return (datetime.now(UTC) - timedelta(hours=1)).isoformat()


@dataclass
class Running:
    """A service that runs."""

    process: "subprocess.Popen[str]"
    url: str
    log: Path

    def get(self, path: str, **headers: str) -> Answer:
        """GET a path or an address of this service."""
        return fetch(path if path.startswith("http") else self.url + path, headers=headers)

    def post(self, url: str, data: bytes = b"List-Unsubscribe=One-Click") -> Answer:
        """POST as a mail client does (RFC 8058)."""
        return fetch(url, data)

    def stop(self) -> int:
        """SIGTERM; the exit code. Raises TimeoutExpired after five seconds."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(5)


@dataclass
class Publication:
    """A folder with a dispatch.toml, and the command line on it."""

    folder: Path
    env: dict[str, str] = field(default_factory=dict)
    program: tuple[str, ...] = (DISPATCH,)

    def settings(
        self,
        provider: str = '[provider]\ntype = "outbox"',
        web: str = "",
        since: str = "since = 2026-01-01",
        hold: str = "1 second",
        url: str = "https://tide.example.org",
        more: str = "",
    ) -> "Publication":
        """Write dispatch.toml."""
        text = SETTINGS.format(provider=provider, web=web, since=since, hold=hold, url=url, more=more)
        self.write("dispatch.toml", text)
        (self.folder / "posts").mkdir(exist_ok=True)
        return self

    def write(self, name: str, content: str | bytes) -> Path:
        """A file of the publication."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def post(self, name: str, title: str, body: str = "A few words.", **fields: str) -> Path:
        """A Markdown post below posts/."""
        return self.write(f"posts/{name}", markdown(title, body, **fields))

    def people(self, *addresses: str, list_slug: str = "news") -> None:
        """The list's subscribers' file."""
        self.write(f"subscribers/{list_slug}.csv", "email\n" + "".join(f"{one}\n" for one in addresses))

    def crowd(self, size: int) -> list[str]:
        """That many subscribers."""
        addresses = [f"reader{number:03}@example.org" for number in range(size)]
        self.people(*addresses)
        return addresses

    def run(self, *arguments: str, timeout: float = 60) -> "subprocess.CompletedProcess[str]":
        """`dispatch --config FOLDER ARGUMENTS`; no traceback may ever be seen."""
        done = subprocess.run(self._command(*arguments), capture_output=True, text=True, timeout=timeout, env=self._env)
        assert "Traceback" not in done.stdout + done.stderr, done.stderr
        assert "a fault of ours" not in done.stderr, done.stderr
        return done

    def slowly_read(self, *arguments: str, pause: float = 1.0) -> str:
        """What the command says, unbuffered, to a program that reads nothing of it for a while."""
        env = {**self._env, "PYTHONUNBUFFERED": "1"}
        with subprocess.Popen(self._command(*arguments), stdout=subprocess.PIPE, text=True, env=env) as started:
            time.sleep(pause)
            assert started.stdout is not None
            return started.stdout.read()

    def once(self, *arguments: str) -> str:
        """`run --once`, which must succeed; what it said."""
        done = self.run("run", "--once", *arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def start(self, *arguments: str, log: str = "log.txt") -> "subprocess.Popen[str]":
        """The command in the background; what it says goes to a file."""
        with (self.folder / log).open("w") as said:
            return subprocess.Popen(
                self._command(*arguments), stdout=said, stderr=subprocess.STDOUT, text=True, env=self._env
            )

    @contextmanager
    def service(self, port: int | None = None) -> Iterator[Running]:
        """`dispatch run`, from its first healthy answer on; SIGTERM ends it."""
        chosen = port or free_port()
        process = self.start("run", "--port", str(chosen), log=f"log-{chosen}.txt")
        running = Running(process, f"http://127.0.0.1:{chosen}", self.folder / f"log-{chosen}.txt")
        try:
            until(lambda: process.poll() is not None or _healthy(running.url))
            assert process.poll() is None, running.log.read_text()
            yield running
        finally:
            process.terminate()
            try:
                process.wait(10)
            finally:
                process.kill()
        assert "Traceback" not in running.log.read_text(), running.log.read_text()

    def mails(self) -> list[EmailMessage]:
        """What is in the outbox."""
        return [parsed(path.read_bytes()) for path in sorted((self.folder / "outbox" / "new").glob("*.eml"))]

    def mailed(self) -> list[str]:
        """Who has how many files in the outbox: one address a file."""
        return sorted(address_of(mail["To"]) for mail in self.mails())

    def feed(self, name: str = "feed.xml") -> Any:
        """A feed below public/, as feedparser reads it."""
        return feedparser.parse((self.folder / "public" / name).read_bytes())

    def titles(self) -> list[str]:
        """The titles in the feed, newest first."""
        return [entry.title for entry in self.feed().entries]

    def report(self, number: int, *states: str) -> dict[str, str]:
        """`issue report N --csv`: address → send state."""
        options = [part for state in states for part in ("--state", state)]
        done = self.run("issue", "report", str(number), "--csv", *options)
        assert done.returncode == 0, done.stderr
        return {row["email"]: row["state"] for row in csv.DictReader(io.StringIO(done.stdout))}

    @property
    def _env(self) -> dict[str, str]:
        return {**os.environ, **self.env}

    def _command(self, *arguments: str) -> list[str]:
        return [*self.program, "--config", str(self.folder), *arguments]


def _healthy(url: str) -> bool:
    try:
        return fetch(f"{url}/healthz").status == 200
    except OSError:
        return False


def parsed(data: bytes) -> EmailMessage:
    """A message as Python's own parser sees it."""
    message = message_from_bytes(data, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def address_of(header: Any) -> str:
    """The one address in a To header."""
    return str(header.addresses[0].addr_spec)


@dataclass
class Inbox:
    """A real SMTP server's own record."""

    port: int = field(default_factory=free_port)
    messages: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)  # one entry a message taken
    refusals: dict[str, str] = field(default_factory=dict)  # address: what RCPT answers
    delay: float = 0  # seconds that each DATA takes

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        """Take or refuse a recipient."""
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """Take a message; from this moment on it counts as received."""
        self.recipients.extend(envelope.rcpt_tos)
        self.messages.append(parsed(envelope.content))
        if self.delay:
            import asyncio

            await asyncio.sleep(self.delay)
        return "250 OK"

    def provider(self, more: str = 'tls = "none"') -> str:
        """The [provider] table that sends here."""
        return f'[provider]\ntype = "smtp"\nhost = "127.0.0.1"\nport = {self.port}\n{more}\n'

    @contextmanager
    def open(self, **options: Any) -> Iterator["Inbox"]:
        """Answer on the port."""
        controller = Controller(self, hostname="127.0.0.1", port=self.port, **options)
        controller.start()
        try:
            yield self
        finally:
            controller.stop()


@dataclass
class Site:
    """Another site on loopback: documents by path, and who asked for what."""

    url: str = ""
    pages: dict[str, tuple[str, bytes]] = field(default_factory=dict)  # path: media type, body
    asked: list[tuple[str, dict[str, str], int]] = field(default_factory=list)  # path, headers, status

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        """Answer as servers do that know conditional requests."""
        kind, body = self.pages.get(request.path, ("text/plain", b""))
        etag = f'"{hash(body):x}"'
        status = 404 if request.path not in self.pages else 304 if request.headers["If-None-Match"] == etag else 200
        self.asked.append((request.path, {name.lower(): value for name, value in request.headers.items()}, status))
        request.send_response(status)
        for name, value in {"ETag": etag, "Content-Type": kind, "Connection": "close"}.items():
            request.send_header(name, value)
        request.end_headers()
        if status == 200:
            request.wfile.write(body)


@pytest.fixture
def site() -> Iterator[Site]:
    """A web server of somebody else's."""
    found = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.answer(self)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield found
    server.shutdown()
    server.server_close()


@pytest.fixture
def publication(tmp_path: Path, blank_file: Path) -> Publication:
    """A publication written by hand, with one list, an outbox and nobody to read it yet; its store is made."""
    made = Publication(tmp_path / "tide").settings()
    shutil.copy(blank_file, made.folder / "dispatch.db")
    return made


@pytest.fixture
def started(publication: Publication) -> Publication:
    """A publication with one reader that has seen its first pass: what comes now is new."""
    publication.people("ada@example.org")
    publication.post("old.md", "An old post", date="2020-01-01")
    publication.once()
    return publication


@pytest.fixture
def inbox() -> Inbox:
    """A mail server, not open yet."""
    return Inbox()


@pytest.fixture
def by_smtp(publication: Publication, inbox: Inbox) -> Publication:
    """The publication, sending through the inbox."""
    return publication.settings(provider=inbox.provider(), web='allow_insecure_web = true\nurl = "http://localhost"')


@pytest.fixture
def served(publication: Publication) -> Iterator[Callable[..., Any]]:
    """A function that gives the publication an address of its own and runs its service."""

    @contextmanager
    def serve(**settings: str) -> Iterator[Running]:
        port = free_port()
        publication.settings(url=f"http://127.0.0.1:{port}", **settings)
        with publication.service(port) as running:
            yield running

    return serve


@pytest.fixture(scope="session")
def tools() -> SimpleNamespace:
    """The small functions above, for tests that need them by themselves."""
    return SimpleNamespace(
        fetch=fetch,
        until=until,
        free_port=free_port,
        an_hour_ago=an_hour_ago,
        markdown=markdown,
        address_of=address_of,
        parsed=parsed,
        Publication=Publication,
        dispatch=DISPATCH,
        which=shutil.which,
    )
