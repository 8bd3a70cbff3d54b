"""What a site is made of: the topics that have feeds, and the posts whose pages have to be written."""

from dataclasses import dataclass
from urllib.parse import quote

from dispatch.model.issue import MailingList, Publication
from dispatch.model.post import Post


@dataclass(frozen=True, slots=True)
class Topic:
    """One selection of posts, with a page and a feed in each format."""

    path: str  # the folder below public/: "" for the whole publication, "lists/weekly", "tags/python"
    title: str
    description: str
    posts: tuple[Post, ...]  # newest first
    uid: str  # of the feed: minted once, never recomputed


@dataclass(frozen=True, slots=True)
class TagPage:
    """Where the posts of a tag are listed."""

    tag: str  # as posts carry it
    path: str  # of its topic: "tags/python"


@dataclass(frozen=True, slots=True)
class SiteContents:
    """All that one pass may have to write."""

    publication: Publication
    lists: tuple[MailingList, ...]
    topics: tuple[Topic, ...]
    changed: tuple[Post, ...]  # live ones get their page anew, all others a notice in its place
    tags: tuple[TagPage, ...] = ()  # every tag in use, whether its topic is written in this pass or not

    def mailing_list(self, topic: Topic) -> MailingList | None:
        """The list whose topic this is, if it is a list's."""
        return next((item for item in self.lists if topic.path == f"lists/{item.slug}"), None)


def address(publication: Publication, path: str) -> str:
    """The absolute address of a path below public/, as an ASCII URI (RFC 3986)."""
    return f"{publication.url}/{quote(path)}" if path else publication.url
