"""Opens the store and hands out transactions.

SQLite runs in WAL mode with synchronous=FULL; a write begins with BEGIN IMMEDIATE and writers of this
process queue up in line, so that a lock is waited for only where another process holds it.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event, make_url
from sqlalchemy.exc import DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from dispatch.errors import ConfigError, StoreError
from dispatch.store.migrate import upgrade

DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+psycopg"}
PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=10000", "foreign_keys=ON")
WRITES = "dispatch_writes"
SQLITE = b"SQLite format 3\0"  # how such a file begins (https://www.sqlite.org/fileformat.html)

Tx = AsyncConnection


class Store:
    """The one place where the truth is kept."""

    def __init__(self, engine: AsyncEngine, place: str) -> None:
        self.place = place
        self._engine = engine
        self._writer = engine.execution_options(**{WRITES: True})
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
                await tx.run_sync(upgrade)
        except BaseException:
            await store.aclose()
            raise
        return store

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Tx]:
        """A transaction that sees one state of the store and changes nothing."""
        with _Explained(self.place):
            async with self._engine.begin() as tx:
                yield tx

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Tx]:
        """A transaction that changes the store: all of it or, on any error, nothing."""
        async with self._line:
            with _Explained(self.place):
                async with self._writer.begin() as tx:
                    yield tx

    async def aclose(self) -> None:
        """Close all connections."""
        await self._engine.dispose()


class _Explained:
    """Turns the database's errors into StoreError in plain words."""

    def __init__(self, place: str) -> None:
        self._place = place

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, traceback: Any) -> None:
        if isinstance(error, DBAPIError):
            raise StoreError(f"The store {self._place} says: {error.orig}. {_cure(str(error.orig))}") from error
        if isinstance(error, SQLAlchemyError):
            raise StoreError(f"The store {self._place} cannot be used: {error}") from error


CURES = {
    "disk is full": "Free some space; nothing that was stored is lost, and the next pass goes on.",
    "readonly": "Make the file and its folder writable for this user.",
    "unable to open": "Make sure that its folder exists and is writable for this user.",
    "locked": "Another process holds it; try again when that has ended.",
}


def _cure(message: str) -> str:
    return next((cure for sign, cure in CURES.items() if sign in message), "Nothing was changed.")


def _engine(url: str, folder: Path) -> tuple[AsyncEngine, str]:
    try:
        parsed = make_url(url)
        parsed = parsed.set(drivername=DRIVERS.get(parsed.drivername, parsed.drivername))
        if parsed.drivername.startswith("sqlite") and parsed.database not in (None, "", ":memory:"):
            parsed = parsed.set(database=str(folder / str(parsed.database)))
        engine = create_async_engine(parsed)
    except (SQLAlchemyError, NoSuchModuleError, ImportError) as error:
        raise ConfigError(f"[store] url: {error}. Write sqlite:///FILE.") from None
    if parsed.drivername.startswith("sqlite"):
        _refuse_other_files(Path(str(parsed.database)))
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine, parsed.database or parsed.render_as_string(hide_password=True)


def _refuse_other_files(path: Path) -> None:
    """Raise StoreError for a file of another kind before a connection, and its thread, is made for it."""
    if path.is_file():
        with path.open("rb") as file:
            start = file.read(len(SQLITE))
        if start and start != SQLITE:
            raise StoreError(f"{path} is not a database: name another file in [store] url.")


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    cursor = connection.cursor()
    try:
        for pragma in PRAGMAS:
            cursor.execute(f"PRAGMA {pragma}")
    except Exception:
        connection.close()  # the driver's thread would outlive us
        raise
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
