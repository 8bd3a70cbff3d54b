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
from dispatch.syndicate import pages
from dispatch.syndicate.contents import SiteContents
from dispatch.syndicate.folder import PublicFolder, safe
from dispatch.syndicate.redirects import FILE, HEAD, Leading, is_folder, leading, page_at, paths_in, redirects_file
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
    digest = _digest(context)
    async with context.store.read() as tx:
        anew = everything or await facts.get(tx, REDIRECTS) != digest
        if not anew and not await addresses.unsettled(tx):
            return Redirected()
        formers = await addresses.every(tx)
        known = await addresses.pages(tx, context.publication.url)
    work = _Work(context.public, context.theme, SiteContents(context.publication, ()), known)
    await asyncio.to_thread(work.write, _leading(context, formers, known), formers, _named(context), anew=anew)
    async with context.store.write() as tx:
        await addresses.settle(tx, [one for one in formers if not one.settled])
        await facts.put(tx, REDIRECTS, digest)
    return Redirected(tuple(work.folder.written), tuple(work.problems))


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
    problems: list[Problem] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.folder = PublicFolder(self.public)

    def write(self, ways: Leading, formers: Sequence[Former], named: Mapping[str, str], *, anew: bool) -> None:
        """Bring `public/` up to date; pages at posts' old addresses only where these have changed, or all anew."""
        before = self._write_file(redirects_file(ways, self.contents.publication.url))
        settled = set() if anew else {one.path for one in formers if one.settled}
        theirs = {one.path for one in formers if not one.ours} | named.keys() - {
            one.path for one in formers if one.ours
        }
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
        file = self.public / FILE
        before = file.read_bytes() if file.is_file() else HEAD.encode()
        if not before.startswith(HEAD.encode()):
            message = (
                "was not written by Dispatch and stays. Move its lines to [redirects] in dispatch.toml and delete it."
            )
            self.problems.append(Problem(f"public/{FILE}", message, fatal=False))
            return set()
        try:
            self.folder.write(FILE, data) if data else self.folder.remove(FILE)
        except ContentError as error:
            self.problems.append(Problem(f"public/{FILE}", str(error)))
        return paths_in(before)

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
