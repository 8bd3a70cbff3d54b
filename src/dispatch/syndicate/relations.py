"""The documents that a feed belongs together with, by link relations: hubs, and the pages of its history."""

from dataclasses import dataclass

from dispatch.model.feed import Feed, FeedFile


@dataclass(frozen=True, slots=True)
class Relation:
    """One link of a feed, as Atom and RSS hold it."""

    rel: str
    href: str
    media_type: str = ""


def relations(feed: Feed, file: FeedFile) -> tuple[Relation, ...]:
    """A feed's links in one format, but for those to itself and to the page for people.

    WebSub, section 4: `hub`. RFC 5005, section 4: `current`, `prev-archive`, `next-archive`.
    """
    hubs = [Relation("hub", hub) for hub in feed.hubs]
    pages = [("current", feed.live), ("prev-archive", feed.older), ("next-archive", feed.newer)]
    return (*hubs, *(Relation(rel, f"{folder}/{file.name}", file.media_type) for rel, folder in pages if folder))
