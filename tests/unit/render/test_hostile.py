"""A post that means harm, or is merely broken, is mailed as its words: nothing runs, is fetched or fails."""

import re
import socket
import sys
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.content.prepare import ContentSetting, prepare
from dispatch.message.compile import compile_edition
from dispatch.model.issue import Edition
from dispatch.model.post import CleanPost, MediaType, Post, RawPost
from dispatch.render.text import plain_text
from dispatch.render.tree import parse_page
from hostile import ATTACKS, NESTED

SETTING = ContentSetting("https://news.example.org", "en", "Europe/Berlin")
SCHEMES = ("http://", "https://", "mailto:", "tel:")
FORBIDDEN_IN_WORDS = (
    "script iframe frame object embed applet form input button select textarea base svg math video audio"
)
FORBIDDEN = frozenset(FORBIDDEN_IN_WORDS.split())
MOST = 100_000  # bytes of a part: Gmail hides what is beyond

LONG = {
    "paragraphs": "\n\n".join(["Some words that go on."] * 7000),
    "paragraph": "words " * 25_000,
    "word": "x" * 150_000,
    "ideographs": "漢字" * 25_000,
    "items": "- item\n" * 3000,
    "rows": "| a | b |\n|---|---|\n" + "| c | d |\n" * 2000,
    "code": "```python\n" + "x = 1\n" * 25_000 + "```",
    "links": "[a](https://a.example/) " * 1500,
    "pictures": "![a](https://a.example/p.png) " * 1500,
    "one block": "<div>" + "<p>Some words.</p>" * 3000 + "</div>",
}


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever tries to reach anything fails the test."""

    def refused(*_: Any, **__: Any) -> None:
        pytest.fail("something was fetched")

    monkeypatch.setattr(socket.socket, "connect", refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)


def clean(body: str, media_type: MediaType = MediaType.MARKDOWN, title: str = "A post") -> CleanPost:
    """A hostile body, made safe as a feed's post is."""
    data = body.encode("utf-8", "replace")
    return prepare(
        RawPost("x", "1", media_type, data, "a feed", {"title": title}, link="https://a.example/x/"), SETTING
    )


@pytest.fixture(scope="session")
def mailed(make_post: Callable[..., Post], render: Callable[..., Edition]) -> Callable[..., Edition]:
    """A body as it is mailed, compiled as well."""

    def _mailed(body: str, media_type: MediaType = MediaType.MARKDOWN, title: str = "A post") -> Edition:
        post = clean(body, media_type, title)
        edition = render(make_post(1, post.title, post.html, post.summary))
        compile_edition(edition)
        return edition

    return _mailed


def assert_harmless(edition: Edition) -> None:
    """Nothing in the mail can run, be fetched but a picture, or lead but to where links may lead."""
    for element in parse_page(edition.html).iter():
        if not isinstance(element.tag, str):
            continue
        assert element.tag not in FORBIDDEN
        names = {str(name).lower() for name in element.attrib}
        assert not [name for name in names if name.startswith("on") or name in ("srcset", "action", "formaction")]
        assert str(element.get("src") or "https://").startswith(("http://", "https://"))
        href = str(element.get("href") or "https://")
        assert href.startswith(SCHEMES) or edition.marker in href
        assert "url(" not in str(element.get("style") or "")
    sheets = ["".join(map(str, style.itertext())) for style in parse_page(edition.html).iter("style")]
    assert len(sheets) == 1  # ours
    assert "@import" not in sheets[0]
    assert "root:" not in edition.html + edition.text  # what /etc/passwd begins with
    assert max(len(edition.html.encode()), len(edition.text.encode())) < MOST


def words_of(edition: Edition) -> tuple[str, str]:
    """What a reader of the HTML and one of the text see, on one line each."""
    body = parse_page(edition.html).getroot().find("body")
    assert body is not None
    return " ".join(" ".join(map(str, body.itertext())).split()), " ".join(edition.text.split())


@pytest.mark.parametrize("media_type", [MediaType.MARKDOWN, MediaType.HTML])
@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())
def test_the_words_stay_and_the_harm_goes(mailed: Callable[..., Edition], attack: str, media_type: MediaType) -> None:
    """Those before it, those in it where a browser would show them, and those behind it."""
    edition = mailed(f"First words.\n\n{attack}\n\nLast words.", media_type)
    assert_harmless(edition)
    inside = "inside" in attack and media_type is MediaType.MARKDOWN
    for shown in words_of(edition):
        assert "First words." in shown
        assert "inside" in shown or not inside
        assert "Last words." in shown or "unclosed" in attack or "<p title='" in attack or "<!--</style>" in attack


@pytest.mark.parametrize("attack", [*ATTACKS.values()][:12], ids=[*ATTACKS][:12])
def test_a_title_can_do_no_more_than_a_body(mailed: Callable[..., Edition], attack: str) -> None:
    """It stands in the subject, in the page's title, in attributes and in the text."""
    edition = mailed("Words.", title=f"Title {attack}\r\nBcc: x@evil.example")
    assert_harmless(edition)
    assert "\n" not in edition.subject + edition.preheader
    assert "49" not in edition.subject


@pytest.mark.parametrize("nested", NESTED.values(), ids=NESTED.keys())
def test_three_hundred_elements_within_one_another_keep_their_words(
    mailed: Callable[..., Edition], nested: str
) -> None:
    """And those behind them."""
    edition = mailed(f"<p>First words.</p>{nested}<p>Last words.</p>", MediaType.HTML)
    assert_harmless(edition)
    for shown in words_of(edition):
        assert re.search("First words.*inside.*Last words", shown)


@pytest.mark.parametrize("long", LONG.values(), ids=LONG.keys())
def test_up_to_a_hundred_and_fifty_kilobytes_fit_one_mail(mailed: Callable[..., Edition], long: str) -> None:
    """By a cut, or because words cost less than their markup; what comes first is there."""
    edition = mailed(f"First words.\n\n{long}\n\nLast words.")
    assert_harmless(edition)
    assert all("First words." in shown for shown in words_of(edition))


def test_braces_are_shown_and_never_filled_in(mailed: Callable[..., Edition]) -> None:
    """A template of ours sees the words of a post as words."""
    edition = mailed("It is {{ 7 * 7 }} and {{ slots.unsubscribe }}.", title="{{ 7 * 7 }}")
    for shown in words_of(edition):
        assert "It is {{ 7 * 7 }} and {{ slots.unsubscribe }}." in shown
    assert edition.subject == "{{ 7 * 7 }}"


def test_a_quotation_mark_of_windows_is_one(mailed: Callable[..., Edition]) -> None:
    """U+0092 is no character; people mean the one that Windows has there."""
    for shown in words_of(mailed("it\u0092s and it&#x92;s", MediaType.HTML)):
        assert "it’s and it’s" in shown


@pytest.mark.parametrize(
    "unit",
    [
        "<b>",
        "<table><td>",
        "<a href=x>",
        "[x](y) ",
        "$x$ ",
        "{{< x >}} ",
        "> ",
        "`",
        "<ruby><rt>",
        "漢",
        "x\u0301",
        "| ",
    ],
)
def test_twice_as_much_costs_about_twice_the_work(mailed: Callable[..., Edition], unit: str) -> None:
    """Counted in calls, so that a busy machine is no failure."""
    mailed(unit)  # whatever is done once only
    small, large = (_calls(mailed, "words\n\n" + unit * (size // len(unit))) for size in (1000, 2000))
    assert large < 3 * small


def test_cells_that_reach_over_one_another_cost_no_more() -> None:
    """A row as the one before it, however far each reaches to the right and down."""
    row = '<tr><td colspan="199" rowspan="999">x</td></tr>'
    small, large = (_calls(plain_text, f"<table>{row * rows}</table>") for rows in (40, 80))
    assert large < 3 * small


def _calls(work: Callable[[str], object], body: str) -> int:
    count = 0

    def counted(*_: Any) -> None:
        nonlocal count
        count += 1

    sys.setprofile(counted)
    try:
        work(body)
    finally:
        sys.setprofile(None)
    return count


TAGS = [
    "<table>",
    "<tr>",
    "<td>",
    "</td>",
    "<p>",
    "</div>",
    "<a href='https://a.example/'>",
    "</table>",
    "<ruby>",
    "<rt>",
]
MARKS = ["\n\n", "> ", "- ", "```", "<pre>", "<li>", "<blockquote>", "[!NOTE]", "$", "$$", "{{<", "]("]
PIECES = st.sampled_from([*ATTACKS.values(), *TAGS, *MARKS])


@settings(max_examples=25)
@given(pieces=st.lists(PIECES, max_size=8), html=st.booleans())
def test_harm_in_any_mixture(mailed: Callable[..., Edition], pieces: list[str], html: bool) -> None:
    """Nothing fails, and nothing gets through."""
    assert_harmless(mailed("".join(pieces), MediaType.HTML if html else MediaType.MARKDOWN))
