"""What a server may say before it answers: the only importer of httpcore.

Interim answers (RFC 9110, section 15.2) may come without end, and each costs time that everybody shares.
"""

import ssl
from contextvars import ContextVar
from typing import Any

import httpcore

HEAD_BYTES = 64 * 1024  # of interim answers and of the head of the answer itself


class Head:
    """How much may still be read of one answer's head, while that is awaited."""

    def __init__(self) -> None:
        self._left = HEAD_BYTES
        self._is_over = False

    def may_go_on(self) -> None:
        """Whether more may be read. Raises httpcore.RemoteProtocolError."""
        if self._left <= 0 and not self._is_over:
            raise httpcore.RemoteProtocolError(f"more than {HEAD_BYTES} bytes come before the answer")

    def count(self, size: int) -> None:
        """So much was read."""
        self._left -= size

    def end(self) -> None:
        """The answer itself has begun: what follows is for others to bound."""
        self._is_over = True


_awaited: ContextVar[Head] = ContextVar("awaited")


def awaiting() -> Head:
    """The measure of the next connection that is opened here."""
    head = Head()
    _awaited.set(head)
    return head


def pool(context: ssl.SSLContext) -> httpcore.AsyncConnectionPool:
    """Connections whose heads are measured; none is kept: each is for one request."""
    return httpcore.AsyncConnectionPool(
        ssl_context=context, max_connections=None, max_keepalive_connections=0, network_backend=_Backend()
    )


class _Backend(httpcore.AnyIOBackend):
    async def connect_tcp(self, *given: Any, **named: Any) -> httpcore.AsyncNetworkStream:
        return _Stream(await super().connect_tcp(*given, **named), _awaited.get())


class _Stream(httpcore.AsyncNetworkStream):
    def __init__(self, stream: httpcore.AsyncNetworkStream, head: Head) -> None:
        self._stream, self._head = stream, head

    async def read(self, *given: Any, **named: Any) -> bytes:
        self._head.may_go_on()
        data = await self._stream.read(*given, **named)
        self._head.count(len(data))
        return data

    async def write(self, *given: Any, **named: Any) -> None:
        await self._stream.write(*given, **named)

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def start_tls(self, *given: Any, **named: Any) -> httpcore.AsyncNetworkStream:
        return _Stream(await self._stream.start_tls(*given, **named), self._head)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
