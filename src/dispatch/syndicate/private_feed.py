"""One subscriber's own feed: written once for all who read the same, with a marker where each one's token stands.

It belongs to nobody but its reader: no hub hears of it, no file holds it, and nothing in it tells whose it is but the
address itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from dispatch.content.text_clean import one_line
from dispatch.errors import ContentError
from dispatch.model.feed import Entry, Feed
from dispatch.model.issue import Publication
from dispatch.model.post import Post
from dispatch.syndicate.budget import LIMIT, fit
from dispatch.syndicate.characters import uri
from dispatch.syndicate.entries import EMPTY_SINCE, entry
from dispatch.syndicate.site import WRITERS

FOLDER = "f"  # of all private feeds, below `web_url`
ROOM = 1024  # bytes that tokens may be longer than markers, all of them together


@dataclass(frozen=True, slots=True)
class Wording:
    """What such a feed says of itself, in its reader's language."""

    title: str
    description: str
    language: str  # BCP 47


@dataclass(frozen=True, slots=True)
class SharedBody:
    """A document without the one thing in which its readers' copies differ."""

    pieces: tuple[bytes, ...]  # the token stands between each two

    @property
    def size(self) -> int:
        """How many bytes it holds."""
        return sum(map(len, self.pieces))

    def of(self, token: str) -> bytes:
        """One reader's document."""
        return token.encode().join(self.pieces)


def private_feed(
    publication: Publication, posts: Sequence[Post], wording: Wording, token: str, *, full_text: bool
) -> Feed:
    """The posts, in their order, as a feed at the address of this token; what no feed can show is left out."""
    entries = {item.uid: item for post in posts for item in _entry(post, full_text)}
    base = f"{publication.web_url}/{FOLDER}/{token}"
    return Feed(
        uid=base,
        path="",
        title=one_line(wording.title),
        description=one_line(wording.description),
        home=f"{publication.url}/",
        base=base,
        language=wording.language,
        author=one_line(publication.author or publication.title),
        logo=uri(publication.logo),
        updated=max((item.updated for item in entries.values()), default=EMPTY_SINCE),
        entries=tuple(entries.values()),
    )


def _entry(post: Post, full_text: bool) -> list[Entry]:
    try:
        return [entry(post, full_text)]
    except (ContentError, ValueError, TypeError):
        return []  # whoever writes the site's feeds reports it


def shared_body(feed: Feed, marker: str, name: str) -> SharedBody:
    """The feed as the file of this name, to be shared by all who read the same; `marker` stands for the token in it.

    Raises ContentError for a feed that cannot be written.
    """
    return SharedBody(tuple(fit(feed, WRITERS[name], LIMIT - ROOM).split(marker.encode())))
