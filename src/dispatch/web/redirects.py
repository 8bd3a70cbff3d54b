"""Former addresses and where they lead: the file `_redirects`, in the format that Netlify and Cloudflare Pages read.

A line is a path, the place it leads to, and perhaps a status: `/old/path /new/path 301`. `/old/* /new/:splat` moves all
that is below a folder, after the lines for single paths. What else those hosts know, such as rewrites, is left to them.
"""

import os
import re
from pathlib import Path
from urllib.parse import quote, unquote

from dispatch.web.replies import Reply, make_reply
from dispatch.web.served import Stamp, stamp_of

FILE = "_redirects"
LINE = re.compile(
    r"\s*(?P<source>/[^\s*:]*)(?P<below>(?<=/)\*)?\s+(?P<target>[!-~]+)(?:\s+(?P<status>\d{3}))?\s*(?:#.*)?"
)
SPLAT = ":splat"
STATUSES = frozenset({301, 302, 303, 307, 308})
KEPT_FOR = "public, max-age=300"  # not for ever: an address may come back

Place = tuple[int, str]  # status and Location


class Redirects:
    """The file as it is now."""

    def __init__(self, folder: str) -> None:
        self._path = os.path.join(folder, FILE)
        self._stamp: Stamp | None = None
        self._places: dict[str, Place] = {}
        self._folders: dict[str, Place] = {}

    def has_changed(self) -> bool:
        """Whether the file is another than the one that was read last."""
        return self._present() != self._stamp

    def answer(self, path: str, query: str, prefix: str = "") -> Reply | None:
        """Where a path leads, with or without a slash at its end, and with its query; None: nowhere else.

        `prefix` is the part of the address below which the site is served.
        """
        self._read()
        place = self._places.get(_key(path)) or self._below(path)
        if place is None:
            return None
        status, target = place
        location = f"{prefix}{target}" if target.startswith("/") else target
        if query and "?" not in location:
            location = f"{location}?{query}"
        return make_reply(status, {"location": location, "cache-control": KEPT_FOR, "content-length": "0"})

    def _below(self, path: str) -> Place | None:
        """Where a path leads because a folder above it does: the nearest one counts."""
        folder = path if self._folders else ""
        while folder:
            place = self._folders.get(folder.rstrip("/"))
            if place is not None:
                rest = quote(path[len(folder) :].lstrip("/"), safe="/-._~")  # led by a slash it might name a host
                return place[0], place[1].replace(SPLAT, rest)
            folder = folder.rstrip("/").rpartition("/")[0]
        return None

    def _read(self) -> None:
        stamp = self._present()
        if stamp == self._stamp:
            return
        try:
            text = Path(self._path).read_text("utf-8", "replace") if stamp else ""
        except OSError:
            text = ""
        self._places, self._folders = _places(text)
        self._stamp = stamp

    def _present(self) -> Stamp | None:
        try:
            return stamp_of(os.stat(self._path))
        except OSError:
            return None


def _key(path: str) -> str:
    return path.rstrip("/") or "/"


def _places(text: str) -> tuple[dict[str, Place], dict[str, Place]]:
    """Where single paths lead, and where folders do; the first line of each counts, as it does elsewhere."""
    found: tuple[dict[str, Place], dict[str, Place]] = {}, {}
    for match in filter(None, map(LINE.fullmatch, text.splitlines())):
        status = int(match["status"] or 301)
        if status in STATUSES:
            key = unquote(match["source"]).rstrip("/")
            found[bool(match["below"])].setdefault(key or "/", (status, match["target"]))
    return found
