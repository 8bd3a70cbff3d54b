"""The web application: what is where."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route

from dispatch.errors import TemplateError
from dispatch.model.issue import Publication
from dispatch.theme import Theme
from dispatch.web.acting import ActingPage
from dispatch.web.answers import HEADERS
from dispatch.web.beat import Beat
from dispatch.web.choosing import ChoiceDesk, Choosing
from dispatch.web.files import PublicFiles
from dispatch.web.forms import origin_of
from dispatch.web.joining import JoinDesk, Joining
from dispatch.web.leave import LeaveDesk, Leaving
from dispatch.web.notices import Notices
from dispatch.web.visitors import Visitors


@dataclass(frozen=True, slots=True)
class Acts:
    """What people can do here."""

    leaving: Leaving
    joining: Joining
    choosing: Choosing
    clock: Callable[[], datetime]
    tell: Callable[[str], None]  # a line for whoever watches the service
    beat: Beat = field(default_factory=Beat)  # on which forms are answered that must not tell who is known


def make_app(public: Path, publication: Publication, theme: Theme, acts: Acts) -> Starlette:
    """The pages and feeds below `public`, the pages on which people join, choose and leave, and /healthz.

    Raises TemplateError at once if a page of its own cannot be rendered.
    """
    notices = Notices(publication, theme)
    return Starlette(
        routes=[
            Route("/healthz", _health),
            *_acting(notices, publication, acts),
            Mount("/", app=PublicFiles(public, notices.not_found().encode())),
        ],
        exception_handlers={TemplateError: _unshown(acts.tell)},
    )


def _acting(notices: Notices, publication: Publication, acts: Acts) -> list[Route]:
    """The pages that act: GET shows, POST does."""
    origins = frozenset(map(origin_of, (publication.web_url, publication.url)))
    visitors = Visitors(acts.clock)
    leave = LeaveDesk(acts.leaving, notices)
    join = JoinDesk(acts.joining, notices, visitors, origins, acts.beat)
    choose = ChoiceDesk(acts.choosing, notices, visitors, origins, acts.beat)
    pages = [
        (("/u/{token}",), leave.ask, leave.leave),
        (("/subscribe", "/subscribe/"), join.lists, join.sign_up),
        (("/subscribe/{slug}", "/subscribe/{slug}/"), join.ask, join.sign_up),
        (("/confirm/{token}",), join.look, join.confirm),
        (("/preferences", "/preferences/"), choose.ask, choose.send),
        (("/p/{token}",), choose.look, choose.save),
    ]
    return [Route(path, ActingPage(show, do)) for paths, show, do in pages for path in paths]


def _unshown(tell: Callable[[str], None]) -> Callable[[Request, Exception], Response]:
    """A page whose template is broken: its author is told why, its reader that it is not their fault."""

    def answer(_request: Request, error: Exception) -> Response:
        tell(str(error))
        return PlainTextResponse("This page cannot be shown at the moment.", 500, headers=dict(HEADERS))

    return answer


async def _health(request: Request) -> Response:
    return PlainTextResponse("ok", headers={"Cache-Control": "no-store"})
