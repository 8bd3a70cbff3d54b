"""What one stranger's connection may take of the process is bounded, and what all of them take together, too."""

import asyncio
import resource
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

import pytest
from starlette.types import Receive, Scope, Send

from dispatch.service.bounds import HURRY, LONGEST_HEAD, LONGEST_TARGET, MOST_IN_LINE, PATIENCE, READING, places
from dispatch.service.front import FrontDoor, WebServer, listen
from dispatch.web.replies import Reply, make_reply

AT_HAND = make_reply(200, {"content-length": "2"}, b"ok")
WELL = b"GET /slow HTTP/1.1\r\nHost: x\r\n"
ASKED = b"GET %s HTTP/1.1\r\nHost: x\r\n\r\n"
LARGE = bytes(32 * 1024 * 1024)


@dataclass(eq=False)
class Pages:
    """A site with a page at hand, one that is answered by the application, one that is late, and a large one."""

    open: asyncio.Event = field(default_factory=asyncio.Event)
    calls: int = 0

    def ready(self, address: bytes, _headers: Sequence[tuple[bytes, bytes]]) -> Reply | None:
        """The page at hand."""
        return AT_HAND if address == b"/quick" else None

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Answer; the body of a request is never read."""
        assert scope["type"] == "http"
        self.calls += 1
        if scope["path"] == "/late":
            await self.open.wait()
        body = LARGE if scope["path"] == "/large" else b"ok"
        await make_reply(200, {"content-length": str(len(body))}, body).send(send)


@dataclass
class Served:
    """The service's own server."""

    pages: Pages
    web: WebServer
    port: int

    async def connect(self, sent: bytes = b"") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection of somebody who sends this."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=4096)
        writer.write(sent)
        return reader, writer

    async def pass_by(self, seconds: int, writer: asyncio.StreamWriter | None = None, byte: bytes = b"") -> None:
        """Let the server believe that time has gone by; somebody sends a byte in each second."""
        for _ in range(seconds):
            await asyncio.sleep(0.002)
            self.web.look()
            if writer is not None and not writer.transport.is_closing():
                writer.write(byte)

    async def settled(self, connections: int) -> int:
        """How many connections there are, once they are so many or a while has gone by."""
        for _ in range(200):
            if len(self.web.server_state.connections) == connections:
                break
            await asyncio.sleep(0.005)
        return len(self.web.server_state.connections)


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    """A server over these pages."""
    pages = Pages()
    web = WebServer(FrontDoor(pages))  # type: ignore[arg-type]
    with listen("127.0.0.1", 0) as listening:
        serving = asyncio.create_task(web.serve(sockets=[listening]))
        while not web.started:  # noqa: ASYNC110  uvicorn sets no event
            await asyncio.sleep(0.005)
        yield Served(pages, web, listening.getsockname()[1])
        pages.open.set()
        web.end()
        await serving


async def all_of(reader: asyncio.StreamReader) -> bytes:
    """What comes until the other side hangs up."""
    got = b""
    try:
        async with asyncio.timeout(5):
            while piece := await reader.read(2**20):
                got += piece
    except ConnectionError:  # the last that was sent to the other side was not read there
        pass
    return got


@pytest.mark.parametrize(
    ("sent", "byte", "answers"),
    [
        (b"", b"", 0),
        (b"", b"\r\n", 0),
        (WELL, b"", 0),
        (WELL + b"X: ", b"a", 0),
        (ASKED % b"/quick", b"", 1),
        (ASKED % b"/slow" + b"G", b"", 1),
        (ASKED % b"/quick" + WELL, b"X", 1),
        (b"POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 9999\r\n\r\n", b"a", 1),
    ],
)
async def test_whoever_sends_no_whole_head_is_let_go(served: Served, sent: bytes, byte: bytes, answers: int) -> None:
    """After ten seconds, the first time as well as after an answer, whatever bytes trickle in meanwhile."""
    reader, writer = await served.connect(sent)
    for _ in range(answers):
        assert (await reader.readuntil(b"ok")).startswith(b"HTTP/1.1 200 OK")
    await served.pass_by(PATIENCE - 2, writer, byte)
    assert await served.settled(1) == 1
    await served.pass_by(4, writer, byte)
    assert await all_of(reader) == b""
    assert await served.settled(0) == 0


async def test_whoever_asks_now_and_then_stays(served: Served) -> None:
    """The seconds are counted anew from each head that is whole."""
    reader, writer = await served.connect()
    for path in (b"/quick", b"/slow") * 3:
        writer.write(ASKED % path)
        assert (await reader.readuntil(b"ok")).startswith(b"HTTP/1.1 200 OK")
        await served.pass_by(PATIENCE - 2)


async def test_an_answer_may_take_its_time(served: Served) -> None:
    """While the application works, nobody is let go."""
    reader, writer = await served.connect(ASKED % b"/late")
    await asyncio.sleep(0.05)
    await served.pass_by(PATIENCE * READING * 2)
    served.pages.open.set()
    assert (await reader.readuntil(b"ok")).startswith(b"HTTP/1.1 200 OK")
    writer.close()


async def test_a_reader_who_takes_nothing_is_let_go(served: Served) -> None:
    """What they were to be sent is forgotten after a minute; who takes a little now and then gets all."""
    _, idle = await served.connect(ASKED % b"/large")
    slow, slow_writer = await served.connect(ASKED % b"/large")
    got = 0
    for _ in range(4):
        await served.pass_by(PATIENCE * READING // 3)
        got += len(await slow.readexactly(6 * 1024 * 1024))
    assert await served.settled(1) == 1
    await slow.readexactly(len(LARGE) - got)
    idle.close()
    slow_writer.close()


async def test_one_connection_too_many_is_closed_at_once(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of the files that may be open are for others than readers; a place that gets free is given anew."""
    monkeypatch.setattr(resource, "getrlimit", lambda _: (20, 20))
    first = [await served.connect() for _ in range(places())]
    assert await served.settled(10) == 10
    more = [await served.connect(ASKED % b"/quick") for _ in range(3)]
    assert [await all_of(reader) for reader, _ in more] == [b"", b"", b""]
    first[0][1].close()
    assert await served.settled(9) == 9
    reader, writer = await served.connect(ASKED % b"/quick")
    assert (await reader.readuntil(b"ok")).startswith(b"HTTP/1.1 200 OK")
    for _, one in [*first, (reader, writer)]:
        one.close()


async def test_a_crowd_is_given_less_time(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """While more than half of all places are taken, silent ones leave soon, and so make room for those who ask."""
    monkeypatch.setattr(resource, "getrlimit", lambda _: (20, 20))
    few = [await served.connect() for _ in range(5)]
    assert await served.settled(5) == 5
    await served.pass_by(HURRY + 2)
    assert await served.settled(5) == 5
    crowd = [await served.connect() for _ in range(4)]
    assert await served.settled(9) == 9
    await served.pass_by(HURRY + 2)
    assert await served.settled(4) <= 5
    for _, one in few + crowd:
        one.close()


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (ASKED % (b"/" + b"a" * LONGEST_TARGET), 414),
        (b"GET /" + b"a" * (LONGEST_HEAD + 1), 414),
        (WELL + b"X: " + b"a" * LONGEST_HEAD + b"\r\n\r\n", 431),
        (WELL + b"X: " + b"a" * 2 * LONGEST_HEAD, 431),
        (WELL + b"".join(b"X%d: a\r\n" % number for number in range(20_000)), 431),
        (b"\r\n" * LONGEST_HEAD, 431),
        (b"POST /late HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: " + b"a" * 2 * LONGEST_HEAD, 0),
    ],
)
async def test_a_head_that_is_too_long_is_refused(served: Served, sent: bytes, status: int) -> None:
    """414 for an address, 431 for the rest, a hang-up for what follows a body: before it is whole, and for good."""
    reader, writer = await served.connect()
    reading = asyncio.create_task(all_of(reader))
    for start in range(0, len(sent), 50_000):
        if not writer.transport.is_closing():
            writer.write(sent[start : start + 50_000])
        await asyncio.sleep(0.01)
    got = await reading
    assert got.startswith(b"HTTP/1.1 %d " % status if status else b"")
    assert got.count(b"HTTP/1.1") == bool(status)
    assert (b"connection: close" in got) == bool(status)
    assert await served.settled(0) == 0
    assert served.pages.calls == (not status)


async def test_what_is_within_the_bounds_is_answered(served: Served) -> None:
    """The longest address and the longest head, whole or in pieces, on one connection."""
    reader, writer = await served.connect()
    address = ASKED % (b"/" + b"a" * (LONGEST_TARGET - 1))
    head = WELL + b"X: " + b"a" * (LONGEST_HEAD - 100) + b"\r\n\r\n"
    for sent in (address, head, address + head):
        for start in range(0, len(sent), 20_000):
            writer.write(sent[start : start + 20_000])
            await asyncio.sleep(0.002)
    for _ in range(4):
        assert (await reader.readuntil(b"ok")).startswith(b"HTTP/1.1 200 OK")
    writer.close()


async def test_a_refusal_never_comes_amid_another_answer(served: Served) -> None:
    """Where an earlier request waits for its answer, the connection ends without a word."""
    reader, _ = await served.connect(ASKED % b"/late" + ASKED % (b"/" + b"a" * LONGEST_TARGET))
    assert await all_of(reader) == b""


async def test_requests_in_line_are_bounded(served: Served) -> None:
    """So many may wait for one that is late; a flood of them is cut off before it has taken any memory."""
    reader, writer = await served.connect(ASKED % b"/late" + ASKED % b"/slow" * MOST_IN_LINE)
    await asyncio.sleep(0.05)
    flooded, _ = await served.connect(ASKED % b"/late" + ASKED % b"/slow" * 10_000)
    assert await all_of(flooded) == b""
    served.pages.open.set()
    for _ in range(1 + MOST_IN_LINE):
        assert (await reader.readuntil(b"ok")).startswith(b"HTTP/1.1 200 OK")
    assert served.pages.calls <= 2 + MOST_IN_LINE
    writer.close()


async def test_a_flood_of_what_is_at_hand_waits_for_its_reader(served: Served) -> None:
    """Whoever asks without reading the answers is not answered into memory for ever."""
    _, writer = await served.connect()
    flood = ASKED % b"/quick" * 2000
    for _ in range(200):
        if writer.is_closing() or writer.transport.get_write_buffer_size() > len(flood):
            break
        writer.write(flood)
        await asyncio.sleep(0.002)
    else:
        pytest.fail("all of it was taken")
    assert all(one.transport.get_write_buffer_size() < 2**20 for one in served.web.server_state.connections)
    writer.transport.abort()


async def test_strangers_do_not_write_the_log(served: Served, capfd: pytest.CaptureFixture[str]) -> None:
    """Neither by what cannot be read nor by asking for another protocol."""
    garbage, _ = await served.connect(b"\x16\x03\x01 what is this\r\n\r\n")
    assert (await all_of(garbage)).startswith(b"HTTP/1.1 400")
    reader, writer = await served.connect(WELL + b"Connection: upgrade\r\nUpgrade: websocket\r\n\r\n")
    assert (await reader.readuntil(b"ok")).startswith(b"HTTP/1.1 200 OK")
    writer.close()
    assert capfd.readouterr() == ("", "")
