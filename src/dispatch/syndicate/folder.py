"""The folder that is published: files are replaced whole, only if they differ, and never outside it."""

import errno
import filecmp
import os
import secrets
import shutil
import unicodedata
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from dispatch.errors import ContentError, StoreError
from dispatch.model.permalink import is_too_long

IN_THE_WAY = frozenset({errno.EISDIR, errno.ENOTDIR, errno.ENOTEMPTY, errno.ENAMETOOLONG, errno.ELOOP})
UNFIT = frozenset({"Cc", "Cs"})  # Unicode categories: controls and lone surrogates


class PublicFolder:
    """Writes below `public/`, keeping the names of what it wrote."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.written: list[str] = []

    def write(self, name: str, data: bytes) -> None:
        """Make the file `name` hold `data`; a file that does already is not touched, so its time stays.

        Raises ContentError for a name that leads elsewhere, StoreError if the disk refuses.
        """
        target = self._target(name)
        try:
            if target.is_file() and target.read_bytes() == data:
                return
            target.parent.mkdir(parents=True, exist_ok=True)
            _replace(target, lambda new: new.write_bytes(data))
        except OSError as error:
            raise _refused(target, error) from error
        self.written.append(name)

    def copy(self, source: Path, name: str) -> None:
        """Copy a file to `name`. Raises as `write` does, and ContentError if the file cannot be read."""
        target = self._target(name)
        try:
            if target.is_file() and filecmp.cmp(source, target, shallow=False):
                return
            target.parent.mkdir(parents=True, exist_ok=True)
            _replace(target, lambda new: shutil.copyfile(source, new))  # a piece at a time: some are large
        except OSError as error:
            if str(error.filename) != str(source) or error.filename2 is not None:  # two names: it failed to write
                raise _refused(target, error) from error
            raise ContentError(
                f"shows {source}, which cannot be read ({error.strerror}); put the file back."
            ) from error
        self.written.append(name)

    def has(self, name: str) -> bool:
        """Whether there is a file `name`. Raises ContentError for a name that leads elsewhere."""
        return self._target(name).is_file()

    def remove(self, name: str) -> None:
        """Take away the file `name`, if it is there. Raises as `write` does."""
        target = self._target(name)
        try:
            target.unlink(missing_ok=True)
        except OSError as error:
            raise _refused(target, error) from error

    def _target(self, name: str) -> Path:
        """The file's place. A link in the folder that leads out of it is no way out."""
        parts = PurePosixPath(name).parts
        if not safe(name):
            raise ContentError(
                f"would be written to {name!r}, which is no place of the site; give it another, shorter slug."
            )
        target = self._path.joinpath(*parts)
        if not target.parent.resolve().is_relative_to(self._path.resolve()):
            raise ContentError(
                f"would be written to {name!r}, which a link leads out of {self._path}; remove the link."
            )
        return target


def safe(name: str) -> bool:
    """Whether a relative path names a place below the folder it starts from, on any common file system."""
    return bool(name) and not is_too_long(name) and all(map(_safe_part, name.split("/")))


def _safe_part(part: str) -> bool:
    return (
        part not in ("", ".", "..")
        and "\\" not in part
        and not any(unicodedata.category(sign) in UNFIT for sign in part)
    )


def _replace(target: Path, write: Callable[[Path], object]) -> None:
    """Write beside the file, then rename: a reader sees the old file or the new one, never half of it."""
    temporary = target.parent / f".{os.getpid()}-{secrets.token_hex(4)}.tmp"  # containers give many the same number
    try:
        write(temporary)
        os.replace(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)


def _refused(target: Path, error: OSError) -> ContentError | StoreError:
    """What is wrong with one place is said of that; what is wrong with the disk concerns everything."""
    if error.errno in IN_THE_WAY:
        return ContentError(
            f"cannot be written to {target} ({error.strerror}): something else is in the way there. "
            "Remove it, then run `dispatch feed build`."
        )
    return StoreError(
        f"{target} cannot be written: {error.strerror or error}. "
        "Make room on the disk, or let this user write there; the next pass writes what is missing."
    )
