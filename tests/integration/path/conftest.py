"""A small publication on a real store, with a clock that the test turns."""

import os
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from dispatch.acts.act import Desk
from dispatch.app import App, open_app
from dispatch.config import read_config
from dispatch.context import Context
from dispatch.model.issue import Issue, IssueState
from dispatch.publish import Pass, run_pass
from dispatch.store import deliveries, issues, posts

from ...conftest import DATABASES

HEAD = """
[publication]
title = "Sea"
url = "https://sea.example"
email = "jules@sea.example"
timezone = "Europe/Berlin"

[sources.blog]
type = "folder"
path = "posts"
"""
MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)  # 10:00 in Berlin


@dataclass
class World:
    """One publication while a test lasts; `now` is what its clock says."""

    folder: Path
    now: datetime = MONDAY
    said: list[str] = field(default_factory=list)
    _app: App | None = None

    @asynccontextmanager
    async def open(self) -> AsyncIterator["World"]:
        """Start the publication, as each run of a command does."""
        async with open_app(read_config(self.folder), tell=self.said.append, clock=lambda: self.now) as app:
            self._app = app
            yield self
        self._app = None

    @property
    def app(self) -> App:
        """The wired publication."""
        assert self._app
        return self._app

    @property
    def context(self) -> Context:
        """What every stage works on."""
        return self.app.context

    @property
    def desk(self) -> Desk:
        """An editor's hands."""
        return Desk(self.context, "test")

    def write(self, name: str, text: str = "Text.", **front: Any) -> None:
        """Write a post now; `front` is its front matter, its title is the file's name unless given."""
        lines = [f"{key}: {value}" for key, value in {"title": name, **front}.items()]
        self.place(f"posts/{name}.md", "\n".join(["---", *lines, "---", "", text, ""]))

    def place(self, name: str, text: str) -> None:
        """Write any file of the publication, with the clock's time on it."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        os.utime(path, (self.now.timestamp(), self.now.timestamp()))

    def people(self, slug: str, *rows: str, columns: str = "email") -> None:
        """Write the subscribers' file of a list."""
        self.place(f"subscribers/{slug}.csv", "\n".join([columns, *rows, ""]))

    def later(self, **span: float) -> None:
        """Turn the clock."""
        self.now += timedelta(**span)

    async def stage(self) -> Pass:
        """One pass, and nothing is delivered."""
        return await run_pass(self.context, self.now)

    async def work(self, *, hold: bool = True) -> Pass:
        """One pass, and the delivery of what it started."""
        done = await run_pass(self.context, self.now, hold=hold)
        await self.app.engine.drain()
        return done

    async def issue(self, number: int) -> Issue:
        """An issue as it stands."""
        async with self.context.store.read() as tx:
            found = await issues.get(tx, number)
        assert found
        return found

    async def states(self) -> list[IssueState]:
        """The states of all issues, by number."""
        async with self.context.store.read() as tx:
            return [one.state for one in sorted(await issues.recent(tx, 100), key=lambda one: one.number)]

    async def post_id(self, title: str) -> int:
        """A post by its title."""
        async with self.context.store.read() as tx:
            return next(one.id for one in await posts.everything(tx, 100) if one.title == title)

    async def ledger(self, number: int) -> dict[str, str]:
        """What became of each address of an issue."""
        async with self.context.store.read() as tx:
            return {row.email.partition("@")[0]: row.state.value for row in await deliveries.rows(tx, number)}

    def mails(self) -> list[EmailMessage]:
        """All mail in the outbox, in the order of issues."""
        files = (self.folder / "outbox" / "new").glob("*.eml")
        ordered = sorted(files, key=lambda path: [int(part) for part in path.name.split(".")[:2]])
        return [message_from_bytes(path.read_bytes(), EmailMessage, policy=policy.default) for path in ordered]  # type: ignore[misc]

    def got(self, who: str, titles: Iterable[str]) -> list[tuple[str, ...]]:
        """Which of these titles, found in the text, each mail to somebody held."""
        names = sorted(titles)
        texts = [text_of(mail) for mail in self.mails() if f"{who}@" in str(mail["To"])]
        return [tuple(name for name in names if name in text) for text in texts]

    def with_provider(self, provider: Any) -> Context:
        """The same publication with another provider."""
        return replace(self.context, provider=provider)


def text_of(mail: EmailMessage) -> str:
    """The plain text of a mail, its subject in front."""
    body = mail.get_body(("plain",))
    assert body
    return f"{mail['Subject']}\n{body.get_content()}"


Publish = Callable[[str], AbstractAsyncContextManager[World]]


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The table [store] of the publication: SQLite, unless a test names another one as this fixture's parameter."""
    name = getattr(request, "param", "sqlite")
    return f'[store]\nurl = "{DATABASES[name](request, tmp_path)}"\n'


@pytest.fixture
def publish(tmp_path: Path, database: str) -> Publish:
    """Open a publication with these lists; opened again, it is the same one after a restart."""
    made: list[World] = []

    def _publish(tables: str) -> AbstractAsyncContextManager[World]:
        (tmp_path / "dispatch.toml").write_text(HEAD + tables + database)
        (tmp_path / "posts").mkdir(exist_ok=True)
        (tmp_path / "subscribers").mkdir(exist_ok=True)
        made.append(made[0] if made else World(tmp_path))
        return made[0].open()

    return _publish
