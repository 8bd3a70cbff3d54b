"""No mail is so long that Gmail clips it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.errors import ContentError
from dispatch.model.issue import Cohort, Edition, Issue, MailingList, Publication
from dispatch.model.post import Picture, Post
from dispatch.render.budget import LIMIT, fewer, fitting
from dispatch.render.edition import render_edition
from dispatch.theme import Theme

Render = Callable[..., Edition]
MakePost = Callable[..., Post]


@pytest.mark.parametrize(
    "block",
    [
        "<p>{} plain words, a paragraph of them, long enough to be one.</p>",
        "<p>{} <code>a</code> <code>b</code> <a href='https://example.org/'>c</a></p>",
        "<h2>{}</h2><p>" + "x" * 3000 + "</p>",
    ],
)
def test_a_long_post_is_cut_after_a_whole_block(render: Render, make_post: MakePost, block: str) -> None:
    """HTML stays below the limit, text ends at the same block, both link to the rest."""
    edition = render(make_post(html="".join(block.format(f"Block{number}.") for number in range(1500))))
    assert LIMIT * 0.7 < len(edition.html.encode()) <= LIMIT
    last = max(number for number in range(1500) if f"Block{number}." in edition.html)
    assert f"Block{last}." in edition.text
    assert f"Block{last + 1}." not in edition.text
    assert ">Read on</a>" in edition.html
    assert "Read on: https://news.example.org/posts/post-1/" in edition.text


def test_a_post_of_one_endless_block_shows_its_summary(render: Render, make_post: MakePost) -> None:
    """There is nothing whole to show, so the mail says what the post is about and where it is."""
    rendered = render(make_post(html=f"<pre>{'x = 1; ' * 40_000}</pre>"))
    assert "x = 1" not in rendered.html + rendered.text
    assert "What the tide left." in rendered.html
    assert "What the tide left." in rendered.text
    assert len(rendered.html) < LIMIT


def test_a_long_digest_says_how_many_more_there_are(render: Render, make_post: MakePost) -> None:
    """The posts that did not fit are counted and linked to."""
    rendered = render(*(make_post(number, f"Post {number}", summary="word " * 60) for number in range(1, 120)))
    assert len(rendered.html.encode()) <= LIMIT
    left_out = 119 - rendered.html.count("Read on →")
    assert 0 < left_out < 119
    assert f"{left_out} more on the web" in rendered.html
    assert f"{left_out} more on the web: https://" in rendered.text
    assert rendered.subject == "The Weekly: Post 1 and 118 more"


@given(sizes=st.lists(st.integers(0, 5000), min_size=1), room=st.integers(0, 100_000))
def test_what_fits_fits_and_one_more_would_not(sizes: list[int], room: int) -> None:
    """The first pieces, as many as there is room for."""
    count = fitting(sizes, room)
    assert sum(sizes[:count]) <= room
    assert count == len(sizes) or sum(sizes[: count + 1]) > room


@given(st.lists(st.integers(0, 5000), min_size=1), st.integers(0, 10 * LIMIT), st.integers(-LIMIT, LIMIT))
def test_every_try_is_smaller_than_the_one_before(sizes: list[int], measured: int, room: int) -> None:
    """So cutting ends."""
    assert 0 <= fewer(sizes, len(sizes), measured, room) < len(sizes)


LONG = "&😀 " * 20_000


@pytest.mark.parametrize("count", [1, 2, 40])
@pytest.mark.parametrize(
    "long",
    [
        {"title": LONG},
        {"summary": "😀" * 300, "title": LONG},
        {"authors": (LONG,)},
        {"authors": tuple("&😀 Ada" for _ in range(5000))},
        {"image": Picture("https://news.example.org/a.png", LONG, 900, 600)},
        {"image": Picture(f"https://news.example.org/{'&' * 1900}.png", "", 900, 600)},
        {"url": f"https://news.example.org/{'é&' * 300}", "title": LONG},
    ],
    ids=lambda long: "+".join(long),
)
def test_what_stands_around_a_text_leaves_room_for_it(
    render: Render, make_post: MakePost, long: dict[str, Any], count: int
) -> None:
    """Whatever an author wrote there: it is shortened, and no mail gets too long."""
    edition = render(*(replace(make_post(number), **long) for number in range(1, count + 1)))
    assert len(edition.html.encode()) <= LIMIT
    assert "Cranes" in edition.html or count > 1


def test_what_cannot_be_shortened_is_not_sent(
    issue: Issue, mailing_list: MailingList, publication: Publication, make_post: MakePost, tmp_path: Path
) -> None:
    """A template of the publication's own that fills a mail by itself."""
    (tmp_path / "email/parts").mkdir(parents=True)
    (tmp_path / "email/parts/footer.html").write_text("<p>So long.</p>" * 9000)
    with pytest.raises(ContentError, match="Shorten templates"):
        render_edition(issue, Cohort((make_post(),), "en", ()), mailing_list, publication, Theme(tmp_path))
