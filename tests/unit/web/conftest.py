"""The web application over a small public folder, asked in process."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from dispatch.acts.joining import ConfirmPage, SignUp, Standing, WrongFieldsError
from dispatch.acts.offering import Offering
from dispatch.acts.preferences import Choices, OnList, Saved, Wish
from dispatch.acts.private_feed import OwnFeed
from dispatch.acts.private_reading import Reading
from dispatch.acts.subscriber import LeavePage
from dispatch.errors import StoreError, TokenError
from dispatch.model.issue import MailingList, Publication
from dispatch.model.subscriber import Cadence
from dispatch.theme import Theme
from dispatch.web.app import Acts, make_app
from dispatch.web.beat import Beat

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
THEME = Theme()  # its templates are compiled once for all tests


@dataclass
class Watch:
    """Seconds that pass only where somebody sleeps or works."""

    now: float = 0.0

    def __call__(self) -> float:
        """What it shows."""
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Let them pass."""
        await asyncio.sleep(0)
        self.now += seconds


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


def _list(slug: str, title: str, *cadences: Cadence) -> MailingList:
    return MailingList(1, slug, title, "", (), (), cadences[0], cadences, "", "")


LISTS = {
    "news": replace(_list("news", "The <News>", Cadence.IMMEDIATE, Cadence.WEEKLY), local_time=True),
    "letters": _list("letters", "Letters", Cadence.MONTHLY),
}


@dataclass
class Joinings:
    """Sign-ups in a list: what the form asks for, without a store."""

    offered: Offering = field(default_factory=lambda: Offering(LISTS, ("en", "de"), {}))
    wishes: list[SignUp] = field(default_factory=list)
    standing: Standing = Standing.WAITS
    broken: bool = False
    watch: Watch = field(default_factory=Watch)
    takes: float = 0.0  # seconds

    async def offering(self) -> Offering:
        """What there is."""
        await asyncio.sleep(0)
        if self.broken:
            raise StoreError
        return self.offered

    async def sign_up(self, wish: SignUp) -> None:
        """Take it, unless there is no address in it."""
        await self.offering()
        if "@" not in wish.email:
            raise WrongFieldsError({"email": "This is no mail address. Write it as in name@example.org."})
        self.wishes.append(wish)
        self.watch.now += self.takes

    async def look(self, token: str) -> ConfirmPage:
        """Where the link leads."""
        await self.offering()
        if token not in {"good"}:
            raise TokenError
        return ConfirmPage(self.standing, "news", "The <News>", "a…@example.org", preferences="pass")

    async def confirm(self, token: str) -> ConfirmPage:
        """They are in."""
        await self.look(token)
        if self.standing is Standing.WAITS:
            self.standing = Standing.IN
        return await self.look(token)


@dataclass
class Choosings:
    """One person's choices, and what was done with them."""

    choices: Choices = field(
        default_factory=lambda: Choices(
            True,
            "a…@example.org",
            'Ada "<b>"',
            languages=("en", "de"),
            has_hours=True,
            lists=(OnList(LISTS["news"], Cadence.WEEKLY, "07:30", ("<sea>",), ("<sea>", "tides"), "2026-12-24"),),
            others=(LISTS["letters"],),
        )
    )
    saved: Saved | None = None
    done: list[object] = field(default_factory=list)
    watch: Watch = field(default_factory=Watch)
    takes: float = 0.0  # seconds

    async def look(self, token: str) -> Choices:
        """Whose page it is."""
        await asyncio.sleep(0)
        if token in {"broken"}:
            raise StoreError
        if token not in {"good"}:
            raise TokenError
        return self.choices

    async def save(self, token: str, wish: Wish) -> Saved:
        """Keep the wish."""
        return await self._act(token, wish)

    async def join(self, token: str, slug: str) -> Saved:
        """Keep the list."""
        return await self._act(token, ("join", slug))

    async def leave(self, token: str, slug: str = "") -> Saved:
        """Keep the list."""
        return await self._act(token, ("leave", slug))

    async def renew_feed(self, token: str, series: int) -> Saved:
        """Keep the series."""
        return await self._act(token, ("feed", series))

    async def end_feed(self, token: str) -> Saved:
        """Keep the wish."""
        return await self._act(token, "no-feed")

    async def _act(self, token: str, done: object) -> Saved:
        choices = await self.look(token)
        self.done.append(done)
        return self.saved or Saved(choices)

    async def languages(self) -> tuple[str, ...]:
        """Two of them."""
        await asyncio.sleep(0)
        return ("en", "de")

    async def ask(self, address: str) -> None:
        """Keep the address, if it is one."""
        await asyncio.sleep(0)
        if "@" not in address:
            raise ValueError
        self.done.append(address)
        self.watch.now += self.takes


@dataclass
class Privates:
    """One own feed, "good", and one that was switched off, "old"."""

    body: bytes = b"<rss>" + b"Ada & the sea " * 200 + b"</rss>"
    broken: bool = False

    async def read(self, token: str, name: str) -> Reading:
        """What is there."""
        await asyncio.sleep(0)
        if self.broken:
            raise StoreError
        if token not in {"good", "old"}:
            raise TokenError
        own = OwnFeed(1, "https://example.org/f/good")
        return Reading(self.body, own=own) if token == "good" else Reading(None, "This feed has ended.")


@pytest.fixture
def privates() -> Privates:
    """Subscribers' own feeds."""
    return Privates()


@pytest.fixture
def said() -> list[str]:
    """What was told to whoever watches the service."""
    return []


@pytest.fixture
def theme() -> Theme:
    """The shipped templates."""
    return THEME


@pytest.fixture
def watch() -> Watch:
    """By which the application answers."""
    return Watch()


@pytest.fixture
def joinings(watch: Watch) -> Joinings:
    """Two lists, and one link to confirm with, "good"."""
    return Joinings(watch=watch)


@pytest.fixture
def choosings(watch: Watch) -> Choosings:
    """One page of preferences, "good"."""
    return Choosings(watch=watch)


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
async def web(
    public: Path,
    leavings: Leavings,
    joinings: Joinings,
    choosings: Choosings,
    privates: Privates,
    theme: Theme,
    said: list[str],
    watch: Watch,
) -> AsyncIterator[httpx.AsyncClient]:
    """A browser that speaks to the application without a network."""
    url = "https://news.example.org"
    publication = Publication("News", url, url, "", "en", "UTC", "", "ann@example.org", "", "", "#0b5cad")
    beat = Beat(0.25, watch, watch.sleep)
    acts = Acts(leavings, joinings, choosings, privates, lambda: NOW, said.append, beat)
    transport = httpx.ASGITransport(make_app(public, publication, theme, acts))
    async with httpx.AsyncClient(transport=transport, base_url=url, headers={"Accept-Encoding": ""}) as client:
        yield client
