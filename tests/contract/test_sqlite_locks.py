"""A store that one process opens twice, as when settings change, keeps the locks that SQLite holds on its file."""

import asyncio
import sqlite3
import subprocess
import sys
from pathlib import Path

from dispatch.store import facts
from dispatch.store.connect import Store

URL = "sqlite:///dispatch.db"
VISITOR = "import sqlite3, sys; one = sqlite3.connect(sys.argv[1]); one.execute('SELECT * FROM meta'); one.close()"


async def test_whoever_comes_and_goes_takes_no_file_away(tmp_path: Path) -> None:
    """Another process that closes the store last believes it is alone, if the locks are gone, and removes the log."""
    first = await Store.open(URL, tmp_path)
    second = await Store.open(URL, tmp_path)
    await first.aclose()
    async with second.write() as tx:
        await facts.put(tx, "before", "x")
    visit = [sys.executable, "-c", VISITOR, str(tmp_path / "dispatch.db")]
    await asyncio.to_thread(subprocess.run, visit, check=True)
    async with second.write() as tx:
        await facts.put(tx, "after", "x")
    seen = sqlite3.connect(tmp_path / "dispatch.db")
    assert seen.execute("SELECT key FROM meta WHERE value = 'x' ORDER BY key").fetchall() == [("after",), ("before",)]
    seen.close()
    await second.aclose()
