"""Which posts a list may mail at all."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from dispatch.compose.gate import passes
from dispatch.model.issue import MailingList
from dispatch.model.post import Post, PostState

MakePost = Callable[..., Post]
MakeList = Callable[..., MailingList]


def test_a_new_live_post_passes(make_post: MakePost, make_list: MakeList) -> None:
    """What a list has not seen before may be mailed."""
    assert passes(make_post(5), make_list())


@pytest.mark.parametrize("state", [PostState.DRAFT, PostState.SCHEDULED, PostState.WITHDRAWN])
def test_only_live_posts_pass(state: PostState, make_post: MakePost, make_list: MakeList) -> None:
    """What readers may not see is not mailed either, not even where `since` is open."""
    assert not passes(make_post(5, state=state), make_list(since=date(2020, 1, 1)))


def test_the_archive_never_passes(make_post: MakePost, make_list: MakeList) -> None:
    """What a source's first pass saw mails nobody."""
    assert not passes(make_post(5, archive=True), make_list())


def test_since_opens_the_gate_for_the_archive(make_post: MakePost, make_list: MakeList) -> None:
    """With `since`, a post dated that day or later passes although it is archive, and an older one does not."""
    post = make_post(5, archive=True, published=datetime(2026, 3, 2, 12, tzinfo=UTC))
    assert passes(post, make_list(since=date(2026, 3, 2)))
    assert not passes(post, make_list(since=date(2026, 3, 3)))


def test_since_counts_in_the_publications_zone(make_post: MakePost, make_list: MakeList) -> None:
    """Late in the evening in UTC is the next day already in Tokyo."""
    post = make_post(5, archive=True, published=datetime(2026, 3, 1, 20, tzinfo=UTC))
    assert passes(post, make_list(since=date(2026, 3, 2), zone="Asia/Tokyo"))
    assert not passes(post, make_list(since=date(2026, 3, 2), zone="UTC"))


def test_what_was_there_before_the_list_does_not_pass(make_post: MakePost, make_list: MakeList) -> None:
    """A list begins with the first post that arrives after it."""
    assert not passes(make_post(5), make_list(born=5))
    assert passes(make_post(6), make_list(born=5))


def test_a_list_mails_its_own_sources_and_tags_only(make_post: MakePost, make_list: MakeList) -> None:
    """Sources must be named, one tag must match, and letters' case does not count."""
    assert not passes(make_post(5), make_list(sources=("other",)))
    assert not passes(make_post(5, tags=("Sea",)), make_list(tags=("moon",)))
    assert passes(make_post(5, tags=("Sea",)), make_list(sources=("blog",), tags=("moon", "SEA")))
