"""Files that go with a post: the mail names them, in HTML and text alike, and carries none itself."""

import re
from collections.abc import Callable
from dataclasses import replace
from html import unescape

from hypothesis import given
from hypothesis import strategies as st

from dispatch.model.issue import Edition
from dispatch.model.post import Enclosure, Post
from dispatch.render.budget import LIMIT
from dispatch.render.files import MOST, files_of

PIER = Enclosure("https://news.example.org/media/Low%20tide.mp3?v=2", 4_260_000, "audio/mpeg", 3725)
MAP = Enclosure("https://else.example/map.pdf", 0, "application/pdf")
NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)


def leads(edition: Edition, url: str) -> tuple[bool, bool]:
    """Whether the HTML leads to an address, and whether the text does."""
    return url in {unescape(found) for found in re.findall('href="([^"]*)"', edition.html)}, url in edition.text.split()


def test_each_file_is_named_with_its_length_and_its_size(
    make_post: Callable[..., Post], render: Callable[..., Edition]
) -> None:
    """In a mail of one post and in a digest, in both parts; what is not known is not said."""
    post = replace(make_post(), enclosures=(PIER, MAP))
    for posts in ((post,), (post, make_post(2))):
        edition = render(*posts)
        shown = unescape(" ".join(re.sub("<[^>]*>", "", edition.html).split()))
        for said in (shown, edition.text):
            assert re.search(r"Download Low tide\.mp3 · 1:02:05 · 4\.3.MB\s", said)
            assert re.search(r"Download map\.pdf\s", said)
        for one in (PIER, MAP):
            assert leads(edition, one.url) == (True, True)


def test_what_is_said_of_a_file_is_in_the_readers_language(
    make_post: Callable[..., Post], render: Callable[..., Edition]
) -> None:
    """Numbers and units, too."""
    edition = render(replace(make_post(), enclosures=(PIER,)), language="fr")
    assert "4,3\u202fMo" in edition.html
    assert "4,3\u202fMo" in edition.text


def test_a_post_without_files_says_nothing_of_any(
    make_post: Callable[..., Post], render: Callable[..., Edition]
) -> None:
    """Nor is there a place for them."""
    edition = render(make_post())
    assert "Download" not in edition.html + edition.text
    assert 'class="file"' not in edition.html


def test_many_files_never_keep_a_mail_from_going(
    make_post: Callable[..., Post], render: Callable[..., Edition]
) -> None:
    """The first are named, the page names the others, and the mail keeps to its budget."""
    many = tuple(Enclosure(f"https://else.example/{n}{'x' * 1900}.zip", n, "application/zip") for n in range(50))
    post = replace(make_post(html="<p>Long.</p>" * 20_000), enclosures=many)
    for posts in ((post,), tuple(replace(post, id=n) for n in range(30))):
        edition = render(*posts)
        assert len(edition.html.encode()) <= LIMIT
        assert leads(edition, many[MOST - 1].url) == (True, True)
        assert leads(edition, many[MOST].url) == (False, False)
        assert f"{50 - MOST} more files on the web" in edition.html
        assert f"{50 - MOST} more files on the web: {post.url}" in edition.text


@given(name=NAMES, length=st.integers(0, 10**15), seconds=st.none() | st.integers(0, 10**7))
def test_any_file_has_a_name_of_one_line(
    make_post: Callable[..., Post], name: str, length: int, seconds: int | None
) -> None:
    """Whatever its address says."""
    post = replace(make_post(), enclosures=(Enclosure(f"https://else.example/a/{name}", length, "a/b", seconds),))
    ((file,), more) = files_of(post, "en")
    assert file.name.strip()
    assert len(file.name) <= 80
    assert len(file.name.splitlines()) == 1
    assert file.url.isascii()
    assert not more
    assert len(file.facts) == bool(length) + bool(seconds)
