"""Serves the files below public/: from memory while they do not change, with 304 for readers who have them.

The ETag is a hash of the bytes, so it is the same on every server and after every rebuild. A file `.gone` beside
an index.html says that what was there was withdrawn: the page is then served with 410, and so are feeds beside it.
`_redirects` says where former addresses lead, and comes before any file.
"""

import asyncio
import os
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path

from starlette.types import Receive, Scope, Send

from dispatch.web.cache import FileCache
from dispatch.web.codings import GZIP, IDENTITY, Coding, taken
from dispatch.web.conditional import UNCHANGED, Asked, still_same
from dispatch.web.feed_links import FeedLinks
from dispatch.web.media_types import is_feed
from dispatch.web.parts import part_wanted, send_part
from dispatch.web.places import INDEX, find, is_visit, page, to_people, with_slash
from dispatch.web.redirects import Redirects
from dispatch.web.replies import Reply, make_reply
from dispatch.web.served import PAGE_POLICY, ChangedError, ServedFile, stamp_of

GONE = ".gone"
MOST_ADDRESSES = 4096  # that are answered without a second look
LONGEST_ADDRESS = 1024  # bytes of one of them: whoever spells an address with thousands of slashes may wait
# What asks for more than a file as it is: a part or one state of it alone, a body to be read first, another protocol.
SPECIAL = frozenset({b"range", *UNCHANGED, b"content-length", b"transfer-encoding", b"expect", b"upgrade"})
ATTEMPTS = 3  # to read a file that is replaced meanwhile
OTHER_BY_NOW = make_reply(412, {"content-length": "0"})
ONLY_READING = make_reply(405, {"allow": "GET, HEAD", "content-length": "0"})
BEING_WRITTEN = make_reply(503, {"retry-after": "1", "cache-control": "no-store", "content-length": "0"})


class PublicFiles:
    """An ASGI application over one folder; nothing outside it can be reached."""

    def __init__(self, folder: Path, not_found: bytes, links: FeedLinks | None = None) -> None:
        self._folder = os.path.abspath(folder)
        self._links = links or FeedLinks()
        self._cache = FileCache(link=self._link)
        self._redirects = Redirects(self._folder)
        self._served: OrderedDict[bytes, tuple[ServedFile, str]] = OrderedDict()
        self._looked_at: set[bytes] = set()  # addresses whose files were seen unchanged in this turn of the loop
        self._not_found = _page_reply(404, not_found)

    def ready(self, address: bytes, headers: Sequence[tuple[bytes, bytes]]) -> Reply | None:
        """The answer to a GET or HEAD where it is at hand: this address was served before, and nothing has changed.

        `address` is the request's target as it came, `headers` have names in lower case. None: call the application.
        """
        served = self._served.get(address)
        if served is None:
            return None
        file, mark = served
        asked = dict(headers)
        if len(asked) != len(headers) or not SPECIAL.isdisjoint(asked) or (file.is_feed and is_visit(asked)):
            return None
        if address not in self._looked_at and not self._stands(address, file, mark):
            return None
        return file.not_modified(asked) or self._cache.ready(file, _codings(file, asked)[0])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1000})
        elif scope["method"] not in ("GET", "HEAD"):
            await ONLY_READING.send(send)
        else:
            await self._read(scope, send)

    async def _read(self, scope: Scope, send: Send) -> None:
        prefix = scope.get("root_path", "")
        address = scope["path"].removeprefix(prefix)
        asked = _joined(scope["headers"])
        path = find(self._folder, address)
        elsewhere = (
            self._redirects.answer(address, scope.get("query_string", b"").decode("latin-1"), prefix)
            or to_people(path, asked)
            or with_slash(path, address)
        )
        if elsewhere is not None:
            await elsewhere.send(send)
        elif not path or not await self._send_file(page(path), asked, scope, send):
            await self._not_found.send(send, whole=scope["method"] == "GET")

    async def _send_file(self, path: str, asked: Asked, scope: Scope, send: Send) -> bool:
        """Send a file, or what is left in its place; returns whether there is either."""
        for _ in range(ATTEMPTS):
            try:
                if _is_gone(path):
                    await self._send_notice(path, send, whole=scope["method"] == "GET")
                else:
                    await self._send(await self._cache.file(path), asked, scope, send)
            except ChangedError:
                continue
            except OSError:
                return False
            return True
        await BEING_WRITTEN.send(send)
        return True

    async def _send(self, file: ServedFile, asked: Asked, scope: Scope, send: Send) -> None:
        whole = scope["method"] == "GET"
        part = part_wanted(file, asked) if whole else None
        self._remember(scope, file)
        known = file.not_modified(asked) if still_same(asked, file.tags, file.modified) else OTHER_BY_NOW
        if known is not None:
            await known.send(send)
        elif part is not None or file.is_large:
            await send_part(send, file, part, whole=whole)
        else:
            reply = await self._reply(file, asked)
            await reply.send(send, whole=whole)

    async def _reply(self, file: ServedFile, asked: Asked) -> Reply:
        """The file in the best coding that is at hand; a better one is made meanwhile for whoever asks next."""
        best, *others = _codings(file, asked)
        reply = self._cache.ready(file, best)
        if reply is not None or best in (GZIP, IDENTITY):
            return reply or await self._cache.reply(file, best)
        if self._cache.knows(file):
            self._cache.prepare(file, best)
        return await self._cache.reply(file, GZIP if GZIP in others else IDENTITY)

    async def _send_notice(self, path: str, send: Send, *, whole: bool) -> None:
        """410, with the page that says so, where there is one."""
        try:
            notice = await self._cache.file(os.path.join(os.path.dirname(path), INDEX))
        except FileNotFoundError:
            reply = _page_reply(410, self._not_found.body)
        else:
            reply = notice.reply(410, IDENTITY, (await self._cache.reply(notice, IDENTITY)).body)
        await reply.send(send, whole=whole)

    def _remember(self, scope: Scope, file: ServedFile) -> None:
        """Let this address be answered by `ready` from now on."""
        address = scope.get("raw_path") or b""
        plain = not scope.get("query_string") and not scope.get("root_path")
        if plain and 0 < len(address) <= LONGEST_ADDRESS and self._cache.knows(file):
            self._served[address] = file, _gone_mark(file.path)
            self._served.move_to_end(address)
            if len(self._served) > MOST_ADDRESSES:
                self._served.popitem(last=False)

    def _stands(self, address: bytes, file: ServedFile, mark: str) -> bool:
        """Whether a file is still what its address means; one look serves all who asked by this turn of the loop."""
        try:
            same = stamp_of(os.stat(file.path)) == file.stamp
        except OSError:
            return False
        if not same or (mark and os.access(mark, os.F_OK)) or self._redirects.has_changed():
            return False
        if not self._looked_at:
            asyncio.get_running_loop().call_soon(self._looked_at.clear)
        self._looked_at.add(address)
        return True

    def _link(self, path: str) -> str:
        return self._links.header(os.path.relpath(path, self._folder).replace(os.sep, "/"))


def _joined(headers: Sequence[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """The headers by name; what came in several lines is one list (RFC 9110, section 5.3)."""
    joined: dict[bytes, bytes] = {}
    for name, value in headers:
        joined[name] = joined[name] + b", " + value if name in joined else value
    return joined


def _codings(file: ServedFile, asked: Asked) -> tuple[Coding, ...]:
    """Those in which this reader may be sent the file, the best first."""
    return taken(asked.get(b"accept-encoding", b"")) if len(file.tags) > 1 else (IDENTITY,)


def _gone_mark(path: str) -> str:
    """The file by which what is here would be called withdrawn; empty for what is not withdrawn by itself."""
    folder, name = os.path.split(path)
    return os.path.join(folder, GONE) if name == INDEX or is_feed(name) else ""


def _is_gone(path: str) -> bool:
    mark = _gone_mark(path)
    return bool(mark) and os.path.exists(mark)


def _page_reply(status: int, page: bytes) -> Reply:
    values = {
        "content-type": "text/html; charset=utf-8",
        "content-length": str(len(page)),
        "cache-control": "no-cache",
        "content-security-policy": PAGE_POLICY,
    }
    return make_reply(status, values, page)
