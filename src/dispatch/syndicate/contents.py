"""What a site is made of: topics with their feeds and history, and what all pages say alike."""

from dataclasses import dataclass
from urllib.parse import quote

from dispatch.model.issue import MailingList, Publication
from dispatch.model.post import Post

INDEX = "index.html"


@dataclass(frozen=True, slots=True)
class ArchivePage:
    """A page of a topic's history."""

    number: int  # 1 is the oldest
    posts: tuple[Post, ...]  # newest first
    full: bool = False  # no post comes to it any more


@dataclass(frozen=True, slots=True)
class Topic:
    """One selection of posts, with a page and a feed in each format."""

    path: str  # the folder below public/: "" for the whole publication, "lists/weekly", "tags/python"
    title: str
    description: str
    posts: tuple[Post, ...]  # newest first
    uid: str  # of the feed: minted once, never recomputed
    language: str = ""  # of all its posts (BCP 47); empty: of any
    last: int = 0  # the number of the last page of its history; 0: it has none, for its feeds hold all
    older: int = 0  # the page of its history where its own page goes on; 0: that shows everything


@dataclass(frozen=True, slots=True)
class TopicPage:
    """Where the posts of a tag, an author or a language are listed."""

    name: str  # as posts carry it
    path: str  # of its topic: "tags/python"
    title: str  # of its feeds


@dataclass(frozen=True, slots=True)
class SiteContents:
    """What all that one pass writes has in common."""

    publication: Publication
    lists: tuple[MailingList, ...]
    tags: tuple[TopicPage, ...] = ()  # that show a post now
    authors: tuple[TopicPage, ...] = ()
    languages: tuple[TopicPage, ...] = ()
    hubs: tuple[str, ...] = ()  # WebSub's
    entries: int = 30  # of a live feed, at most
    full_text: bool = True

    def mailing_list(self, path: str) -> MailingList | None:
        """The list whose topic this is, if it is a list's."""
        return next((item for item in self.lists if path == f"lists/{item.slug}"), None)


def address(publication: Publication, path: str) -> str:
    """The absolute address of a path below public/, as an ASCII URI (RFC 3986)."""
    return f"{publication.url}/{quote(path)}" if path else publication.url


def archive_folder(path: str, number: int) -> str:
    """Where a page of a topic's history is."""
    return f"{path}/archive/{number}".lstrip("/")
