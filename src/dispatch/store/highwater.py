"""Beside the store: whose store it is, and the newest issue it ever started.

A store that was copied or restored from a backup knows less than this file says, and can be told apart.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dispatch.errors import StoreError
from dispatch.store import facts
from dispatch.store.connect import Tx

FILE = "store.mark"


async def raise_to(tx: Tx, folder: Path, issue: int) -> None:
    """Note that this store has started an issue."""
    temporary = folder / f"{FILE}.new"
    temporary.write_text(json.dumps({"store": await facts.get(tx, "store id"), "issue": issue}) + "\n")
    os.replace(temporary, folder / FILE)


async def check(tx: Tx, folder: Path, newest_issue: int) -> None:
    """Raise StoreError if this store is an older copy of the one that mailed from this folder, or another one."""
    mark = _read(folder / FILE)
    if mark and (mark["store"] != await facts.get(tx, "store id") or mark["issue"] > newest_issue):
        raise StoreError(
            f"This store is not the one that last mailed from here: {folder / FILE} tells of issue {mark['issue']}, "
            f"the store of {newest_issue}. Sending from an older copy could mail people twice. "
            f"If that is what you want, delete {FILE}."
        )


def _read(path: Path) -> Mapping[str, Any] | None:
    try:
        mark: Mapping[str, Any] = json.loads(path.read_text())
    except FileNotFoundError:
        return None
    except (ValueError, OSError) as error:
        raise StoreError(f"{path} cannot be read ({error}). Delete it if this store is the right one.") from None
    return mark
