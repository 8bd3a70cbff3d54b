"""What PostgreSQL wants before it is a store: a pool, limits to waiting, writers in one line.

Readers see one state (REPEATABLE READ, READ ONLY). Writers are READ COMMITTED and stand in line by an advisory lock
that lasts as long as their transaction, so that what a writer has read is still true when it writes: the same law
as SQLite's BEGIN IMMEDIATE, and the same code above.
"""

from typing import Any

from sqlalchemy import URL, Connection, event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from dispatch.errors import StoreError
from dispatch.store.writes import is_write

OLDEST = 15
LINE = 0x44495350  # "DISP": the advisory lock that writers hold, one at a time
CONNECTIONS = 5  # kept; as many again under load
READING: dict[str, Any] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
# A writer waits this long for the one before it, a silent one is thrown out; JIT compiles longer than our queries run.
SETTINGS = "-c lock_timeout=30s -c idle_in_transaction_session_timeout=60s -c jit=off"


def engine(url: URL) -> tuple[AsyncEngine, str]:
    """An engine for a database on a server, and how to name it to people: without user or password."""
    arguments: dict[str, Any] = {"connect_timeout": 10, "application_name": "dispatch"}
    if "options" not in url.query:
        arguments["options"] = SETTINGS
    made = create_async_engine(
        url,
        pool_size=CONNECTIONS,
        max_overflow=CONNECTIONS,
        pool_pre_ping=True,  # a server that was restarted costs nobody an error
        hide_parameters=True,
        connect_args={name: value for name, value in arguments.items() if name not in url.query},
    )
    event.listen(made.sync_engine, "begin", _begin)
    return made, _place(url)


def _place(url: URL) -> str:
    host = url.host or url.query.get("host") or "this machine"
    return f"{url.database or '(no name)'} at {host}{f':{url.port}' if url.port else ''}"


def _begin(connection: Connection) -> None:
    if is_write(connection):
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LINE})")


def check(connection: Connection) -> None:
    """Raise StoreError for a server that is too old, or a database that cannot hold every letter."""
    version = int((connection.dialect.server_version_info or (0,))[0])
    if version < OLDEST:
        raise StoreError(f"The server is PostgreSQL {version}; Dispatch needs {OLDEST} or newer: upgrade it.")
    encoding = connection.exec_driver_sql("SHOW server_encoding").scalar()
    if encoding != "UTF8":
        raise StoreError(
            f"The database's encoding is {encoding}: make one by `createdb --encoding=UTF8 --template=template0 NAME`."
        )
