"""The stage that keeps feeds and pages below `public/` as the posts are now."""

import asyncio
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from urllib.parse import quote, unquote, urlsplit

from dispatch.content.renditions import Renditions
from dispatch.content.slug import make_slug
from dispatch.context import Context
from dispatch.model.issue import MailingList
from dispatch.model.post import Post, PostState, Problem
from dispatch.store import facts, posts
from dispatch.store.connect import Tx
from dispatch.syndicate.contents import SiteContents, TagPage, Topic
from dispatch.syndicate.site import SiteReport, write_site

SITE = "site digest"


@dataclass(frozen=True, slots=True)
class Syndicated:
    """What became of the site."""

    written: tuple[str, ...] = ()  # relative to public/
    problems: tuple[Problem, ...] = ()


async def syndicate(context: Context, *, everything: bool = False) -> Syndicated:
    """Write what the site does not show yet; `everything` writes every page and feed anew."""
    digest = _site_digest(context)
    async with context.store.write() as tx:
        stale = everything or await facts.get(tx, SITE) != digest or not (context.public / "feed.xml").exists()
        if stale:
            await posts.forget_written(tx)
        unwritten = await posts.unwritten(tx)
        if not stale and not unwritten:
            return Syndicated()
        contents = await _contents(tx, context, unwritten, everything=stale)
    report = await asyncio.to_thread(_write, context, contents)
    async with context.store.write() as tx:
        await posts.mark_written(tx, [one.post for one in unwritten])
        await facts.put(tx, SITE, digest)
    return Syndicated(report.written, report.problems)


def _write(context: Context, contents: SiteContents) -> SiteReport:
    feeds = context.config.feeds
    renditions = Renditions(context.renditions)
    return write_site(
        contents, context.public, context.theme, renditions, entries=feeds.entries, full_text=feeds.full_text
    )


def _site_digest(context: Context) -> str:
    """Changes whenever pages or feeds would look different although no post has changed."""
    lists = [(slug, repr(one)) for slug, one in sorted(context.lists.items())]
    parts = (context.theme.digest, repr(context.publication), repr(lists), repr(context.config.feeds))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


async def _contents(
    tx: Tx, context: Context, unwritten: Iterable[posts.Unwritten], *, everything: bool
) -> SiteContents:
    unwritten = tuple(unwritten)
    in_use = await posts.tags_in_use(tx)
    touched = {tag for one in unwritten for tag in (*one.old_tags, *one.post.tags)}
    topics = [await _publication_topic(tx, context)]
    topics += [await _list_topic(tx, context, one) for one in context.lists.values()]
    for folder, tags in _tag_folders({*in_use, *touched}).items():
        if everything or not touched.isdisjoint(tags):
            topics.append(await _tag_topic(tx, context, folder, tags))
    return SiteContents(
        publication=context.publication,
        lists=tuple(context.lists.values()),
        topics=tuple(topics),
        changed=tuple(post for one in unwritten for post in _faces(one)),
        tags=tuple(TagPage(tags[0], folder) for folder, tags in _tag_folders(in_use).items()),
    )


def _faces(one: posts.Unwritten) -> Iterable[Post]:
    """The post as it is now and, where its address has changed, a notice at the old one."""
    if one.old_url and one.old_url != one.post.url:
        slug = unquote(one.old_url.rstrip("/").rpartition("/posts/")[2])
        yield replace(one.post, url=one.old_url, slug=slug, state=PostState.WITHDRAWN)
    yield one.post


def _tag_folders(tags: Iterable[str]) -> dict[str, list[str]]:
    """The folder of each tag; spellings that differ in case or punctuation alone share one."""
    folders: dict[str, list[str]] = {}
    for tag in sorted(tags):
        folders.setdefault(f"tags/{tag_slug(tag)}", []).append(tag)
    return folders


async def _publication_topic(tx: Tx, context: Context) -> Topic:
    publication = context.publication
    newest = await posts.newest(tx, context.config.feeds.entries)
    return Topic("", publication.title, publication.description, tuple(newest), await _uid(tx, context, ""))


async def _list_topic(tx: Tx, context: Context, one: MailingList) -> Topic:
    path = f"lists/{one.slug}"
    newest = await posts.newest(tx, context.config.feeds.entries, one.sources, one.tags)
    return Topic(path, one.title, one.description, tuple(newest), await _uid(tx, context, path))


async def _tag_topic(tx: Tx, context: Context, folder: str, tags: list[str]) -> Topic:
    newest = await posts.newest(tx, context.config.feeds.entries, tags=tags)
    title = f"{context.publication.title}: {tags[0]}"
    return Topic(folder, title, f"Posts about {tags[0]}.", tuple(newest), await _uid(tx, context, folder))


def tag_slug(tag: str) -> str:
    """The tag as a folder's name: C++ and C# keep what tells them from C, all other marks become dashes."""
    return make_slug(tag.replace("+", " plus ").replace("#", " sharp ")) or "tag"


async def _uid(tx: Tx, context: Context, path: str) -> str:
    """The feed's id, minted when the feed is first written and kept whatever its address becomes."""
    key = f"feed {path}"
    known = await facts.get(tx, key)
    if known is None:
        year = context.clock().year
        known = f"tag:{urlsplit(context.publication.url).hostname},{year}:feed/{quote(path)}"
        await facts.put(tx, key, known)
    return known
