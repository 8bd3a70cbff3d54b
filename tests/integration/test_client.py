"""The door to the network holds against servers that mean harm, on real sockets."""

import asyncio
import gzip
import ssl
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from ipaddress import ip_address
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.client import Client, is_public
from dispatch.errors import ClientError

Answer = Callable[[str, asyncio.StreamWriter], Awaitable[None]]
Serve = Callable[[Answer], Awaitable[str]]
LOOPBACK = ("127.0.0.0/8", "::1/128")


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Start a server on loopback that answers each request by the given function; yields its address."""
    servers = []

    async def start(answer: Answer) -> str:
        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                await answer((await reader.readuntil(b"\r\n\r\n")).decode(), writer)
            except (ConnectionError, asyncio.IncompleteReadError):
                pass
            finally:
                writer.close()

        server = await asyncio.start_server(handle, "127.0.0.1", 0)
        servers.append(server)
        return f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"

    yield start
    for server in servers:
        server.close()


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    """A client that may speak to loopback, and waits for no more than two seconds."""
    made = Client(LOOPBACK, seconds=2)
    yield made
    await made.aclose()


def reply(body: bytes = b"", status: str = "200 OK", **headers: str) -> bytes:
    """A whole HTTP/1.1 response."""
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    head = [f"HTTP/1.1 {status}", f"content-length: {len(body)}", "connection: close", *lines, "", ""]
    return "\r\n".join(head).encode() + body


def always(data: bytes) -> Answer:
    """Answer everything with the same bytes."""

    async def answer(request: str, writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await writer.drain()

    return answer


def endless(head: bytes, piece: bytes, pause: float = 0) -> Answer:
    """Answer with a body that never ends."""

    async def answer(request: str, writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        for _ in count():
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause)

    return answer


async def test_an_answer_comes_whole(serve: Serve, client: Client) -> None:
    """Status, headers in lower case, the unpacked body and the address are handed over."""
    url = await serve(
        always(reply(gzip.compress(b"hello", mtime=0), "404 Not Found", Content_Encoding="gzip", X_Thing="1"))
    )
    fetched = await client.get(f"{url}/a?b=c")
    assert (fetched.status, fetched.body, fetched.headers["x-thing"]) == (404, b"hello", "1")
    assert fetched.url == f"{url}/a?b=c"


async def test_we_say_who_we_are(serve: Serve, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """The name and our headers go out; proxies of the environment are not asked."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    seen = []

    async def answer(request: str, writer: asyncio.StreamWriter) -> None:
        seen.append(request)
        writer.write(reply())

    url = await serve(answer)
    await client.get(url, {"If-None-Match": '"x"'})
    assert "User-Agent: Dispatch/" in seen[0]
    assert 'If-None-Match: "x"' in seen[0]
    assert f"Host: {url.removeprefix('http://')}" in seen[0]


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0", "2130706433", "0x7f.1", "10.0.0.1",
             "169.254.169.254", "[fe80::1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "224.0.0.1", "100.64.0.1"]
)  # fmt: skip
async def test_private_networks_are_refused(host: str) -> None:
    """However the address is written, nothing inside is reached, and the message says what would allow it."""
    with pytest.raises(ClientError, match=r"private network.*allow_private_addresses"):
        await Client().get(f"http://{host}:8000/")


async def test_a_redirect_inside_is_refused(serve: Serve) -> None:
    """A server outside cannot send us where we may not go: each hop is checked."""
    reached = []

    async def inside(request: str, writer: asyncio.StreamWriter) -> None:
        reached.append(request)
        writer.write(reply(b"secret"))

    secret = (await serve(inside)).replace("127.0.0.1", "127.0.0.2")
    url = await serve(always(reply(status="302 Found", Location=secret)))
    with pytest.raises(ClientError, match=r"127\.0\.0\.2.*private network"):
        await Client(("127.0.0.1/32",), seconds=2).get(url)
    assert reached == []


async def test_the_checked_address_is_the_one_that_is_reached(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name server that answers differently the second time changes nothing: it is asked once a hop."""
    seen = []

    async def answer(request: str, writer: asyncio.StreamWriter) -> None:
        seen.append(request)
        writer.write(reply(b"right"))

    port = (await serve(answer)).rpartition(":")[2]
    loop = asyncio.get_running_loop()
    real, asked = loop.getaddrinfo, []

    async def rebinding(host: str, *rest: object, **named: object) -> object:
        if host != "rebind.example":
            return await real(host, *rest, **named)  # type: ignore[arg-type]
        asked.append(host)
        return await real("127.0.0.1" if len(asked) == 1 else "127.0.0.3", *rest, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(loop, "getaddrinfo", rebinding)
    fetched = await Client(("127.0.0.1/32",), seconds=2).get(f"http://rebind.example:{port}/")
    assert (fetched.body, asked) == (b"right", ["rebind.example"])
    assert f"Host: rebind.example:{port}" in seen[0]
    with pytest.raises(ClientError, match="private network"):
        await Client(("127.0.0.1/32",), seconds=2).get(f"http://rebind.example:{port}/")


async def test_redirects_are_followed_within_reason(serve: Serve, client: Client) -> None:
    """Five are, relative ones too; a sixth is one too many."""

    async def answer(request: str, writer: asyncio.StreamWriter) -> None:
        left = int(request.split(" ")[1].strip("/"))
        moved = reply(status="301 Moved Permanently", Location=f"./{left - 1}")
        writer.write(moved if left else reply(b"there"))

    url = await serve(answer)
    fetched = await client.get(f"{url}/5")
    assert (fetched.body, fetched.url) == (b"there", f"{url}/0")
    with pytest.raises(ClientError, match="more than 5 times"):
        await client.get(f"{url}/6")


async def test_a_login_is_not_carried_to_another_server(serve: Serve, client: Client) -> None:
    """Across servers a redirect loses the secrets, and keeps the rest."""
    seen = []

    async def answer(request: str, writer: asyncio.StreamWriter) -> None:
        seen.append(request.lower())
        writer.write(reply())

    url = await serve(always(reply(status="307 Temporary Redirect", Location=await serve(answer))))
    await client.get(url, {"Authorization": "Bearer x", "Accept": "text/x"})
    assert "authorization" not in seen[0]
    assert "accept: text/x" in seen[0]


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/"])
async def test_only_the_web_is_fetched(serve: Serve, client: Client, target: str) -> None:
    """Neither asked for nor redirected to, no other scheme is followed."""
    for url in (target, await serve(always(reply(status="302 Found", Location=target)))):
        with pytest.raises(ClientError, match="no web address"):
            await client.get(url)


async def test_a_gzip_bomb_is_stopped(serve: Serve, client: Client) -> None:
    """A megabyte that would unpack to a gigabyte ends at the limit."""
    bomb = gzip.compress(bytes(64 * 1024 * 1024))
    url = await serve(always(reply(bomb, Content_Encoding="gzip")))
    with pytest.raises(ClientError, match="larger than 100000 bytes"):
        await client.get(url, max_bytes=100_000)


async def test_an_endless_body_is_stopped(serve: Serve, client: Client) -> None:
    """Without a length, the limit still holds."""
    url = await serve(endless(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n", b"x" * 65536))
    with pytest.raises(ClientError, match="larger than 1000000 bytes"):
        await client.get(url, max_bytes=1_000_000)


async def test_a_slow_body_is_stopped(serve: Serve) -> None:
    """A byte now and then does not hold us for ever: the time is for the whole."""
    url = await serve(endless(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n", b"x", pause=0.05))
    with pytest.raises(ClientError, match=r"longer than 0\.4 seconds"):
        await Client(LOOPBACK, seconds=0.4).get(url)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (reply(b"no gzip", Content_Encoding="gzip"), "damaged"),
        (reply(gzip.compress(b"hello" * 50, mtime=0)[:-12], Content_Encoding="gzip"), "ends too early"),
        (reply(b"x", Content_Encoding="br"), "not asked for"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nshort", "could not be fetched"),
        (b"no http at all\r\n\r\n", "could not be fetched"),
        (b"", "could not be fetched"),
    ],
)
async def test_a_bad_answer_is_said_in_words(serve: Serve, client: Client, answer: bytes, words: str) -> None:
    """Whatever the server does wrong is a ClientError that names it."""
    with pytest.raises(ClientError, match=words) as caught:
        await client.get(await serve(always(answer)))
    assert "127.0.0.1" in str(caught.value)


@pytest.mark.parametrize(
    "url", ["http://nobody.invalid/", "http://127.0.0.1:1/", "http://ex ample.org/", "http://[::1", "http://", "x"]
)
async def test_an_address_that_leads_nowhere(client: Client, url: str) -> None:
    """A name unknown, a closed port, an address that is none: each a ClientError naming it."""
    with pytest.raises(ClientError):
        await client.get(url)


async def test_a_login_in_the_address_stays_out_of_messages(client: Client) -> None:
    """Messages land in logs; passwords do not."""
    with pytest.raises(ClientError) as caught:
        await client.get("http://ann:hunter2@127.0.0.1:1/")
    assert "hunter2" not in str(caught.value)


async def test_https_is_verified_under_the_servers_own_name(
    tmp_path: Path, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though we connect to a number, the certificate must be trusted and must be the name's."""
    make = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost"
    files = "-addext subjectAltName=DNS:localhost -keyout key.pem -out cert.pem"
    command = f"{make} {files}".split()
    await asyncio.to_thread(subprocess.run, command, cwd=tmp_path, check=True, capture_output=True)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    asked: list[str] = []
    context.sni_callback = lambda _, name, __: asked.append(str(name))

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(reply(b"safe"))
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
    port = server.sockets[0].getsockname()[1]
    with pytest.raises(ClientError, match="certificate"):
        await client.get(f"https://localhost:{port}/")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
    trusting = Client(LOOPBACK, seconds=2)
    assert (await trusting.get(f"https://localhost:{port}/")).body == b"safe"
    with pytest.raises(ClientError, match="certificate"):
        await trusting.get(f"https://127.0.0.1:{port}/")
    assert asked[:2] == ["localhost", "localhost"]
    server.close()


@given(number=st.integers(0, 2**32 - 1))
def test_a_mapped_address_is_judged_by_what_it_stands_for(number: int) -> None:
    """IPv6 dress changes nothing about an IPv4 address."""
    plain = ip_address(number)
    assert is_public(plain) == is_public(ip_address(f"::ffff:{plain}")) == is_public(ip_address(f"64:ff9b::{plain}"))
