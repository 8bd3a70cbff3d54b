"""A file below public/ as it is known: its tags, its type and the answers that need none of its bytes."""

import hashlib
import os
import time
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import BinaryIO

from dispatch.web.codings import CODINGS, IDENTITY, Coding
from dispatch.web.conditional import Asked, known_tag
from dispatch.web.media_types import freshness, is_feed, media_type, packs_well
from dispatch.web.replies import Reply, make_reply

SMALLEST_PACKED = 512  # bytes: below, packing gains nothing
LARGEST_KEPT = 1024 * 1024  # bytes, which no feed exceeds; a larger file is read while it is sent, and never packed
PAGE_POLICY = (
    "default-src 'none'; img-src * data:; media-src *; font-src 'self'; style-src 'self' 'unsafe-inline'; "
    "frame-ancestors 'none'; form-action 'none'; base-uri 'none'"
)
PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"  # an SVG opened by itself may hold scripts

REST = 100_000_000  # nanoseconds: a file that changes again within a tick of the clock may look as it did before
Stamp = tuple[int, ...]  # what differs between two files at one place, and between two states of one file


class ChangedError(OSError):
    """A file was replaced while it was being read."""


@dataclass(frozen=True, slots=True, eq=False)
class ServedFile:
    """One state of one file."""

    path: str  # on disk
    stamp: Stamp
    size: int  # bytes
    modified: int  # Unix seconds
    digest: str  # of the bytes: the same on every server and after every rebuild
    kind: str  # Content-Type
    is_feed: bool
    link: str  # Link, of a feed; else empty
    tags: dict[bytes, Coding]  # the entity tag of each packing, in quotes: a strong tag names exact bytes
    settled: bool  # whether any later state of it will look different
    data: bytes | None  # its bytes, where they may be others before they could be read again
    refreshed: dict[bytes, Reply] = field(default_factory=dict)  # the 304 for each tag, once somebody needed it

    @property
    def has_parts(self) -> bool:
        """Whether parts of it are sent: of pictures, sound and films, which are never packed."""
        return not packs_well(self.kind)

    @property
    def is_large(self) -> bool:
        """Whether it is sent from the disk."""
        return self.size > LARGEST_KEPT

    def not_modified(self, asked: Asked) -> Reply | None:
        """The 304 for a reader who has the file in any packing, under the tag of what they have; None: send it."""
        ready = self.refreshed.get(asked.get(b"if-none-match", b""))
        if ready is not None:
            return ready
        tag = known_tag(asked, self.tags, self.modified)
        if tag and tag not in self.refreshed:
            self.refreshed[tag] = make_reply(304, {"etag": tag.decode(), **self._conditions()})
        return self.refreshed.get(tag)

    def reply(self, status: int, coding: Coding, body: bytes) -> Reply:
        """The file, or its withdrawal, in one packing."""
        values = {**self.headers(coding), "content-length": str(len(body))}
        return make_reply(status, values, body)

    def headers(self, coding: Coding = IDENTITY) -> dict[str, str]:
        """All that is said of the file in this packing but its length."""
        values = {
            "etag": self.tag(coding),
            "last-modified": formatdate(self.modified, usegmt=True),
            **self._conditions(),
            "content-type": self.kind,
            "content-security-policy": PICTURE_POLICY if self.kind.startswith("image/") else PAGE_POLICY,
        }
        ranges = "bytes" if self.has_parts else ""
        said = {"content-encoding": coding.name, "link": self.link, "accept-ranges": ranges}
        return values | {name: value for name, value in said.items() if value}

    def tag(self, coding: Coding = IDENTITY) -> str:
        """The entity tag of this packing."""
        return f'"{self.digest}{coding.mark}"'

    def _conditions(self) -> dict[str, str]:
        """What a 200 and a 304 have in common: for whom, and how long, the answer holds."""
        values = {"cache-control": freshness(self.kind)}
        if packs_well(self.kind):
            values["vary"] = "Accept-Encoding, Sec-Fetch-Dest" if self.is_feed else "Accept-Encoding"
        if self.is_feed:
            values["access-control-allow-origin"] = "*"  # readers that are web pages fetch feeds from anywhere
        return values


def stamp_of(found: os.stat_result) -> Stamp:
    """What tells this state of a file from any other."""
    return found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino


def examine(path: str, link: str) -> ServedFile:
    """Read a file once, to know it. Raises OSError, ChangedError for one that is being written."""
    with open(path, "rb") as file:
        found = os.fstat(file.fileno())
        data = file.read() if found.st_size <= LARGEST_KEPT else None
        digest = hashlib.sha256(data) if data is not None else hashlib.file_digest(file, "sha256")
        if _written(os.fstat(file.fileno())) != _written(found):
            raise ChangedError
    return _known(path, found, digest.hexdigest()[:32], link, data)


def _written(found: os.stat_result) -> Stamp:
    """What tells that an open file is written to; that another took its place is no change of its own."""
    return found.st_mtime_ns, found.st_size


def _known(path: str, found: os.stat_result, digest: str, link: str, data: bytes | None) -> ServedFile:
    name = os.path.basename(path)
    kind = media_type(name)
    packed = packs_well(kind) and SMALLEST_PACKED <= found.st_size <= LARGEST_KEPT
    settled = not 0 <= time.time_ns() - found.st_ctime_ns < REST
    return ServedFile(
        path=path,
        stamp=stamp_of(found),
        size=found.st_size,
        modified=int(found.st_mtime),
        digest=digest,
        kind=kind,
        is_feed=is_feed(name),
        link=link,
        tags={f'"{digest}{coding.mark}"'.encode(): coding for coding in (CODINGS if packed else (IDENTITY,))},
        settled=settled,
        data=None if settled else data,
    )


def read_whole(file: ServedFile) -> bytes:
    """The bytes that its tag names. Raises OSError, ChangedError if they are not there any more."""
    if file.data is not None:
        return file.data
    with open_unchanged(file) as opened:
        data = opened.read()
    if len(data) != file.size:
        raise ChangedError
    return data


def open_unchanged(file: ServedFile, start: int = 0) -> BinaryIO:
    """The file, open from some byte on. Raises OSError, ChangedError if it is another by now."""
    opened = open(file.path, "rb")  # noqa: SIM115  whoever asked closes it
    if stamp_of(os.fstat(opened.fileno())) != file.stamp:
        opened.close()
        raise ChangedError
    opened.seek(start)
    return opened
