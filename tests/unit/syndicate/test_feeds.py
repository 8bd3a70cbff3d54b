"""Every format says all that a post has, to the reader that reads it, whatever the post holds."""

import json
import locale
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path

import feedparser
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from dispatch.model.feed import Feed
from dispatch.model.issue import Publication
from dispatch.model.post import Post, PostState
from dispatch.syndicate.contents import Topic
from dispatch.syndicate.entries import feed
from dispatch.syndicate.feedxml import atom, rss
from dispatch.syndicate.jsonfeed import json_feed

FORMATS = [rss, atom, json_feed]
HOSTILE = "a\x00\x07\x0b\x1b\x85\ud800\udfff\ufffe\uffff ]]> & < > \"' <b>x</b> é 😀"


@pytest.fixture
def make_feed(publication: Publication, make_topic: Callable[..., Topic]) -> Callable[..., Feed]:
    """Make a feed of these posts."""

    def make(*posts: Post, full_text: bool = True, entries: int = 30) -> Feed:
        return feed(publication, make_topic(*posts), entries=entries, full_text=full_text)[0]

    return make


def test_rss_is_read_back_whole(make_feed: Callable[..., Feed], make_post: Callable[..., Post]) -> None:
    """feedparser finds each field of an entry in RSS."""
    parsed = feedparser.parse(rss(make_feed(make_post(3))), sanitize_html=False)
    (item,) = parsed.entries
    assert not parsed.bozo
    assert parsed.version == "rss20"
    assert (item.id, item.guidislink) == ("tag:news.example.org,2026:3", False)
    assert (item.title, item.link) == ("Title 3 & more", "https://news.example.org/posts/post-3/")
    assert item.content[0].value == "<p>Body 3 &amp; <b>bold</b></p>"
    assert item.summary == "Summary 3: a &lt; b &amp; c"
    assert [author.name for author in item.authors] == ["Ann Lindqvist", "Jo Kim"]
    assert [tag.term for tag in item.tags] == ["Python", "slow mail"]
    assert item.published == "Wed, 04 Nov 2026 07:30:00 GMT"
    assert item.media_content[0] == {
        "url": "https://news.example.org/media/3.png",
        "medium": "image",
        "width": "640",
        "height": "480",
    }


def test_atom_is_read_back_whole(make_feed: Callable[..., Feed], make_post: Callable[..., Post]) -> None:
    """feedparser finds each field of an entry in Atom."""
    parsed = feedparser.parse(atom(make_feed(make_post(3, language="de"))), sanitize_html=False)
    (item,) = parsed.entries
    assert not parsed.bozo
    assert parsed.version == "atom10"
    assert item.id == "tag:news.example.org,2026:3"
    assert item.links == [{"href": item.link, "rel": "alternate", "type": "text/html"}]
    assert item.content[0] == {
        "type": "text/html",
        "language": "de",
        "base": "",
        "value": "<p>Body 3 &amp; <b>bold</b></p>",
    }
    assert (item.title, item.summary) == ("Title 3 & more", "Summary 3: a < b & c")
    assert [author.name for author in item.authors] == ["Ann Lindqvist", "Jo Kim"]
    assert [tag.term for tag in item.tags] == ["Python", "slow mail"]
    assert (item.published, item.updated[:19]) == ("2026-11-04T07:30:00+00:00", "2026-11-04T09:00:00")
    assert item.media_content[0]["url"] == "https://news.example.org/media/3.png"


def test_json_feed_is_read_back_whole(make_feed: Callable[..., Feed], make_post: Callable[..., Post]) -> None:
    """Each field of an entry is in JSON Feed under its name of version 1.1."""
    document = json.loads(json_feed(make_feed(make_post(3, language="de"))))
    assert document["version"] == "https://jsonfeed.org/version/1.1"
    assert document["feed_url"] == "https://news.example.org/feed.json"
    assert document["items"] == [
        {
            "id": "tag:news.example.org,2026:3",
            "url": "https://news.example.org/posts/post-3/",
            "title": "Title 3 & more",
            "content_html": "<p>Body 3 &amp; <b>bold</b></p>",
            "summary": "Summary 3: a < b & c",
            "image": "https://news.example.org/media/3.png",
            "date_published": "2026-11-04T07:30:00Z",
            "date_modified": "2026-11-04T09:00:00Z",
            "authors": [{"name": "Ann Lindqvist"}, {"name": "Jo Kim"}],
            "tags": ["Python", "slow mail"],
            "language": "de",
        }
    ]


def test_rss_channel_keeps_the_validators_rules(make_feed: Callable[..., Feed], make_post: Callable[..., Post]) -> None:
    """The channel has one link to the page, one to itself, its language, and its newest entry's date."""
    channel = etree.fromstring(rss(make_feed(make_post(5), make_post(2))))[0]
    link = channel.find("{http://www.w3.org/2005/Atom}link")
    assert [item.text for item in channel.findall("link")] == ["https://news.example.org/"]
    assert dict(link.attrib) == {
        "rel": "self",
        "href": "https://news.example.org/feed.xml",
        "type": "application/rss+xml",
    }
    assert channel.findtext("language") == "en"
    assert channel.findtext("lastBuildDate") == "Fri, 06 Nov 2026 09:00:00 GMT"
    assert channel.findtext("image/link") == channel.findtext("link")


def test_atom_has_one_self_and_one_alternate(make_feed: Callable[..., Feed], make_post: Callable[..., Post]) -> None:
    """An Atom feed links to itself once and to its page once, and names an author."""
    parsed = feedparser.parse(atom(make_feed(make_post(5))))
    assert [link.rel for link in parsed.feed.links] == ["self", "alternate"]
    assert parsed.feed.author == "Ann Lindqvist"
    assert parsed.feed.updated == "2026-11-06T09:00:00+00:00"


def test_an_old_sites_guid_stays(make_feed: Callable[..., Feed], make_post: Callable[..., Post]) -> None:
    """A guid that opens the post is a permalink; one that is no URI becomes one in Atom and stays in RSS."""
    link = make_post(1, uid="https://old.example.org/?p=7", guid_is_link=True)
    bare = make_post(2, uid="post 7", guid_is_link=True)
    guids = etree.fromstring(rss(make_feed(link, bare))).findall(".//guid")
    assert [(guid.text, guid.get("isPermaLink")) for guid in guids] == [
        ("https://old.example.org/?p=7", "true"),
        ("post 7", "false"),
    ]
    ids = [entry.id for entry in feedparser.parse(atom(make_feed(link, bare))).entries]
    assert ids[0] == "https://old.example.org/?p=7"
    assert ids[1].startswith("urn:uuid:")


@pytest.mark.parametrize("write", FORMATS)
def test_hostile_text_leaves_the_feed_valid(
    write: Callable[[Feed], bytes], make_feed: Callable[..., Feed], make_post: Callable[..., Post]
) -> None:
    """What XML cannot hold is dropped; what it can stays as it was written."""
    post = make_post(title=HOSTILE, html=HOSTILE, summary=HOSTILE, authors=(HOSTILE,), tags=(HOSTILE, "\x00"))
    data = write(make_feed(post))
    parsed = feedparser.parse(data, sanitize_html=False) if write is not json_feed else None
    title = parsed.entries[0].title if parsed else json.loads(data)["items"][0]["title"]
    assert not (parsed and parsed.bozo)
    assert title == "a ]]> & < > \"' <b>x</b> é 😀"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters(), max_size=40))
def test_any_text_leaves_the_feeds_well_formed(
    text: str, make_feed: Callable[..., Feed], make_post: Callable[..., Post]
) -> None:
    """No text at all, in any field, breaks a feed."""
    made = make_feed(make_post(title=text, html=text, summary=text, authors=(text,), tags=(text,), language=text))
    etree.fromstring(rss(made))
    etree.fromstring(atom(made))
    json.loads(json_feed(made))


def test_xmllint_finds_nothing(make_feed: Callable[..., Feed], make_post: Callable[..., Post]) -> None:
    """An independent parser takes both XML formats."""
    for write in (rss, atom):
        data = write(make_feed(make_post(title=HOSTILE), make_post(2)))
        done = subprocess.run(["xmllint", "--noout", "-"], input=data, capture_output=True, check=False)
        assert (done.returncode, done.stderr) == (0, b"")


def test_a_broken_post_is_left_out_alone(
    publication: Publication, make_topic: Callable[..., Topic], make_post: Callable[..., Post]
) -> None:
    """A post without a time zone is reported; the others are in the feed."""
    naive = make_post(2, published=datetime(2026, 1, 1))  # noqa: DTZ001 - the very mistake
    made, problems = feed(publication, make_topic(make_post(3), naive), entries=30, full_text=True)
    assert [entry.uid for entry in made.entries] == ["tag:news.example.org,2026:3"]
    assert [problem.where for problem in problems] == ["posts/2.md"]


def test_only_live_posts_are_fed(make_feed: Callable[..., Feed], make_post: Callable[..., Post]) -> None:
    """Drafts, scheduled and withdrawn posts are in no feed."""
    posts = [make_post(number, state=state) for number, state in enumerate(PostState, 1)]
    assert [entry.title for entry in make_feed(*posts).entries] == ["Title 3 & more"]


def test_without_full_text_the_summary_stands(make_feed: Callable[..., Feed], make_post: Callable[..., Post]) -> None:
    """With full text off no format holds the body, and each still holds the summary."""
    made = make_feed(make_post(), full_text=False)
    for write in FORMATS:
        assert b"Body 1" not in write(made)
        assert b"Summary 1" in write(made)
    assert json.loads(json_feed(made))["items"][0]["content_text"] == "Summary 1: a < b & c"


@pytest.mark.parametrize("write", FORMATS)
def test_an_empty_feed_is_a_feed(write: Callable[[Feed], bytes], make_feed: Callable[..., Feed]) -> None:
    """A topic without posts has a valid feed with nothing in it, and RSS invents no date."""
    data = write(make_feed())
    assert b"lastBuildDate" not in data
    assert write is json_feed or not feedparser.parse(data).bozo


def test_dates_are_in_gmt(make_feed: Callable[..., Feed], make_post: Callable[..., Post]) -> None:
    """A date given in another zone is the same instant in GMT."""
    moment = datetime(2026, 7, 1, 0, 30, tzinfo=timezone(timedelta(hours=2)))
    data = rss(make_feed(make_post(published=moment, updated=moment)))
    assert b"<pubDate>Tue, 30 Jun 2026 22:30:00 GMT</pubDate>" in data


def test_addresses_are_ascii(make_feed: Callable[..., Feed], make_post: Callable[..., Post]) -> None:
    """An address with letters of any script is fed as a URI; what was escaped is not escaped twice."""
    made = make_feed(make_post(url="https://news.example.org/posts/tür%20a/"))
    assert made.entries[0].url == "https://news.example.org/posts/t%C3%BCr%20a/"


def test_the_locale_changes_nothing(make_feed: Callable[..., Feed], make_post: Callable[..., Post]) -> None:
    """No feed depends on, or touches, the process's locale."""
    made = make_feed(make_post())
    before = [write(made) for write in FORMATS]
    own = locale.setlocale(locale.LC_ALL)
    try:
        locale.setlocale(locale.LC_ALL, "C.UTF-8")
        assert [write(made) for write in FORMATS] == before
        assert locale.setlocale(locale.LC_ALL) == "C.UTF-8"
    finally:
        locale.setlocale(locale.LC_ALL, own)


def test_the_same_bytes_in_every_process() -> None:
    """Hash order, time zone, words and clock of the process leave no trace."""
    runs = [
        subprocess.run(
            [sys.executable, Path(__file__).with_name("same_bytes.py"), years],
            env={**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": words, "LANG": words, "LANGUAGE": words},
            capture_output=True,
            check=True,
        ).stdout
        for seed, zone, words, years in (
            ("1", "UTC", "C", "0"),
            ("77", "Asia/Tokyo", "C.UTF-8", "31"),
            ("4242", "America/St_Johns", "de_DE.UTF-8", "9"),
        )
    ]
    assert runs[0] == runs[1] == runs[2]
    assert runs[0].count(b"<rss") == 2
