"""A post is cut between whole paragraphs and whole list items."""

import html5lib
from hypothesis import given
from hypothesis import strategies as st

from dispatch.content.tree import parse_flat, text_of
from dispatch.render.units import joined, top_level, units_of, without_heading_last

BLOCKS = st.recursive(
    st.sampled_from(
        ["<p>a</p>", "<h2>b</h2>", "<pre>c &lt; d</pre>", "<hr>", "<table><tbody><tr><td>e</td></tr></tbody></table>"]
    ),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=4).map(lambda blocks: f"<blockquote>{''.join(blocks)}</blockquote>"),
        st.lists(inner, min_size=1, max_size=4).map(
            lambda blocks: f'<ol start="3">{"".join(f"<li>{block}</li>" for block in blocks)}</ol>'
        ),
        st.lists(inner, min_size=2, max_size=4).map(lambda blocks: f'<div lang="de">{"".join(blocks)}</div>'),
    ),
    max_leaves=12,
)


def tree(html: str) -> str:
    """HTML as a browser understands it."""
    return html5lib.serialize(
        html5lib.parse(f"<!DOCTYPE html><body>{html}"), omit_optional_tags=False, quote_attr_values="always"
    )


@given(st.lists(BLOCKS, max_size=6).map("".join))
def test_all_units_together_are_the_post(html: str) -> None:
    """Nothing is lost where nothing is cut."""
    assert tree(joined(units_of(html))) == tree(html)


@given(st.lists(BLOCKS, max_size=6).map("".join), st.integers(0, 20))
def test_a_part_of_the_units_is_whole_html(html: str, kept: int) -> None:
    """Whatever was opened is closed, and what the part says is how the post begins."""
    part = joined(units_of(html)[:kept])
    assert tree(part) == f"{tree('').removesuffix('</body></html>')}{part}</body></html>"
    assert text_of(parse_flat(html)).startswith(text_of(parse_flat(part)))


def test_a_list_is_cut_between_its_items() -> None:
    """The items that have room keep their numbers and their list."""
    units = units_of('<p>a</p><ol start="3"><li>one</li><li>two <b>b</b></li><li>three</li></ol><p>z</p>')
    assert joined(units[:3]) == '<p>a</p><ol start="3"><li>one</li><li>two <b>b</b></li></ol>'


def test_loose_text_is_a_paragraph() -> None:
    """It is cut as one, and escaped."""
    assert [unit.html for unit in units_of("a &lt; b<p>c</p>d")] == ["<p>a &lt; b</p>", "<p>c</p>", "<p>d</p>"]


def test_words_and_inline_elements_run_together() -> None:
    """What stands side by side stays so, blanks and all, also at the end of a post and in an intro."""
    html = "<h2>a</h2><a href='/x'>one</a> <b>two</b>, three <p>b</p><i>four</i> <code>five</code>"
    run = ['<p><a href="/x">one</a> <b>two</b>, three</p>', "<p>b</p>", "<p><i>four</i> <code>five</code></p>"]
    assert [unit.html for unit in units_of(html)] == ["<h2>a</h2>", *run]
    assert top_level(html) == ["<h2>a</h2>", *run]


def test_a_link_around_a_block_is_no_paragraph() -> None:
    """A paragraph could not hold it."""
    html = '<span lang="de"><p>a</p></span>'
    assert [unit.html for unit in units_of(html)] == [html]


def test_what_shows_nothing_is_no_paragraph() -> None:
    """An empty link before a table; a picture shows something."""
    assert top_level('<a href="/x"></a> <hr>') == ["<hr>"]
    assert top_level('<img src="/x"><hr>') == ['<p><img src="/x"></p>', "<hr>"]


def test_no_heading_stands_last_without_its_text() -> None:
    """A cut goes before the heading."""
    units = units_of("<p>a</p><h2>b</h2><h3>c</h3><p>d</p>")
    assert without_heading_last(units, 3) == 1
    assert without_heading_last(units, 4) == 4
