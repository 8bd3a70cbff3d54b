"""Somebody else's feed brings its enclosures along, and so does one of ours, in each format."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from dispatch.client import Fetched
from dispatch.model.feed import Entry, Feed
from dispatch.model.post import Enclosure, Picture
from dispatch.sources.feed_item import FeedItem
from dispatch.sources.feed_json import read_json
from dispatch.sources.feed_xml import read_xml
from dispatch.syndicate.feedxml import atom, rss
from dispatch.syndicate.jsonfeed import json_feed

RSS = """<rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/"
 xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"><channel><title>T</title><item><guid>1</guid>
%s</item></channel></rss>"""
DAY = datetime(2026, 1, 1, tzinfo=UTC)
ENTRY = Entry(
    "1", False, "https://x.org/1", "T", "S", "<p>B</p>", DAY, DAY, (), (), "en", Picture("https://x.org/p.png", "P")
)
FEED = Feed("tag:x.org,2026:f", "", "T", "D", "https://x.org/", "https://x.org", "en", "A", "", DAY, (ENTRY,))


def item(data: bytes) -> FeedItem:
    """The only item of an RSS or Atom document."""
    (found,) = read_xml(Fetched(200, {}, data, "https://x.org/feed.xml"))[0]
    return found


def item_of_json(data: bytes) -> FeedItem:
    """The only item of a JSON Feed."""
    (found,) = read_json(Fetched(200, {}, data, "https://x.org/feed.json"))
    return found


@pytest.mark.parametrize(("write", "read"), [(rss, item), (atom, item), (json_feed, item_of_json)])
def test_what_we_write_we_read(write: Callable[[Feed], bytes], read: Callable[[bytes], FeedItem]) -> None:
    """Every enclosure with address, type, length and duration; the picture stays the picture."""
    sound = Enclosure("https://x.org/a.mp3", 1000, "audio/mpeg", 70)
    film = Enclosure("https://x.org/b.webm", 0, "video/webm")
    found = read(write(replace(FEED, entries=(replace(ENTRY, enclosures=(sound, film)),))))
    assert found.enclosures == (
        {"url": sound.url, "type": "audio/mpeg", "length": "1000", "duration": "70"},
        {"url": film.url, "type": "video/webm"},
    )
    assert found.image == "https://x.org/p.png"


def test_a_podcasts_own_words_for_duration_are_read() -> None:
    """It belongs to the first enclosure; a length of nought is none."""
    said = (
        '<enclosure url="https://x.org/a.mp3" length="0" type="audio/mpeg"/><itunes:duration>1:02:03</itunes:duration>'
    )
    assert item((RSS % said).encode()).enclosures == (
        {"url": "https://x.org/a.mp3", "type": "audio/mpeg", "duration": "1:02:03"},
    )


@pytest.mark.parametrize(
    "said",
    [
        '<enclosure length="1" type="audio/mpeg"/>',
        '<media:content url="https://x.org/v/1" type="application/x-shockwave-flash"/>',
        '<media:content url="https://x.org/p.png" medium="image"/>',
    ],
)
def test_what_is_no_file_to_listen_to_is_none(said: str) -> None:
    """No address; a player and not a film; a picture."""
    assert item((RSS % said).encode()).enclosures == ()


@pytest.mark.parametrize("attachments", ["null", "7", "[7, {}]", '[{"url": 7}]'])
def test_attachments_of_a_wrong_kind_cost_nothing(attachments: str) -> None:
    """The item is read without them."""
    feed = '{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "1", "attachments": ATTACHMENTS}]}'
    found = item_of_json(feed.replace("ATTACHMENTS", attachments).encode())
    assert (found.guid, found.enclosures) == ("1", ())
