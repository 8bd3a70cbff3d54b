"""What a feed reader gets at the address of a subscriber's own feed."""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from dispatch.acts.private_feed import OwnFeed, feed_at
from dispatch.catalogue import phrase
from dispatch.context import Context
from dispatch.model.post import Post
from dispatch.model.subscriber import SubscriptionState
from dispatch.publish.private_feed import private_posts
from dispatch.render.marker import marker_for
from dispatch.store import private_feeds, subscribers
from dispatch.syndicate.private_feed import SharedBody, Wording, private_feed, shared_body

CACHE_BYTES = 8 * 1024 * 1024
TITLE = phrase("%(title)s, for you")
DESCRIPTION = phrase("What you chose to read, by your lists and tags.")
ENDED = phrase("This feed has ended: its address was replaced or switched off, or its reader left every list.")

Key = tuple[str, str, tuple[tuple[int, str, str], ...]]  # the file, the language, and of each post all that it shows


@dataclass(frozen=True, slots=True)
class Reading:
    """What there is at an address of ours."""

    body: bytes | None  # nothing: the address counts no longer
    said: str = ""  # why, in the reader's language
    language: str = ""  # which that is; empty: the publication's
    own: OwnFeed | None = None  # where the feed is; nothing: it has ended


class PrivateReading:
    """Bodies are written once for all who read the same, and kept within a bound; each reader's token is put in."""

    def __init__(self, context: Context, limit: int = CACHE_BYTES) -> None:
        self._context, self._limit = context, limit
        self._bodies: OrderedDict[Key, SharedBody] = OrderedDict()
        self._size = 0  # bytes held
        self._writing = asyncio.Lock()
        self.written = 0  # bodies so far

    async def read(self, token: str, name: str) -> Reading:
        """The file of this name in somebody's own feed, as it is now.

        Raises TokenError for an address that was not made here, StoreError, or ContentError for a feed that cannot be
        written.
        """
        context, read = self._context, self._context.keyring.read_feed(token)
        async with context.store.read() as tx:
            row = await private_feeds.of_person(tx, read.subscriber)
            language = (row.language if row else "") or context.publication.language
            counts = row is not None and row.open and row.series == read.series
            mine = await subscribers.of_person(tx, read.subscriber) if counts else []
            active = [one for one in mine if one.state is SubscriptionState.ACTIVE]
            if not active:
                return Reading(None, context.theme.catalogue(language).gettext(ENDED), language)
            posts = await private_posts(tx, context, active)
        body = await self._body((name, language, tuple((one.id, one.revision, one.url) for one in posts)), posts)
        return Reading(body.of(token), language=language, own=feed_at(context.publication, token, read.series))

    async def _body(self, key: Key, posts: Sequence[Post]) -> SharedBody:
        """From what is kept or, one at a time, written now: whoever wants the same at once waits for it."""
        if key not in self._bodies:
            async with self._writing:
                if key not in self._bodies:
                    return self._keep(key, await asyncio.to_thread(self._write, key, posts))
        self._bodies.move_to_end(key)
        return self._bodies[key]

    def _keep(self, key: Key, body: SharedBody) -> SharedBody:
        self._bodies[key] = body
        self._size += body.size
        self.written += 1
        while self._size > self._limit and len(self._bodies) > 1:
            _, oldest = self._bodies.popitem(last=False)
            self._size -= oldest.size
        return body

    def _write(self, key: Key, posts: Sequence[Post]) -> SharedBody:
        name, language, _ = key
        publication, full_text = self._context.publication, self._context.config.feeds.full_text
        say = self._context.theme.catalogue(language).gettext
        wording = Wording(say(TITLE, title=publication.title), say(DESCRIPTION), language)
        marker = marker_for(text for one in posts for text in (one.title, one.html, one.summary, one.url, one.uid))
        return shared_body(private_feed(publication, posts, wording, marker, full_text=full_text), marker, name)
