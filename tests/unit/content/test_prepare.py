"""A raw post goes in, a clean one comes out."""

import re
import time
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.content.prepare import ContentSetting, prepare, revision_of
from dispatch.errors import ContentError
from dispatch.model.post import MediaType, Picture, RawPost

SETTING = ContentSetting("https://news.example.org", "en", "Europe/Berlin")


def test_a_whole_markdown_post_comes_out_typed(make):
    """Every field that its author wrote reaches the clean post."""
    post = make(
        "---\ntitle: A *new* `thing`\ndate: 2024-03-01 10:00\nby:\n- Ada\n- Bob\ntags: [type aliases, '#go']\n"
        "description: Short.\nlang: de\naliases: [/old/]\nid: 42\ndraft: true\n---\n# Intro\n\nText.\n"
    )
    assert (post.title, post.summary, post.language, post.draft) == ("A new thing", "Short.", "de", True)
    assert post.published == datetime(2024, 3, 1, 9, 0, tzinfo=UTC)
    assert (post.authors, post.tags, post.aliases, post.explicit_id) == (
        ("Ada", "Bob"),
        ("type aliases", "go"),
        ("old",),
        "42",
    )
    assert post.html == "<h2>Intro</h2>\n<p>Text.</p>"


@pytest.mark.parametrize(
    ("text", "ref", "title"),
    [
        ("# The first heading\n\nText", "a.md", "The first heading"),
        ("Only text.", "2024-01-05-my-first_post.md", "My first post"),
        ("---\ntitle: ''\n---\nText", "posts/über-uns.md", "Über uns"),
        ("Text.", "🎉.md", "🎉"),
    ],
)
def test_a_post_always_has_a_title(make, text, ref, title):
    """Without one in the front matter its first h1 is it, and without that its file's name in words."""
    assert make(text, ref).title == title


def test_a_heading_that_repeats_the_title_is_dropped_and_no_other(make):
    """The page shows the title itself; a different h1 is the author's and moves down."""
    assert make("---\ntitle: Adopting it\n---\n# Adopting it!\n\nA").html == "<p>A</p>"
    assert make("---\ntitle: T\n---\n# One\n\n## Two").html == "<h2>One</h2>\n<h3>Two</h3>"
    assert make("---\ntitle: T\n---\n#### Deep\n\n##### Deeper").html == "<h2>Deep</h2>\n<h3>Deeper</h3>"


@pytest.mark.parametrize(
    ("front", "ref", "slug", "explicit"),
    [
        ("slug: My Own", "x.md", "my-own", True),
        ("path: 2021/06/17/Rust-1.53.0", "x.md", "2021/06/17/rust-1-53-0", True),
        ("permalink: /a/b.html", "x.md", "a/b", True),
        ("title: T", "2023-01-20-jekyll-released.markdown", "jekyll-released", False),
        ("title: T", "trip/index.md", "trip", False),
        ("title: T", "日本語.md", "日本語", False),
        ("title: T", "cafe\u0301.md", "café", False),
        ("title: T", "hello.ja.md", "hello-ja", False),
        ("title: T", "hello.en.md", "hello", False),
        ("permalink: ../../etc", "x.md", "etc", True),
    ],
)
def test_a_slug_is_the_one_given_else_the_path_else_the_file_name(make, front, ref, slug, explicit):
    """In that order; Unicode stays."""
    post = make(f"---\n{front}\n---\nx", ref, index=ref.endswith("index.md"))
    assert (post.slug, post.explicit_slug) == (slug, explicit)


def test_translations_share_a_key_and_have_their_own_language(make):
    """`hello.ja.md`, `hello.en.md` and `hello.md` are one post in several languages."""
    posts = [make("x", ref) for ref in ("d/hello.ja.md", "d/hello.en.md", "d/hello.md")]
    assert {post.translation for post in posts} == {"d/hello"}
    assert [post.language for post in posts] == ["ja", "en", "en"]


@pytest.mark.parametrize("ref", ["2023-01-20-x.markdown", "2023/01/20/x.md", "2023-01-20-trip/index.md"])
def test_a_date_in_the_path_counts_where_the_post_gives_none(make, ref):
    """It is midnight of that day in the publication's zone."""
    assert make("x", ref).published == datetime(2023, 1, 19, 23, tzinfo=UTC)
    assert make("---\ndate: 2020-01-01T00:00:00Z\n---\nx", ref).published == datetime(2020, 1, 1, tzinfo=UTC)


def test_a_feed_post_takes_what_its_feed_knows():
    """Its meta are its fields, its identifier is kept, relative addresses start from its own home."""
    meta = {"title": "Hi", "date": "Tue, 05 Mar 2024 10:00:00 GMT", "authors": ["Ada"], "id": "urn:1", "tags": ["a b"]}
    data = b'<p><a href="../x">x</a><img src="/p.png"></p>'
    raw = RawPost("urn:1", "1", MediaType.HTML, data, "the feed", meta, link="https://old.example/blog/hi/")
    post = prepare(raw, SETTING)
    assert 'href="https://old.example/blog/x"' in post.html
    assert 'src="https://old.example/p.png"' in post.html
    assert (post.guid, post.explicit_id, post.slug, post.authors, post.tags) == (
        "urn:1",
        None,
        "hi",
        ("Ada",),
        ("a b",),
    )
    assert post.published == datetime(2024, 3, 5, 10, tzinfo=UTC)
    assert post.link == "https://old.example/blog/hi/"


def test_defaults_of_the_source_are_used_where_the_post_is_silent(make):
    """Authors stand in, tags are added."""
    setting = replace(SETTING, authors=("Ed",), tags=("news",))
    assert make("---\ntags: go\n---\nx", setting=setting).tags == ("go", "news")
    assert make("x", setting=setting).authors == ("Ed",)
    assert make("---\nauthor: Ada <ada@example.org>\n---\nx", setting=setting).authors == ("Ada",)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("First.\n\n<!-- more -->\n\nSecond.", "First."),
        (
            "A first paragraph that is long enough to stand alone as a summary, because it says more than little.\n\nX",
            "A first paragraph that is long enough to stand alone as a summary, because it says more than little.",
        ),
        ("A claim[^1].\n\n[^1]: Note", "A claim."),
    ],
)
def test_a_summary_is_what_stands_before_more_else_the_first_paragraphs(make, text, expected):
    """Plain text without marks."""
    assert make(text).summary == expected


@given(st.text(max_size=2000))
def test_a_summary_never_exceeds_300_characters(text):
    """Whatever the text."""
    raw = RawPost("a.txt", "1", MediaType.MARKDOWN, text.encode("utf-8", "replace"), "a", path=Path("/nowhere/a.md"))
    with suppress(ContentError):
        assert len(prepare(raw, SETTING).summary) <= 300


def test_the_revision_changes_with_what_readers_see_and_only_then(make):
    """A new stamp or path is no change; a new word, tag, date or picture is one."""
    post = make("---\ntitle: T\n---\nText")
    assert make("---\ntitle:   T\n---\n\nText\n\n").revision == post.revision
    for change in (
        {"title": "U"},
        {"html": "<p>x</p>"},
        {"summary": "s"},
        {"language": "de"},
        {"authors": ("A",)},
        {"tags": ("t",)},
        {"published": datetime(2024, 1, 1, tzinfo=UTC)},
        {"updated": datetime(2024, 1, 1, tzinfo=UTC)},
        {"image": Picture("https://a/b.png", "b")},
        {"draft": True},
        {"link": "https://a"},
    ):
        assert revision_of(replace(post, **change)) != post.revision
    for change in ({"stamp": "2"}, {"ref": "moved.md"}, {"content_hash": "0"}, {"where": "elsewhere"}):
        assert revision_of(replace(post, **change)) == post.revision


@pytest.mark.parametrize(
    ("text", "media_type"),
    [
        ("<div>" * 190_000 + "deep" + "</div>" * 160_000, MediaType.HTML),
        ("<div>" * 200_000 + "deep", MediaType.MARKDOWN),
        (">" * 200_000 + " deep", MediaType.MARKDOWN),
        ("- " * 200_000 + "deep", MediaType.MARKDOWN),
        ("\n".join("  " * depth + f"- {depth}" for depth in range(500)) + "deep", MediaType.MARKDOWN),
        ("[" * 100_000 + "deep", MediaType.MARKDOWN),
        ("<a href='javascript:1'>x</a>" * 20_000 + "deep", MediaType.HTML),
        ("Word\n\n" * 30_000 + "deep", MediaType.PLAIN),
    ],
    ids=["html", "markdown html", "quotes", "lists", "indented lists", "brackets", "links", "plain"],
)
def test_depth_and_number_cost_little_and_lose_no_text(make, text, media_type):
    """A hostile post is flattened in about a second of this process's time, and its text is still there."""
    begin = time.process_time()
    post = make(text, media_type=media_type)
    assert time.process_time() - begin < 2
    assert "deep" in post.html


def test_an_empty_post_is_used_and_reported(make):
    """Its author may have saved too early."""
    post = make("---\ntitle: T\n---\n")
    assert (post.title, post.html, post.problems[0].fatal) == ("T", "", False)


def test_a_post_over_2_mib_is_refused(make):
    """With its size and what to do."""
    with pytest.raises(ContentError, match=r"2\.1 MiB; a post may have 2 MiB"):
        make("x" * 2_200_000)


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>ok",
        "<img src=x onerror=alert(1)>ok",
        "[ok](javascript:alert(1))",
        "<svg onload=alert(1)>ok</svg>",
        "<a href='jav&#x09;ascript:alert(1)'>ok</a>",
        "<style>*{}</style>ok",
        "<form action=x><button formaction=javascript:1>ok",
        "<b>ok</b><math><mtext><table><mglyph><style><img src=x onerror=alert(1)>ok",
        "<iframe srcdoc='<script>alert(1)</script>'></iframe>ok",
        "<p style='position:fixed'>ok",
        "<a href='data:text/html,x'>ok</a>",
        "<a href=file:///etc/passwd>ok</a>",
        "<base href=//evil>ok",
        "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>ok",
        "<!--><img src=x onerror=alert(1)>-->ok",
    ],
)
def test_nothing_in_a_post_can_run(make, text):
    """What could is gone; the words stay."""
    html = make(text, media_type=MediaType.HTML if text[0] == "<" else MediaType.MARKDOWN).html
    tags = "".join(re.findall(r"<[^>]*>", html))
    assert not re.search(r"script|onerror=|onload|style|srcdoc|javascript:|data:|file:|<base|<form", tags, re.I)
    assert "ok" in html


def test_footnotes_of_two_posts_do_not_collide(make):
    """Ids carry the post's slug, and the links follow."""
    one, two = (make("A[^1].\n\n[^1]: Note", ref).html for ref in ("one.md", "two.md"))
    assert not set(re.findall(r'id="([^"]+)"', one)) & set(re.findall(r'id="([^"]+)"', two))
    assert set(re.findall(r'href="#([^"]+)"', one)) == set(re.findall(r'id="([^"]+)"', one))


def test_a_link_to_a_heading_finds_it(make):
    """As site generators name headings; headings that nothing points at stay bare."""
    html = make("[see](#what-is-it)\n\n## What is it?\n\n## Other").html
    assert '<a href="#hello-what-is-it">' in html
    assert '<h2 id="hello-what-is-it">' in html
    assert "<h2>Other</h2>" in html


def test_what_markdown_can_do_survives_the_cleaning(make):
    """Tables, strikethrough, task lists, definition lists, code with its language, and harmless HTML."""
    html = make(
        "|a|b|\n|-|:-:|\n|1|2|\n\n~~x~~\n\n- [x] done\n- [ ] open\n\nTerm\n: Meaning\n\n```js\nlet a;\n```\n\n"
        '<kbd>K</kbd> H<sub>2</sub>O <abbr title="x">X</abbr> <span lang="ja" dir="ltr">日本</span>\n\n3. three\n'
    ).html
    for part in (
        "<th>a</th>",
        'align="center"',
        "<s>x</s>",
        "☑ done",
        "☐ open",
        "<dt>Term</dt>",
        '<code class="language-js">',
        "<kbd>K</kbd>",
        "<sub>2</sub>",
        '<abbr title="x">',
        'lang="ja"',
        '<ol start="3">',
    ):
        assert part in html


def test_the_same_bytes_make_the_same_post(make):
    """Nothing in a clean post comes from a clock or from chance."""
    text = "---\ntitle: T\ntags: [b, a]\n---\n[x](y) ![p](q.png)"
    assert make(text) == make(text)


@pytest.mark.parametrize("key", ["link", "external_url", "permalink"])
def test_a_link_with_a_space_is_one_address(make, key):
    """No header, feed or store could tell where it ends."""
    assert make(f'---\n{key}: "https://ex.org/a b"\n---\nT').link == "https://ex.org/a%20b"


@pytest.mark.parametrize("key", ["canonical", "canonical_url", "canonicalURL", "canonical-url"])
def test_a_canonical_address_moves_no_post_away(make, key):
    """It names the story wherever it is told; the post keeps its page here, and readers see no change."""
    post = make(f'---\n{key}: "https://ex.org/a b"\n---\nT')
    assert (post.canonical, post.link) == ("https://ex.org/a%20b", None)
    assert post.revision == make("---\n---\nT").revision
    assert make(f"---\n{key}: /somewhere/\n---\nT").canonical is None


def test_an_address_that_a_source_knows_holds_no_space_either():
    """A feed's items have addresses of any kind."""
    raw = RawPost("g", "1", MediaType.HTML, b"<p>T</p>", "g", link="https://ex.org/a b")
    assert prepare(raw, SETTING).link == "https://ex.org/a%20b"
