"""One process at a time writes below `public/`: an older state of a page must not come to lie over a newer one."""

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from dispatch.context import Context
from dispatch.errors import StoreError

LOOK = 0.02  # seconds between two tries
LOCK = "site.lock"


@asynccontextmanager
async def writing_alone(context: Context) -> AsyncIterator[None]:
    """Hold the site's lock from what is read to what is written of it: a slice of the work, so that nobody waits long.

    It ends with the process at the latest. Raises StoreError where there can be none.
    """
    path = context.workplace / "cache" / LOCK
    handle = _opened(path)
    try:
        while not _taken(handle, path):  # noqa: ASYNC110 - another process holds it, and tells nobody
            await asyncio.sleep(LOOK)
        yield
    finally:
        os.close(handle)


def _opened(path: Path) -> int:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except OSError as error:
        raise StoreError(f"{path} cannot be written: {error.strerror}. Let this user write there.") from error


def _taken(handle: int, path: Path) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        message = f"{path} cannot be locked: {error.strerror}. Keep the publication on a local disk."
        raise StoreError(message) from error
    return True
