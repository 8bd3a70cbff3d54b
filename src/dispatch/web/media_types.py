"""What each file below public/ is, and how long others may keep it."""

from dispatch.model.feed import CONTENT_TYPES
from dispatch.model.media_types import BROUGHT

FEEDS = CONTENT_TYPES
TYPES = {
    **BROUGHT,
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".xml": "application/xml; charset=utf-8",
    ".json": "application/json; charset=utf-8",
    ".svg": "image/svg+xml; charset=utf-8",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
}
UNKNOWN = "application/octet-stream"


def media_type(name: str) -> str:
    """The Content-Type of a file, from its name alone."""
    suffix = name[name.rfind(".") :].lower() if "." in name else ""
    return FEEDS.get(name) or TYPES.get(suffix, UNKNOWN)


def packs_well(kind: str) -> bool:
    """Whether packing makes this type smaller: it does with text; pictures, sound and films are packed already."""
    return "charset" in kind


def is_feed(name: str) -> bool:
    """Whether a file of this name is a feed."""
    return name in FEEDS


def freshness(kind: str) -> str:
    """Cache-Control: feeds are asked for by the minute, pages must be current, pictures hardly change.

    A cache that many share asks for a feed each time: a hub that was told of news must not be given the old by a CDN.
    """
    if kind in FEEDS.values():
        return "public, max-age=300, s-maxage=0"
    return "no-cache" if kind.startswith("text/") else "public, max-age=86400"
