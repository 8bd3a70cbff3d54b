"""Serves the files below public/: from memory while they do not change, with 304 for readers who have them.

The ETag is a hash of the bytes, so it is the same on every server and after every rebuild. A file `.gone` beside
an index.html says that its post was withdrawn: the page is then served with 410.
"""

import asyncio
import gzip
import hashlib
import os
from collections import OrderedDict
from dataclasses import dataclass
from email.utils import formatdate
from pathlib import Path
from urllib.parse import quote

from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from dispatch.web.conditional import is_known, takes_gzip
from dispatch.web.media_types import freshness, media_type, packs_well

CACHE_BYTES = 64 * 1024 * 1024
CACHED_AT_MOST = 4 * 1024 * 1024  # bytes of one file
SMALLEST_PACKED = 512  # bytes: below, gzip gains nothing
GONE = ".gone"
PAGE_POLICY = (
    "default-src 'none'; img-src * data:; media-src *; font-src 'self'; style-src 'self' 'unsafe-inline'; "
    "frame-ancestors 'none'; form-action 'none'; base-uri 'none'"
)
PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"  # an SVG opened by itself may hold scripts

RawHeaders = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class ServedFile:
    """A file as it goes out."""

    body: bytes
    packed: bytes | None  # gzip, where it is smaller
    digest: str
    modified: int  # Unix seconds
    kind: str

    @property
    def tags(self) -> frozenset[str]:
        """The entity tags of both packings: a strong tag names exact bytes."""
        return frozenset((self.digest, f"{self.digest}-gz"))


class FileCache:
    """The files last asked for, by path, time and size, within a bound."""

    def __init__(self, limit: int = CACHE_BYTES) -> None:
        self._files: OrderedDict[tuple[str, int, int], ServedFile] = OrderedDict()
        self._limit = limit
        self.size = 0  # bytes held

    async def get(self, path: str, found: os.stat_result) -> ServedFile:
        """The file, read anew only if it changed. Raises OSError."""
        key = (path, found.st_mtime_ns, found.st_size)
        if key in self._files:
            self._files.move_to_end(key)
            return self._files[key]
        file = await asyncio.to_thread(_load, path, int(found.st_mtime))
        if len(file.body) <= CACHED_AT_MOST and key not in self._files:
            self._keep(key, file)
        return file

    def _keep(self, key: tuple[str, int, int], file: ServedFile) -> None:
        self._files[key] = file
        self.size += _weight(file)
        while self.size > self._limit:
            _, oldest = self._files.popitem(last=False)
            self.size -= _weight(oldest)


class PublicFiles:
    """An ASGI application over one folder; nothing outside it can be reached."""

    def __init__(self, folder: Path, not_found: bytes, cache: FileCache | None = None) -> None:
        self._folder = os.path.realpath(folder)
        self._not_found = not_found
        self._cache = cache or FileCache()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1000})
        elif scope["method"] not in ("GET", "HEAD"):
            await _answer(send, 405, [(b"allow", b"GET, HEAD"), (b"content-length", b"0")])
        else:
            await self._serve(scope, send)

    async def _serve(self, scope: Scope, send: Send) -> None:
        asked = scope["path"].removeprefix(scope.get("root_path", ""))
        path = self._find(asked)
        if _lacks_slash(path, asked):
            location = quote(f"{asked.rsplit('/', 1)[-1]}/", safe="/")
            await _answer(send, 308, [(b"location", f"./{location}".encode()), (b"content-length", b"0")])
            return
        path = _page(path)
        try:
            file = await self._cache.get(path, os.stat(path)) if path else None
        except OSError:
            file = None
        if file is None:
            await self._miss(scope, send)
        else:
            await _send_file(scope, send, file, 410 if _is_gone(path) else 200)

    def _find(self, asked: str) -> str:
        """The path on disk, or "" for one that is hidden, malformed or outside the folder."""
        parts = [part for part in asked.split("/") if part]
        hidden = [part for part in parts if part.startswith(".") and part != ".well-known"]
        if hidden or "\0" in asked or "\\" in asked:
            return ""
        path = os.path.realpath(os.path.join(self._folder, *parts))
        inside = path == self._folder or path.startswith(self._folder + os.sep)
        return path if inside and (os.path.isdir(path) or not asked.endswith("/")) else ""

    async def _miss(self, scope: Scope, send: Send) -> None:
        headers = [
            (b"content-type", b"text/html; charset=utf-8"),
            (b"content-length", str(len(self._not_found)).encode()),
            (b"cache-control", b"no-cache"),
            (b"content-security-policy", PAGE_POLICY.encode()),
        ]
        await _answer(send, 404, headers, b"" if scope["method"] == "HEAD" else self._not_found)


def _lacks_slash(path: str, asked: str) -> bool:
    """Whether a folder was asked for as if it were a file: the relative links of its page would lead astray."""
    return bool(path) and not asked.endswith("/") and os.path.isdir(path)


def _page(path: str) -> str:
    """The file to serve: a folder's is its index.html."""
    return os.path.join(path, "index.html") if path and os.path.isdir(path) else path


async def _send_file(scope: Scope, send: Send, file: ServedFile, status: int) -> None:
    asked = Headers(scope=scope)
    packed = file.packed if takes_gzip(asked.get("accept-encoding", "")) else None
    headers = _headers(file, packed is not None)
    known = is_known(asked.get("if-none-match"), asked.get("if-modified-since"), file.tags, file.modified)
    if known and status == 200:
        await _answer(send, 304, headers)
        return
    body = packed if packed is not None else file.body
    headers += [(b"content-type", file.kind.encode()), (b"content-length", str(len(body)).encode())]
    if packed is not None:
        headers.append((b"content-encoding", b"gzip"))
    await _answer(send, status, headers, b"" if scope["method"] == "HEAD" else body)


def _headers(file: ServedFile, packed: bool) -> RawHeaders:
    """What a 200 and a 304 have in common."""
    policy = PICTURE_POLICY if file.kind.startswith("image/") else PAGE_POLICY
    values = {
        "etag": f'"{file.digest}-gz"' if packed else f'"{file.digest}"',
        "last-modified": formatdate(file.modified, usegmt=True),
        "cache-control": freshness(file.kind),
        "content-security-policy": policy,
    }
    if packs_well(file.kind):
        values["vary"] = "Accept-Encoding"
    return [(name.encode(), value.encode()) for name, value in values.items()]


async def _answer(send: Send, status: int, headers: RawHeaders, body: bytes = b"") -> None:
    common = [(b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"strict-origin-when-cross-origin")]
    await send({"type": "http.response.start", "status": status, "headers": headers + common})
    await send({"type": "http.response.body", "body": body})


def _load(path: str, modified: int) -> ServedFile:
    body = Path(path).read_bytes()
    kind = media_type(os.path.basename(path))
    packed = gzip.compress(body, 6, mtime=0) if packs_well(kind) and len(body) >= SMALLEST_PACKED else None
    digest = hashlib.sha256(body).hexdigest()[:32]
    return ServedFile(body, packed if packed and len(packed) < len(body) else None, digest, modified, kind)


def _weight(file: ServedFile) -> int:
    return len(file.body) + len(file.packed or b"")


def _is_gone(path: str) -> bool:
    return os.path.basename(path) == "index.html" and os.path.exists(os.path.join(os.path.dirname(path), GONE))
