"""A syndicated document and the posts in it."""

from dataclasses import dataclass
from datetime import datetime

from dispatch.model.post import Enclosure, Picture


@dataclass(frozen=True, slots=True)
class FeedFile:
    """One format of every feed, as a file in its topic's folder."""

    name: str
    title: str  # what people call the format
    media_type: str

    @property
    def content_type(self) -> str:
        """The media type as HTTP says it, to whoever fetches the file and to whoever is sent it."""
        return f"{self.media_type}; charset=utf-8"


RSS = FeedFile("feed.xml", "RSS", "application/rss+xml")  # version 2.0
ATOM = FeedFile("atom.xml", "Atom", "application/atom+xml")  # RFC 4287
JSON_FEED = FeedFile("feed.json", "JSON Feed", "application/feed+json")  # version 1.1
FEED_FILES = (RSS, ATOM, JSON_FEED)
CONTENT_TYPES = {file.name: file.content_type for file in FEED_FILES}


@dataclass(frozen=True, slots=True)
class Entry:
    """A post as a feed shows it."""

    uid: str
    uid_is_link: bool
    url: str
    title: str
    summary: str  # plain text
    html: str
    published: datetime
    updated: datetime
    authors: tuple[str, ...]
    tags: tuple[str, ...]
    language: str
    image: Picture | None
    enclosures: tuple[Enclosure, ...] = ()


@dataclass(frozen=True, slots=True)
class Feed:
    """One topic in all its formats: RSS, Atom and JSON differ only in the file's name."""

    uid: str
    path: str  # the folder below public/, "" for the publication's own, "lists/weekly" for a list's
    title: str
    description: str
    home: str  # address of the page for people
    base: str  # address of the folder, without a trailing slash
    language: str
    author: str
    logo: str
    updated: datetime
    entries: tuple[Entry, ...]  # newest first
    hubs: tuple[str, ...] = ()  # addresses of WebSub hubs that push it; an archive page has none
    older: str = ""  # folder of the archive page before this document, absolute; empty: there is none
    live: str = ""  # folder of the live feed whose archive page this is, absolute; empty: this is a live one
    newer: str = ""  # folder of the archive page after this one, absolute; empty: posts may still come to this one
