"""Opens the store and hands out transactions.

Writers of this process queue up in line, so that the database's own lock is waited for only where another process
holds it. On both databases a store has one writer at a time; see `sqlite` and `postgresql` for how each does it.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, make_url
from sqlalchemy.exc import NoSuchModuleError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from dispatch.errors import ConfigError
from dispatch.store import atonce, postgresql, sqlite
from dispatch.store.explained import Explained
from dispatch.store.migrate import upgrade
from dispatch.store.writes import READS, WRITES

DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}
FORMS = "Write sqlite:///FILE or postgresql://USER@HOST/DATABASE."

Tx = AsyncConnection
T = TypeVar("T")


class Store:
    """The one place where the truth is kept."""

    def __init__(self, engine: AsyncEngine, place: str) -> None:
        self.place = place
        self._engine = engine
        self._reader = engine.execution_options(**(postgresql.READING if _is_postgresql(engine) else {}))
        self._writer = engine.execution_options(**WRITES)
        self._at_once = None if _is_postgresql(engine) else sqlite.at_once(engine).execution_options(**WRITES)
        self._line = asyncio.Lock()

    @classmethod
    async def open(cls, url: str, folder: Path) -> "Store":
        """Open the store at `url` (SQLite paths are relative to `folder`), bringing its tables up to date.

        Raises ConfigError for an address that cannot be one, StoreError if the store cannot be used.
        """
        engine, place = _engine(url, folder)
        store = cls(engine, place)
        try:
            async with store.write() as tx:
                await tx.run_sync(_make_ready)
        except BaseException:
            await store.aclose()
            raise
        return store

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Tx]:
        """A transaction that sees one state of the store and changes nothing."""
        with Explained(self.place):
            async with self._reader.begin() as tx:
                yield tx

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Tx]:
        """A transaction that changes the store: all of it or, on any error, nothing."""
        async with self._line:
            with Explained(self.place):
                async with self._writer.begin() as tx:
                    yield tx

    async def write_at_once(self, act: Callable[[Tx], Awaitable[T]]) -> T:
        """A short write as one function, which awaits nothing but statements of the transaction it is given.

        The same as `write`, but on SQLite many small statements cost little more than one.
        """
        if self._at_once is None:
            async with self.write() as tx:
                return await act(tx)
        async with self._line:
            with Explained(self.place):
                return await atonce.run(self._at_once, act)

    @asynccontextmanager
    async def aside(self) -> AsyncIterator["Aside"]:
        """One connection for several transactions, so that temporary tables last from one to the next."""
        with Explained(self.place):
            async with self._engine.connect() as connection:
                try:
                    yield Aside(connection, self._line)
                finally:
                    await connection.invalidate()  # nobody else is to find its temporary tables

    async def aclose(self) -> None:
        """Close all connections."""
        if self._at_once:
            self._at_once.dispose()
        await self._engine.dispose()


class Aside:
    """Transactions on a connection of their own."""

    def __init__(self, connection: AsyncConnection, line: asyncio.Lock) -> None:
        self._connection, self._line = connection, line
        self.database = connection.dialect.name

    @asynccontextmanager
    async def work(self) -> AsyncIterator[Tx]:
        """A transaction that reads the store and changes temporary tables only: it keeps no writer waiting."""
        await self._connection.execution_options(**READS)
        async with self._connection.begin():
            yield self._connection

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Tx]:
        """A transaction that changes the store, in line with all others."""
        async with self._line:
            await self._connection.execution_options(**WRITES)
            async with self._connection.begin():
                yield self._connection


def _make_ready(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        postgresql.check(connection)
    upgrade(connection)


def _is_postgresql(engine: AsyncEngine) -> bool:
    return engine.dialect.name == "postgresql"


def _engine(url: str, folder: Path) -> tuple[AsyncEngine, str]:
    try:
        parsed = make_url(url)
        parsed = parsed.set(drivername=DRIVERS.get(parsed.drivername, parsed.drivername))
        if parsed.drivername == DRIVERS["sqlite"]:
            return sqlite.engine(parsed, folder)
        if parsed.drivername == DRIVERS["postgresql"]:
            return postgresql.engine(parsed)
    except (SQLAlchemyError, NoSuchModuleError, ImportError, ValueError) as error:
        raise ConfigError(f"[store] url: {error}. {FORMS}") from None
    raise ConfigError(f"[store] url: {parsed.drivername} is no kind of store. {FORMS}")
