"""The mails that all judges see, made once a run, whichever process asks first."""

import fcntl
import os
import pickle
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from .editions import Mail, all_mails


@dataclass(frozen=True, slots=True)
class Edited:
    """All mails, and what the DNS would say of the key that signed them."""

    mails: Sequence[Mail]
    record: str


@pytest.fixture(scope="session")
def edited(tmp_path_factory: pytest.TempPathFactory) -> Edited:
    """Every mail of every template."""
    folder = tmp_path_factory.getbasetemp()
    shared = folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder
    kept = shared / "edited.pickle"
    with (shared / "edited.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            kept.write_bytes(pickle.dumps(_edited(shared / "publication")))
    made: Edited = pickle.loads(kept.read_bytes())  # noqa: S301 - we wrote it
    return made


def _edited(folder: Path) -> Edited:
    with ThreadPoolExecutor(1) as thread:  # a loop of its own: pytest's keeps its own
        mails = thread.submit(all_mails, folder).result()
    return Edited(mails, (folder / "record.txt").read_text())


@pytest.fixture(scope="session")
def mails(edited: Edited) -> Sequence[Mail]:
    """Every mail of every template."""
    return edited.mails
