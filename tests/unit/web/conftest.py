"""The web application over a small public folder, asked in process."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from dispatch.acts.subscriber import LeavePage
from dispatch.errors import StoreError, TokenError
from dispatch.model.issue import Publication
from dispatch.theme import Theme
from dispatch.web.app import make_app


@dataclass
class Leavings:
    """Subscriptions in a set: what the desk asks for, without a store."""

    active: set[str] = field(default_factory=lambda: {"good"})
    broken: bool = False

    async def look(self, token: str) -> LeavePage:
        """Whose link it is."""
        await asyncio.sleep(0)
        if self.broken:
            raise StoreError
        if token not in {"good"}:
            raise TokenError
        return LeavePage("a…@example.org", "The <Weekly>", "good" not in self.active)

    async def leave(self, token: str) -> LeavePage:
        """End it."""
        page = await self.look(token)
        self.active.discard(token)
        return page


@pytest.fixture
def leavings() -> Leavings:
    """One subscription, to be ended by the token "good"."""
    return Leavings()


@pytest.fixture
def public(tmp_path: Path) -> Path:
    """Feeds, a page, a withdrawn page, a picture, and a secret beside the folder."""
    folder = tmp_path / "public"
    files = {
        "index.html": b"<h1>Home</h1>",
        "feed.xml": b"<rss>" + b"text " * 400 + b"</rss>",
        "atom.xml": b"<feed/>",
        "feed.json": b"{}",
        "media/a.png": b"\x89PNG" + bytes(2000),
        "posts/a/index.html": b"<h1>A</h1>",
        "posts/gone/index.html": b"<h1>Withdrawn</h1>",
        "posts/gone/.gone": b"",
        "posts/für alle/index.html": b"<h1>All</h1>",
    }
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    (tmp_path / "secret.txt").write_text("secret")
    return folder


@pytest.fixture
async def web(public: Path, leavings: Leavings) -> AsyncIterator[httpx.AsyncClient]:
    """A browser that speaks to the application without a network."""
    url = "https://news.example.org"
    publication = Publication("News", url, url, "", "en", "UTC", "", "ann@example.org", "", "", "#0b5cad")
    transport = httpx.ASGITransport(make_app(public, publication, Theme(), leavings))
    async with httpx.AsyncClient(transport=transport, base_url=url, headers={"Accept-Encoding": ""}) as client:
        yield client
