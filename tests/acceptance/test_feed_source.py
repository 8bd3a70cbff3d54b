"""Publishing from another site's feed."""

import json
from typing import Any

import pytest

RSS = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Elsewhere</title>
<link>https://blog.example.net/</link><description>x</description>
<item><title>From RSS &amp; afar</title><link>https://blog.example.net/rss-post</link>
<guid isPermaLink="false">blog-17</guid><pubDate>Mon, 01 Jun 2026 08:00:00 GMT</pubDate>
<content:encoded><![CDATA[<p>Whole text. <a href="/more">more</a><script>alert(1)</script></p>]]></content:encoded>
</item></channel></rss>"""
ATOM = """<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom"><id>tag:blog.example.net,2026:feed</id><title>Elsewhere</title>
<updated>2026-06-02T08:00:00Z</updated><entry><id>tag:blog.example.net,2026:2</id><title>From Atom</title>
<link href="https://blog.example.net/atom-post"/><updated>2026-06-02T08:00:00Z</updated>
<content type="html">&lt;p&gt;Atom words.&lt;/p&gt;</content></entry></feed>"""
JSON = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Elsewhere",
        "items": [
            {
                "id": "json-1", "url": "https://blog.example.net/json-post", "title": "From JSON",
                "content_html": "<p>JSON words.</p>", "date_published": "2026-06-03T08:00:00Z",
            }
        ],
    }
)  # fmt: skip
PAGES = {
    "/rss": ("application/rss+xml", RSS, "From RSS & afar", "blog-17", "https://blog.example.net/rss-post"),
    "/atom": ("application/atom+xml", ATOM, "From Atom", "tag:blog.example.net,2026:2",
              "https://blog.example.net/atom-post"),
    "/json": ("application/feed+json", JSON, "From JSON", "json-1", "https://blog.example.net/json-post"),
}  # fmt: skip
ALLOWED = 'allow_private_addresses = ["127.0.0.0/8"]'


def _sources(site: Any, *paths: str) -> str:
    return "".join(f'\n[sources.{path[1:]}]\ntype = "feed"\nurl = "{site.url}{path}"\n' for path in paths)


@pytest.fixture
def syndicating(publication: Any, site: Any) -> Any:
    """A publication with a reader and three feeds as sources, on loopback, which is allowed."""
    for path, (kind, body, *_) in PAGES.items():
        site.pages[path] = (kind, body.encode())
    publication.settings(web=ALLOWED, more=_sources(site, *PAGES))
    publication.people("ada@example.org")
    return publication


def test_posts_of_three_kinds_of_feeds_are_published_and_mailed(syndicating: Any) -> None:
    """RSS, Atom and JSON Feed: each post keeps its guid and links to its home; it is mailed once, and clean."""
    syndicating.once()
    entries = {entry.title: entry for entry in syndicating.feed().entries}
    for _, _, title, guid, link in PAGES.values():
        assert entries[title].id == guid
        assert entries[title].link == link
    assert "alert(1)" not in (syndicating.folder / "public/feed.xml").read_text()
    assert 'href="/more"' not in entries["From RSS & afar"].content[0].value
    assert syndicating.mailed() == ["ada@example.org"] * 3
    syndicating.once()
    assert syndicating.mailed() == ["ada@example.org"] * 3


def test_the_second_look_is_conditional(syndicating: Any, site: Any) -> None:
    """The first look has no validators; the second sends the ETag, gets 304, and keeps all posts."""
    syndicating.once()
    assert [(status, "if-none-match" in headers) for _, headers, status in site.asked] == [(200, False)] * 3
    site.asked.clear()
    said = syndicating.once()
    assert [status for _, _, status in site.asked] == [304] * 3
    assert "0 new, 0 changed, 0 withdrawn" in said
    assert len(syndicating.titles()) == 3


def test_a_new_entry_is_mailed_and_an_old_one_that_left_the_feed_stays(syndicating: Any, site: Any) -> None:
    """Feeds list only their newest: what drops out is not withdrawn, what is new goes out alone."""
    syndicating.once()
    replaced = RSS.replace("blog-17", "blog-18").replace("From RSS &amp; afar", "The next").replace("01 Jun", "08 Jun")
    site.pages["/rss"] = ("application/rss+xml", replaced.replace("rss-post", "next-post").encode())
    syndicating.once()
    assert "From RSS & afar" in syndicating.titles()
    assert "The next" in syndicating.titles()
    assert len(syndicating.mailed()) == 4


def test_an_edited_entry_keeps_its_id_and_is_not_mailed_again(syndicating: Any, site: Any) -> None:
    """The guid identifies: a new title is an edit."""
    syndicating.once()
    site.pages["/rss"] = ("application/rss+xml", RSS.replace("From RSS", "Edited RSS").encode())
    syndicating.once()
    entry = next(one for one in syndicating.feed().entries if one.title == "Edited RSS & afar")
    assert entry.id == "blog-17"
    assert len(syndicating.mailed()) == 3


def test_an_entry_that_left_the_feed_is_nothing_to_mend(syndicating: Any, site: Any) -> None:
    """Feeds roll on: nobody is told of it."""
    syndicating.once()
    site.pages["/atom"] = ("application/atom+xml", ATOM.replace(":2</id>", ":3</id>").replace("words", "news").encode())
    said = syndicating.once()
    assert "1 new" in said
    assert "withdraw ID" not in said


def test_private_addresses_are_refused(publication: Any, site: Any) -> None:
    """Without the allowance a feed on loopback is not even asked for; why and how is said, and the rest goes on."""
    site.pages["/rss"] = ("application/rss+xml", RSS.encode())
    publication.settings(more=_sources(site, "/rss"))
    publication.post("own.md", "Our own")
    said = publication.run("run", "--once").stdout
    assert "sources.rss" in said
    assert "allow_private_addresses" in said
    assert site.asked == []
    assert publication.titles() == ["Our own"]


def test_an_allowance_is_for_the_network_it_names(publication: Any, site: Any) -> None:
    """Allowing one private network allows no other."""
    site.pages["/rss"] = ("application/rss+xml", RSS.encode())
    publication.settings(web='allow_private_addresses = ["10.0.0.0/8"]', more=_sources(site, "/rss"))
    said = publication.run("run", "--once").stdout
    assert "sources.rss" in said
    assert site.asked == []


@pytest.mark.parametrize(
    ("kind", "body"),
    [("text/html", "<!doctype html><p>Not found, but 200"), ("application/json", '{"a": 1}'), ("", "")],
)
def test_what_is_no_feed_is_said_and_withdraws_nothing(syndicating: Any, site: Any, kind: str, body: str) -> None:
    """A page where the feed was: reported by source and address, and its posts stay."""
    syndicating.once()
    site.pages["/rss"] = (kind, body.encode())
    said = syndicating.run("run", "--once").stdout
    assert "sources.rss" in said
    assert f"{site.url}/rss" in said
    assert len(syndicating.titles()) == 3


def test_a_feed_that_is_gone_withdraws_nothing(syndicating: Any, site: Any) -> None:
    """404: reported with the status, and the posts stay."""
    syndicating.once()
    del site.pages["/atom"]
    said = syndicating.run("run", "--once").stdout
    assert "404" in said
    assert "sources.atom" in said
    assert "From Atom" in syndicating.titles()


def test_an_old_feed_mails_nobody_without_since(syndicating: Any) -> None:
    """The first pass of a feed is its archive, like a folder's."""
    text = (syndicating.folder / "dispatch.toml").read_text().replace("since = 2026-01-01\n", "")
    syndicating.write("dispatch.toml", text)
    syndicating.once()
    assert len(syndicating.titles()) == 3
    assert syndicating.mailed() == []
