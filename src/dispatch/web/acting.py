"""A page that acts: to look at it changes nothing, to send its form does."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import request_response
from starlette.types import Receive, Scope, Send

from dispatch.web.answers import HEADERS

Answer = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class ActingPage:
    """What answers at one address, as an ASGI application; it says itself what it does not take."""

    show: Answer  # to GET and HEAD
    act: Answer  # to POST

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        answers = {"GET": self.show, "HEAD": self.show, "POST": self.act}
        await request_response(answers.get(scope["method"], _not_taken))(scope, receive, send)


async def _not_taken(_request: Request) -> Response:
    """405 with what is taken (RFC 9110, section 15.5.6)."""
    return PlainTextResponse("", 405, headers={**HEADERS, "Allow": "GET, HEAD, POST"})
