"""Subscribers' own feeds, at addresses that nobody can guess: kept by no cache, found by no search engine."""

import asyncio
import hashlib
from collections.abc import Mapping
from typing import Protocol

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from dispatch.acts.private_reading import Reading
from dispatch.errors import ContentError, StoreError, TokenError
from dispatch.model.feed import FEED_FILES
from dispatch.web.answers import HEADERS as PAGE_HEADERS
from dispatch.web.answers import html
from dispatch.web.codings import CODINGS, taken
from dispatch.web.conditional import known_tag, still_same
from dispatch.web.media_types import FEEDS
from dispatch.web.notices import Notices
from dispatch.web.places import is_visit

CONDITIONS = ("if-match", "if-none-match")
NAMES = frozenset(file.name for file in FEED_FILES)
VARY = "Accept-Encoding, Sec-Fetch-Dest"
PRIVATELY = {"Cache-Control": "private, no-store"}  # RFC 9111, section 5.2.2
HEADERS: Mapping[str, str] = {
    **PRIVATELY,
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "Referrer-Policy": "no-referrer",  # the address is a secret between us and the reader
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
NOT_OURS = "Nothing is here."
NOT_NOW = "This feed cannot be read at the moment."


class Private(Protocol):
    """What these addresses ask of the rest. Implemented by acts."""

    async def read(self, token: str, name: str) -> Reading:
        """The file of this name in somebody's own feed. Raises TokenError, StoreError or ContentError."""


class PrivateFeedDesk:
    """Answers /f/TOKEN/feed.xml, atom.xml and feed.json."""

    def __init__(self, private: Private, notices: Notices) -> None:
        self._private, self._notices = private, notices

    async def read(self, request: Request) -> Response:
        """The feed, or a page about it to a person who opens it in a browser.

        404 for what was not made here, 410 for what counts no longer, 503 while it cannot be had.
        """
        name = request.path_params["name"]
        if name not in NAMES:
            return _sentence(NOT_OURS, 404)
        try:
            found = await self._private.read(request.path_params["token"], name)
        except TokenError:
            return _sentence(NOT_OURS, 404)
        except (StoreError, ContentError):
            return _sentence(NOT_NOW, 503, {"Retry-After": "60"})
        if found.body is None:
            return _sentence(found.said, 410)
        if is_visit(dict(request.headers.raw)):
            page = self._notices.page("web/private_follow.html", found.language, own=found.own)
            return html(page, headers={**PAGE_HEADERS, **PRIVATELY, "Vary": VARY})
        return await _feed(request, found.body, FEEDS[name])


async def _feed(request: Request, body: bytes, kind: str) -> Response:
    """The document, or 304 to a reader who has it, 412 to one who wants another (RFC 9110, section 13.2.2).

    Readers may well keep it: no-store binds caches.
    """
    asked, digest = request.headers, hashlib.sha256(body).hexdigest()[:32]
    tags = {f'"{digest}{coding.mark}"'.encode(): coding for coding in CODINGS}
    headers = {**HEADERS, "Vary": VARY}
    conditions = {name.encode(): asked[name].encode("latin-1") for name in CONDITIONS if name in asked}
    if not still_same(conditions, tags, 0):
        return Response(status_code=412, headers=headers)
    known = known_tag(conditions, tags, 0)
    if known:
        return Response(status_code=304, headers={**headers, "ETag": known.decode()})
    coding = taken(asked.get("accept-encoding", "").encode("latin-1"))[0]
    headers |= {"ETag": f'"{digest}{coding.mark}"', "Content-Type": kind}
    if coding.name:
        headers["Content-Encoding"] = coding.name
    return Response(await asyncio.to_thread(coding.pack, body), headers=headers)


def _sentence(words: str, status: int, more: Mapping[str, str] | None = None) -> Response:
    return PlainTextResponse(f"{words}\n", status, headers={**HEADERS, **(more or {})})
