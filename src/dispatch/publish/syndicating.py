"""The stage that keeps feeds and pages below `public/` as the posts are now.

Posts come first, a slice at a time, and leave word in the store of which topics and which pages of their histories
they touch; then those are written, a few at a time. So a pass that is cut off goes on where it was, a rebuild of
everything holds little in memory, and one new post costs the same among ten thousand as among ten.
"""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from dispatch.config.hubs import hubs_of
from dispatch.content.renditions import Renditions
from dispatch.context import Context
from dispatch.model.feed import FEED_FILES
from dispatch.model.post import Post, PostState, Problem
from dispatch.publish.redirecting import redirect
from dispatch.publish.topics import DuePage, DueTopic, contents_of, due_pages, due_topics, offer_of, placement
from dispatch.publish.writing_alone import writing_alone
from dispatch.store import documents, faces, facts, topics
from dispatch.store.connect import Tx
from dispatch.syndicate.folder import PublicFolder
from dispatch.syndicate.site import Site
from dispatch.syndicate.topics import ALL, Offer, languages_of

SITE = "site digest"  # what it was last made of
REBUILT = "site being made anew"  # of what, while it is
POSTS = 100  # written at a time
TOPICS = 8
PAGES = 4  # of histories


@dataclass(frozen=True, slots=True)
class Syndicated:
    """What became of the site."""

    written: tuple[str, ...] = ()  # relative to public/
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class _Work:
    """One pass over the site, and what came of it so far."""

    context: Context
    offer: Offer
    folder: PublicFolder
    everything: bool
    problems: list[Problem] = field(default_factory=list)

    async def site(self, tx: Tx) -> Site:
        """What writes, with what all pages have in common at this moment."""
        contents = await contents_of(tx, self.context, hubs_of(self.context.config))
        return Site(contents, self.folder, self.context.theme, Renditions(self.context.renditions), self.problems)


async def syndicate(context: Context, *, everything: bool = False) -> Syndicated:
    """Write what the site does not show yet; `everything` writes every page and feed anew."""
    digest = _site_digest(context)
    async with context.store.read() as tx:
        known, rebuilt = await facts.get(tx, SITE), await facts.get(tx, REBUILT)
    stale = everything or known != digest or rebuilt is not None or not (context.public / "feed.xml").exists()
    work = _Work(context, offer_of(context), PublicFolder(context.public), stale)
    if stale and (everything or rebuilt != digest):
        await _begin_anew(work, digest)
    some = await _write_posts(work)
    if stale:
        await _cut_anew(work)
    async with context.store.read() as tx:
        some = some or stale or bool(await topics.due(tx, 1) or await topics.due_pages(tx, 1))
        site = await work.site(tx) if some else None
    if site:
        await _write_topics(work, site)
        await _write_pages(work, site)
        await _finish(work, site, digest)
    async with writing_alone(context):
        led_on = await redirect(context, everything=stale)
    problems = dict.fromkeys((*work.problems, *led_on.problems))
    return Syndicated((*work.folder.written, *led_on.written), tuple(problems))


async def _begin_anew(work: _Work, digest: str) -> None:
    """Everything is to be written; topics that are offered no more give way to a notice.

    First the files and then the rows: whatever a crash leaves in between, the rows know of it.
    """
    context = work.context
    async with context.store.read() as tx:
        gone = [row.path for row in await topics.every(tx) if not work.offer.has(row.path, row.name)]
        numbers = {path: await topics.pages_of(tx, path) for path in gone}
        site = await work.site(tx)
    async with writing_alone(context):
        for path in gone:
            await asyncio.to_thread(site.remove_topic, path, numbers[path])
    async with context.store.write() as tx:
        for path in gone:
            await topics.drop(tx, path, _live_files(path))
        await faces.forget_written(tx)
        await topics.add(tx, {ALL: "", **{f"lists/{slug}": "" for slug in context.lists}})
        await topics.want(tx)
        await facts.put(tx, REBUILT, digest)


async def _cut_anew(work: _Work) -> None:
    """Where settings let others in than before, pages of a history may hold too much. First the files, then rows."""
    context, size = work.context, work.context.config.feeds.page
    async with context.store.read() as tx:
        found = await topics.overgrown(tx, size)
        site = await work.site(tx)
    async with writing_alone(context):
        for one in found:
            await asyncio.to_thread(site.remove_pages, one.path, range(one.then + 1, one.last + 1))
        async with context.store.write() as tx:
            await topics.cut_anew(tx, [one.path for one in found], size)


def _live_files(path: str) -> list[str]:
    return [f"{path}/{file.name}".lstrip("/") for file in FEED_FILES]


async def _write_posts(work: _Work) -> bool:
    """Write the pages of posts that the site does not show as they are; whether there were any."""
    some = False
    while not work.context.stopping.is_set():
        async with writing_alone(work.context):
            if not await _write_slice(work):
                break
        some = True
    return some


async def _write_slice(work: _Work) -> bool:
    async with work.context.store.read() as tx:
        unwritten = await faces.unwritten(tx, POSTS)
    if not unwritten:
        return False
    await _place(work, unwritten)
    async with work.context.store.read() as tx:
        site = await work.site(tx)
        hidden = {one.target for post in unwritten if post.state is not PostState.LIVE for one in post.assets}
        unshown = sorted(hidden - await faces.shown_files(tx, hidden))
    await asyncio.to_thread(_write_each, site, unwritten, unshown)
    async with work.context.store.write() as tx:
        await faces.mark_written(tx, unwritten)
    return True


async def _place(work: _Work, changed: Sequence[Post]) -> None:
    """Let the topics know of posts that have changed."""
    placements = [placement(work.offer, post) for post in changed]
    async with work.context.store.write() as tx:
        new = await topics.place(tx, placements, work.context.config.feeds.page)
        for siblings in sorted({found for path in new if (found := languages_of(path)) is not None}):
            await topics.want(tx, siblings)  # one language by itself had no feed


def _write_each(site: Site, changed: Sequence[Post], unshown: Sequence[str]) -> None:
    site.remove_files(unshown)
    for post in changed:
        site.write_post(post)


async def _write_topics(work: _Work, site: Site) -> None:
    """Write pages and feeds of topics that are not as they should be."""
    while not work.context.stopping.is_set():
        async with writing_alone(work.context):
            if not await _write_some_topics(work, site):
                break


async def _write_some_topics(work: _Work, site: Site) -> bool:
    async with work.context.store.write() as tx:
        due = await due_topics(tx, work.context, TOPICS)
    if not due:
        return False
    await asyncio.to_thread(_write_due, site, due, everything=work.everything)
    async with work.context.store.write() as tx:
        await topics.mark_written(tx, [one.row for one in due])
        changed = await documents.keep(tx, site.digests, work.context.clock())
        await documents.forget(tx, [file for one in due if one.ended is not None for file in _live_files(one.row.path)])
    site.digests.clear()
    if changed:
        work.context.published.set()
    return True


def _write_due(site: Site, due: Sequence[DueTopic], *, everything: bool) -> None:
    for one in due:
        if one.ended is not None:
            site.remove_topic(one.row.path, one.ended)
        elif one.topic:
            site.write_topic(one.topic, everything=everything)


async def _write_pages(work: _Work, site: Site) -> None:
    """Write the pages of topics' histories that are not as they should be."""
    while not work.context.stopping.is_set():
        async with writing_alone(work.context):
            if not await _write_some_pages(work, site):
                break


async def _write_some_pages(work: _Work, site: Site) -> bool:
    async with work.context.store.write() as tx:
        due = await due_pages(tx, work.context, PAGES)
    if not due:
        return False
    await asyncio.to_thread(_write_due_pages, site, due)
    async with work.context.store.write() as tx:
        await topics.mark_pages_written(tx, [one.row for one in due])
    return True


def _write_due_pages(site: Site, due: Sequence[DuePage]) -> None:
    for one in due:
        if one.topic:
            site.write_archive_page(one.topic, one.page)


async def _finish(work: _Work, site: Site, digest: str) -> None:
    """Write what all pages share, and remember what the site was made of."""
    async with writing_alone(work.context):
        await asyncio.to_thread(site.write_frame)
    if work.everything and not work.context.stopping.is_set():
        async with work.context.store.write() as tx:
            await facts.put(tx, SITE, digest)
            await facts.drop(tx, REBUILT)


def _site_digest(context: Context) -> str:
    """Changes whenever pages or feeds would look different although no post has changed."""
    lists = [(slug, repr(one)) for slug, one in sorted(context.lists.items())]
    parts = (context.theme.digest, repr(context.publication), repr(lists), repr(context.config.feeds))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
