"""The stage that keeps feeds and pages below `public/` as the posts are now."""

import asyncio
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from urllib.parse import quote, urlsplit

from dispatch.context import Context
from dispatch.model.issue import MailingList
from dispatch.model.post import Post, PostState, Problem
from dispatch.store import facts, posts
from dispatch.store.connect import Tx
from dispatch.syndicate.site import SiteContents, SiteReport, Topic, write_site

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
    return write_site(contents, context.public, context.theme, entries=feeds.entries, full_text=feeds.full_text)


def _site_digest(context: Context) -> str:
    """Changes whenever pages or feeds would look different although no post has changed."""
    lists = [(slug, repr(one)) for slug, one in sorted(context.lists.items())]
    parts = (context.theme.digest, repr(context.publication), repr(lists), repr(context.config.feeds))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


async def _contents(
    tx: Tx, context: Context, unwritten: Iterable[posts.Unwritten], *, everything: bool
) -> SiteContents:
    unwritten = tuple(unwritten)
    tags = await posts.tags_in_use(tx) if everything else _touched_tags(unwritten)
    topics = [await _publication_topic(tx, context)]
    topics += [await _list_topic(tx, context, one) for one in context.lists.values()]
    topics += [await _tag_topic(tx, context, tag) for tag in tags]
    changed = tuple(post for one in unwritten for post in _faces(one))
    return SiteContents(context.publication, tuple(context.lists.values()), tuple(topics), changed)


def _faces(one: posts.Unwritten) -> Iterable[Post]:
    """The post as it is now and, where its address has changed, a notice at the old one."""
    if one.old_url and one.old_url != one.post.url:
        slug = one.old_url.rstrip("/").rpartition("/posts/")[2]
        yield replace(one.post, url=one.old_url, slug=slug, state=PostState.WITHDRAWN)
    yield one.post


def _touched_tags(unwritten: Iterable[posts.Unwritten]) -> list[str]:
    """The tags whose feeds gain, lose or change a post."""
    return sorted({tag for one in unwritten for tag in (*one.old_tags, *one.post.tags)})


async def _publication_topic(tx: Tx, context: Context) -> Topic:
    publication = context.publication
    newest = await posts.newest(tx, context.config.feeds.entries)
    return Topic("", publication.title, publication.description, tuple(newest), await _uid(tx, context, ""))


async def _list_topic(tx: Tx, context: Context, one: MailingList) -> Topic:
    path = f"lists/{one.slug}"
    newest = await posts.newest(tx, context.config.feeds.entries, one.sources, one.tags)
    return Topic(path, one.title, one.description, tuple(newest), await _uid(tx, context, path))


async def _tag_topic(tx: Tx, context: Context, tag: str) -> Topic:
    path = f"tags/{tag_slug(tag)}"
    newest = await posts.newest(tx, context.config.feeds.entries, tags=(tag,))
    title = f"{context.publication.title}: {tag}"
    return Topic(path, title, f"Posts about {tag}.", tuple(newest), await _uid(tx, context, path))


def tag_slug(tag: str) -> str:
    """The tag as a folder's name: letters and digits of any script, words joined by dashes."""
    kept = "".join(char if char.isalnum() else "-" for char in tag.casefold())
    return "-".join(part for part in kept.split("-") if part) or "tag"


async def _uid(tx: Tx, context: Context, path: str) -> str:
    """The feed's id, minted when the feed is first written and kept whatever its address becomes."""
    key = f"feed {path}"
    known = await facts.get(tx, key)
    if known is None:
        year = context.clock().year
        known = f"tag:{urlsplit(context.publication.url).hostname},{year}:feed/{quote(path)}"
        await facts.put(tx, key, known)
    return known
