"""A letter, a post or a digest: what stands where, in both parts of the mail."""

import re
from collections.abc import Callable
from html import unescape

import pytest

from dispatch.errors import ContentError
from dispatch.model.issue import Edition, Words
from dispatch.model.post import Post
from dispatch.render.budget import LIMIT
from dispatch.render.frame import CONTENTS

Render = Callable[..., Edition]
MakePost = Callable[..., Post]
INTRO = Words(intro="Dear *readers*,\n\nthe [quay](/quay/) froze.")


def in_order(text: str, *pieces: str) -> bool:
    """Whether the pieces stand in the text one after the other."""
    return bool(re.search(".*?".join(map(re.escape, pieces)), text, re.S))


def body(edition: Edition) -> str:
    """The HTML below the masthead: neither head nor preheader."""
    return edition.html.partition('class="page"')[2]


def test_a_letter_is_an_issue_without_posts(render: Render) -> None:
    """Its subject is its heading, and it has a page of its own."""
    edition = render(default=Words(INTRO.intro, "Ice in the harbour"))
    assert in_order(body(edition), "<h1", "Ice in the harbour</h1>", "Dear <em>readers</em>,", "froze.")
    assert in_order(edition.text, "Ice in the harbour\n===", "Dear readers,", "the quay [1] froze.", "* * *")
    assert edition.archived_at == "https://news.example.org/issues/7/"


def test_a_letters_heading_is_not_said_twice(render: Render) -> None:
    """It goes up to become the subject and the mail's heading."""
    edition = render(default=Words("## We move\n\nTo the shed."))
    assert body(edition).count("We move") == edition.text.count("We move") == 1
    assert edition.html.count("<h1") == 1


def test_a_letter_whose_first_line_is_its_subject_has_the_lists_heading(render: Render) -> None:
    """The line stays where its sentence goes on."""
    edition = render(default=Words("We move to the shed.\n\nSoon."))
    assert edition.subject == "We move to the shed."
    assert in_order(body(edition), "The Weekly</h1>", "We move to the shed.</p>")


def test_neither_posts_nor_an_intro_is_no_mail(render: Render) -> None:
    """There is nothing to say."""
    for words in (Words(), Words(subject="Ice"), Words(intro="<script>x</script>")):
        with pytest.raises(ValueError, match="a post or an intro"):
            render(default=words)


def test_an_intro_stands_above_the_post(render: Render, make_post: MakePost) -> None:
    """As a letter, set apart from what the post's author wrote; it stands nowhere but on the issue's own page."""
    edition = render(make_post(), default=INTRO)
    assert in_order(body(edition), 'class="post letter"', "froze.", "Sea and land</a></h1>", "Boats")
    assert in_order(edition.text, "froze.", "[1] https://news.example.org/quay/", "* * *", "Sea and land\n====")
    assert edition.archived_at == "https://news.example.org/issues/7/"
    assert "On the web: https://news.example.org/posts/post-1/" in edition.text


def test_an_intro_stands_above_the_contents_of_a_digest(render: Render, make_post: MakePost) -> None:
    """Below the list's name."""
    edition = render(*(make_post(number) for number in range(1, CONTENTS + 1)), default=INTRO)
    assert in_order(body(edition), "The Weekly</h1>", "froze.", "In this issue", "What the tide left.")
    assert in_order(
        edition.text, "The Weekly\n===", "froze.", "In this issue:\n 1. Sea and land", "What the tide left."
    )


def test_only_a_long_digest_has_a_table_of_contents(render: Render, make_post: MakePost) -> None:
    """In a short one it would only say the titles twice."""
    short = render(*(make_post(number, f"Post {number}!") for number in range(1, CONTENTS)))
    long = render(*(make_post(number, f"Post {number}!") for number in range(1, CONTENTS + 1)))
    assert "In this issue" not in short.html + short.text
    assert body(short).count("Post 3!</a>") == short.text.count("\nPost 3!") == 1
    assert body(long).count("Post 3!</a>") == 2
    assert " 3. Post 3!" in long.text


@pytest.mark.parametrize("count", [1, 2, 6])
def test_what_the_limit_leaves_over_is_counted_and_linked(render: Render, make_post: MakePost, count: int) -> None:
    """At the end, on the list's page, in both parts."""
    edition = render(*(make_post(number) for number in range(1, count + 1)), more=3)
    href = re.search(r'<a href="([^"]+)"[^>]*>3 more on the web', edition.html)
    assert href
    assert href[1] == edition.archive
    assert in_order(edition.text, f"3 more on the web: {edition.archive}", "* * *")


def test_the_limit_and_the_size_of_a_mail_make_one_number(render: Render, make_post: MakePost) -> None:
    """A reader does not care which of the two left a post out."""
    edition = render(*(make_post(number, summary="word " * 60) for number in range(1, 120)), more=5)
    left_out = 124 - edition.html.count("Read on →")
    assert left_out > 5
    assert body(edition).count("more on the web") == edition.text.count("more on the web") == 1
    assert f"{left_out} more on the web" in edition.html
    assert "124 posts" in edition.html


@pytest.mark.parametrize("count", [1, 100])
def test_an_intro_takes_room_from_the_posts_and_is_never_cut(render: Render, make_post: MakePost, count: int) -> None:
    """The posts' rest is on the web, the intro's is nowhere."""
    intro = "".join(f"Line {number} of the intro.\n\n" for number in range(400))
    html = "".join(f"<p>Block {number}, some plain words.</p>" for number in range(1500))
    edition = render(
        *(make_post(number, html=html, summary="word " * 60) for number in range(1, count + 1)), default=Words(intro)
    )
    assert LIMIT * 0.7 < len(edition.html.encode()) <= LIMIT
    assert "Line 399 of the intro." in edition.html
    assert "Line 399 of the intro." in edition.text


@pytest.mark.parametrize("count", [0, 1, 2])
def test_an_intro_longer_than_a_mail_is_refused(render: Render, make_post: MakePost, count: int) -> None:
    """It stands nowhere else, so it is not cut; a little shorter, it goes whole, and its posts are named."""
    posts = [make_post(number) for number in range(1, count + 1)]
    with pytest.raises(ContentError, match="Keep it below 80 KB, or make a post of it"):
        render(*posts, default=Words("Word by word.\n\n" * 3000))
    edition = render(*posts, default=Words("Word by word.\n\n" * 1500))
    assert edition.html.count("Word by word.</p>") == 1500
    assert len(edition.html.encode()) <= LIMIT
    assert edition.html.count(">Sea and land</a>") == count


@pytest.mark.parametrize("count", [0, 1, 2, 6])
def test_text_and_html_hold_the_same_links(render: Render, make_post: MakePost, count: int) -> None:
    """With an intro, too."""
    edition = render(*(make_post(number) for number in range(1, count + 1)), default=INTRO, more=2 * bool(count))
    hrefs = set(map(unescape, re.findall(r'<a\b[^>]*?\bhref="(https?:[^"]*)"', edition.html)))
    assert hrefs == set(re.findall(r"https?://\S+", edition.text))


@pytest.mark.parametrize("count", [0, 1, 2])
def test_the_same_words_give_the_same_bytes(render: Render, make_post: MakePost, count: int) -> None:
    """In whatever order the languages come."""
    posts, german = [make_post(number) for number in range(1, count + 1)], Words("Hallo", "Eis", "Kalt")
    assert render(*posts, default=INTRO, de=german) == render(*posts, de=german, default=INTRO)


def test_a_default_intro_in_another_edition_names_its_language(render: Render, make_post: MakePost) -> None:
    """A screen reader must not read English as German."""
    html = body(render(make_post(), language="de", default=INTRO))
    assert re.search(r'<div class="post letter" lang="en" dir="ltr"', html)
    assert re.search(
        r'<div class="post letter rtl" lang="he" dir="rtl"', body(render(make_post(), language="he", he=INTRO))
    )
