"""Keeps a feed's file below 1 MiB: WebSub subscribers and many readers take no more."""

from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import replace

from dispatch.model.feed import Feed

LIMIT = 1024 * 1024  # bytes
FEWEST = 10  # entries a feed keeps as long as cutting full texts can still help


def fit(feed: Feed, write: Callable[[Feed], bytes], limit: int = LIMIT) -> bytes:
    """The feed as `write` writes it, within `limit` bytes: the oldest entries go first, then full texts, longest first.

    A page of a feed's history keeps its entries, for nothing else has them, as long as summaries are short enough. If
    one bare entry is still too long it stays so.
    """
    data = write(feed)
    if len(data) <= limit:
        return data
    smaller = list(_smaller(feed)) or [feed]
    first_fit = bisect_left(smaller, x=True, key=lambda one: len(write(one)) <= limit)
    return write(smaller[min(first_fit, len(smaller) - 1)])


def _smaller(feed: Feed) -> Iterator[Feed]:
    """The feed with less and less in it."""
    while not feed.live and len(feed.entries) > FEWEST:
        feed = replace(feed, entries=feed.entries[:-1])
        yield feed
    for index in sorted(range(len(feed.entries)), key=lambda one: len(feed.entries[one].html), reverse=True):
        shorter = replace(feed.entries[index], html="")
        feed = replace(feed, entries=(*feed.entries[:index], shorter, *feed.entries[index + 1 :]))
        yield feed
    while len(feed.entries) > 1:
        feed = replace(feed, entries=feed.entries[:-1])
        yield feed
