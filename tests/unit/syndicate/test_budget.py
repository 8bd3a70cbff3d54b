"""A live feed stays small enough for everybody who reads it."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from dispatch.model.feed import Feed
from dispatch.model.issue import Publication
from dispatch.model.post import Post
from dispatch.syndicate.budget import FEWEST, LIMIT, fit
from dispatch.syndicate.contents import Topic
from dispatch.syndicate.entries import feed
from dispatch.syndicate.feedxml import atom, rss
from dispatch.syndicate.jsonfeed import json_feed

Maker = Callable[[int, int], Feed]


@pytest.fixture
def make_feed(publication: Publication, make_topic: Callable[..., Topic], make_post: Callable[..., Post]) -> Maker:
    """Make a feed of so many entries, each with so many characters of text."""

    def make(count: int, size: int) -> Feed:
        posts = [make_post(number, html="x" * size) for number in range(count, 0, -1)]
        return feed(publication, make_topic(*posts), entries=500, full_text=True)[0]

    return make


def _entries(data: bytes) -> int:
    return data.count(b"</entry>")


def test_a_small_feed_is_left_whole(make_feed: Maker) -> None:
    """What fits is not touched."""
    made = make_feed(30, 100)
    assert fit(made, atom) == atom(made)


def test_the_oldest_entries_go_first(make_feed: Maker) -> None:
    """Over the limit the feed ends earlier, and the rest keeps its full text."""
    data = fit(make_feed(30, 60_000), atom)
    assert len(data) <= LIMIT
    assert FEWEST < _entries(data) < 30
    assert b"Title 30" in data
    assert b"Title 1 " not in data


@pytest.mark.parametrize("write", [rss, atom, json_feed])
def test_then_full_texts_go(make_feed: Maker, write: Callable[[Feed], bytes]) -> None:
    """Ten huge posts stay ten entries; the longest texts make way for their summaries."""
    data = fit(make_feed(10, 300_000), write)
    assert len(data) <= LIMIT
    assert data.count(b"Summary") >= 10


def test_a_limit_that_nothing_meets_leaves_one_entry(make_feed: Maker) -> None:
    """Even then the feed says what is newest."""
    assert _entries(fit(make_feed(12, 10), atom, limit=10)) == 1


def test_a_page_of_the_archive_keeps_every_entry(make_feed: Maker) -> None:
    """Nothing else has them: below 1 MiB it is full texts that give way to summaries."""
    data = fit(replace(make_feed(50, 60_000), live="https://news.example.org"), atom)
    assert len(data) <= LIMIT
    assert _entries(data) == 50
