"""An intro is Markdown, as safe and as fit for mail as a post."""

import re
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.compose.own_words import OwnWords
from dispatch.model.issue import Issue, MailingList, Publication
from dispatch.render.email_html import MailSetting
from dispatch.render.intro import Intro, read_intro

Read = Callable[..., Intro]


@pytest.fixture(scope="module")
def read(issue: Issue, mailing_list: MailingList, publication: Publication) -> Read:
    """The intro of an issue, from Markdown."""
    return lambda text, language="": read_intro(OwnWords(text, language), issue, mailing_list, publication)


HOSTILE = """Hi <script>alert(1)</script><img src="x" onerror="alert(2)"> <a href="javascript:alert(3)">there</a>

<iframe src="https://evil.example/"></iframe><form action="https://evil.example/"><input></form>
<p style="position:fixed" onclick="alert(4)">text</p>
"""


def test_an_intro_can_do_no_more_than_a_post(read: Read) -> None:
    """No scripts, no handlers, no forms, no styles of its own, no address that runs."""
    html = read(HOSTILE).html(MailSetting())
    assert not re.search(r"<script|onerror|onclick|javascript:|<form|<input|<iframe|position:", html)
    assert "Hi" in html
    assert "text" in html


def test_what_was_taken_out_is_told(read: Read) -> None:
    """An editor learns of the link that will be missing, by the issue and its line."""
    (problem,) = read('One\n\n<a href="javascript:y">x</a>').problems
    assert str(problem).startswith("intro of issue 7:3: The link to 'javascript:y' was taken out")
    assert not problem.fatal


def test_relative_links_start_from_the_publication(read: Read) -> None:
    """In both parts, for a mail is read far from the site."""
    intro = read("[a](posts/a/), [b](/b/), ![c](c.png), https://example.org/d")
    assert re.findall(r'(?:href|src)="([^"]+)"', intro.html(MailSetting())) == [
        "https://news.example.org/posts/a/",
        "https://news.example.org/b/",
        "https://news.example.org/c.png",
        "https://example.org/d",
    ]
    assert "[1] https://news.example.org/posts/a/" in intro.text("Picture")


def test_lines_are_words_alone(read: Read) -> None:
    """What a subject may quote: a line a block, without marks."""
    assert read("Dear *readers*,\n\nwe\nmoved to [the quay](/quay/).").lines == [
        "Dear readers,",
        "we moved to the quay.",
    ]


@pytest.mark.parametrize("top", ["#", "##", "###"])
def test_without_its_heading_an_intro_keeps_the_ladder_of_headings(read: Read, top: str) -> None:
    """What stood one below the heading stands one below the mail's."""
    intro = read(f"{top} Moved\n\nText\n\n{top}# Where to\n\nText")
    assert intro.heading == "Moved"
    assert intro.without_heading().lines == ["Text", "Where to", "Text"]
    assert "<h2>Where to</h2>" in intro.without_heading().html(MailSetting())


def test_nothing_said_is_no_intro(read: Read) -> None:
    """Nor is what is empty once it is cleaned."""
    for text in ("", " \n", "<script>x</script>", "<!-- later -->"):
        intro: Intro = read(text)
        assert (intro.blocks, intro.html(MailSetting()), intro.text("Picture"), intro.lines, intro.heading) == (
            (),
            "",
            "",
            [],
            "",
        )


def test_an_intro_speaks_its_own_language(read: Read, publication: Publication) -> None:
    """The default one speaks the publication's."""
    assert read("שלום", "he").language == "he"
    assert read("Hello").language == publication.language


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=200) | st.text("#*_[]()<>!`~|-:/&; \nax1\0\ud800\ufeff", max_size=120))
def test_no_text_breaks_it(read: Read, text: str) -> None:
    """Whatever an editor pastes, the answer is clean and the same every time."""
    intro = read(text)
    assert intro == read(text)
    assert not re.search(r"<(?:script|style|iframe|form)|\x00", intro.html(MailSetting()))
    (intro.html(MailSetting()) + intro.text("Picture") + "".join(intro.lines)).encode()
