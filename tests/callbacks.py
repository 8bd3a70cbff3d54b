"""A web server on loopback that plays the subscribers of a WebSub hub, and other people's hubs."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

PATIENCE = 5.0  # seconds until a test that waits for a request has failed


@dataclass(frozen=True)
class Request:
    """What was sent to it."""

    method: str
    target: str  # path and query
    headers: dict[str, str]  # names in lower case
    body: bytes

    @property
    def query(self) -> dict[str, str]:
        """The last value of each parameter."""
        return {name: values[-1] for name, values in parse_qs(urlsplit(self.target).query).items()}


Answer = tuple[int, bytes]
Play = Callable[[Request], Answer]


def willing(request: Request) -> Answer:
    """Confirm whatever is asked, and take whatever comes."""
    return 200, request.query.get("hub.challenge", "").encode()


@dataclass
class Callbacks:
    """The server; `play` says what it answers to a path, and is `willing` where nothing is said."""

    base: str = ""
    port: int = 0
    play: dict[str, Play] = field(default_factory=dict)
    slow: dict[str, float] = field(default_factory=dict)  # seconds before an answer, by path
    got: list[Request] = field(default_factory=list)
    most: Counter[str] = field(default_factory=Counter)  # requests answered at once, by the host they were sent to
    _now: Counter[str] = field(default_factory=Counter)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def at(self, path: str, method: str = "") -> list[Request]:
        """What came to a path."""
        return [one for one in self.got if urlsplit(one.target).path == path and method in ("", one.method)]

    async def wait_for(self, path: str, method: str, count: int = 1) -> list[Request]:
        """Wait until so many requests have come."""
        async with asyncio.timeout(PATIENCE):
            while len(found := self.at(path, method)) < count:
                self._news.clear()
                await self._news.wait()
        return found

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request."""
        try:
            request = await _read(reader)
            self.got.append(request)
            self._news.set()
            path, host = urlsplit(request.target).path, request.headers["host"]
            self._now[host] += 1
            self.most[host] = max(self.most[host], self._now[host])
            await asyncio.sleep(self.slow.get(path, 0))
            self._now[host] -= 1
            status, body = self.play.get(path, willing)(request)
            location = "Location: /moved\r\n" if 300 <= status < 400 else ""
            head = f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\n{location}Connection: close\r\n\r\n"
            writer.write(head.encode() + body)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


async def _read(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.strip().split("\r\n")
    method, target, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return Request(method, target, headers, await reader.readexactly(int(headers.get("content-length", 0))))


@asynccontextmanager
async def answering() -> AsyncIterator[Callbacks]:
    """The server while it is up."""
    callbacks = Callbacks()
    server = await asyncio.start_server(callbacks.handle, "0.0.0.0", 0)  # noqa: S104 - each of 127.0.0.0/8 is a host
    callbacks.port = server.sockets[0].getsockname()[1]
    callbacks.base = f"http://127.0.0.1:{callbacks.port}"
    try:
        yield callbacks
    finally:
        server.close()
