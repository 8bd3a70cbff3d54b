"""Another site's feed, fetched over HTTP: what it says, when it changed, what it does wrong."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from dispatch.client import Client
from dispatch.errors import SourceError
from dispatch.model.post import MediaType
from dispatch.sources.base import SourceSetting
from dispatch.sources.feed import FeedOptions, RemoteFeed

RSS = b"""<?xml version="1.0"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:media="http://search.yahoo.com/mrss/"><channel><title>Blog</title><link>https://blog.example.org/</link>
<language>de</language>
<item><title>Tom &amp;amp; Ann</title><link>https://blog.example.org/a</link><guid isPermaLink="false">id-1</guid>
<description>A &lt;b&gt;short&lt;/b&gt; summary</description>
<content:encoded>&lt;p onclick="x()"&gt;Whole &lt;a href="/b"&gt;text&lt;/a&gt;&lt;/p&gt;</content:encoded>
<pubDate>Sun, 01 Mar 2026 09:00:00 +0100</pubDate><dc:creator>Ann</dc:creator><category>py</category>
<category>web</category>
<media:content url="https://blog.example.org/i.png" medium="image"/></item>
<item><title>Second</title><link>https://blog.example.org/b</link><description>Only this</description></item>
<item><title>Nameless</title><description>No id, no link</description></item>
</channel></rss>"""
ATOM = b"""<?xml version="1.0"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en"><id>tag:x,2026:f</id><title>T</title>
<updated>2026-01-01T00:00:00Z</updated>
<entry xml:lang="fr"><id>tag:x,2026:1</id><title type="text">1 &lt; 2</title><link href="https://x.example.org/1"/>
<published>2026-01-01T00:00:00Z</published><updated>2026-02-01T00:00:00Z</updated><author><name>A</name></author>
<author><name>B</name></author><category term="t" label="Topic"/><summary>S</summary>
<content type="html">&lt;p&gt;C&lt;/p&gt;</content></entry></feed>"""
JSON = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "J",
    "language": "ja",
    "authors": [{"name": "Aoi"}],
    "items": [
        {
            "id": 7,
            "url": "https://j.example.org/7",
            "title": "Seven",
            "content_html": "<p>7</p>",
            "summary": "s",
            "date_published": "2026-01-07T00:00:00+09:00",
            "tags": ["a", 3, "a"],
            "image": "https://j.example.org/7.png",
        },
        {"id": "8", "content_text": "plain & simple", "authors": [{"name": "Bo"}]},
        "not an item",
    ],
}


class Blog:
    """A server with one feed, which can change."""

    def __init__(self) -> None:
        self.body, self.kind, self.status, self.etag = RSS, "application/rss+xml", 200, '"one"'
        self.asked: list[dict[str, str]] = []
        self.url = ""

    def show(self, body: bytes, kind: str = "application/xml", etag: str = '"two"') -> None:
        """Publish another document."""
        self.body, self.kind, self.etag = body, kind, etag

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        """Answer as servers do that know conditional requests."""
        self.asked.append({name.lower(): value for name, value in request.headers.items()})
        known = request.headers.get("If-None-Match") == self.etag
        request.send_response(304 if known else self.status)
        request.send_header("ETag", self.etag)
        request.send_header("Content-Type", self.kind)
        request.end_headers()
        if not known:
            request.wfile.write(self.body)


@pytest.fixture
def blog() -> Iterator[Blog]:
    """A blog on loopback."""
    made = Blog()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            made.answer(self)

        def log_message(self, *args: Any) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    made.url = f"http://127.0.0.1:{server.server_port}/feed"
    yield made
    server.shutdown()
    server.server_close()


@pytest.fixture
def source(blog: Blog, tmp_path: Path) -> RemoteFeed:
    """The blog as a source."""
    setting = SourceSetting("blog", tmp_path, Client(("127.0.0.0/8",), seconds=5))
    return RemoteFeed(setting, FeedOptions(url=blog.url))


async def test_rss_becomes_raw_posts(source: RemoteFeed) -> None:
    """All that an item says is there in front matter's words; the text is left for content to clean."""
    found = await source.collect({}, {})
    first, second = found.changed
    assert first.ref == "id-1"
    assert first.media_type is MediaType.HTML
    assert first.data.startswith(b"<p")
    assert b"Whole" in first.data
    assert first.meta == {
        "title": "Tom & Ann",
        "date": "2026-03-01T08:00:00+00:00",
        "authors": ["Ann"],
        "tags": ["py", "web"],
        "guid": "id-1",
        "link": "https://blog.example.org/a",
        "summary": "A short summary",
        "image": "https://blog.example.org/i.png",
        "language": "de",
    }
    assert (first.link, first.where) == ("https://blog.example.org/a", "https://blog.example.org/a")
    assert (second.ref, second.data) == ("https://blog.example.org/b", b"Only this")
    assert "summary" not in second.meta
    assert (found.whole, found.present) == (False, frozenset({"id-1", "https://blog.example.org/b"}))


async def test_an_entry_that_nothing_identifies_is_reported(source: RemoteFeed, blog: Blog) -> None:
    """It is left out by its number; the others are used."""
    (problem,) = (await source.collect({}, {})).problems
    assert problem.where == blog.url
    assert "entry 3" in problem.message


async def test_atom_becomes_raw_posts(source: RemoteFeed, blog: Blog) -> None:
    """Plain titles keep their signs, an entry's own language counts, both dates are read."""
    blog.show(ATOM)
    (post,) = (await source.collect({}, {})).changed
    assert post.data == b"<p>C</p>"
    assert post.meta == {
        "title": "1 < 2",
        "date": "2026-01-01T00:00:00+00:00",
        "updated": "2026-02-01T00:00:00+00:00",
        "authors": ["A", "B"],
        "tags": ["Topic"],
        "guid": "tag:x,2026:1",
        "link": "https://x.example.org/1",
        "summary": "S",
        "language": "fr",
    }


async def test_json_feed_becomes_raw_posts(source: RemoteFeed, blog: Blog) -> None:
    """Ids may be numbers, text may be plain, the feed's author and language stand for what an item lacks."""
    blog.show(json.dumps(JSON).encode(), "application/feed+json")
    seven, eight = (await source.collect({}, {})).changed
    assert (seven.ref, seven.data) == ("7", b"<p>7</p>")
    assert (seven.meta["authors"], seven.meta["language"], seven.meta["tags"]) == (["Aoi"], "ja", ["a"])
    assert seven.meta["date"] == "2026-01-07T00:00:00+09:00"
    assert (eight.media_type, eight.data) == (MediaType.PLAIN, b"plain & simple")
    assert (eight.meta["authors"], eight.where) == (["Bo"], blog.url)


async def test_a_link_that_is_none_is_dropped(source: RemoteFeed, blog: Blog) -> None:
    """Only addresses of the web become a post's link or picture."""
    item = {"id": "1", "url": "javascript:alert(1)", "image": "data:image/png;base64,x", "content_text": "x"}
    blog.show(json.dumps({**JSON, "items": [item]}).encode())
    (post,) = (await source.collect({}, {})).changed
    assert (post.link, post.where) == (None, blog.url)
    assert not {"link", "image"} & post.meta.keys()


async def test_an_unchanged_feed_costs_a_304(source: RemoteFeed, blog: Blog) -> None:
    """The tag goes back, nothing has changed, and all posts are still present."""
    first = await source.collect({}, {})
    known = {post.ref: post.stamp for post in first.changed}
    second = await source.collect(known, first.state)
    assert blog.asked[1]["if-none-match"] == '"one"'
    assert (second.changed, second.present, second.state) == ((), first.present, first.state)


async def test_only_what_changed_is_handed_over(source: RemoteFeed, blog: Blog) -> None:
    """A post edited in the feed comes again; its neighbour does not."""
    first = await source.collect({}, {})
    known = {post.ref: post.stamp for post in first.changed}
    blog.show(RSS.replace(b"Only this", b"Only that"))
    second = await source.collect(known, first.state)
    assert [post.data for post in second.changed] == [b"Only that"]
    assert second.present == first.present


async def test_a_store_that_lost_posts_gets_them_again(source: RemoteFeed, blog: Blog) -> None:
    """Where what the last pass brought is not known, the feed is asked for whole."""
    first = await source.collect({}, {})
    second = await source.collect({}, first.state)
    assert "if-none-match" not in blog.asked[1]
    assert len(second.changed) == 2


async def test_another_address_is_another_feed(source: RemoteFeed, blog: Blog) -> None:
    """State that belongs to an old address is not used for the new one."""
    await source.collect({}, {"url": "https://old.example.org", "etag": '"one"', "refs": []})
    assert "if-none-match" not in blog.asked[0]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"<!doctype html><html><body>Welcome</body></html>", "is no feed"),
        (b"", "is no feed"),
        (b'{"version": "2"}', "no JSON Feed"),
        (b'{"version": "https://jsonfeed.org/version/1", "items": 3}', "no JSON Feed"),
        (b"{" + b'"a":[' * 50_000, "no JSON Feed"),
    ],
)
async def test_what_is_no_feed_is_said(source: RemoteFeed, blog: Blog, body: bytes, words: str) -> None:
    """The message names the address and the reason."""
    blog.show(body)
    with pytest.raises(SourceError, match=words) as caught:
        await source.collect({}, {})
    assert blog.url in str(caught.value)


@pytest.mark.parametrize("status", [404, 410, 500])
async def test_a_failing_server_is_a_failing_source(source: RemoteFeed, blog: Blog, status: int) -> None:
    """Nothing is withdrawn; the status and the source are named."""
    blog.status = status
    with pytest.raises(SourceError, match=rf"\[sources\.blog\].*answers {status}"):
        await source.collect({}, {})


async def test_a_server_that_is_not_there(source: RemoteFeed, tmp_path: Path) -> None:
    """A refused connection is a SourceError too."""
    setting = SourceSetting("blog", tmp_path, Client(("127.0.0.0/8",), seconds=5))
    with pytest.raises(SourceError, match="could not be fetched"):
        await RemoteFeed(setting, FeedOptions(url="http://127.0.0.1:2/feed")).collect({}, {})


async def test_a_feed_that_is_not_well_formed_is_used_as_far_as_it_goes(source: RemoteFeed, blog: Blog) -> None:
    """A cut-off feed yields what can be read, and a problem that is not fatal."""
    blog.show(RSS[: RSS.index(b"<item><title>Nameless")])
    found = await source.collect({}, {})
    assert [post.ref for post in found.changed] == ["id-1", "https://blog.example.org/b"]
    assert [problem.fatal for problem in found.problems] == [False]


async def test_nothing_is_expanded_or_fetched_while_reading(source: RemoteFeed, blog: Blog, tmp_path: Path) -> None:
    """Entities that name files bring nothing in."""
    secret = tmp_path / "secret"
    secret.write_text("hunter2")
    doctype = f'<!DOCTYPE rss [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'.encode()
    blog.show(RSS.replace(b"<rss ", doctype + b"<rss ", 1).replace(b"Only this", b"Only &x; this"))
    found = await source.collect({}, {})
    assert not [post for post in found.changed if b"hunter2" in post.data]


def test_settings_say_their_defaults() -> None:
    """A bare number is minutes; words work as elsewhere; what makes no sense is refused."""
    make: Callable[..., FeedOptions] = FeedOptions
    assert make(url="https://x.org/feed/").every.total_seconds() == 15 * 60
    assert make(url="https://x.org/feed/").url == "https://x.org/feed/"
    assert make(url="https://x.org/f", every=5).every.total_seconds() == 300
    assert make(url="https://x.org/f", every="2 hours").every.total_seconds() == 7200
    for wrong in ({"url": "feed.xml"}, {"url": "https://x.org/f", "every": 0}, {"url": "https://x.org/f", "evry": 1}):
        with pytest.raises(ValidationError):
            make(**wrong)


def test_a_source_speaks_of_its_defaults(tmp_path: Path) -> None:
    """Author, tags and language of the settings are there for posts that name none."""
    options = FeedOptions(url="https://x.org/f", author="Ann", tags=("a",), language="de")
    source = RemoteFeed(SourceSetting("x", tmp_path, Client()), options)
    assert (source.authors, source.tags, source.language) == (("Ann",), ("a",), "de")
