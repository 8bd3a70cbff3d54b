"""What a form sends, read whole or not at all."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

MOST = 500  # fields
PATIENCE = 20.0  # seconds for a form to arrive
FORM = "application/x-www-form-urlencoded"


class FormError(Exception):
    """What was sent is no form of ours; `status` says why (RFC 9110, section 15.5)."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of a form."""

    fields: Mapping[str, list[str]]

    def one(self, name: str) -> str:
        """The first value of a field; empty if there is none."""
        return self.fields.get(name, [""])[0]

    def maybe(self, name: str) -> str | None:
        """The first value of a field, if it is there."""
        return self.fields[name][0] if name in self.fields else None

    def every(self, name: str) -> tuple[str, ...]:
        """All values of a field."""
        return tuple(self.fields.get(name, ()))


async def read_form(request: Request, most: int, origins: frozenset[str]) -> Form:
    """The fields of a POST from one of our own pages, of at most so many bytes.

    Raises FormError: 403 where another site sent it, 413, 415, or 400 for what cannot be read.
    """
    if not is_ours(request, origins):
        raise FormError(403)
    if request.headers.get("content-type", FORM).partition(";")[0].strip().lower() != FORM:
        raise FormError(415)
    body = await read_body(request, most)
    if body is None:
        raise FormError(413)
    try:
        fields = parse_qs(body.decode("utf-8"), keep_blank_values=True, max_num_fields=MOST, errors="strict")
    except ValueError:
        raise FormError(400) from None
    return Form(fields)


async def read_body(request: Request, most: int, patience: float = PATIENCE) -> bytes | None:
    """The body; None if it is longer than `most` bytes, of which no more than one piece is then read.

    Raises HTTPException: 408 if it has not come whole after `patience` seconds, 400 if its sender hangs up, and 503 if
    the server ends meanwhile, which cancels whoever waits.
    """
    body = b""
    try:
        async with asyncio.timeout(patience):
            async for piece in request.stream():
                body += piece
                if len(body) > most:
                    return None
    except TimeoutError as error:
        raise HTTPException(408, headers={"Connection": "close"}) from error
    except asyncio.CancelledError as error:
        raise HTTPException(503) from error
    except ClientDisconnect as error:
        raise HTTPException(400) from error
    return body


def is_ours(request: Request, origins: frozenset[str]) -> bool:
    """Whether a POST comes from a page of ours, as the browser says, or from no browser at all.

    Sec-Fetch-Site (Fetch Metadata) tells; else Origin (RFC 6454), which must name one of `origins` or this very host.
    No other site can make a browser say otherwise, and whoever uses no browser has nobody's authority to abuse.
    """
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site in ("same-origin", "none"):
        return True
    if origin is None:
        return site is None
    host = origin.lower().partition("://")[2]
    return origin.lower() in origins or host == request.headers.get("host", "").lower() != ""


def origin_of(url: str) -> str:
    """The origin of an address (RFC 6454, section 6.1): scheme, host, and a port that is not the scheme's own."""
    parts = urlsplit(url.lower())
    own = {"http": 80, "https": 443}.get(parts.scheme)
    host = parts.netloc.removesuffix(f":{own}")
    return f"{parts.scheme}://{host}"
