"""Whoever reads the plain text can go wherever the HTML leads, and nowhere else."""

import re
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest

from dispatch.content.prepare import ContentSetting, prepare
from dispatch.model.issue import Edition, Words
from dispatch.model.post import MediaType, Post, RawPost

HOME = Path(__file__).parents[3]
FOLDERS = (HOME / "sample/posts", HOME / "tests/judges/posts")
KINDS = {".md": MediaType.MARKDOWN, ".html": MediaType.HTML, ".txt": MediaType.PLAIN}
FILES = [file for folder in FOLDERS for file in sorted(folder.rglob("*")) if file.suffix in KINDS]
SETTING = ContentSetting("https://news.example.org", "en", "Europe/Berlin")
ADDRESS = re.compile(r"(?:https?://|mailto:|tel:)\S+")
ENDS = ".,;:!?)*`~”"  # of what stands around an address


@pytest.fixture(scope="module")
def sample_posts(make_post: Callable[..., Post]) -> dict[str, Post]:
    """The posts of the sample and of the judges, by the names of their files."""
    return {file.name: _post(file, number, make_post) for number, file in enumerate(FILES, 1)}


def _post(file: Path, number: int, make_post: Callable[..., Post]) -> Post:
    root = next(folder for folder in FOLDERS if file.is_relative_to(folder))
    ref = str(file.relative_to(root))
    clean = prepare(RawPost(ref, "1", KINDS[file.suffix], file.read_bytes(), ref, path=file, root=root), SETTING)
    return make_post(number, clean.title, clean.html, clean.summary)


def links(edition: Edition) -> tuple[set[str], set[str]]:
    """Where the HTML leads, and where the text does.

    Addresses that stand in the HTML as words, such as in code, are no links in either. Neither are answering and
    passing on, for which every mail program has a button.
    """
    html = {unescape(url) for url in re.findall(r'href="([^"]*)"', edition.html)}
    words = set(ADDRESS.findall(unescape(re.sub("<[^>]*>", " ", re.sub("</?span[^>]*>", "", edition.html)))))
    text = {
        min((url for url in (found, found.rstrip(ENDS)) if url in html), default=found, key=len)
        for found in ADDRESS.findall(edition.text)
    }
    return {url for url in html if ADDRESS.match(url) and "subject=" not in url}, text - (words - html)


@pytest.mark.parametrize("name", [file.name for file in FILES])
def test_a_post_in_full(name: str, sample_posts: dict[str, Post], render: Callable[..., Edition]) -> None:
    """With an intro that has links of its own."""
    html, text = links(render(sample_posts[name], default=Words(intro="See [here](/here/) or <mailto:a@b.example>.")))
    assert text == html
    assert "https://news.example.org/here/" in text


def test_a_digest_of_them_all(sample_posts: dict[str, Post], render: Callable[..., Edition]) -> None:
    """With posts left over."""
    html, text = links(render(*sample_posts.values(), more=3))
    assert text == html


def test_pictures_speak_by_their_alt(sample_posts: dict[str, Post], render: Callable[..., Edition]) -> None:
    """Each that has one, in every post."""
    for post in sample_posts.values():
        words = {unescape(alt) for alt in re.findall(r'<img[^>]* alt="([^"]+)"', post.html)}
        text = " ".join(render(post).text.split())
        assert {alt for alt in words if " ".join(alt.split()) not in text.replace("> ", "")} == set()
