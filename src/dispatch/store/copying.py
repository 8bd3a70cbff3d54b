"""A copy of the store to try things out on: always a SQLite file, whatever the original is."""

import asyncio
import sqlite3
from contextlib import AsyncExitStack, aclosing, closing
from pathlib import Path

from sqlalchemy import make_url, select

from dispatch.store.connect import Store
from dispatch.store.schema_site import every_table

SLICE = 1000  # rows held in memory at a time


async def snapshot(url: str, folder: Path, into: Path) -> None:
    """Copy the store at `url`, as it stands at one moment, into a new SQLite file. Raises ConfigError or StoreError."""
    if url.startswith("sqlite:"):
        await asyncio.to_thread(_vacuum, folder / str(make_url(url).database), into)
        return
    async with AsyncExitStack() as opened:
        original = await opened.enter_async_context(aclosing(await Store.open(url, folder)))
        copied = await opened.enter_async_context(aclosing(await Store.open(f"sqlite:///{into}", folder)))
        await _copy_rows(original, copied)


def _vacuum(original: Path, into: Path) -> None:
    if original.exists():
        with closing(sqlite3.connect(original)) as connection:
            connection.execute("VACUUM INTO ?", (str(into),))


async def _copy_rows(original: Store, copied: Store) -> None:
    async with original.read() as old, copied.write() as new:
        for table in every_table():
            found = await old.stream(select(table))
            async for rows in found.partitions(SLICE):
                await new.execute(table.insert(), [dict(row._mapping) for row in rows])
