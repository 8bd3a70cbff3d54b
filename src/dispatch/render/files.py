"""The files that go with a post, such as an episode to listen to, as a mail names them: it carries none itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from dispatch.content.excerpt import shorten
from dispatch.language import file_size
from dispatch.message.address import ascii_url
from dispatch.message.plain import one_line
from dispatch.model.post import Enclosure, Post

MOST = 5  # of a post; the others are on its page
NAME = 80  # characters


@dataclass(frozen=True, slots=True)
class FileView:
    """One file that goes with a post."""

    name: str
    url: str  # ASCII
    facts: tuple[str, ...]  # how long it plays and how large it is, as far as that is known


def files_of(post: Post, language: str) -> tuple[tuple[FileView, ...], int]:
    """The first of a post's files, and how many more there are."""
    shown = tuple(FileView(_name(one), ascii_url(one.url), tuple(_facts(one, language))) for one in post.enclosures)
    return shown[:MOST], len(shown[MOST:])


def _name(one: Enclosure) -> str:
    """The last part of its address that says anything; else the name of its host."""
    parts = urlsplit(one.url)
    said = one_line(unquote(parts.path.rstrip("/").rpartition("/")[2]))
    return shorten(said or parts.netloc, NAME)


def _facts(one: Enclosure, language: str) -> Iterator[str]:
    if one.seconds:
        minutes, seconds = divmod(one.seconds, 60)
        hours, rest = divmod(minutes, 60)
        yield f"{hours}:{rest:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"
    if one.length:
        yield file_size(one.length, language)
