"""A folder of posts: Markdown, HTML and plain text, as their authors keep them. The only importer of watchfiles."""

import asyncio
import os
import stat
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from watchfiles import awatch

from dispatch.errors import SourceError
from dispatch.model.post import MAX_BYTES, MediaType, Problem, RawPost, SourcePass
from dispatch.sources.base import SourceOptions, SourceSetting

MEDIA_TYPES = {
    ".md": MediaType.MARKDOWN,
    ".markdown": MediaType.MARKDOWN,
    ".mdown": MediaType.MARKDOWN,
    ".html": MediaType.HTML,
    ".htm": MediaType.HTML,
    ".txt": MediaType.PLAIN,
}
UNWATCHED = (
    "cannot be watched ({}); it is read through every few seconds instead. "
    "Raise fs.inotify.max_user_watches, or keep fewer folders below it."
)
DEBOUNCE = 300  # milliseconds: one save may touch a file several times


class FolderOptions(SourceOptions):
    """[sources.NAME] with type = "folder"."""

    path: Path


@dataclass
class _Scan:
    """What one walk through the folder gathers."""

    root: Path
    known: Mapping[str, str]
    changed: list[RawPost] = field(default_factory=list)
    present: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)

    def ref(self, entry: "os.DirEntry[str]") -> str:
        """A file by its path below the folder; by no Path, for each pass looks at thousands and reads hardly one."""
        return entry.path[len(str(self.root)) :].lstrip("/")


class Folder:
    """Posts below a folder; a folder with an index file is one post. Hidden files and `_drafts` stay out."""

    Options: type[BaseModel] = FolderOptions
    every: timedelta | None = None
    wait = 2.0  # seconds between looks for a folder that is not there yet

    def __init__(self, setting: SourceSetting, options: FolderOptions) -> None:
        self.name = setting.name
        self.path = setting.folder / options.path.expanduser()
        self.authors = options.everyone
        self.tags = options.tags
        self.language = options.language
        self._shown = str(options.path)
        self._unwatched = ""  # why the system tells no changes; empty while it does

    async def collect(self, known: Mapping[str, str], state: Mapping[str, Any]) -> SourcePass:
        """Walk the folder once; files whose stamp is known are not read. Raises SourceError if it is not there."""
        return await asyncio.to_thread(self._collect, known)

    async def changes(self) -> AsyncIterator[None]:
        """Yield after each change below the folder, and when it comes into being; never end.

        A folder that the system cannot watch is read through every two seconds instead; the next look says so.
        """
        while True:
            while not self.path.is_dir():
                await asyncio.sleep(self.wait)
                if self.path.is_dir():
                    yield None
            try:
                async for _ in self._watch():
                    yield None
                    if not self.path.is_dir():
                        break
            except OSError as error:
                await asyncio.sleep(self.wait)
                if self.path.is_dir():
                    self._unwatched = error.strerror or str(error)
                    yield None

    def _watch(self) -> AsyncIterator[Any]:
        return awatch(
            self.path,
            debounce=DEBOUNCE,
            step=50,
            force_polling=True if self._unwatched else None,
            poll_delay_ms=int(self.wait * 1000),
        )

    def _collect(self, known: Mapping[str, str]) -> SourcePass:
        if not self.path.is_dir():
            raise SourceError(
                f"The folder {self.path} is not there. "
                f"Make it, or mend `path` in [sources.{self.name}] of dispatch.toml."
            )
        scan = _Scan(self.path.resolve(), known)
        try:
            for entry in _files(scan.root, scan, self._where):
                self._take(entry, scan)
        except OSError as error:
            raise SourceError(
                f"The folder {self.path} cannot be read ({error.strerror}). Check its permissions."
            ) from error
        if self._unwatched:
            scan.problems.append(Problem(self._shown, UNWATCHED.format(self._unwatched), fatal=False))
        return SourcePass(self.name, tuple(scan.changed), frozenset(scan.present), tuple(scan.problems))

    def _take(self, entry: "os.DirEntry[str]", scan: _Scan) -> None:
        """Read one file if its stamp is new. After an error its ref is present all the same: nothing is withdrawn."""
        ref = scan.ref(entry)
        scan.present.add(ref)
        try:
            if entry.is_symlink() and not Path(entry.path).resolve(strict=True).is_relative_to(scan.root):
                return self._report(
                    scan, ref, "is a link that leads outside the source's folder. Put a copy there instead."
                )
            status = entry.stat()
            if not stat.S_ISREG(status.st_mode):
                return self._report(scan, ref, "is a pipe or a device, not a file. Remove it.")
            if scan.known.get(ref) == _stamp(status):
                return None
            if status.st_size > MAX_BYTES:
                size = status.st_size / 1024 / 1024
                return self._report(scan, ref, f"is {size:.1f} MiB; a post may have 2 MiB. Split it.")
            scan.changed.append(self._raw(Path(entry.path), ref, status, scan.root))
        except (OSError, RuntimeError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            self._report(scan, ref, f"cannot be read ({reason}). Check its permissions.")
        return None

    def _raw(self, file: Path, ref: str, status: os.stat_result, root: Path) -> RawPost:
        return RawPost(
            ref=ref,
            stamp=_stamp(status),
            media_type=MEDIA_TYPES[file.suffix.lower()],
            data=file.read_bytes(),
            where=self._where(ref),
            path=file,
            root=root,
            index="/" in ref and _is_index(file.name),
        )

    def _where(self, ref: str) -> str:
        return f"{self._shown.rstrip('/')}/{ref}"

    def _report(self, scan: _Scan, ref: str, message: str) -> None:
        scan.problems.append(Problem(self._where(ref), message))


def _stamp(status: os.stat_result) -> str:
    """Changes with size, time of writing (nanoseconds) and inode: an editor that saves by renaming changes the last."""
    return f"{status.st_size}-{status.st_mtime_ns}-{status.st_ino}"


def _files(folder: Path, scan: _Scan, where: Callable[[str], str]) -> Iterator["os.DirEntry[str]"]:
    """The post files below a folder, in the order of their names; links to folders are not followed."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        if folder == scan.root:
            raise
        ref = folder.relative_to(scan.root).as_posix()
        scan.present.update(old for old in scan.known if old.startswith(f"{ref}/"))
        scan.problems.append(Problem(where(ref), f"cannot be read ({error.strerror}). Check its permissions."))
        return
    names = [entry for entry in entries if not entry.name.startswith((".", "_"))]
    indexes = [entry for entry in names if folder != scan.root and _is_index(entry.name)]
    for entry in indexes or names:
        if entry.is_dir(follow_symlinks=False):
            yield from _files(Path(entry.path), scan, where)
        elif entry.is_symlink() and Path(entry.path).is_dir():
            scan.problems.append(
                Problem(
                    where(scan.ref(entry)), "is a link to a folder, which is not followed. Put the folder itself there."
                )
            )
        elif _suffix(entry.name) in MEDIA_TYPES and not (folder == scan.root and _is_readme(entry.name)):
            yield entry


def _is_index(name: str) -> bool:
    """Whether a file makes its folder one post: index.md, index.ja.md, index.html."""
    return name.lower().startswith("index.") and _suffix(name) in MEDIA_TYPES


def _is_readme(name: str) -> bool:
    return os.path.splitext(name)[0].lower() == "readme"


def _suffix(name: str) -> str:
    return os.path.splitext(name)[1].lower()
