"""feedparser reads back what an entry holds, of any post at all, and of each post of the sample and of harm."""

import json
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import feedparser
import html5lib
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dispatch.content.prepare import ContentSetting, prepare
from dispatch.content.text_clean import clean_text
from dispatch.errors import ContentError
from dispatch.model.feed import Entry, Feed
from dispatch.model.issue import Publication
from dispatch.model.post import CleanPost, Enclosure, MediaType, Picture, Post, RawPost
from dispatch.syndicate.characters import uri
from dispatch.syndicate.contents import Topic
from dispatch.syndicate.entries import feed
from dispatch.syndicate.feedxml import atom, rss
from dispatch.syndicate.jsonfeed import json_feed
from hostile import ATTACKS, NESTED

URL = "https://news.example.org"
SETTING = ContentSetting(URL, "en", "Europe/Berlin")
SAMPLE = Path(__file__).parents[3] / "sample" / "posts"
KINDS = {".md": MediaType.MARKDOWN, ".html": MediaType.HTML, ".txt": MediaType.PLAIN}
EPISODE = Enclosure(f"{URL}/media/ab/episode.mp3", 4321, "audio/mpeg", 754)
NOTES = Enclosure("https://cdn.example.org/notes.pdf?a=1&b=2", 0, "application/pdf")
Writer = Callable[[Feed], bytes]


@pytest.fixture
def make_feed(publication: Publication, make_topic: Callable[..., Topic]) -> Callable[..., Feed]:
    """Make a feed of these posts."""

    def make(*posts: Post) -> Feed:
        return feed(publication, make_topic(*posts), entries=100, full_text=True)[0]

    return make


def samples() -> list[CleanPost]:
    """The sample's posts as they are kept."""
    files = [file for file in sorted(SAMPLE.rglob("*")) if file.suffix in KINDS]
    return [_prepared(file) for file in files]


def _prepared(file: Path) -> CleanPost:
    ref, index = str(file.relative_to(SAMPLE)), file.stem == "index"
    return prepare(
        RawPost(ref, "1", KINDS[file.suffix], file.read_bytes(), ref, {}, None, file, SAMPLE, index), SETTING
    )


def harmful() -> list[CleanPost]:
    """The hostile bodies as they are kept, each as the title as well."""
    return [
        prepare(
            RawPost(name, "1", kind, f"Words.\n\n{body}\n\nWords.".encode("utf-8", "replace"), "a feed", title), SETTING
        )
        for name, body in {**ATTACKS, **NESTED}.items()
        for kind in (MediaType.MARKDOWN, MediaType.HTML)
        if (title := {"title": f"Title {body[:300]}", "tags": [body[:200]], "authors": [body[:200]]})
    ]


def as_post(number: int, clean: CleanPost, make_post: Callable[..., Post]) -> Post:
    """A clean post as the store keeps it."""
    same = ("title", "html", "summary", "language", "authors", "tags", "image", "enclosures")
    day = clean.published or datetime(2026, 11, 1, tzinfo=UTC)
    return make_post(
        number % 28,
        uid=f"tag:news.example.org,2026:{number}",
        url=f"{URL}/posts/{number}/",
        published=day,
        updated=clean.updated or day,
        **{name: getattr(clean, name) for name in same},
    )


def of_xml(item: Any) -> dict[str, Any]:
    """What feedparser found of an entry, in the entry's own words."""
    media = [one for one in item.get("media_content", ()) if one.get("medium") != "image"]
    more = {one["url"]: one for one in media}
    first = [{**link, "url": link["href"]} for link in item.links if link["rel"] == "enclosure"]
    listed = {one["url"]: one for one in (*first, *media)}
    return {
        "uid": item.id,
        "url": item.link,
        "title": item.title,
        "html": item.content[0].value if "content" in item else "",
        "published": datetime(*item.published_parsed[:6], tzinfo=UTC),
        "authors": tuple(author.name for author in item.get("authors", ())),
        "tags": tuple(tag.term for tag in item.get("tags", ())),
        "pictures": [one["url"] for one in item.get("media_content", ()) if one.get("medium") == "image"],
        "enclosures": [
            (url, int(one.get("length") or one.get("filesize") or 0), one["type"], more.get(url, {}).get("duration"))
            for url, one in listed.items()
        ],
    }


def of_entry(entry: Entry) -> dict[str, Any]:
    """The same of the entry itself."""
    return {
        "uid": entry.uid,
        "url": entry.url,
        "title": entry.title,
        "html": entry.html.strip(),
        "published": entry.published,
        "authors": entry.authors,
        "tags": entry.tags,
        "pictures": [entry.image.url] if entry.image else [],
        "enclosures": [
            (one.url, one.length, one.media_type, str(one.seconds) if one.seconds else None) for one in entry.enclosures
        ],
    }


def assert_whole(made: Feed) -> None:
    """Each format is well-formed, and gives back every entry."""
    for write in (rss, atom):
        parsed = feedparser.parse(write(made), sanitize_html=False, resolve_relative_uris=False)
        assert not parsed.bozo, parsed.bozo_exception
        found = [of_xml(item) for item in parsed.entries]
        assert found == [of_entry(entry) for entry in made.entries]
    updated = [datetime.fromisoformat(item.updated).replace(microsecond=0) for item in parsed.entries]
    assert updated == [entry.updated for entry in made.entries]
    said = [entry.summary or entry.html.strip() for entry in made.entries]  # feedparser takes one for the other
    assert [item.get("summary", "") for item in parsed.entries] == said
    items = json.loads(json_feed(made))["items"]
    assert [(item["id"], item["title"]) for item in items] == [(entry.uid, entry.title) for entry in made.entries]
    assert [item.get("content_html", "") for item in items] == [entry.html for entry in made.entries]


def test_every_sample_post_is_read_back_whole(make_feed: Callable[..., Feed], make_post: Callable[..., Post]) -> None:
    """All its fields, with two enclosures more."""
    posts = [as_post(number, clean, make_post) for number, clean in enumerate(samples())]
    assert len(posts) > 7
    assert_whole(make_feed(*(replace(post, enclosures=(EPISODE, NOTES)) for post in posts)))


def is_mended(text: str) -> bool:
    """Whether feedparser takes a text for UTF-8 that was read as Latin-1."""
    try:
        return clean_text(text).encode("latin-1").decode("utf-8") != clean_text(text)
    except UnicodeError:
        return False


plain = st.text(st.characters(exclude_categories=["Cs"]), max_size=30).filter(lambda text: not is_mended(text))
words = plain.map(lambda text: text.replace("<", "‹").replace("&", "+"))  # which feedparser would take for HTML
files = st.builds(
    Enclosure,
    st.sampled_from([f"{URL}/a b.mp3", "https://münchen.example/ü?x=1&y=[2]", f"{URL}/100%.pdf", f"{URL}/c'd\".zip"]),
    st.integers(0, 2**40),
    st.sampled_from(["audio/mpeg", "video/mp4", "application/pdf"]),
    st.none() | st.integers(1, 10**6),
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    fields=st.fixed_dictionaries(
        {
            "title": words,
            "html": plain.map(lambda text: f"<p>{text.replace('&', '&amp;').replace('<', '&lt;')}</p>"),
            "summary": words,
            "authors": st.lists(words, max_size=3).map(tuple),
            "tags": st.lists(words, max_size=3).map(tuple),
            "image": st.none() | st.builds(Picture, st.just(f"{URL}/p.png"), words),
            "enclosures": st.lists(files, max_size=3, unique_by=lambda one: one.url).map(tuple),
        }
    )
)
def test_any_entry_is_read_back_whole(
    fields: dict[str, Any], make_feed: Callable[..., Feed], make_post: Callable[..., Post]
) -> None:
    """Whatever its author wrote, beside another that stays as it is."""
    assert_whole(make_feed(make_post(1, **fields), make_post(2)))


@pytest.mark.parametrize("write", [rss, atom, json_feed])
def test_harm_leaves_the_feed_valid_and_every_other_post_in_it(
    write: Writer, make_feed: Callable[..., Feed], make_post: Callable[..., Post]
) -> None:
    """Well-formed for two parsers, each of its HTML what the HTML Standard calls no error, and nobody is missing."""
    posts = [as_post(number, clean, make_post) for number, clean in enumerate(harmful())]
    between = [make_post(1, uid=f"tag:news.example.org,2026:good:{number}") for number in range(3)]
    made = make_feed(between[0], *posts[:40], between[1], *posts[40:], between[2])
    data = write(made)
    if write is json_feed:
        ids = [item["id"] for item in json.loads(data)["items"]]
    else:
        parsed = feedparser.parse(data)
        assert not parsed.bozo
        ids = [item.id for item in parsed.entries]
        done = subprocess.run(["xmllint", "--noout", "-"], input=data, capture_output=True, check=False)
        assert (done.returncode, done.stderr) == (0, b"")
    assert ids == [post.uid for post in (between[0], *posts[:40], between[1], *posts[40:], between[2])][:100]


def test_the_html_in_feeds_has_no_error(make_feed: Callable[..., Feed], make_post: Callable[..., Post]) -> None:
    """A strict parser finds nothing to mend, and no address depends on where it is read."""
    parser = html5lib.HTMLParser(strict=True)
    for clean in (*samples(), *harmful()):
        (entry,) = make_feed(as_post(1, clean, make_post)).entries
        tree = parser.parseFragment(entry.html)
        addresses = [found for element in tree.iter() for name in ("href", "src") if (found := element.get(name))]
        assert all(address.startswith(("http://", "https://", "mailto:", "tel:")) for address in addresses)


def test_a_link_to_a_note_leads_to_the_page(make_feed: Callable[..., Feed], make_post: Callable[..., Post]) -> None:
    """In a reader the fragment alone would lead nowhere; code that only looks like a link stays."""
    html = '<p><a title="a > b" href="#fn1">1</a> <code>&lt;a href="#fn1"&gt;</code></p>'
    (entry,) = make_feed(make_post(1, html=html, url=f"{URL}/posts/a'b/")).entries
    assert entry.html == (
        f'<p><a title="a > b" href="{URL}/posts/a&#x27;b/#fn1">1</a> <code>&lt;a href="#fn1"&gt;</code></p>'
    )


def test_posts_of_one_moment_are_told_apart_in_atom(
    make_feed: Callable[..., Feed], make_post: Callable[..., Post]
) -> None:
    """By less than a second, and each keeps its date whoever else is in the feed."""
    day = datetime(2026, 11, 1, tzinfo=UTC)
    posts = [make_post(number, updated=day, published=day) for number in range(5)]

    def updated(*shown: Post) -> list[str]:
        return [item.updated for item in feedparser.parse(atom(make_feed(*shown))).entries]

    found = updated(*posts)
    assert len(set(found)) == 5
    assert {moment[:19] for moment in found} == {"2026-11-01T00:00:00"}
    assert [*updated(posts[0]), *updated(*posts[1:])] == found
    assert updated(*posts[:3], posts[4]) == [*found[:3], found[4]]


def test_a_feed_of_summaries_shows_nothing_in_their_place(
    publication: Publication, make_topic: Callable[..., Topic], make_post: Callable[..., Post]
) -> None:
    """The words for a picture are no content, and a post without a summary has its title as one."""
    topic = make_topic(make_post(1), make_post(2, summary=""))
    made, _ = feed(publication, topic, entries=30, full_text=False)
    for write in (rss, atom):
        one, two = feedparser.parse(write(made)).entries
        assert "content" not in one
        assert "Summary 1" in one.summary
        assert "Title 2" in two.summary


def test_titles_hold_marks_as_the_rss_profile_wants(
    make_feed: Callable[..., Feed], make_post: Callable[..., Post]
) -> None:
    """`&` and `<` of plain texts are hexadecimal references there, which no reader takes for mark-up."""
    data = rss(make_feed(make_post(1, title="AT&T <b>", tags=("R&D",))))
    assert b"<title>AT&#x26;T &#x3C;b&gt;</title>" in data
    assert b"<category>R&#x26;D</category>" in data
    assert b"<description>Notes &#x26; queries</description>" in data
    assert feedparser.parse(data).entries[0].title == "AT&T <b>"


@pytest.mark.parametrize(
    ("address", "fed"),
    [
        ("https://münchen.example/ä[1]", "https://xn--mnchen-3ya.example/%C3%A4%5B1%5D"),
        ("https://[::1]:80/a", "https://[::1]:80/a"),
        ("https://a.example/100%?x=%20", "https://a.example/100%25?x=%20"),
    ],
)
def test_addresses_are_what_rfc_3986_allows(
    make_feed: Callable[..., Feed], make_post: Callable[..., Post], address: str, fed: str
) -> None:
    """Hosts as DNS has them, no stray sign elsewhere."""
    assert make_feed(make_post(1, url=address)).entries[0].url == fed


@given(st.text(max_size=40), st.sampled_from(["", "https://", "https://a.example/", "https://münchen.example/"]))
def test_any_address_is_ascii_and_stays_when_it_is_escaped_again(address: str, start: str) -> None:
    """With no sign that RFC 3986 has no place for."""
    fed = uri(start + address)
    assert uri(fed) == fed
    assert not set(fed) & set('<>"{}|\\^` \n')
    assert fed.isascii()


def test_a_body_that_cannot_be_used_is_no_post() -> None:
    """What is over the limits is refused before any feed sees it."""
    with pytest.raises(ContentError):
        prepare(RawPost("x", "1", MediaType.HTML, b"x" * (3 * 1024 * 1024), "a feed"), SETTING)
