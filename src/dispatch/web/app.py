"""The web application: what is where."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from dispatch.config.hubs import OWN_PATH
from dispatch.errors import TemplateError
from dispatch.model.issue import Publication
from dispatch.theme import Theme
from dispatch.web.acting import ActingPage
from dispatch.web.answers import HEADERS
from dispatch.web.beat import Beat
from dispatch.web.choosing import ChoiceDesk, Choosing
from dispatch.web.feed_links import FeedLinks
from dispatch.web.files import PublicFiles
from dispatch.web.forms import origin_of
from dispatch.web.hub import PER_MINUTE, Asking, HubDesk
from dispatch.web.joining import JoinDesk, Joining
from dispatch.web.leave import LeaveDesk, Leaving
from dispatch.web.notices import Notices
from dispatch.web.private_feed import Private, PrivateFeedDesk
from dispatch.web.visitors import Visitors


@dataclass(frozen=True, slots=True)
class Acts:
    """What people can do here."""

    leaving: Leaving
    joining: Joining
    choosing: Choosing
    private: Private
    clock: Callable[[], datetime]
    tell: Callable[[str], None]  # a line for whoever watches the service
    beat: Beat = field(default_factory=Beat)  # on which forms are answered that must not tell who is known
    hub: Asking | None = None  # WebSub's, where there is one


class Site:
    """The web application, and what of it is at hand before any route is looked for."""

    def __init__(self, application: ASGIApp, files: PublicFiles) -> None:
        self._application = application
        self.ready = files.ready  # only of addresses that the routes have led to a file before

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        await self._application(scope, receive, send)


def make_app(public: Path, publication: Publication, theme: Theme, acts: Acts, hubs: tuple[str, ...] = ()) -> Site:
    """The pages and feeds below `public`, the pages on which people join, choose and leave, and /healthz.

    `hubs` are the addresses of those that push the feeds.
    Raises TemplateError at once if a page of its own cannot be rendered.
    """
    notices = Notices(publication, theme)
    files = PublicFiles(public, notices.not_found().encode(), FeedLinks(publication.url, hubs))
    application = Starlette(
        routes=[
            Route("/healthz", _health),
            *_acting(notices, publication, acts),
            *_hub(publication, acts),
            Route("/f/{token}/{name}", PrivateFeedDesk(acts.private, notices).read),
            Mount("/", app=files),
        ],
        exception_handlers={TemplateError: _unshown(acts.tell)},
    )
    return Site(application, files)


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


def _hub(publication: Publication, acts: Acts) -> list[Route]:
    if acts.hub is None:
        return []
    desk = HubDesk(acts.hub, publication.url, Visitors(acts.clock, PER_MINUTE))
    return [Route(OWN_PATH, ActingPage(desk.tell, desk.take))]


def _unshown(tell: Callable[[str], None]) -> Callable[[Request, Exception], Response]:
    """A page whose template is broken: its author is told why, its reader that it is not their fault."""

    def answer(_request: Request, error: Exception) -> Response:
        tell(str(error))
        return PlainTextResponse("This page cannot be shown at the moment.", 500, headers=dict(HEADERS))

    return answer


async def _health(request: Request) -> Response:
    return PlainTextResponse("ok", headers={"Cache-Control": "no-store"})
