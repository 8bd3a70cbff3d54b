"""An answer whose every byte is known before anybody asks."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from starlette.types import Send

RawHeaders = tuple[tuple[bytes, bytes], ...]
COMMON = {"x-content-type-options": "nosniff", "referrer-policy": "strict-origin-when-cross-origin"}


@dataclass(frozen=True, slots=True)
class Reply:
    """Status, headers and body."""

    status: int
    headers: RawHeaders
    head: bytes  # status and headers as HTTP/1.1 writes them, without Date and the empty line
    body: bytes = b""

    @property
    def weight(self) -> int:
        """Bytes of memory, nearly: the headers are there twice, in some forty objects."""
        return len(self.body) + 2 * len(self.head) + 2000

    async def send(self, send: Send, *, whole: bool = True) -> None:
        """Answer by ASGI; not `whole`, as HEAD wants it, leaves out the body."""
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        await send({"type": "http.response.body", "body": self.body if whole else b""})


def make_reply(status: int, values: Mapping[str, str], body: bytes = b"") -> Reply:
    """A reply with these headers and the common ones; values are of ASCII."""
    headers = tuple((name.encode(), value.encode()) for name, value in {**values, **COMMON}.items())
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}".encode(), *(b": ".join(one) for one in headers)]
    return Reply(status, headers, b"".join(line + b"\r\n" for line in lines), body)
