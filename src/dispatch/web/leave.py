"""The link that ends a subscription: GET asks, POST does (RFC 8058; RFC 9110, section 9.2.1)."""

from typing import Protocol

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response

from dispatch.acts.subscriber import LeavePage
from dispatch.errors import StoreError, TokenError
from dispatch.web.notices import Notices

MAX_BODY = 8 * 1024  # bytes; "List-Unsubscribe=One-Click" is all that is ever needed
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",  # the address is a secret between us and the reader
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
    "Content-Security-Policy": (
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
}


class Leaving(Protocol):
    """What the desk asks of the rest. Implemented by acts."""

    async def look(self, token: str) -> LeavePage:
        """Whose link this is; changes nothing. Raises TokenError if it was not made here, StoreError."""

    async def leave(self, token: str) -> LeavePage:
        """End the subscription, once and for all. Raises TokenError if it was not made here, StoreError."""


class LeaveDesk:
    """Answers /u/TOKEN."""

    def __init__(self, leaving: Leaving, notices: Notices) -> None:
        self._leaving = leaving
        self._notices = notices

    async def ask(self, request: Request) -> Response:
        """Show the page with the button. Scanners follow links, so nothing changes here."""
        try:
            page = await self._leaving.look(request.path_params["token"])
        except (TokenError, StoreError) as error:
            return self._refusal(error)
        return _html(self._notices.leave(page))

    async def leave(self, request: Request) -> Response:
        """End the subscription and say so with 200.

        The token is the proof: whatever the body says, a POST here means to leave. No cookie, login or redirect.
        """
        if not await _is_short(request):
            return _html(self._notices.too_long(), 413)
        try:
            page = await self._leaving.leave(request.path_params["token"])
        except (TokenError, StoreError) as error:
            return self._refusal(error)
        return _html(self._notices.left(page))

    def _refusal(self, error: TokenError | StoreError) -> Response:
        if isinstance(error, TokenError):
            return _html(self._notices.forged(), 404)
        response = _html(self._notices.busy(), 503)
        response.headers["Retry-After"] = "60"
        return response


async def _is_short(request: Request) -> bool:
    """Read the body up to the limit and throw it away."""
    seen = 0
    try:
        async for piece in request.stream():
            seen += len(piece)
            if seen > MAX_BODY:
                return False
    except ClientDisconnect as error:
        raise HTTPException(400) from error
    return True


def _html(page: str, status: int = 200) -> Response:
    return HTMLResponse(page, status, headers=HEADERS)
