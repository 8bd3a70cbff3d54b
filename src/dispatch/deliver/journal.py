"""What was in a provider's hands: a small file a claim, one byte a recipient.

The ledger is written a chunk at a time; between two such writes this file knows who was handed over. It is mapped
into memory, so that a mark costs no system call and is the kernel's to keep once it is made: it survives the death of
the process, not a power cut. So its name is kept with machine and boot, and its reader trusts it only on the same
boot of the same machine, once the holder's lock on it is free.

    8 bytes    how many recipients
    8 bytes    each recipient's subscriber id
    1 byte     each recipient's mark, 0 at first: not handed over
"""

import errno
import fcntl
import mmap
import os
import socket
import struct
from collections.abc import Collection, Iterator, Mapping, Sequence
from enum import IntEnum
from pathlib import Path
from typing import BinaryIO

from dispatch.model.delivery import Receipt, SendState

WORD = struct.calcsize("<q")


class Mark(IntEnum):
    """What the file says of a recipient."""

    INTENT = 1  # about to be in the provider's hands
    ACCEPTED = 2
    REJECTED = 3
    RETRY = 4
    UNKNOWN = 5


MARK_OF = {
    SendState.ACCEPTED: Mark.ACCEPTED,
    SendState.REJECTED: Mark.REJECTED,
    SendState.RETRY: Mark.RETRY,
    SendState.UNKNOWN: Mark.UNKNOWN,
}
STATE_OF = {mark: state for state, mark in MARK_OF.items()} | {Mark.INTENT: SendState.UNKNOWN}


def machine() -> str:
    """This machine, by its id or else by its name."""
    path = Path("/etc/machine-id")
    named = path.read_text(encoding="ascii").strip() if path.exists() else ""
    return socket.gethostname() if named in ("", "uninitialized") else named


def boot() -> str:
    """This boot of this machine; empty where the system does not say: then no journal is trusted."""
    path = Path("/proc/sys/kernel/random/boot_id")
    return path.read_text(encoding="ascii").strip() if path.exists() else ""


class Journal:
    """The journal of one claim, open and locked for as long as it is ours."""

    def __init__(self, file: BinaryIO, path: Path) -> None:
        self._file, self._path = file, path
        self._marks: mmap.mmap | bytearray = bytearray()
        self._first = 0

    @classmethod
    def create(cls, folder: Path, name: str) -> "Journal":
        """Begin a journal and lock it. Raises OSError if the folder cannot be written."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / name
        file = path.open("x+b", buffering=0)
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return cls(file, path)

    def begin(self, subscribers: Sequence[int]) -> None:
        """Name the recipients, in the order in which they are marked. Raises OSError if the disk is full."""
        count = len(subscribers)
        data = struct.pack(f"<{count + 1}q{count}x", count, *subscribers)
        if self._file.write(data) != len(data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self._marks = mmap.mmap(self._file.fileno(), len(data))
        self._first = len(data) - count

    def mark(self, index: int, mark: Mark) -> None:
        """Say what is known of a recipient: in the kernel's hands when this returns."""
        self._marks[self._first + index] = mark

    def drop(self) -> None:
        """Throw it away: the ledger knows all that it says."""
        self._path.unlink(missing_ok=True)
        self.close()

    def close(self) -> None:
        """Let go of the lock: whoever finds the chunk still claimed may read the journal and take over."""
        if isinstance(self._marks, mmap.mmap):
            self._marks.close()  # it holds the file, and so the lock, as well
        self._file.close()


def place(name: str) -> str:
    """How a chunk names a journal: machine, boot and file."""
    return f"{machine()}/{boot()}/{name}"


def name_of(issue: int, chunk: int, unique: str) -> str:
    """The file name of a claim's journal."""
    return f"{issue}-{chunk}-{unique}.journal"


def is_held(folder: Path, where: str) -> bool | None:
    """Whether the process that wrote a journal still lives; None if that cannot be known from here."""
    its_machine, its_boot, name = _parts(where)
    if (its_machine, its_boot) != (machine(), boot()):
        return None  # elsewhere, or before; two machines that were copied may bear one id
    try:
        with (folder / name).open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return None  # no lock to look at: the lease decides
    except BlockingIOError:
        return True
    return False


def read(folder: Path, where: str) -> Mapping[int, Receipt] | None:
    """What a dead holder's journal says, by subscriber id; None if it cannot be trusted (other machine, boot, form)."""
    its_machine, its_boot, name = _parts(where)
    if its_machine != machine() or not its_boot or its_boot != boot():
        return None
    try:
        data = (folder / name).read_bytes()
    except FileNotFoundError:
        return None
    if not data:
        return {}  # never begun: nobody was handed over
    count = int.from_bytes(data[:WORD], "little")
    if len(data) != (count + 1) * WORD + count:
        return None  # of an older form, or damaged: it proves nothing
    return {who: Receipt(STATE_OF[mark], DETAIL[mark]) for who, mark in _marked(data, count)}


def _marked(data: bytes, count: int) -> Iterator[tuple[int, Mark]]:
    first = (count + 1) * WORD
    subscribers = struct.unpack(f"<{count}q", data[WORD:first])
    return ((who, Mark(mark)) for who, mark in zip(subscribers, data[first:], strict=True) if mark)


DETAIL = {
    Mark.INTENT: "was being handed over when Dispatch stopped",
    Mark.ACCEPTED: "accepted, as the journal says",
    Mark.REJECTED: "rejected, as the journal says",
    Mark.RETRY: "to be tried again, as the journal says",
    Mark.UNKNOWN: "the connection broke while it was being handed over",
}


def sweep(folder: Path, found: Collection[str], named: Collection[str]) -> None:
    """Throw away those of the files `found` that no claim names and nobody holds: their claim never came about."""
    names = {_parts(where)[2] for where in named}
    for name in found:
        if name not in names and not is_held(folder, place(name)):
            (folder / name).unlink(missing_ok=True)


def files(folder: Path) -> list[str]:
    """The names of all journals there are."""
    return [path.name for path in folder.glob("*.journal")]


def forget(folder: Path, where: str) -> None:
    """Throw away a dead holder's journal."""
    (folder / _parts(where)[2]).unlink(missing_ok=True)


def _parts(where: str) -> tuple[str, str, str]:
    its_machine, its_boot, name = where.split("/")
    return its_machine, its_boot, name
