"""What SQLite wants before it is a store: one file, WAL mode, every commit on the disk, writers at the door."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from dispatch.errors import StoreError
from dispatch.store.writes import is_write

PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=10000", "foreign_keys=ON")


def engine(url: URL, folder: Path) -> tuple[AsyncEngine, str]:
    """An engine for a file, relative to `folder`, and how to name it to people. Raises StoreError."""
    if url.database in (None, "", ":memory:"):
        raise ValueError("it names no file")
    path = folder / str(url.database)
    _refuse_other_files(path)
    url = url.set(database=str(path))
    made = create_async_engine(url)
    _listen(made.sync_engine)
    return made, url.database or url.render_as_string()


def at_once(made: AsyncEngine) -> Engine:
    """An engine for the same file whose transactions run in a thread from beginning to end."""
    twin = create_engine(made.url.set(drivername="sqlite"))
    _listen(twin)
    return twin


def _listen(made: Engine) -> None:
    event.listen(made, "connect", _prepare)
    event.listen(made, "begin", _begin)


def _refuse_other_files(path: Path) -> None:
    """Raise StoreError for what cannot be a store before a connection, and its thread, is made for it.

    SQLite itself has to look: whoever opens the file and closes it again takes from this process all the locks that
    SQLite holds on it (https://www.sqlite.org/howtocorrupt.html, section 2.2).
    """
    if not path.parent.is_dir():
        raise StoreError(f"{path.parent} is no folder: make it, or name another file in [store] url.")
    if path.is_file() and not _is_database(path):
        raise StoreError(f"{path} is not a database: name another file in [store] url.")


def _is_database(path: Path) -> bool:
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        try:
            connection.execute("PRAGMA schema_version")
        except sqlite3.OperationalError:  # busy, or not to be read: that is said when it is opened
            return True
        except sqlite3.DatabaseError:
            return False
    return True


def _prepare(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    cursor = connection.cursor()
    try:
        for pragma in PRAGMAS:
            cursor.execute(f"PRAGMA {pragma}")
    except Exception:
        connection.close()  # the driver's thread would outlive us
        raise
    cursor.close()


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_write(connection) else "BEGIN")
