"""What each file below public/ is, and how long others may keep it."""

from dispatch.model.feed import FEED_FILES

FEEDS = {file.name: f"{file.media_type}; charset=utf-8" for file in FEED_FILES}
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".xml": "application/xml; charset=utf-8",
    ".json": "application/json; charset=utf-8",
    ".svg": "image/svg+xml; charset=utf-8",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".avif": "image/avif",
    ".ico": "image/x-icon",
    ".pdf": "application/pdf",
    ".mp3": "audio/mpeg",
    ".m4a": "audio/mp4",
    ".ogg": "audio/ogg",
    ".mp4": "video/mp4",
    ".webm": "video/webm",
    ".woff2": "font/woff2",
}
UNKNOWN = "application/octet-stream"


def media_type(name: str) -> str:
    """The Content-Type of a file, from its name alone."""
    suffix = name[name.rfind(".") :].lower() if "." in name else ""
    return FEEDS.get(name) or TYPES.get(suffix, UNKNOWN)


def packs_well(kind: str) -> bool:
    """Whether gzip makes this type smaller: text does, pictures are packed already."""
    return "charset" in kind


def freshness(kind: str) -> str:
    """Cache-Control: feeds are asked for by the minute, pages must be current, pictures hardly change."""
    if kind in FEEDS.values():
        return "public, max-age=300"
    return "no-cache" if kind.startswith("text/") else "public, max-age=86400"
