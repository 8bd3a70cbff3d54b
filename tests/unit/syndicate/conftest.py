"""A small publication to make feeds and pages of."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from dispatch.model.issue import MailingList, Publication
from dispatch.model.post import Picture, Post, PostState
from dispatch.model.subscriber import Cadence
from dispatch.syndicate.contents import SiteContents, Topic, TopicPage

URL = "https://news.example.org"


@dataclass(frozen=True)
class Due:
    """A site, and what of it is to be written."""

    contents: SiteContents
    topics: tuple[Topic, ...]
    changed: tuple[Post, ...]


@pytest.fixture
def publication() -> Publication:
    """Its texts hold what markup must escape."""
    return Publication(
        title="Tom & Ann’s <Letter>",
        url=URL,
        web_url=URL,
        description="Notes & queries",
        language="en",
        timezone="Europe/Berlin",
        author="Ann Lindqvist",
        email="ann@example.org",
        address="Hafenstraße 12, Hamburg",
        logo=f"{URL}/logo.png",
        accent="#e8590c",
    )


@pytest.fixture
def make_post() -> Callable[..., Post]:
    """Make a live post; each post has a number, and any field can be changed."""

    def make(number: int = 1, **changes: Any) -> Post:
        post = Post(
            id=number,
            uid=f"tag:news.example.org,2026:{number}",
            source="blog",
            ref=f"{number}.md",
            where=f"posts/{number}.md",
            slug=f"post-{number}",
            url=f"{URL}/posts/post-{number}/",
            title=f"Title {number} & more",
            html=f"<p>Body {number} &amp; <b>bold</b></p>",
            summary=f"Summary {number}: a < b & c",
            language="en",
            state=PostState.LIVE,
            revision="r",
            published=datetime(2026, 11, 1 + number % 28, 7, 30, tzinfo=UTC),
            updated=datetime(2026, 11, 1 + number % 28, 9, 0, tzinfo=UTC),
            changed=datetime(2026, 11, 1 + number % 28, 9, 0, tzinfo=UTC),
            authors=("Ann Lindqvist", "Jo Kim"),
            tags=("Python", "slow mail"),
            image=Picture(f"{URL}/media/{number}.png", "A harbour", 640, 480),
        )
        return replace(post, **changes)

    return make


@pytest.fixture
def weekly() -> MailingList:
    """A list that comes once a week, or daily."""
    pace = (Cadence.WEEKLY, Cadence.DAILY)
    return MailingList(1, "weekly", "The Weekly", "On Mondays", (), (), Cadence.WEEKLY, pace, "ann@example.org", "")


@pytest.fixture
def make_topic() -> Callable[..., Topic]:
    """Make a topic of these posts."""

    def make(*posts: Post, path: str = "", title: str = "Tom & Ann’s <Letter>") -> Topic:
        return Topic(path, title, "Notes & queries", posts, f"tag:news.example.org,2026:feed:{path}")

    return make


@pytest.fixture
def make_site(publication: Publication, weekly: MailingList, make_topic: Callable[..., Topic]) -> Callable[..., Due]:
    """Make a site of these posts: the publication, one list, one tag; all pages are due."""

    def make(*posts: Post) -> Due:
        topics = (
            make_topic(*posts),
            make_topic(*posts, path="lists/weekly", title="The Weekly"),
            make_topic(*posts, path="tags/python", title="Python"),
        )
        tags = (TopicPage("Python", "tags/python", "Python"), TopicPage("Rust", "tags/rust", "Rust"))
        return Due(SiteContents(publication, (weekly,), tags), topics, posts)

    return make
