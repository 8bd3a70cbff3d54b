"""The web application: what is where."""

from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route

from dispatch.model.issue import Publication
from dispatch.theme import Theme
from dispatch.web.files import PublicFiles
from dispatch.web.leave import LeaveDesk, Leaving
from dispatch.web.notices import Notices


def make_app(public: Path, publication: Publication, theme: Theme, leaving: Leaving) -> Starlette:
    """The pages and feeds below `public`, the unsubscribe link at /u/TOKEN, and /healthz.

    Raises TemplateError at once if a page of its own cannot be rendered.
    """
    notices = Notices(publication, theme)
    desk = LeaveDesk(leaving, notices)
    return Starlette(
        routes=[
            Route("/healthz", _health),
            Route("/u/{token}", desk.ask, methods=["GET"]),
            Route("/u/{token}", desk.leave, methods=["POST"]),
            Mount("/", app=PublicFiles(public, notices.not_found().encode())),
        ]
    )


async def _health(request: Request) -> Response:
    return PlainTextResponse("ok", headers={"Cache-Control": "no-store"})
