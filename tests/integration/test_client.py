"""The door to the network holds against servers that mean harm, on real sockets."""

import asyncio
import gzip
import socket
import ssl
import subprocess
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from ipaddress import ip_address
from itertools import count
from pathlib import Path
from typing import Any

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
    real, asked = socket.getaddrinfo, []

    def rebinding(host: str, *rest: Any, **named: Any) -> Any:
        if host != "rebind.example":
            return real(host, *rest, **named)
        asked.append(host)
        return real("127.0.0.1" if len(asked) == 1 else "127.0.0.3", *rest, **named)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
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
    "url", ["http://nobody.invalid/", "http://127.0.0.1:2/", "http://ex ample.org/", "http://[::1", "http://", "x"]
)
async def test_an_address_that_leads_nowhere(client: Client, url: str) -> None:
    """A name unknown, a closed port, an address that is none: each a ClientError naming it."""
    with pytest.raises(ClientError):
        await client.get(url)


@pytest.mark.parametrize("port", [22, 25, 993, 6667])
async def test_ports_of_other_services_are_left_alone(client: Client, port: int) -> None:
    """A mail server takes what looks like a request for talk of its own."""
    with pytest.raises(ClientError, match=f"port {port} is for something else"):
        await client.send("POST", f"http://127.0.0.1:{port}/", {}, b"QUIT")


async def test_a_login_in_the_address_stays_out_of_messages(client: Client) -> None:
    """Messages land in logs; passwords do not."""
    with pytest.raises(ClientError) as caught:
        await client.get("http://ann:hunter2@127.0.0.1:2/")
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


@pytest.mark.parametrize(
    "address",
    [
        *(
            "fec0::1",
            "feff:ffff::1",
            "3fff::1",
            "5f00::1",
            "64:ff9b:1::1",
            "fe80::1",
            "fd00::1",
            "::1",
            "::",
            "ff0e::1",
        ),
        *("2001:db8::1", "100::1", "64:ff9b::a00:1", "2002:a00:1::", "::10.0.0.1", "10.0.0.1", "100.64.0.1"),
        *("169.254.169.254", "192.0.2.1", "224.0.0.1", "240.0.0.1", "255.255.255.255"),
    ],
)
def test_what_lies_within_somebodys_network_is_not_public(address: str) -> None:
    """Nor what is kept for documentation, for routing or for nobody."""
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", ["9.9.9.9", "2620:fe::fe", "64:ff9b::909:909", "::ffff:9.9.9.9", "2002:909:909::"])
def test_what_everybody_reaches_is_public(address: str) -> None:
    """In whatever dress."""
    assert is_public(ip_address(address))


async def test_what_is_sent_arrives_as_it_is(serve: Serve, client: Client) -> None:
    """Method, headers and body are ours; nothing is packed, and our name is the one we give."""
    seen = []

    async def answer(request: str, writer: asyncio.StreamWriter) -> None:
        seen.append(request)
        writer.write(reply(status="202 Accepted"))

    url = await serve(answer)
    sent = await client.send("POST", f"{url}/cb?a=b%20c&d", {"X-Thing": "ü", "User-Agent": "Us"}, b"body")
    assert sent.status == 202
    assert seen[0].startswith("POST /cb?a=b%20c&d HTTP/1.1")
    for line in ("X-Thing: ü", "User-Agent: Us", "Accept-Encoding: identity", "Content-Length: 4"):
        assert f"{line}\r\n" in seen[0]


async def test_what_is_sent_follows_no_redirect(serve: Serve, client: Client) -> None:
    """A redirect is an answer like any other."""
    reached = []

    async def elsewhere(request: str, writer: asyncio.StreamWriter) -> None:
        reached.append(request)
        writer.write(reply())

    url = await serve(always(reply(status="307 Temporary Redirect", Location=await serve(elsewhere))))
    assert (await client.send("POST", url, {}, b"x")).status == 307
    assert reached == []


async def test_no_more_of_an_answer_is_read_than_is_wanted(serve: Serve, client: Client) -> None:
    """Its beginning, or nothing: a body that never ends, or is packed in whatever way, costs nothing."""
    head = b"HTTP/1.1 200 OK\r\ncontent-encoding: odd\r\nconnection: close\r\n\r\n"
    url = await serve(endless(head, b"abcdefgh"))
    assert (await client.send("GET", url, {}, max_bytes=11)).body == b"abcdefghabc"
    assert (await client.send("GET", url, {})).body == b""


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_interim_answers_without_end_are_cut_short(serve: Serve, client: Client, method: str) -> None:
    """They are heard as long as an answer's head may be, not as long as there is time."""
    url = await serve(endless(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n" * 100))
    with pytest.raises(ClientError, match="bytes come before the answer"):
        await (client.get(url) if method == "GET" else client.send(method, url, {}, max_bytes=99, seconds=2))


async def test_an_interim_answer_is_passed_over(serve: Serve, client: Client) -> None:
    """The answer is what follows, and its body may be longer than any head."""
    body = b"x" * 300_000
    url = await serve(always(b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n" + reply(body)))
    fetched = await client.get(url)
    assert (fetched.status, fetched.body) == (200, body)


async def test_sending_ends_in_time(serve: Serve, client: Client) -> None:
    """A server that says nothing is no answer."""

    async def silent(request: str, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(5)

    url = await serve(silent)
    with pytest.raises(ClientError, match=r"longer than 0\.1 seconds"):
        await client.send("POST", url, {}, b"x", seconds=0.1)


async def test_nothing_is_sent_inside() -> None:
    """Private networks are as closed to what is sent as to what is fetched."""
    with pytest.raises(ClientError, match="private network"):
        await Client().send("POST", "http://127.0.0.1:8000/", {}, b"x")


async def test_a_dawdling_name_server_holds_up_nobody_else(
    serve: Serve, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other names are resolved meanwhile, and whoever waits for it gives up in time."""
    real, let_go = socket.getaddrinfo, threading.Event()

    def dawdling(host: str, *rest: Any, **named: Any) -> Any:
        if host.endswith(".slow.example"):
            let_go.wait(5)
            raise socket.gaierror(socket.EAI_AGAIN, "try again")
        return real(host, *rest, **named)

    monkeypatch.setattr(socket, "getaddrinfo", dawdling)
    url = await serve(always(reply(b"here")))
    slow = [asyncio.create_task(client.send("GET", f"http://{n}.slow.example/", {}, seconds=0.3)) for n in range(40)]
    await asyncio.sleep(0)
    assert (await client.get(url)).body == b"here"
    results = await asyncio.gather(*slow, return_exceptions=True)
    let_go.set()
    assert all(isinstance(one, ClientError) and "took longer" in str(one) for one in results)
