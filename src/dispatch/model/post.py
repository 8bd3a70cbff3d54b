"""A post, from the raw bytes a source hands over to the clean piece that is mailed and fed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

MAX_BYTES = 2 * 1024 * 1024  # of a post's text


class MediaType(StrEnum):
    """How a raw post is written."""

    MARKDOWN = "text/markdown"
    HTML = "text/html"
    PLAIN = "text/plain"


class PostState(StrEnum):
    """Whether readers may see a post."""

    DRAFT = "draft"  # its author says that it is not ready
    SCHEDULED = "scheduled"  # its date lies ahead
    LIVE = "live"
    WITHDRAWN = "withdrawn"  # a tombstone: keeps identity and arrival, is never mailed again


@dataclass(frozen=True, slots=True)
class Problem:
    """Something a person should mend, named so that they can find it."""

    where: str  # a file below the publication, or an address
    message: str  # what is wrong and what to do
    line: int | None = None  # 1-based, where known
    fatal: bool = True  # True: the thing was left out; False: it was used all the same

    def __str__(self) -> str:
        place = f"{self.where}:{self.line}" if self.line else self.where
        return f"{place}: {self.message}"


@dataclass(frozen=True, slots=True)
class RawPost:
    """One post as its source found it: not parsed, not trusted."""

    ref: str  # how the source finds it again: a path relative to its folder, a guid
    stamp: str  # changes whenever the post may have changed (size and mtime, a content hash)
    media_type: MediaType
    data: bytes  # the whole text, front matter included, as UTF-8 or what the author used
    where: str  # for messages: the path or address a person knows
    meta: Mapping[str, Any] = field(default_factory=dict)  # what the source already knows, in front matter's words
    link: str | None = None  # the post's own home, where it has one elsewhere
    path: Path | None = None  # the file itself, where pictures beside it can be found
    root: Path | None = None  # the source's folder: no file outside it is ever read
    index: bool = False  # True: the post is a folder, this its index file


@dataclass(frozen=True, slots=True)
class SourcePass:
    """What one look at a source brought."""

    source: str
    changed: tuple[RawPost, ...]  # new, or no longer what its stamp says
    present: frozenset[str]  # the refs of all that is there now, changed or not
    problems: tuple[Problem, ...] = ()
    whole: bool = True  # False: the source does not list all it ever had; nothing may be withdrawn
    state: Mapping[str, Any] = field(default_factory=dict)  # what the source wants back next time


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that belongs to a post."""

    url: str  # absolute
    alt: str
    width: int | None = None  # pixels
    height: int | None = None


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file that goes with a post, such as an episode to listen to."""

    url: str  # absolute
    length: int  # bytes, as they are; 0: not known
    media_type: str
    seconds: int | None = None  # how long it plays, where that is known


@dataclass(frozen=True, slots=True)
class Asset:
    """A file of the publication that a post shows, to be copied below `public/`."""

    source: Path
    target: str  # relative to public/, with / between the parts
    mails: str = ""  # the target of the picture in whose place mail shows this one, made of the same file


@dataclass(frozen=True, slots=True)
class CleanPost:
    """A raw post made safe: everything in it may be mailed, fed and shown as it is."""

    ref: str
    stamp: str
    where: str
    content_hash: str  # of the author's bytes: finds a file that only moved
    revision: str  # of all fields a reader sees: changes if and only if they do
    title: str  # plain text, never empty
    html: str  # clean, headings from h2 down, addresses absolute
    summary: str  # plain text, at most some 300 characters
    language: str  # BCP 47
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    published: datetime | None = None  # an instant; None: the moment it was first seen
    updated: datetime | None = None  # an instant the author gave
    draft: bool = False
    slug: str = ""  # as derived or given, Unicode kept; may hold / where a path was given
    explicit_slug: bool = False
    explicit_id: str | None = None
    guid: str | None = None  # the identifier an old site gave, kept for feeds
    link: str | None = None  # the post's home elsewhere
    canonical: str | None = None  # the address by which the same story is known wherever it is repeated
    aliases: tuple[str, ...] = ()  # old paths on this site, unquoted, without slashes around them
    aliases_line: int | None = None  # where they are named in the file
    translation: str | None = None  # what its translations have in common
    image: Picture | None = None
    assets: tuple[Asset, ...] = ()
    enclosures: tuple[Enclosure, ...] = ()
    problems: tuple[Problem, ...] = ()  # none of them fatal


@dataclass(frozen=True, slots=True)
class Post:
    """One published piece, as the store keeps it."""

    id: int
    uid: str  # the stored feed id: a tag: URI, or the old site's guid
    source: str
    ref: str
    where: str
    slug: str
    url: str  # where it is read, absolute: its page here, or its home
    title: str
    html: str
    summary: str
    language: str
    state: PostState
    revision: str
    published: datetime
    updated: datetime
    changed: datetime  # when what readers see last changed
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    image: Picture | None = None
    arrival: int | None = None  # its place in the publication's order; None: not yet visible
    archive: bool = False  # seen by its source's first pass: mailed only where `since` says so
    guid_is_link: bool = False  # the uid is an address that opens the post
    assets: tuple[Asset, ...] = ()
    translation: str | None = None  # what it has in common with itself in another language
    canonical: str = ""  # the address by which the same story is known; empty: its own page here
    guid: str = ""  # the identifier that its source gave it
    home: str = ""  # where it was first published, if elsewhere; its page is ours unless its url says the same
    enclosures: tuple[Enclosure, ...] = ()
