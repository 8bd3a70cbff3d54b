"""Keeps a live feed below 1 MiB: WebSub subscribers and many readers take no more."""

from collections.abc import Callable
from dataclasses import replace

from dispatch.model.feed import Feed

LIMIT = 1024 * 1024  # bytes
FEWEST = 10  # entries a feed keeps as long as cutting full texts can still help


def fit(feed: Feed, write: Callable[[Feed], bytes], limit: int = LIMIT) -> bytes:
    """The feed as `write` writes it, within `limit` bytes: the oldest entries go first, then full texts, longest first.

    A feed whose bare summaries are still too long loses entries down to the last one.
    """
    data = write(feed)
    while len(data) > limit and (smaller := _smaller(feed)):
        feed = smaller
        data = write(feed)
    return data


def _smaller(feed: Feed) -> Feed | None:
    entries = feed.entries
    if len(entries) > FEWEST:
        return replace(feed, entries=entries[:-1])
    longest = max(range(len(entries)), key=lambda index: len(entries[index].html), default=None)
    if longest is not None and entries[longest].html:
        shorter = replace(entries[longest], html="")
        return replace(feed, entries=(*entries[:longest], shorter, *entries[longest + 1 :]))
    return replace(feed, entries=entries[:-1]) if len(entries) > 1 else None
