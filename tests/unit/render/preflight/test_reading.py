"""A page is read exactly, whatever it holds, and what people wrote is found again by line."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.model.post import Post
from dispatch.render.preflight.checks import examine
from dispatch.render.preflight.look import looks
from dispatch.render.preflight.page import own_words, read_page, seen_words
from dispatch.render.preflight.proof import Proof, Scene
from dispatch.render.preflight.sources import INTRO, Written, clues_of_address, clues_of_words, place

SITE = "https://news.example.org"
PIECES = st.sampled_from(
    [
        "<p>",
        "</p>",
        "<a href='",
        "'>",
        "</a>",
        "<img src=x width=9>",
        "<style>",
        "@media (prefers-color-scheme: dark) {",
        "p { color: red !important }",
        "}",
        "</style>",
        "<div style='color:",
        "<![if",
        "&#0;&#1;\x92",
        "<o:p a:b='1'>",
        "</o:p>",
        "<1>",
        "<table bgcolor=red>",
        "http://[",
    ]
)


@given(st.lists(PIECES, max_size=30).map("".join))
def test_no_page_is_too_broken_to_be_looked_at(html: str) -> None:
    """Whatever a template makes, checks answer and never fail."""
    examine(b"Content-Type: text/html; charset=utf-8\r\n\r\n" + html.encode(), Scene(SITE))


def test_elements_know_their_lines() -> None:
    """An element stands on the line where its tag ends in the file."""
    page = read_page("<html>\n<body>\n<p>\n<b>x</b></p>\n<p>y</p></body></html>")
    assert [(one.tag, one.sourceline) for one in page.iter()] == [
        ("html", 1),
        ("body", 2),
        ("p", 3),
        ("b", 4),
        ("p", 5),
    ]


def test_nothing_is_lost_in_the_depth() -> None:
    """A thousand elements within each other are read to the last word."""
    page = read_page("<html><body>" + "<div>" * 1000 + "deep" + "</div>" * 1000 + "flat</body></html>")
    assert seen_words(page, lambda _: True) == "deep flat"


def test_a_link_around_a_table_stays_around_it() -> None:
    """Where other parsers take it away."""
    page = read_page("<html><body><a href='x'><table><tr><td>Ebb</td></tr></table></a></body></html>")
    assert [str(one.tag) for one in next(page.iter("td")).iterancestors()] == ["tr", "table", "a", "body", "html"]


def test_words_are_seen_once_and_hidden_ones_never() -> None:
    """Running text stays whole; blocks part it; what is hidden takes all in it along."""
    page = read_page(
        "<html><head><title>T</title></head><body><p><em>un</em>til<br>noon</p><p>Ebb</p>"
        "<div style='display:none'>no <b>no</b></div>end</body></html>"
    )
    drawn = looks(page, {})
    assert seen_words(page, lambda one: drawn[one].shown) == "until noon Ebb end"
    assert [own_words(one) for one in page.iter("p", "em")] == ["tilnoon", "un", "Ebb"]


@pytest.mark.parametrize(
    ("style", "colour", "ground"),
    [
        ("color: tomato; background: hsl(120 100% 25%) no-repeat", "#ff6347", "#008000"),
        ("color: rgba(0, 0, 0, .5)", "#808080", "#ffffff"),
        ("color: #0000ff80; background-color: rgb(100% 0% 0% / 50%)", "#7f40c0", "#ff8080"),
        ("color: transparent; background: transparent", "#ffffff", "#ffffff"),
        ("color: inherit; background: none", "#000000", "#ffffff"),
        ("color: lab(50% 20 20)", None, "#ffffff"),
        ("color: rgba(0, 0, 0, .5); background: white url('a;b.png')", None, None),
        ("background-image: linear-gradient(red, white)", "#000000", None),
    ],
)
def test_colours_are_seen_as_they_lie_over_one_another(style: str, colour: str | None, ground: str | None) -> None:
    """What cannot be known, such as a picture's, is not guessed."""
    page = read_page(f'<html><body><p style="{style}">Ebb</p></body></html>')
    (look,) = (look for element, look in looks(page, {}).items() if element.tag == "p")
    assert (look.colour, look.ground) == (colour, ground)


@pytest.mark.parametrize(
    ("url", "words", "line"),
    [
        (f"{SITE}/posts/ebb/", "", "a.md:2"),  # as [..](../ebb.md)
        (f"{SITE}/about", "", "a.md:3"),  # as [..](/about)
        ("https://example.org/a?b=1", "", "a.md:4"),
        (f"{SITE}/posts/flood/", "the flood", "b.md:1"),  # by its words alone
        (f"{SITE}/über", "", "b.md:2"),
        (f"{SITE}/posts/ebb/film.mp4", "", "a.md:5"),
        (f"{SITE}/nowhere", "nothing", None),
        ("#", "", None),
    ],
)
def test_a_link_is_found_where_its_author_wrote_it(url: str, words: str, line: str | None) -> None:
    """However it was written; one that a template makes is nobody's."""
    texts = (
        Written("a.md", "# Sea\n[x](../ebb.md)\n[y](/about)\n<https://example.org/a?b=1>\n<video src='film.mp4'>\n"),
        Written("b.md", "[the flood][1]\n[z](/über)\n"),
    )
    assert place(texts, [*clues_of_address(url, SITE), *clues_of_words(words)]) == line


def test_a_line_of_the_intro_is_no_file() -> None:
    """An editor's words are named as people speak of them."""
    assert place((Written(INTRO, "Dear reader,\n\nsee https://example.org"),), ["https://example.org"]) == (
        "line 3 of the intro"
    )


def test_a_post_is_named_where_its_line_is_not_found(make_post: Callable[..., Post]) -> None:
    """An address that its author wrote in some other way stands in their post all the same."""
    post = replace(make_post(1, html=f'<p><a href="{SITE}/a?b&amp;c">Ebb</a></p>'), where="posts/ebb.md")
    html = f"<html><body><a href='{SITE}/a?b&amp;c'>Ebb</a> <a href='{SITE}/d'>Flood</a></body></html>"
    proof = Proof(b"Content-Type: text/html; charset=utf-8\r\n\r\n" + html.encode(), Scene(SITE, posts=(post,)))
    assert [proof.place_of_link(link) for link, _ in proof.links()] == ["posts/ebb.md", "edition.html:1"]
