"""Plain text reads as if it had been written as such."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.render.text import plain_text
from dispatch.render.wrap import columns, wrap

CASES = {
    "links are numbered and listed": (
        '<p>See <a href="https://a.example/">here</a> and <a href="https://b.example/">there</a>, '
        '<a href="https://a.example/">again</a>.</p>',
        "See here [1] and there [2], again [1].\n\n[1] https://a.example/\n[2] https://b.example/",
    ),
    "a bare address is its own link": (
        '<p><a href="https://a.example/">https://a.example/</a></p>',
        "https://a.example/",
    ),
    "headings are underlined": ("<h2>横浜 port</h2><p>x</p>", "横浜 port\n---------\n\nx"),
    "lists nest": (
        "<ul><li>One</li><li>Two<ol start='9'><li>Nine</li><li>Ten</li></ol></li></ul>",
        "- One\n- Two\n  9.  Nine\n  10. Ten",
    ),
    "paragraphs in items stand apart": (
        "<ul><li><p>One</p><p>more</p></li><li><p>Two</p></li></ul>",
        "- One\n\n  more\n\n- Two",
    ),
    "quotations are marked": ("<blockquote><p>a</p><p>b</p></blockquote>", "> a\n>\n> b"),
    "code is indented as it stands": ("<pre><code>a\n\n  b  c\n</code></pre>", "    a\n\n      b  c"),
    "tables are aligned": (
        "<table><tr><th>Port</th><th>Ships</th></tr><tr><td>横浜</td><td>7</td></tr></table>",
        "Port  Ships\n----  -----\n横浜  7",
    ),
    "wide tables are told cell by cell": (
        f"<table><tr><th>A</th><th>B</th></tr><tr><td>{'a' * 50}</td><td>{'b' * 50}</td></tr></table>",
        f"A: {'a' * 50}\nB: {'b' * 50}",
    ),
    "pictures speak by their alt": (
        '<figure><img src="https://a.example/p.png" alt="A boat"><figcaption>Cap</figcaption></figure>',
        "[A boat]\n\nCap",
    ),
    "pictures that mail does not draw are linked": (
        '<p><img src="https://a.example/p.svg" alt="A plan"></p>',
        "[A plan] [1]\n\n[1] https://a.example/p.svg",
    ),
    "footnotes have no dead links": (
        '<p>Word<sup><a href="#f1">[1]</a></sup></p><ol><li><p>Note <a href="#r1">↩</a></p></li></ol>',
        "Word^1\n\n1. Note",
    ),
    "a forced break is one": ("<p>a<br>b</p>", "a\nb"),
    "a rule is one": ("<p>a</p><hr><p>b</p>", "a\n\n* * *\n\nb"),
    "terms and meanings": ("<dl><dt>Ebb</dt><dd>Low water</dd></dl>", "Ebb\n    Low water"),
}


@pytest.mark.parametrize(("html", "text"), CASES.values(), ids=CASES.keys())
def test_html_as_text(html: str, text: str) -> None:
    """One shape of HTML, and how it reads."""
    assert plain_text(html) == text


def test_depth_is_no_trouble() -> None:
    """A post may nest 100 deep."""
    assert plain_text("<blockquote>" * 100 + "<p>x</p>" + "</blockquote>" * 100) == "> " * 100 + "x"


def test_ideographs_are_wrapped_by_columns() -> None:
    """Each takes two columns, and no line begins with closing punctuation."""
    lines = plain_text(f"<p>{'漢字。' * 60}</p>").split("\n")
    assert all(columns(line) <= 76 for line in lines)
    assert not [line for line in lines if line.startswith("。")]


@given(st.lists(st.text("abc漢字é🎉。", min_size=1, max_size=30), max_size=40), st.integers(20, 76))
def test_wrapping_loses_nothing_and_keeps_the_width(words: list[str], width: int) -> None:
    """All characters stay in order; only a word that cannot be broken is wider than the line."""
    lines = wrap(" ".join(words), width)
    assert "".join(lines).replace(" ", "") == "".join(words)
    assert all(columns(line) <= width or " " not in line for line in lines)
