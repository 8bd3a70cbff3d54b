"""A list chooses how much of a post its mails hold; what has no room is on the web."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from dispatch.model.issue import Cohort, Content, Cut, Edition, Issue, MailingList, Publication
from dispatch.model.post import Post
from dispatch.render.budget import LIMIT
from dispatch.render.edition import render_edition
from dispatch.theme import Theme

MakePost = Callable[..., Post]
Send = Callable[..., Edition]
LONG = "<p>Some plain words of a long post.</p>" * 250  # some 25 KB once it is styled


@pytest.fixture(scope="module")
def send(issue: Issue, mailing_list: MailingList, publication: Publication) -> Send:
    """Posts as a list with this choice sends them."""

    def sent(content: Content, *posts: Post) -> Edition:
        one = replace(mailing_list, content=content)
        return render_edition(issue, Cohort(posts, "en", ()), one, publication, Theme())

    return sent


def test_a_digest_in_full_holds_every_post(send: Send, make_post: MakePost) -> None:
    """In both parts, and each is still linked to."""
    edition = send("full", make_post(1, "Nets"), make_post(2, "Ropes"))
    for part in (edition.html, edition.text):
        assert part.count("Cranes") >= 2
        assert "posts/post-1/" in part
        assert "posts/post-2/" in part
    assert "What the tide left." not in edition.html
    assert edition.cut is None


def test_full_posts_of_a_digest_look_as_single_ones_do(send: Send, make_post: MakePost) -> None:
    """The same styles stand in the same places."""
    single, digest = send("full", make_post()), send("full", make_post(), make_post(2, html="<p>Short.</p>"))
    start, end = "<p style=", "return"
    inside = single.html[single.html.index("Boats") : single.html.index(end)]
    assert inside in digest.html
    assert start in inside


def test_posts_in_full_fall_back_to_summaries(send: Send, make_post: MakePost) -> None:
    """The first ones are whole, the others are told of, and the editor can know."""
    edition = send("full", *(make_post(number, html=LONG) for number in range(1, 9)))
    assert len(edition.html.encode()) <= LIMIT
    assert edition.cut is not None
    assert (edition.cut.of, edition.cut.total) == ("posts in full", 8)
    assert 2 <= edition.cut.kept < 8
    whole = edition.cut.kept
    assert edition.html.count("Some plain words") == edition.text.count("Some plain words") == whole * 250
    assert edition.html.count("What the tide left.") == edition.text.count("What the tide left.") == 8 - whole


def test_a_post_that_no_mail_can_hold_is_told_of(send: Send, make_post: MakePost) -> None:
    """Also where it is the first of a digest."""
    edition = send("full", make_post(1, html=LONG * 9), make_post(2))
    assert edition.cut == Cut("posts in full", 0, 2)
    assert edition.html.count("What the tide left.") == 2


def test_a_list_may_want_no_more_than_summaries(send: Send, make_post: MakePost) -> None:
    """A single post is named, summed up and linked to; nothing is called cut."""
    edition = send("summary", make_post())
    for part in (edition.html, edition.text):
        assert "What the tide left." in part
        assert "Boats" not in part
        assert "This is where the mail ends" not in part
    assert ">Read on</a>" in edition.html
    assert edition.cut is None


def test_an_issue_knows_what_was_cut(send: Send, make_post: MakePost) -> None:
    """Paragraphs of a single post, posts of a long digest."""
    post = send("auto", make_post(html=LONG * 9))
    assert post.cut is not None
    assert (post.cut.of, post.cut.total) == ("paragraphs", 2250)
    digest = send("auto", *(make_post(number, summary="word " * 60) for number in range(1, 120)))
    assert digest.cut is not None
    assert (digest.cut.of, digest.cut.total) == ("posts", 119)
    assert digest.cut.kept == digest.html.count("Read on →")


def test_a_long_list_is_cut_between_its_items(send: Send, make_post: MakePost) -> None:
    """Whole items, in both parts the same."""
    items = "".join(f"<li>Item{number}.</li>" for number in range(3000))
    edition = send("auto", make_post(html=f"<p>All of them:</p><ol>{items}</ol>"))
    last = max(number for number in range(3000) if f"Item{number}." in edition.html)
    assert 500 < last < 2999
    assert f"Item{last}." in edition.text
    assert f"Item{last + 1}." not in edition.text
