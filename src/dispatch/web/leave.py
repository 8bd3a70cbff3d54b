"""The link that ends a subscription: GET asks, POST does (RFC 8058; RFC 9110, section 9.2.1)."""

from typing import Protocol

from starlette.requests import Request
from starlette.responses import Response

from dispatch.acts.subscriber import LeavePage
from dispatch.errors import StoreError, TokenError
from dispatch.web.answers import html, refusal
from dispatch.web.forms import read_body
from dispatch.web.notices import Notices

MAX_BODY = 8 * 1024  # bytes; "List-Unsubscribe=One-Click" is all that is ever needed


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
            return refusal(self._notices, error)
        return html(self._notices.leave(page))

    async def leave(self, request: Request) -> Response:
        """End the subscription and say so with 200.

        The token is the proof: whatever the body says, a POST here means to leave. No cookie, login or redirect.
        """
        if await read_body(request, MAX_BODY) is None:
            return html(self._notices.too_long(), 413)
        try:
            page = await self._leaving.leave(request.path_params["token"])
        except (TokenError, StoreError) as error:
            return refusal(self._notices, error)
        return html(self._notices.left(page))
