"""What a feed says of where else it is: its hubs, its own address, the pages of its history."""

import json
from collections.abc import Callable
from dataclasses import replace

import feedparser
import pytest
from lxml import etree

from dispatch.model.feed import Feed
from dispatch.model.issue import Publication
from dispatch.model.post import Post
from dispatch.syndicate.contents import Topic
from dispatch.syndicate.entries import feed
from dispatch.syndicate.feedxml import atom, rss
from dispatch.syndicate.jsonfeed import json_feed

HOME = "https://news.example.org"
HUBS = (f"{HOME}/hub", "https://hub.example/?a=1&b=2")
ATOM = "{http://www.w3.org/2005/Atom}"
ARCHIVE = "{http://purl.org/syndication/history/1.0}archive"
XML = [(rss, "feed.xml", "application/rss+xml"), (atom, "atom.xml", "application/atom+xml")]


@pytest.fixture
def live(publication: Publication, make_topic: Callable[..., Topic], make_post: Callable[..., Post]) -> Feed:
    """A live feed of one post, with two hubs and seven pages of history."""
    made, _ = feed(publication, make_topic(make_post(), path="tags/python"), entries=30, full_text=True)
    return replace(made, hubs=HUBS, older=f"{HOME}/tags/python/archive/7")


@pytest.fixture
def page(live: Feed) -> Feed:
    """The seventh page of its history, which is full."""
    folder = f"{HOME}/tags/python/archive"
    return replace(live, hubs=(), live=live.base, base=f"{folder}/7", older=f"{folder}/6", newer=f"{folder}/8")


def links(data: bytes) -> list[tuple[str | None, str | None, str | None]]:
    """The feed's own links in its head, before any entry: relation, address, type."""
    root = etree.fromstring(data)
    head = root if root.tag == f"{ATOM}feed" else root[0]
    return [(link.get("rel"), link.get("href"), link.get("type")) for link in head.findall(f"{ATOM}link")]


@pytest.mark.parametrize(("write", "name", "kind"), XML)
def test_a_live_feed_names_itself_its_hubs_and_the_newest_page(
    live: Feed, write: Callable[[Feed], bytes], name: str, kind: str
) -> None:
    """WebSub, section 4, and RFC 5005, section 4: each document leads to those of its own format."""
    found = [link for link in links(write(live)) if link[0] != "alternate"]
    assert found == [
        ("self", f"{HOME}/tags/python/{name}", kind),
        ("hub", HUBS[0], None),
        ("hub", HUBS[1], None),
        ("prev-archive", f"{HOME}/tags/python/archive/7/{name}", kind),
    ]
    assert b"archive/>" not in write(live)
    assert feedparser.parse(write(live)).feed.link == f"{HOME}/tags/python/"


@pytest.mark.parametrize(("write", "name", "kind"), XML)
def test_a_page_of_the_archive_says_that_it_is_one(
    page: Feed, write: Callable[[Feed], bytes], name: str, kind: str
) -> None:
    """It names the live feed and the pages around it, and no hub: nobody is told of it."""
    found = [link for link in links(write(page)) if link[0] != "alternate"]
    assert found == [
        ("self", f"{HOME}/tags/python/archive/7/{name}", kind),
        ("current", f"{HOME}/tags/python/{name}", kind),
        ("prev-archive", f"{HOME}/tags/python/archive/6/{name}", kind),
        ("next-archive", f"{HOME}/tags/python/archive/8/{name}", kind),
    ]
    root = etree.fromstring(write(page))
    head = [element.tag for element in (root if write is atom else root[0])]
    assert head.index(ARCHIVE) < head.index(f"{ATOM}entry" if write is atom else "item")


@pytest.mark.parametrize("write", [rss, atom])
def test_a_page_that_is_not_full_is_not_archived_yet(page: Feed, write: Callable[[Feed], bytes]) -> None:
    """RFC 5005, section 4: whoever has read an archived document need not come back to it."""
    data = write(replace(page, newer=""))
    assert b"archive/>" not in data
    assert {link[0] for link in links(data)} - {"alternate"} == {"self", "current", "prev-archive"}


@pytest.mark.parametrize("write", [rss, atom])
def test_the_oldest_page_has_none_before_it(page: Feed, write: Callable[[Feed], bytes]) -> None:
    """There a reader has everything."""
    found = {link[0] for link in links(write(replace(page, older="")))}
    assert found - {"alternate"} == {"self", "current", "next-archive"}


def test_json_feed_leads_to_the_next_older_page(live: Feed, page: Feed) -> None:
    """JSON Feed 1.1 has `next_url` and `hubs`; a feed without has neither."""
    first, second, last = (json.loads(json_feed(one)) for one in (live, page, replace(page, older="")))
    assert first["feed_url"] == f"{HOME}/tags/python/feed.json"
    assert first["next_url"] == second["feed_url"] == f"{HOME}/tags/python/archive/7/feed.json"
    assert first["hubs"] == [{"type": "WebSub", "url": hub} for hub in HUBS]
    assert second["next_url"] == f"{HOME}/tags/python/archive/6/feed.json"
    assert not {"hubs", "next_url"} & set(last)


def test_the_rss_channel_has_a_picture_where_rss_knows_its_kind(live: Feed) -> None:
    """RSS knows GIF, JPEG and PNG; title and link are the channel's own, as its profile wants."""
    image = etree.fromstring(rss(live)).find("channel/image")
    assert {part.tag: part.text for part in image} == {
        "url": f"{HOME}/logo.png",
        "title": live.title,
        "link": f"{HOME}/tags/python/",
    }
    assert etree.fromstring(rss(replace(live, logo=f"{HOME}/logo.svg"))).find("channel/image") is None
