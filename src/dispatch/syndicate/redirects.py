"""Old addresses and where they lead: the file `_redirects`, and what each of them shows where no server reads it. Pure.

`_redirects` has the format of Netlify and Cloudflare Pages: a line holds the old path, the new address and 301; the
first line that matches counts. Paths here are below public/, unquoted, without slashes around them.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, unquote, urlsplit

from dispatch.syndicate.characters import uri

FILE = "_redirects"
HEAD = "# Written by Dispatch from posts' old addresses and [redirects] in dispatch.toml; changes here are lost.\n"
_FILE = re.compile(r"\.[A-Za-z][A-Za-z0-9]{1,4}$")  # a path that names no folder
_PAGE = re.compile(r"\.html?$", re.IGNORECASE)
_REST = "/*"
_SAFE = "/-._~"


@dataclass(frozen=True, slots=True)
class Leading:
    """What leads where."""

    single: Mapping[str, str] = field(default_factory=dict)  # path: absolute address
    folders: Mapping[str, str] = field(default_factory=dict)  # all below one folder leads below another
    gone: tuple[str, ...] = ()  # where a post was that has been withdrawn


def leading(
    site: str,
    posts: Mapping[str, str],
    gone: Collection[str],
    named: Mapping[str, str],
    folders: Mapping[str, str],
    pages: Collection[str],
) -> Leading:
    """All that leads elsewhere, each address in one step to where it leads in the end.

    `posts` are old paths of posts, each with the address where that is read now; `gone` those of posts that were
    withdrawn; `named` are the editors' own paths, each with a path of this site or an address; `folders` lists' old
    folders with the new ones. A page at one of the `pages` wins over all of them, an author's word over the editors'.
    """
    ways = {**{path: absolute(to, site) for path, to in named.items()}, **posts}
    open_ways = {path: to for path, to in ways.items() if path not in pages and path not in gone}
    ends = {path: _end(path, open_ways, site) for path in sorted(open_ways)}
    return Leading(
        single={path: end for path, end in ends.items() if path_of(end, site) != path},
        folders=dict(sorted(folders.items())),
        gone=tuple(sorted(path for path in gone if path not in pages)),
    )


def absolute(to: str, site: str) -> str:
    """The address that an editor's word for a place comes to: a path of this site, or an address."""
    return f"{site}{to}" if to.startswith("/") else to


def _end(path: str, ways: Mapping[str, str], site: str) -> str:
    """Where one who starts at a path ends up. Pages lead nowhere, so there is an end; a circle ends where it began."""
    seen = {path}
    to = ways[path]
    while (following := path_of(to, site)) in ways and following not in seen:
        seen.add(following)
        to = ways[following]
    return to


def path_of(url: str, site: str) -> str:
    """The path that an address of this site names; empty for another site's, and for one that asks something."""
    path, _, asked = url.partition("#")[0].partition("?")
    return unquote(path.removeprefix(site)).strip("/") if path.startswith(f"{site}/") and not asked else ""


def redirects_file(ways: Leading, site: str, kept: Iterable[str] = ()) -> bytes:
    """The file, with lines that are kept as they are; empty where nothing leads anywhere."""
    single = [f"{_quoted(path)} {_shown(to, site)} 301\n" for path, to in ways.single.items()]
    rest = [
        f"/{quote(old, _SAFE)}{_REST} {_shown(f'{site}/{quote(new, _SAFE)}/:splat', site)} 301\n"
        for old, new in ways.folders.items()
    ]
    lines = [*sorted([*single, *kept]), *sorted(rest)]
    return "".join([HEAD, *lines]).encode() if lines else b""


def lines_in(data: bytes) -> dict[str, str]:
    """The lines of a file of ours by their old paths, but for those of whole folders."""
    lines = [line for line in data.decode(errors="replace").splitlines(keepends=True) if line.startswith("/")]
    return {unquote(old).strip("/"): line for line in lines if not (old := line.split(" ")[0]).endswith(_REST)}


def _quoted(path: str) -> str:
    return f"/{quote(path, _SAFE)}{'/' if is_folder(path) else ''}"


def _shown(url: str, site: str) -> str:
    """An address as the file has it: from the root on, where the site is at its host's root."""
    at_root = not urlsplit(site).path
    return uri(url[len(site) :] if at_root and url.startswith(f"{site}/") else url)


def paths_in(data: bytes) -> set[str]:
    """The old paths that a file of ours names; those of whole folders are these folders."""
    lines = data.decode(errors="replace").splitlines()
    return {unquote(line.split(" ")[0].removesuffix(_REST)).strip("/") for line in lines if line.startswith("/")}


def is_folder(path: str) -> bool:
    """Whether an old path names a folder, which has a page in it, and no file."""
    return not _FILE.search(path)


def page_at(path: str) -> str | None:
    """The file that shows people the way at an old path; None where programs alone ask, as for an old feed."""
    if is_folder(path):
        return f"{path}/index.html"
    return path if _PAGE.search(path) else None
