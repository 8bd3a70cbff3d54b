"""Beside the store: whose store it is, and how much it has ever sent.

Each freeze and each claim of a chunk raises a counter in the store; the file says how high it was. A store that
was copied or restored from a backup counts less than the file says, and so can be told apart before it mails.
"""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from dispatch.errors import StoreError
from dispatch.store import facts
from dispatch.store.connect import Tx

FILE = "store.mark"


@dataclass(frozen=True, slots=True)
class Mark:
    """A store, and how high its counter was."""

    store: str
    sends: int


async def rise(tx: Tx) -> Mark:
    """Raise the counter in this transaction; `mark` notes it once the transaction has ended well."""
    return Mark(await facts.get(tx, "store id") or "", await facts.take(tx, facts.SENDS, 1))


def mark(folder: Path, reached: Mark) -> None:
    """Note how high the counter is; a mark that is higher already stays. Raises StoreError."""
    known = _read(folder / FILE)
    if known and known.store == reached.store and known.sends >= reached.sends:
        return
    temporary = folder / f"{FILE}.{os.getpid()}"
    try:
        temporary.write_text(json.dumps(asdict(reached)) + "\n", encoding="ascii")
        os.replace(temporary, folder / FILE)
    except OSError as error:
        raise StoreError(f"{folder / FILE} cannot be written: {error.strerror}.") from None


async def check(tx: Tx, folder: Path) -> None:
    """Raise StoreError if this store is an older copy of the one that mailed from this folder, or another one."""
    known = _read(folder / FILE)
    if not known:
        return
    if known.store != await facts.get(tx, "store id") or known.sends > await facts.head(tx, facts.SENDS):
        raise StoreError(
            f"This store is not the one that last mailed from here, but a copy or a backup: {folder / FILE} knows of "
            f"more that was sent. Going on could mail people twice. If that is what you want, delete {FILE}."
        )


def _read(path: Path) -> Mark | None:
    try:
        return Mark(**json.loads(path.read_text(encoding="ascii")))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError, OSError) as error:
        raise StoreError(f"{path} cannot be read ({error}). Delete it if this store is the right one.") from None
