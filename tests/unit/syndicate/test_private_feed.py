"""A subscriber's own feed: written once for all who read the same, and nobody's but by its address."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dispatch.model.feed import FEED_FILES
from dispatch.model.issue import Publication
from dispatch.model.post import Post
from dispatch.render.marker import marker_for
from dispatch.syndicate.budget import LIMIT
from dispatch.syndicate.private_feed import SharedBody, Wording, private_feed, shared_body

NAMES = [file.name for file in FEED_FILES]
WORDING = Wording("News, for you", "What you chose.", "de")
TOKEN = "0a1b2c.17.3.AbC-dEf_0123456789xyz"
tokens = st.text("0123456789abcdefABCDEF.-_", min_size=10, max_size=80)


@pytest.fixture
def body(publication: Publication) -> Callable[..., SharedBody]:
    """Write a feed of these posts, to be shared."""

    def make(name: str, *posts: Post) -> SharedBody:
        marker = marker_for(text for post in posts for text in (post.title, post.html))
        return shared_body(private_feed(publication, posts, WORDING, marker, full_text=True), marker, name)

    return make


@pytest.mark.parametrize("name", NAMES)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=10)
@given(token=tokens)
def test_a_shared_body_with_a_token_in_it_is_that_readers_feed(
    publication: Publication, make_post: Callable[..., Post], body: Callable[..., SharedBody], name: str, token: str
) -> None:
    """Put in afterwards or written at once: the bytes are the same."""
    posts = [make_post(2), make_post(1, title="<b> & ]]> \u202e")]
    alone = shared_body(private_feed(publication, posts, WORDING, token, full_text=True), "no such marker", name)
    assert body(name, *posts).of(token) == b"".join(alone.pieces)


@pytest.mark.parametrize("name", NAMES)
def test_it_names_itself_and_no_hub(
    make_post: Callable[..., Post], body: Callable[..., SharedBody], publication: Publication, name: str
) -> None:
    """Its own address is in it, for readers that ask for it; posts link to their public pages."""
    text = body(name, make_post()).of(TOKEN).decode()
    assert f"{publication.web_url}/f/{TOKEN}/{name}" in text
    assert make_post().url in text
    assert "hub" not in text
    assert "zq" not in text


def test_a_post_that_no_feed_can_show_is_left_out(publication: Publication, make_post: Callable[..., Post]) -> None:
    """Law 6: the others are there."""
    undated = make_post(2, published=datetime(2026, 1, 1))  # noqa: DTZ001
    made = private_feed(publication, [make_post(3), undated, make_post(1)], WORDING, TOKEN, full_text=False)
    assert [entry.title for entry in made.entries] == ["Title 3 & more", "Title 1 & more"]
    assert {entry.html for entry in made.entries} == {""}


def test_it_never_passes_a_mebibyte_whoever_reads_it(
    make_post: Callable[..., Post], body: Callable[..., SharedBody]
) -> None:
    """The longest of tokens fits as well."""
    heavy = [make_post(number, html=f"<p>{'x' * 60_000}</p>") for number in range(30)]
    for name in NAMES:
        assert len(body(name, *heavy).of("k" * 70)) <= LIMIT


def test_an_empty_feed_is_a_feed(body: Callable[..., SharedBody], publication: Publication) -> None:
    """A list that is out of the settings for a while makes no reader give up."""
    for name in NAMES:
        assert b"News, for you" in body(name).of(TOKEN)
    feed = private_feed(publication, [], replace(WORDING, title=" a\nb "), TOKEN, full_text=True)
    assert feed.title == "a b"
