"""Pictures made for mail, kept by what they were made from, so that each is made once."""

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import get_ident

from dispatch.content.conversion import Job, convert
from dispatch.errors import Stopped

RECIPE = 1  # raise it whenever the same picture would be made otherwise


@dataclass(frozen=True, slots=True)
class Made:
    """A picture made for mail."""

    extension: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Renditions:
    """The folder of pictures made for mail. It may be deleted at any time: what is missing is made again."""

    folder: Path
    halted: Callable[[], bool] = field(default=lambda: False, repr=False, compare=False)  # asked before each is made
    failed: dict[str, str] = field(default_factory=dict, repr=False, compare=False)  # why, by name

    def of(self, job: Job) -> Made | str:
        """The picture for mail, from the folder or made now; a reason where it cannot be made or kept.

        Raises Stopped for one that is not there yet, when no more are to be made.
        """
        name = hashlib.sha256(f"{RECIPE} {job.drawn_at}\n".encode() + job.data).hexdigest()
        try:
            return self.failed.get(name) or self._kept(name) or self._make(job, name)
        except OSError as error:
            return f"{self.folder} cannot be used ({error.strerror}); let this user write there, and save the post anew"

    def _kept(self, name: str) -> Made | None:
        """A file that still is what its name says: a disk may lose what a machine wrote just before it lost power."""
        for file in sorted(self.folder.glob(f"{name}-*")):
            data = file.read_bytes()
            if file.name == _file_name(name, file.suffix, data):
                return Made(file.suffix, data)
        return None

    def _make(self, job: Job, name: str) -> Made | str:
        if self.halted():
            raise Stopped
        made = convert(job)
        if isinstance(made, str):
            self.failed[name] = made
            return made
        extension, data = made
        self._keep(self.folder / _file_name(name, extension, data), data)
        return Made(extension, data)

    def _keep(self, file: Path, data: bytes) -> None:
        """Write beside, then rename: another process sees the whole picture or none."""
        self.folder.mkdir(parents=True, exist_ok=True)
        temporary = self.folder / f".{file.stem}.{os.getpid()}.{get_ident()}"
        try:
            temporary.write_bytes(data)
            os.replace(temporary, file)
        finally:
            temporary.unlink(missing_ok=True)


def _file_name(name: str, extension: str, data: bytes) -> str:
    return f"{name}-{hashlib.sha256(data).hexdigest()[:16]}{extension}"
