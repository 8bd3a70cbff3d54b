"""The WebSub hub's address (https://www.w3.org/TR/websub/, section 5.1), where requests are taken."""

from typing import Protocol

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from dispatch.errors import StoreError
from dispatch.publish.asking import HubIsFull
from dispatch.syndicate.websub import LONGEST_BODY, Unasked
from dispatch.web.forms import FORM, read_body
from dispatch.web.visitors import Visitors, visitor_of

HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "X-Robots-Tag": "noindex"}
WAIT = {"Retry-After": "60"}  # seconds
PER_MINUTE = 120  # requests of one visitor: a reader for many people renews all its feeds at once
WHAT = (
    "This is the WebSub hub of {site}: it pushes the feeds there to whoever subscribes to them.\n"
    "Send hub.mode, hub.topic and hub.callback by POST, as https://www.w3.org/TR/websub/ says.\n"
)


class Asking(Protocol):
    """Who takes requests."""

    async def ask(self, body: bytes) -> bool:
        """Keep a request and have it verified; False: it asks for nothing. Raises Unasked, HubIsFull, StoreError."""


class HubDesk:
    """Answers at the hub's address."""

    def __init__(self, asking: Asking, site: str, visitors: Visitors) -> None:
        self._asking, self._site, self._visitors = asking, site, visitors

    async def tell(self, request: Request) -> Response:
        """What this is, to whoever looks."""
        return _said(WHAT.format(site=self._site), 200)

    async def take(self, request: Request) -> Response:
        """202 for a request that will be verified, else a sentence for its author."""
        if not self._visitors.may_act(visitor_of(request)):
            return _said("Too many requests from your address; please come back in a minute.", 429, WAIT)
        if request.headers.get("content-type", FORM).partition(";")[0].strip().lower() != FORM:
            return _said(f"The Content-Type must be {FORM}.", 415)
        body = await read_body(request, LONGEST_BODY)
        if body is None:
            return _said(f"The body must not be longer than {LONGEST_BODY} bytes.", 413)
        return await self._answer(body)

    async def _answer(self, body: bytes) -> Response:
        try:
            taken = await self._asking.ask(body)
        except Unasked as error:
            return _said(str(error), 400)
        except HubIsFull as error:
            return _said(str(error), 503, WAIT)
        except StoreError:
            return _said("The hub cannot take requests at the moment; please come back in a minute.", 503, WAIT)
        return _said("The request will now be verified.", 202) if taken else Response(status_code=204, headers=HEADERS)


def _said(sentence: str, status: int, headers: dict[str, str] | None = None) -> Response:
    return PlainTextResponse(sentence, status, headers={**HEADERS, **(headers or {})})
