"""Where the pages of posts are, and which addresses of the site are not for them. Pure."""

import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, unquote
from zoneinfo import ZoneInfo

from dispatch.model.feed import FEED_FILES

PATTERN = "/posts/{slug}/"
PLACEHOLDERS = ("slug", "year", "month", "day", "language", "source")
DATES = ("{year}", "{month}", "{day}")
FEEDS = frozenset(file.name for file in FEED_FILES)
# What the site itself uses, by the first part of an address, in small letters.
FILES = FEEDS | {"index.html", "feeds.opml", "style.css", "_redirects"}
ALONE = frozenset({"hub", "healthz"})  # nothing lies below these
WHOLE = frozenset({"media", "issues", "subscribe", "preferences", "confirm", "p", "u", "f"})  # all that lies below, too
LISTED = frozenset({"lists", "tags", "languages", "authors", "archive", "follow"})  # pages and feeds lie below
_PLACE = re.compile(r"\{([^{}]*)\}")
_FIXED = re.compile(r"[\w~-]*").fullmatch


LONGEST = 1024  # bytes of a path below public/
LONGEST_PART = 240  # bytes of one folder or file of it: file systems end at 255, and a name is written beside the file


def is_too_long(path: str) -> bool:
    """Whether no disk can be trusted to hold a path below public/, unquoted."""
    return len(path.encode(errors="replace")) > LONGEST or any(
        len(part.encode(errors="replace")) > LONGEST_PART for part in path.split("/")
    )


def is_taken(path: str) -> bool:
    """Whether the site itself uses an address: a path below public/, unquoted, without slashes around it."""
    first, *rest = path.casefold().split("/")
    if not first or first in FILES or first in WHOLE:
        return True
    if first in ALONE:
        return not rest
    return first in LISTED and ("." not in path or path.casefold().rpartition("/")[2] in FILES)


def is_used(folder: str) -> bool:
    """Whether the site itself uses a folder, so that no pattern may put all posts into it."""
    return "{" not in folder and (is_taken(folder) or is_taken(f"{folder}/post"))


def checked(pattern: str) -> str:
    """The pattern of addresses, if posts can have them; else ValueError says what to write."""
    if not re.fullmatch(r"/([^/]+/)+", pattern):
        raise ValueError(f'must begin and end with a slash and hold no empty part, such as "{PATTERN}"')
    names = _PLACE.findall(pattern)
    if unknown := next((name for name in names if name not in PLACEHOLDERS), None):
        known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
        raise ValueError(f"does not know {{{unknown}}}; write what is fixed, and of {known} what you need")
    if names.count("slug") != 1:
        raise ValueError(f'must hold {{slug}} once, which tells posts apart, such as "{PATTERN}"')
    if not all(_FIXED(part) for part in _PLACE.sub("", pattern).split("/")):
        raise ValueError(f'may hold letters, digits, _, ~ and - beside what stands in braces, such as "{PATTERN}"')
    first = pattern.split("/")[1]
    if is_used(first):
        raise ValueError(f'lies in /{first}/, which the site itself uses; choose another folder, such as "{PATTERN}"')
    return pattern


@dataclass(frozen=True, slots=True)
class Permalink:
    """How the pages of one source's posts are addressed."""

    site: str  # the publication's address, without a trailing slash
    pattern: str = PATTERN
    zone: str = "UTC"  # IANA: whose days the date's parts are
    source: str = ""
    own: bool = False  # a post that has its home elsewhere has its page here all the same

    @property
    def dated(self) -> bool:
        """Whether a post needs a date for its address."""
        return any(part in self.pattern for part in DATES)

    def path(self, slug: str, language: str, published: datetime) -> str:
        """The folder of a post's page below public/: unquoted, without slashes around it."""
        day = published.astimezone(ZoneInfo(self.zone))
        values = {
            "slug": slug.strip("/"),
            "year": f"{day:%Y}".zfill(4),
            "month": f"{day:%m}",
            "day": f"{day:%d}",
            "language": language.lower(),
            "source": self.source,
        }
        return _PLACE.sub(lambda place: values[place[1]], self.pattern).strip("/")

    def url(self, path: str, home: str) -> str:
        """Where a post is read: at its home, if it has one elsewhere and no page of ours, else at `path`."""
        return home if home and not self.own else page_url(path, self.site)


def page_url(path: str, site: str) -> str:
    """The address of a page, as an ASCII URI (RFC 3986)."""
    return f"{site}/{quote(path)}/"


def page_path(url: str, site: str, home: str = "") -> str | None:
    """The folder of a post's page below public/, unquoted; None where it is not below the site, or is its home."""
    own = f"{site}/"
    return unquote(url.removeprefix(own)).strip("/") or None if url.startswith(own) and url != home else None
