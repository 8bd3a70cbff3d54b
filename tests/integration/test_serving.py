"""Feeds and pages over real connections: what is at hand is what the application would have said, and never stale."""

import asyncio
import gzip
import hashlib
import os
import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import brotli
import pytest
from starlette.types import Receive, Scope, Send

from dispatch.service.front import FrontDoor, WebServer, listen
from dispatch.web.app import Site
from dispatch.web.feed_links import FeedLinks
from dispatch.web.files import PublicFiles

FEED = b"<rss>" + b"tides and the sea " * 9000 + b"</rss>"


@dataclass
class Answer:
    """One answer as it came over the line."""

    status: int
    headers: dict[str, str]
    body: bytes


class Line:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def ask(self, path: str, method: str = "GET", version: str = "1.1", **headers: str) -> Answer:
        """One request and its answer."""
        self.write(path, method, version, **headers)
        return await self.answer(method)

    def write(self, path: str, method: str = "GET", version: str = "1.1", **headers: str) -> None:
        """Send a request, and wait for nothing."""
        lines = [
            f"{method} {path} HTTP/{version}",
            "Host: x",
            *(f"{k.replace('_', '-')}: {v}" for k, v in headers.items()),
        ]
        self.writer.write("\r\n".join([*lines, "", ""]).encode("latin-1"))

    async def answer(self, method: str = "GET") -> Answer:
        """The next answer."""
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").splitlines()
        headers = dict(line.lower().split(": ", 1) for line in head[1:-1])
        status = int(head[0].split()[1])
        length = 0 if method == "HEAD" or status == 304 else int(headers["content-length"])
        return Answer(status, headers, await self.reader.readexactly(length))


class Counted:
    """An application that counts how often it was called."""

    def __init__(self, files: PublicFiles) -> None:
        self.files, self.calls = files, 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count, and answer."""
        self.calls += 1
        await self.files(scope, receive, send)


@dataclass
class Server:
    """A server over a folder."""

    public: Path
    port: int
    application: Counted
    door: FrontDoor
    web: WebServer

    @asynccontextmanager
    async def line(self) -> AsyncIterator[Line]:
        """A connection to it."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            yield Line(reader, writer)
        finally:
            writer.close()

    async def is_at_hand(self, path: str, **headers: str) -> bool:
        """Whether the same request, asked over and over, comes to be answered without the application."""
        async with self.line() as line:
            for _ in range(40):
                before = self.application.calls
                await line.ask(path, **headers)
                if self.application.calls == before:
                    return True
                await asyncio.sleep(0.01)
        return False

    def put(self, name: str, data: bytes) -> None:
        """Replace a file in one step, as the publication does."""
        new = self.public / ".new"
        new.write_bytes(data)
        (self.public / name).parent.mkdir(parents=True, exist_ok=True)
        os.replace(new, self.public / name)


def site(folder: Path) -> tuple[Counted, Site]:
    """What is below a folder, and the site that shows it."""
    files = PublicFiles(folder, b"<h1>Nothing</h1>", FeedLinks("https://news.example.org", ("https://hub.example/",)))
    application = Counted(files)
    return application, Site(application, files)


@pytest.fixture
def public(tmp_path: Path) -> Iterator[Path]:
    """A feed, a page, a sound."""
    folder = tmp_path / "public"
    (folder / "posts/a").mkdir(parents=True)
    (folder / "feed.xml").write_bytes(FEED)
    (folder / "index.html").write_bytes(b"<h1>Home</h1>")
    (folder / "posts/a/index.html").write_bytes(b"<h1>A</h1>")
    (folder / "sound.mp3").write_bytes(bytes(range(256)) * 8000)
    return folder


@pytest.fixture
async def server(public: Path) -> AsyncIterator[Server]:
    """The service's own server over the folder."""
    application, shown = site(public)
    door = FrontDoor(shown)
    web = WebServer(door)
    with listen("127.0.0.1", 0) as listening:
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # as uvloop, on which the service runs, has it
        serving = asyncio.create_task(web.serve(sockets=[listening]))
        while not web.started:  # noqa: ASYNC110  uvicorn sets no event
            await asyncio.sleep(0.005)
        yield Server(public, listening.getsockname()[1], application, door, web)
        web.end()
        await serving


REQUESTS = {
    "as it is": {},
    "gzip": {"Accept_Encoding": "gzip"},
    "brotli": {"Accept_Encoding": "gzip, deflate, br"},
    "unread": {"If_None_Match": '"other"'},
    "known by a star": {"If_None_Match": "*", "Accept_Encoding": "gzip"},
    "known by its date": {"If_Modified_Since": "Fri, 01 Jan 2100 00:00:00 GMT"},
}


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("name", REQUESTS)
async def test_what_is_at_hand_is_what_the_application_says(server: Server, method: str, name: str) -> None:
    """The same status, headers and bytes, without the application."""
    asked = REQUESTS[name]
    assert await server.is_at_hand("/feed.xml", **asked)
    async with server.line() as line:
        quick = await line.ask("/feed.xml", method, **asked)
        slow = await line.ask("/feed.xml?by=hand", method, **asked)
    for answer in (quick, slow):
        del answer.headers["date"]
    assert quick == slow


async def test_the_bytes_are_the_files(server: Server) -> None:
    """Each packing comes out as the file, also when it is at hand."""
    unpack = {"identity": bytes, "gzip": gzip.decompress, "br": brotli.decompress}
    for coding, unpacked in unpack.items():
        assert await server.is_at_hand("/feed.xml", Accept_Encoding=coding)
        async with server.line() as line:
            answer = await line.ask("/feed.xml", Accept_Encoding=coding)
        assert answer.headers.get("content-encoding", "identity") == coding
        assert unpacked(answer.body) == FEED


async def test_a_first_reader_does_not_wait_for_the_best_packing(server: Server) -> None:
    """Who takes brotli and gzip gets gzip at once; brotli is for those who come later."""
    assert await server.is_at_hand("/feed.xml")
    async with server.line() as line:
        answer = await line.ask("/feed.xml", Accept_Encoding="gzip, br")
    assert answer.headers["content-encoding"] == "gzip"
    assert await server.is_at_hand("/feed.xml", Accept_Encoding="gzip, br")


async def test_known_tags_in_any_spelling_are_304_without_the_application(server: Server) -> None:
    """Lists, weak tags, tags of another packing: polls cost next to nothing."""
    assert await server.is_at_hand("/feed.xml", Accept_Encoding="gzip")
    async with server.line() as line:
        tag = (await line.ask("/feed.xml", Accept_Encoding="gzip")).headers["etag"]
        calls = server.application.calls
        for known in (tag, f"W/{tag}", f'"a", W/"b" ,{tag}', "*"):
            answer = await line.ask("/feed.xml", If_None_Match=known)
            assert answer.status == 304
        assert server.application.calls == calls


async def test_a_change_is_seen_by_the_next_request(server: Server) -> None:
    """However often a feed is replaced, whoever asks after that gets the new one under a tag of its own."""
    assert await server.is_at_hand("/feed.xml")
    async with server.line() as line:
        for number in range(60):
            body = f"<rss>{number % 7}</rss>".encode()
            server.put("feed.xml", body)
            for _ in range(2):
                answer = await line.ask("/feed.xml")
                assert answer.body == body
                assert answer.headers["etag"] == f'"{hashlib.sha256(body).hexdigest()[:32]}"'


async def test_nobody_gets_half_of_a_feed(server: Server) -> None:
    """While a feed is replaced again and again, every answer is one of its states whole, under that one's tag."""
    states = [b"<rss>" + bytes([65 + number]) * 200_000 + b"</rss>" for number in range(4)]

    def replace_often() -> None:
        end = time.monotonic() + 0.7
        while time.monotonic() < end:
            for state in states:
                server.put("feed.xml", state)

    async with server.line() as line:
        writing = asyncio.create_task(asyncio.to_thread(replace_often))
        served = 0
        while not writing.done():
            answer = await line.ask("/feed.xml")
            if answer.status == 200 and answer.body != FEED:
                assert answer.body in states
                assert answer.headers["etag"] == f'"{hashlib.sha256(answer.body).hexdigest()[:32]}"'
                served += 1
    assert served > 5


async def test_withdrawal_and_redirects_reach_what_is_at_hand(server: Server) -> None:
    """A mark, a line in `_redirects`, a file that is taken away: each counts from the next request on."""
    assert await server.is_at_hand("/feed.xml")
    assert await server.is_at_hand("/posts/a/")
    async with server.line() as line:
        server.put("posts/a/.gone", b"")
        assert (await line.ask("/posts/a/")).status == 410
        assert (await line.ask("/posts/a/", "HEAD")).status == 410
        server.put("_redirects", b"/feed.xml /lists/a/feed.xml 301\n")
        moved = await line.ask("/feed.xml")
        assert (moved.status, moved.headers["location"]) == (301, "/lists/a/feed.xml")
        server.put("_redirects", b"")
        assert (await line.ask("/feed.xml")).status == 200
        (server.public / "feed.xml").unlink()
        assert (await line.ask("/feed.xml")).status == 404


async def test_a_person_is_led_to_the_page_from_a_feed_at_hand(server: Server) -> None:
    """303 for the window of a browser, the feed for everybody else, on one connection."""
    server.put("follow/index.html", b"<h1>Follow</h1>")
    assert await server.is_at_hand("/feed.xml")
    async with server.line() as line:
        visit = await line.ask("/feed.xml", Sec_Fetch_Mode="navigate", Sec_Fetch_Dest="document")
        assert (visit.status, visit.headers["location"]) == (303, "./follow/")
        assert (await line.ask("/feed.xml")).status == 200


async def test_what_is_hidden_stays_hidden(server: Server, tmp_path: Path) -> None:
    """Marks, control files, links out of the folder: 404 however they are spelt."""
    (tmp_path / "secret.txt").write_text("secret")
    (server.public / "link.txt").symlink_to(tmp_path / "secret.txt")
    server.put("posts/a/.gone", b"")
    server.put("_redirects", b"")
    async with server.line() as line:
        for path in (
            "/posts/a/.gone",
            "/_redirects",
            "/%5fredirects",
            "/link.txt",
            "/..%2fsecret.txt",
            "//../secret.txt",
        ):
            for _ in range(2):
                assert (await line.ask(path)).status == 404


async def test_players_move_about_in_a_sound(server: Server) -> None:
    """200 says that there are parts; 206 sends one, as often as asked; 416 where the file has ended."""
    whole = bytes(range(256)) * 8000
    async with server.line() as line:
        first = await line.ask("/sound.mp3")
        assert (first.body, first.headers["accept-ranges"]) == (whole, "bytes")
        for start in (0, 255, 2_000_000):
            part = await line.ask("/sound.mp3", Range=f"bytes={start}-", If_Range=first.headers["etag"])
            assert (part.status, part.body) == (206, whole[start:])
        assert (await line.ask("/sound.mp3", Range="bytes=2048000-")).status == 416
        assert (await line.ask("/sound.mp3", "HEAD")).headers["content-length"] == "2048000"


async def test_requests_in_one_breath_are_answered_in_their_order(server: Server) -> None:
    """What is at hand does not overtake what was asked before it (RFC 9112, section 9.3.2)."""
    assert await server.is_at_hand("/feed.xml")
    asked = ["/feed.xml", "/posts/a/?x", "/feed.xml", "/nothing", "/feed.xml"]
    async with server.line() as line:
        for path in asked:
            line.write(path)
        answers = [await line.answer() for _ in asked]
    assert [answer.status for answer in answers] == [200, 200, 200, 404, 200]
    assert answers[0].body == answers[2].body == answers[4].body == FEED


async def test_whoever_wants_another_state_gets_nothing_that_is_at_hand(server: Server) -> None:
    """412 as the application says it, and the file again right after."""
    assert await server.is_at_hand("/feed.xml")
    async with server.line() as line:
        assert (await line.ask("/feed.xml", If_Match='"other"')).status == 412
        assert (await line.ask("/feed.xml", If_Unmodified_Since="Thu, 01 Jan 1970 00:00:00 GMT")).status == 412
        assert (await line.ask("/feed.xml")).body == FEED


async def test_no_spelling_of_an_address_takes_memory(server: Server) -> None:
    """Any number of slashes leads to the feed, but such addresses are not kept, for there is no end of them."""
    assert await server.is_at_hand("/" * 1000 + "feed.xml")
    assert not await server.is_at_hand("/" * 2000 + "feed.xml")
    async with server.line() as line:
        assert (await line.ask("/" * 2000 + "feed.xml")).body == FEED


@pytest.mark.parametrize(("version", "headers"), [("1.0", {}), ("1.1", {"Connection": "close"})])
async def test_who_wants_to_part_is_let_go(server: Server, version: str, headers: dict[str, str]) -> None:
    """The connection ends after the answer where the reader says so."""
    assert await server.is_at_hand("/feed.xml")
    async with server.line() as line:
        assert (await line.ask("/feed.xml", version=version, **headers)).body == FEED
        assert await line.reader.read() == b""


async def test_a_request_with_a_body_disturbs_nobody(server: Server) -> None:
    """A GET may carry one, a POST is refused, and the next request on the line is understood."""
    assert await server.is_at_hand("/feed.xml")
    async with server.line() as line:
        line.write("/feed.xml", Content_Length="5")
        line.writer.write(b"hello")
        assert (await line.answer()).body == FEED
        line.write("/feed.xml", "POST", Content_Length="5")
        line.writer.write(b"hello")
        refused = await line.answer()
        assert (refused.status, refused.headers["allow"]) == (405, "get, head")
        assert (await line.ask("/feed.xml")).body == FEED


async def test_other_settings_are_in_force_on_open_connections(server: Server, tmp_path: Path) -> None:
    """Once the door leads to another site, what was at hand in the former one is not shown any more."""
    assert await server.is_at_hand("/feed.xml")
    other = tmp_path / "other"
    other.mkdir()
    (other / "feed.xml").write_bytes(b"<rss>other</rss>")
    async with server.line() as line:
        await line.ask("/feed.xml")
        await server.door.lead_to(site(other)[1])
        assert (await line.ask("/feed.xml")).body == b"<rss>other</rss>"


async def test_quiet_readers_do_not_hold_up_the_end(server: Server) -> None:
    """A connection that is kept open after an answer at hand is closed when the service stops."""
    assert await server.is_at_hand("/feed.xml")
    async with server.line() as line:
        await line.ask("/feed.xml")
        server.web.end()
        assert await asyncio.wait_for(line.reader.read(), 2) == b""
