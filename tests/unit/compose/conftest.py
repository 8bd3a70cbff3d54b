"""Posts and lists of any kind."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dispatch.model.issue import MailingList
from dispatch.model.post import Post, PostState
from dispatch.model.subscriber import Cadence

START = datetime(2026, 1, 1, tzinfo=UTC)


def _post(number: int, **values: Any) -> Post:
    at = START + timedelta(hours=number)
    standard: dict[str, Any] = {
        "id": number,
        "uid": f"tag:example.org,2026:{number}",
        "source": "blog",
        "ref": f"{number}.md",
        "where": f"posts/{number}.md",
        "slug": str(number),
        "url": f"https://example.org/posts/{number}/",
        "title": f"Post {number}",
        "html": "<p>Text</p>",
        "summary": "Text",
        "language": "en",
        "state": PostState.LIVE,
        "revision": "1",
        "published": at,
        "updated": at,
        "changed": at,
        "arrival": number,
    }
    return Post(**{**standard, **values})


def _list(**values: Any) -> MailingList:
    standard: dict[str, Any] = {
        "id": 1,
        "slug": "weekly",
        "title": "Weekly",
        "description": "",
        "sources": (),
        "tags": (),
        "cadence": Cadence.WEEKLY,
        "cadences": (Cadence.WEEKLY,),
        "sender": "news@example.org",
        "reply_to": "",
    }
    return MailingList(**{**standard, **values})


@pytest.fixture(scope="session")
def make_post() -> Callable[..., Post]:
    """A live post whose arrival is its id, with whatever is to differ."""
    return _post


@pytest.fixture(scope="session")
def make_list() -> Callable[..., MailingList]:
    """A list of everything, with whatever is to differ."""
    return _list
