"""The stage that lets old addresses lead to where things are: the file `_redirects`, and a page at each of them."""

import asyncio
import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dispatch.context import Context
from dispatch.errors import ContentError
from dispatch.model.post import Problem
from dispatch.store import addresses, facts
from dispatch.store.addresses import Former
from dispatch.store.connect import Tx
from dispatch.syndicate import pages
from dispatch.syndicate.contents import SiteContents
from dispatch.syndicate.folder import PublicFolder, safe
from dispatch.syndicate.redirects import (
    FILE,
    HEAD,
    Leading,
    absolute,
    is_folder,
    leading,
    lines_in,
    page_at,
    path_of,
    paths_in,
    redirects_file,
)
from dispatch.syndicate.site import GONE
from dispatch.theme import Theme

REDIRECTS = "redirects digest"
LEADS_ON = b'http-equiv="refresh"'  # which pages of ours have, and hardly anybody else's


@dataclass(frozen=True, slots=True)
class Redirected:
    """What became of old addresses."""

    written: tuple[str, ...] = ()  # relative to public/
    problems: tuple[Problem, ...] = ()


async def redirect(context: Context, *, everything: bool = False) -> Redirected:
    """Write what old addresses do not show yet; `everything` writes them all anew.

    Comes after the pages of posts, which win over what leads elsewhere. Raises StoreError if the disk refuses,
    TemplateError if a template is broken.
    """
    digest, before = _digest(context), await asyncio.to_thread(_bytes, context.public / FILE)
    async with context.store.read() as tx:
        shown, _, written = (await facts.get(tx, REDIRECTS) or "").partition(" ")
        anew = everything or shown != digest
        changed = await addresses.unsettled(tx)
        if not anew and not changed:
            return Redirected()
        whole = anew or written != _sha256(before)
        asked = await (_everything(tx, context, before) if whole else _around(tx, context, changed))
        known = await addresses.pages(tx, context.publication.url, asked.paths)
    work = _Work(context.public, context.theme, SiteContents(context.publication, ()), known, before)
    ways = _leading(context, asked.formers, known)
    kept = {} if whole else {path: line for path, line in lines_in(before).items() if path not in asked.paths}
    data = redirects_file(ways, context.publication.url, kept.values())
    await asyncio.to_thread(work.write, ways, asked, data, _named(context), anew=anew or not whole)
    async with context.store.write() as tx:
        await addresses.settle(tx, [one for one in asked.formers if not one.settled])
        await facts.put(tx, REDIRECTS, f"{digest} {_sha256(data)}")
    return Redirected(tuple(work.folder.written), tuple(work.problems))


def _bytes(file: Path) -> bytes:
    return file.read_bytes() if file.is_file() else b""


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@dataclass(frozen=True, slots=True)
class _Asked:
    """The paths that a pass looks at, and what is known of them."""

    paths: Collection[str]
    formers: Sequence[Former]


async def _everything(tx: Tx, context: Context, before: bytes) -> _Asked:
    formers = await addresses.every(tx)
    return _Asked({*paths_in(before), *(one.path for one in formers), *_named(context)}, formers)


async def _around(tx: Tx, context: Context, changed: Sequence[Former]) -> _Asked:
    """What has changed, what the settings name, and all that these lead to or are led to by."""
    site, found = context.publication.url, {one.path: one for one in changed}
    targets = {path_of(absolute(to, site), site) for to in _named(context).values()}
    asked: set[str] = set()
    ask = {*found, *(path_of(one.url, site) for one in changed), *_named(context), *targets} - {""}
    while ask:
        some = await addresses.around(tx, ask, site)
        asked |= ask
        found |= {one.path: one for one in some}
        ask = {path for one in some for path in (one.path, path_of(one.url, site)) if path} - asked
    return _Asked(asked, [found[path] for path in sorted(found)])


def _digest(context: Context) -> str:
    """Changes whenever old addresses would show something else although no post has changed."""
    named = (repr(_named(context)), repr(_folders(context)))
    return hashlib.sha256("\n".join((context.theme.digest, repr(context.publication), *named)).encode()).hexdigest()


def _named(context: Context) -> Mapping[str, str]:
    return context.config.redirects


def _folders(context: Context) -> dict[str, str]:
    """Where lists were that have another name now, with where they are."""
    renamed = {table.formerly: slug for slug, table in context.config.lists.items() if table.formerly}
    return {
        f"lists/{old}": f"lists/{new}"
        for old, new in sorted(renamed.items())
        if old not in context.lists and "/" not in old and safe(old)
    }


def _leading(context: Context, formers: Sequence[Former], known: Collection[str]) -> Leading:
    withdrawn = {one.path: one.page for one in formers if one.gone}
    return leading(
        context.publication.url,
        {
            **{one.path: one.url for one in formers if one.url},
            **{path: page for path, page in withdrawn.items() if page and not is_folder(path)},  # which says it itself
        },
        [path for path in withdrawn if is_folder(path)],
        _named(context),
        _folders(context),
        known,
    )


@dataclass
class _Work:
    """One pass over old addresses."""

    public: Path
    theme: Theme
    contents: SiteContents
    known: Collection[str]  # the paths of posts' pages
    before: bytes  # the file `_redirects` until now
    problems: list[Problem] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.folder = PublicFolder(self.public)

    def write(self, ways: Leading, asked: _Asked, data: bytes, named: Mapping[str, str], *, anew: bool) -> None:
        """Bring `public/` up to date; pages at posts' old addresses only where these have changed, or all anew."""
        formers = asked.formers
        before = self._write_file(data).intersection(asked.paths)
        settled = set() if anew else {one.path for one in formers if one.settled}
        ours = {one.path for one in formers if one.ours}
        theirs = {*named, *(one.path for one in formers)} - ours
        for path, to in ways.single.items():
            if path not in settled:
                self._lead_on(path, to, ours=path not in theirs)
        for old, new in ways.folders.items():
            self._lead_on(old, f"{self.contents.publication.url}/{new}/", ours=True)
        for path in ways.gone:
            if path not in settled:
                self._show_notice(path, ours=path not in theirs)
        dropped = {one.path for one in formers if one.dropped}
        for path in sorted((before | dropped) - ways.single.keys() - ways.folders.keys() - {*ways.gone}):
            self._clear(path)

    def _write_file(self, data: bytes) -> set[str]:
        """Write `_redirects`; the old paths that it named until now."""
        if self.before and not self.before.startswith(HEAD.encode()):
            message = (
                "was not written by Dispatch and stays. Move its lines to [redirects] in dispatch.toml and delete it."
            )
            self.problems.append(Problem(f"public/{FILE}", message, fatal=False))
            return set()
        try:
            self.folder.write(FILE, data) if data else self.folder.remove(FILE)
        except ContentError as error:
            self.problems.append(Problem(f"public/{FILE}", str(error)))
        return paths_in(self.before)

    def _lead_on(self, path: str, to: str, *, ours: bool) -> None:
        name = page_at(path)
        if name and self._may_write(name, ours=ours):
            folder = name.rpartition("/")[0]
            self._put(name, pages.moved_page(self.contents, folder, to, self.theme))
            self._take(f"{folder}/{GONE}" if is_folder(path) else None)

    def _show_notice(self, path: str, *, ours: bool) -> None:
        if self._may_write(f"{path}/index.html", ours=ours):
            self._put(f"{path}/index.html", pages.withdrawn_page(self.contents, path, self.theme))
            self._put(f"{path}/{GONE}", "")

    def _put(self, name: str, text: str) -> None:
        try:
            self.folder.write(name, text.encode(errors="replace"))
        except ContentError as error:
            self.problems.append(Problem(f"public/{name}", str(error), fatal=False))

    def _take(self, name: str | None) -> None:
        if name and safe(name):
            self.folder.remove(name)

    def _may_write(self, name: str, *, ours: bool) -> bool:
        """Whether nothing else is in the way; what somebody put there stays, unless it was `ours` for sure."""
        if not safe(name):
            self.problems.append(Problem(f"public/{name[:80]}", "is no place for a page that leads on.", fatal=False))
            return False
        place = self.public / name
        above = [folder for folder in place.parents if folder.is_relative_to(self.public)]
        blocked = place.is_dir() or any(folder.exists() and not folder.is_dir() for folder in above)
        if not blocked and (ours or not place.is_file() or self._leads_on(name)):
            return True
        message = "is in the way of an old address that should lead on from there. Remove one of them."
        self.problems.append(Problem(f"public/{name}", message, fatal=False))
        return False

    def _leads_on(self, name: str) -> bool:
        """Whether a page was written by this stage."""
        place = self.public / name
        return (place.parent / GONE).exists() or LEADS_ON in place.read_bytes()

    def _clear(self, path: str) -> None:
        """Take away what led on from a path, where it is still there and no post has its page now."""
        name = page_at(path)
        if not name or path in self.known or not safe(name) or not (self.public / name).is_file():
            return
        if self._leads_on(name):
            self.folder.remove(name)
            self._take(f"{path}/{GONE}" if is_folder(path) else None)
            _drop_empty((self.public / name).parent, self.public)


def _drop_empty(folder: Path, top: Path) -> None:
    while folder != top and folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent
