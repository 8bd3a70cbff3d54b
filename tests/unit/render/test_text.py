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
    "code stands between fences as it is": ("<pre><code>a\n\n\tb  c\n</code></pre>", "```\na\n\n\tb  c\n```"),
    "a fence names the language": (
        '<pre><code class="language-python">x = 1</code></pre>',
        "```python\nx = 1\n```",
    ),
    "a fence is longer than those in the code": (
        "<pre><code>```\n````x</code></pre>",
        "`````\n```\n````x\n`````",
    ),
    "links in code are told below it": (
        '<pre>a<br>b <a href="https://a.example/">c</a></pre>',
        "```\na\nb c\n```\n[1]\n\n[1] https://a.example/",
    ),
    "code in a line is marked": ("<p>Run <code>make a`b</code>.</p>", "Run `` make a`b ``."),
    "tables are aligned": (
        "<table><tr><th>Port</th><th>Ships</th></tr><tr><td>横浜</td><td>7</td></tr></table>",
        "Port  Ships\n----  -----\n横浜  7",
    ),
    "wide tables are told cell by cell": (
        f"<table><tr><th>A</th><th>B</th></tr><tr><td>{'a' * 50}</td><td>{'b' * 50}</td></tr></table>",
        f"A: {'a' * 50}\nB: {'b' * 50}",
    ),
    "columns are aligned as their author aligned them": (
        '<table><tr><th>Port</th><th align="right">Ships</th></tr><tr><td align="center">x</td>'
        '<td align="right">7</td></tr></table>',
        "Port  Ships\n----  -----\n x        7",
    ),
    "cells may span columns and rows": (
        '<table><caption>Ships</caption><tr><th rowspan="2">Port</th><th colspan="2">a year</th></tr>'
        "<tr><th>in</th><th>out</th></tr><tr><td>Kiel</td><td>7</td><td>12</td></tr></table>",
        "Ships\n\nPort  a year\n      in  out\n----  --  ---\nKiel  7   12",
    ),
    "a cell over a thousand columns that are not there changes nothing": (
        '<table><tr><td colspan="1000">Wide</td></tr><tr><td>a</td><td>b</td></tr></table>',
        "Wide\na  b",
    ),
    "a table that lays out a page is read cell by cell": (
        "<table><tr><td><ul><li>x</li></ul></td><td><table><tr><td>1</td><td>2</td></tr></table></td></tr></table>",
        "- x\n\n1  2",
    ),
    "links around blocks are numbered at their first words": (
        '<a href="https://a.example/"><h2>Head</h2><p>text</p></a>',
        "Head [1]\n--------\n\ntext\n\n[1] https://a.example/",
    ),
    "links around tables too": (
        '<a href="https://a.example/"><table><tr><td>A</td><td>B</td></tr></table></a>',
        "A [1]  B\n\n[1] https://a.example/",
    ),
    "a link around a picture without words has some": (
        '<p><a href="https://a.example/"><img src="https://a.example/p.png"></a></p>',
        "[Picture] [1]\n\n[1] https://a.example/",
    ),
    "a picture in a link with words of its own needs none": (
        '<p><a href="https://a.example/"><img src="https://a.example/p.png" alt=""><br>▶ Talk</a></p>',
        "▶ Talk [1]\n\n[1] https://a.example/",
    ),
    "deeper headings show their level": ("<h3>Three</h3><p>x</p>", "### Three\n\nx"),
    "lists stand in quotations": (
        "<blockquote><ul><li>☐ a</li><li>☑ b</li></ul></blockquote>",
        "> - ☐ a\n> - ☑ b",
    ),
    "what stands in a list between its items is told": (
        "<ul>a<li>b</li><p>c</p>d</ul><dl>e<dt>f</dt></dl>",
        "a\n- b\nc\nd\n\ne\nf",
    ),
    "numbers of items may be given": ('<ol><li>a</li><li value="9">b</li><li>c</li></ol>', "1.  a\n9.  b\n10. c"),
    "numbers may be letters": ('<ol type="a" start="26"><li>x</li><li>y</li></ol>', "z.  x\naa. y"),
    "numbers may be Roman": ('<ol type="I" start="48"><li>x</li><li>y</li></ol>', "XLVIII. x\nXLIX.   y"),
    "numbers may count down": ('<ol type="i" reversed><li>x</li><li>y</li><li>z</li></ol>', "iii. x\nii.  y\ni.   z"),
    "below one there are digits only": ('<ol type="A" reversed start="1"><li>x</li><li>y</li></ol>', "A. x\n0. y"),
    "powers and indices stay apart": (
        "<p>x<sup>2</sup> x<sup>k+1</sup> x<sup>a b</sup> CO<sub>2</sub> x<sub>max</sub> 10<sup>th</sup></p>",
        "x² x^k+1 x^(a b) CO₂ x_max 10th",
    ),
    "what is struck out stays so": ("<p><del>$10</del> <q>$5</q></p>", "~~$10~~ “$5”"),
    "a word's reading stands in brackets": (
        "<p><ruby>漢<rp>（</rp><rt>かん</rt><rp>）</rp></ruby><ruby>字<rt>じ</rt></ruby></p>",
        "漢（かん）字(じ)",
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
        "Word^1\n\n^1 Note",
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
    """A post may nest 100 deep: where 20 columns are left, nothing is set in any further."""
    assert plain_text("<blockquote>" * 100 + "<p>x</p>" + "</blockquote>" * 100) == "> " * 28 + "x"
    assert plain_text("<ul><li>" * 100 + "x") == "- " * 28 + "x"


def test_ideographs_are_wrapped_by_columns() -> None:
    """Each takes two columns, and no line begins with closing punctuation."""
    lines = plain_text(f"<p>{'漢字。' * 60}</p>").split("\n")
    assert all(columns(line) <= 76 for line in lines)
    assert not [line for line in lines if line.startswith("。")]


def test_an_address_is_never_broken() -> None:
    """Other words that are longer than a line are."""
    address = "https://a.example/" + "x" * 100
    assert plain_text(f"<p>See ({address}), {'y' * 80}.</p>") == f"See\n({address}),\n{'y' * 76}\nyyyy."


def test_invisible_breaks_are_used_and_not_shown() -> None:
    """Zero width spaces, <wbr> and soft hyphens; a blank that must not break does not."""
    for sign in ("\u200b", "<wbr>", "\u00ad"):
        assert plain_text(f"<p>{('x' * 40 + sign) * 2}</p>") == f"{'x' * 40}\n{'x' * 40}"
    assert plain_text(f"<p>{'x' * 70} a\u00a0bcdef</p>") == f"{'x' * 70}\na\u00a0bcdef"


_WORDS = st.text("ab漢字、「é🎉ก\u0301\u200d\ufe0f\u0092 -", max_size=90)
_TAGS = st.sampled_from(["p", "ul", "li", "blockquote", "pre", "table", "tr", "td", "th", "h2", "h4", "dd", "a", "b"])
_TREES = st.recursive(
    _WORDS,
    lambda inner: st.builds(lambda tag, parts: f"<{tag}>{''.join(parts)}</{tag}>", _TAGS, st.lists(inner, max_size=4)),
    max_leaves=25,
)


@given(_TREES)
def test_no_line_but_code_is_longer_than_76_columns(html: str) -> None:
    """However things are nested, and whatever they are written in."""
    fenced, found = False, []
    for line in plain_text(html).split("\n"):
        fenced ^= "```" in line
        found += [line] if columns(line) > 76 and not fenced else []
    assert found == []


@given(_TREES, st.lists(st.sampled_from(["https://a.example/1", "mailto:a@b.example", "tel:+49"]), max_size=5))
def test_every_link_has_its_place_in_the_list(html: str, urls: list[str]) -> None:
    """In their order, each once, and no number in the text lacks its address."""
    linked = html + "".join(f'<p><a href="{url}">{index} x</a></p>' for index, url in enumerate(urls))
    wanted = list(dict.fromkeys(urls))
    lines = plain_text(linked).split("\n")
    assert [line for line in lines if line.startswith("[")] == [f"[{n}] {url}" for n, url in enumerate(wanted, 1)]
    assert all(any(f"[{n}]" in line for line in lines if not line.startswith("[")) for n in range(1, len(wanted) + 1))


@given(st.lists(st.text("abc漢字é🎉。", min_size=1, max_size=90), max_size=40), st.integers(20, 76))
def test_wrapping_loses_nothing_and_keeps_the_width(words: list[str], width: int) -> None:
    """All characters stay in order, and no line is wider."""
    lines = wrap(" ".join(words), width)
    assert "".join(lines).replace(" ", "") == "".join(words)
    assert all(columns(line) <= width for line in lines)
