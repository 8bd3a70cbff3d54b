"""Fetching from strangers and sending to them: the only importer of httpx.

Size, time and redirects are limited, and an address that leads into a private network is refused unless
the publication allows it: the name is resolved here and the connection goes to the very address that was
checked, so that a second answer of the name server cannot lead elsewhere (DNS rebinding).
"""

import asyncio
import socket
import zlib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network, ip_network

import httpx

from dispatch import __version__
from dispatch.client.addresses import Address, is_public, stands_for
from dispatch.client.fetched import Fetched
from dispatch.client.measured import awaiting, pool
from dispatch.client.ports import OF_OTHERS
from dispatch.client.resolving import Resolver
from dispatch.errors import ClientError

MAX_REDIRECTS = 5
REDIRECTS = frozenset({301, 302, 303, 307, 308})
SECRET_HEADERS = frozenset({"authorization", "cookie"})  # never handed on to another server
USER_AGENT = f"Dispatch/{__version__} (reads feeds for a newsletter)"
GZIP = 16 + zlib.MAX_WBITS  # zlib's word for it

Network = IPv4Network | IPv6Network


class Fetcher:
    """Fetches from strangers, within limits."""

    def __init__(self, allow_private: Sequence[str], seconds: float) -> None:
        self._allowed = tuple(ip_network(network, strict=False) for network in allow_private)
        self._seconds = seconds

    async def get(self, url: str, headers: Mapping[str, str] | None, max_bytes: int) -> Fetched:
        """Fetch an http or https address; any status is an answer.

        Raises ClientError, naming the address, if there is no answer within the limits.
        """
        async with _answered(url, self._seconds):
            return await self._follow(httpx.URL(url), dict(headers or {}), max_bytes)

    async def send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes, max_bytes: int, seconds: float
    ) -> Fetched:
        """Send one request and follow no redirect; see `Client.send`. Raises ClientError."""
        async with _answered(url, seconds):
            plain = {"Accept-Encoding": "identity", **headers}
            raw = [(name.encode(), value.encode()) for name, value in plain.items()]  # an address may have any letters
            request = self._http.build_request(method, httpx.URL(url), headers=raw, content=body or None)
            response = await self._http.send(request, stream=True)
            try:
                return _fetched(response, url, await _beginning(response, max_bytes))
            finally:
                await response.aclose()

    async def aclose(self) -> None:
        """Close what is open."""
        if "_http" in self.__dict__:
            await self._http.aclose()

    @cached_property
    def _http(self) -> httpx.AsyncClient:
        transport = _Pinned(self._allowed, Resolver(), _Measured())
        return httpx.AsyncClient(
            transport=transport,
            trust_env=False,  # a proxy would connect where it likes
            timeout=self._seconds,
            headers={"User-Agent": USER_AGENT, "Accept-Encoding": "gzip"},
        )

    async def _follow(self, url: httpx.URL, headers: dict[str, str], max_bytes: int) -> Fetched:
        for _ in range(MAX_REDIRECTS + 1):
            request = self._http.build_request("GET", url, headers=headers)
            response = await self._http.send(request, stream=True)
            try:
                target = response.headers.get("location", "")
                if response.status_code not in REDIRECTS or not target:
                    return await _read(response, url, max_bytes)
            finally:
                await response.aclose()
            url, headers = _next(url, target, headers)
        raise ClientError(f"{_shown(str(url))} redirects more than {MAX_REDIRECTS} times.")


class _Measured(httpx.AsyncHTTPTransport):
    """Keeps no connection: one to a checked address must not serve another name there. Bounds what precedes answers."""

    def __init__(self) -> None:
        super().__init__()
        self._pool = pool(httpx.create_ssl_context())

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        head = awaiting()
        response = await super().handle_async_request(request)
        head.end()
        return response


class _Pinned(httpx.AsyncBaseTransport):
    """Resolves the name, checks each address and connects to a checked one, under the name's own Host and SNI."""

    def __init__(self, allowed: tuple[Network, ...], resolver: Resolver, transport: _Measured) -> None:
        self._allowed, self._resolver = allowed, resolver
        self._transport = transport

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        name = request.url.host
        request.extensions = {**request.extensions, "sni_hostname": name}
        url, failure = request.url, None
        for address in await self._checked(request.url):
            request.url = url.copy_with(host=str(address))
            try:
                return await self._transport.handle_async_request(request)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                failure = error
        raise failure or ClientError(f"{name} has no address.")

    async def aclose(self) -> None:
        await self._transport.aclose()

    async def _checked(self, url: httpx.URL) -> list[Address]:
        if url.scheme not in ("http", "https") or not url.host:
            raise ClientError(f"{_shown(str(url))} is no web address: it must start with http:// or https://.")
        if url.port in OF_OTHERS:
            raise ClientError(f"{_shown(str(url))} is no web address: port {url.port} is for something else.")
        addresses = await self._resolve(url)
        fit = [address for address in addresses if self._may(address)]
        if addresses and not fit:
            raise ClientError(
                f"{_shown(str(url))} leads to {addresses[0]}, in a private network, and is not fetched. "
                "If that is meant, name the network in [web] allow_private_addresses."
            )
        return fit

    async def _resolve(self, url: httpx.URL) -> list[Address]:
        try:
            return await self._resolver.addresses(url.raw_host.decode(), url.port or 0)
        except socket.gaierror as error:
            said = f"{_shown(str(url))}: the name {url.host} cannot be resolved ({error.strerror})."
            raise ClientError(said) from None

    def _may(self, address: Address) -> bool:
        within = stands_for(address)
        return is_public(within) or any(
            within in network for network in self._allowed if network.version == within.version
        )


def _next(url: httpx.URL, target: str, headers: dict[str, str]) -> tuple[httpx.URL, dict[str, str]]:
    """Where a redirect leads, and the headers that may go along."""
    following = url.join(target)
    if (following.scheme, following.host, following.port) == (url.scheme, url.host, url.port):
        return following, headers
    return following, {name: value for name, value in headers.items() if name.lower() not in SECRET_HEADERS}


@asynccontextmanager
async def _answered(url: str, seconds: float) -> AsyncIterator[None]:
    """What keeps a server from answering within so many seconds, as a ClientError that names its address."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise ClientError(f"{_shown(url)} took longer than {seconds:g} seconds.") from None
    except (httpx.InvalidURL, UnicodeError, ValueError) as error:
        raise ClientError(f"{_shown(url)} is no web address: {error}.") from None
    except httpx.TimeoutException:
        raise ClientError(f"{_shown(url)} does not answer.") from None
    except (httpx.HTTPError, OSError) as error:
        raise ClientError(f"{_shown(url)} could not be fetched: {error or type(error).__name__}.") from error


async def _beginning(response: httpx.Response, max_bytes: int) -> bytes:
    """The first bytes of a body; the rest is not read."""
    body = bytearray()
    pieces = response.aiter_raw()
    while len(body) < max_bytes and (piece := await anext(pieces, b"")):
        body += piece
    return bytes(body[:max_bytes])


async def _read(response: httpx.Response, url: httpx.URL, max_bytes: int) -> Fetched:
    body = bytearray()
    async for piece in _unpacked(response, max_bytes):
        body += piece
        if len(body) > max_bytes:
            raise ClientError(f"{_shown(str(url))} is larger than {max_bytes} bytes, the limit.")
    return _fetched(response, str(url), bytes(body))


def _fetched(response: httpx.Response, url: str, body: bytes) -> Fetched:
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Fetched(response.status_code, headers, body, _shown(url))


async def _unpacked(response: httpx.Response, max_bytes: int) -> AsyncIterator[bytes]:
    """The body in pieces, none much above the limit: a small packed body may hold gigabytes."""
    packing = response.headers.get("content-encoding", "").strip().lower()
    pieces = response.aiter_raw()
    if packing in ("gzip", "x-gzip"):
        pieces = _gunzipped(pieces, response, max_bytes)
    elif packing not in ("", "identity"):
        raise ClientError(f"{response.request.url.host} packs its answer as {packing!r}, which was not asked for.")
    async for piece in pieces:
        yield piece


async def _gunzipped(pieces: AsyncIterator[bytes], response: httpx.Response, max_bytes: int) -> AsyncIterator[bytes]:
    unpacker = zlib.decompressobj(GZIP)
    seen = False
    try:
        async for piece in pieces:
            seen = True
            yield unpacker.decompress(piece, max_bytes + 1)
    except zlib.error as error:
        raise ClientError(f"The answer of {response.request.url.host} is damaged: {error}.") from None
    if seen and not unpacker.eof:
        raise ClientError(f"The answer of {response.request.url.host} ends too early.")


def _shown(url: str) -> str:
    """The address without a login in it."""
    scheme, separator, rest = url.partition("://")
    authority, slash, path = rest.partition("/")
    return f"{scheme}{separator}{authority.rpartition('@')[2]}{slash}{path}"
