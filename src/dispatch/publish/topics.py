"""From the store's rows to topics: what each is called, and what of it has to be written."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote, urlsplit

from dispatch.context import Context
from dispatch.language import own_name
from dispatch.model.post import Post
from dispatch.store import facts, posts, topics
from dispatch.store.connect import Tx
from dispatch.store.topics import PageRow, Placement, TopicRow
from dispatch.syndicate.budget import FEWEST
from dispatch.syndicate.contents import ArchivePage, SiteContents, Topic, TopicPage, archive_folder
from dispatch.syndicate.topics import ALL, Offer, languages_of

Named = tuple[str, str]  # title and description


@dataclass(frozen=True, slots=True)
class DueTopic:
    """A topic to be written, with the row that says so."""

    row: TopicRow
    topic: Topic | None  # None: there is nothing to write, for another topic says the same
    ended: tuple[int, ...] | None = None  # it shows no post any more, and is gone: the pages of its history


@dataclass(frozen=True, slots=True)
class DuePage:
    """A page of a topic's history to be written, with the row that says so."""

    row: PageRow
    topic: Topic | None  # without posts; None: there is nothing to write
    page: ArchivePage


def offer_of(context: Context) -> Offer:
    """What has a topic."""
    feeds = context.config.feeds
    return Offer(
        context.publication.language, tuple(context.lists.values()), _chosen(feeds.tags), _chosen(feeds.authors)
    )


def _chosen(names: str | Sequence[str]) -> frozenset[str] | None:
    return None if isinstance(names, str) else frozenset(name.casefold() for name in names)


def placement(offer: Offer, post: Post) -> Placement:
    """Which topics are to show a post."""
    return Placement(post.id, post.published, post.arrival or 0, offer.topics(post))


async def contents_of(tx: Tx, context: Context, hubs: tuple[str, ...]) -> SiteContents:
    """What all pages and feeds have in common at this moment."""
    found = {kind: await topics.in_use(tx, f"{kind}/") for kind in ("tags", "authors", "languages")}
    pages = {
        kind: tuple(sorted((_page_of(context, row) for row in rows), key=lambda one: (one.name.casefold(), one.path)))
        for kind, rows in found.items()
    }
    languages = pages["languages"]
    return SiteContents(
        publication=context.publication,
        lists=tuple(context.lists.values()),
        tags=pages["tags"],
        authors=pages["authors"],
        languages=languages if len(languages) > 1 else (),
        hubs=hubs,
        entries=context.config.feeds.entries,
        full_text=context.config.feeds.full_text,
    )


def _page_of(context: Context, row: TopicRow) -> TopicPage:
    title, _ = names(context, row)
    return TopicPage(row.name, row.path, title)


async def due_topics(tx: Tx, context: Context, limit: int) -> list[DueTopic]:
    """Topics whose files are not as they should be, with all that these are to hold."""
    rows = await topics.due(tx, limit)
    room = context.config.feeds.entries
    places = {row.path: await topics.newest(tx, row.path, room + 1) for row in rows}
    known = await posts.many(tx, {one for found in places.values() for one in found[:room]})
    return [await _due(tx, context, row, places[row.path], known) for row in rows]


async def _due(tx: Tx, context: Context, row: TopicRow, places: Sequence[int], known: Mapping[int, Post]) -> DueTopic:
    """A tag or an author of no post ends, until there is one again; lists and languages stay, however empty."""
    if not places and row.path.startswith(("tags/", "authors/")):
        return DueTopic(row, None, tuple(await topics.pages_of(tx, row.path)))
    return DueTopic(row, await _topic(tx, context, row, places, known))


async def _topic(
    tx: Tx, context: Context, row: TopicRow, places: Sequence[int], known: Mapping[int, Post]
) -> Topic | None:
    if await _says_what_another_says(tx, row.path):
        return None
    room = context.config.feeds.entries
    live = places[:room]
    last = await topics.last_page(tx, row.path) if await _has_history(tx, context, row.path) else 0
    return replace(
        await _named(tx, context, row),
        posts=tuple(known[one] for one in live),
        last=last,
        older=await topics.page_without(tx, row.path, live) if last and len(places) > room else 0,
    )


async def due_pages(tx: Tx, context: Context, limit: int) -> list[DuePage]:
    """Pages of topics' histories whose files are not as they should be, with all that these are to hold."""
    rows = await topics.due_pages(tx, limit)
    places = [await topics.on_page(tx, row) for row in rows]
    known = await posts.many(tx, {one for ids in places for one in ids})
    pages = [_page(context, row, [known[one] for one in ids]) for row, ids in zip(rows, places, strict=True)]
    return [DuePage(row, await _history(tx, context, row.path), page) for row, page in zip(rows, pages, strict=True)]


def _page(context: Context, row: PageRow, found: Sequence[Post]) -> ArchivePage:
    full = row.upto is not None or len(found) >= context.config.feeds.page
    return ArchivePage(row.number, tuple(found), full)


async def _history(tx: Tx, context: Context, path: str) -> Topic | None:
    none = not await topics.newest(tx, path, 1)
    if none or await _says_what_another_says(tx, path) or not await _has_history(tx, context, path):
        return None
    return await _named(tx, context, await topics.get(tx, path))


async def _says_what_another_says(tx: Tx, path: str) -> bool:
    """Whether it is the one language that a topic ever had."""
    siblings = languages_of(path)
    return siblings is not None and await topics.count(tx, siblings) < 2


async def _has_history(tx: Tx, context: Context, path: str) -> bool:
    """Whether the live feeds may not hold all posts, or once did not."""
    held = min(FEWEST, context.config.feeds.entries)  # by a live feed, however long its posts are
    shown = len(await topics.newest(tx, path, held + 1))
    return shown > held or _is_there(context.public / archive_folder(path, 1))


def _is_there(folder: Path) -> bool:
    """Whether there is such a folder; a name that no folder can have is none."""
    return os.path.exists(folder)


async def _named(tx: Tx, context: Context, row: TopicRow) -> Topic:
    title, description = names(context, row)
    language = row.name if languages_of(row.path) is not None else ""
    return Topic(row.path, title, description, (), await _uid(tx, context, row.path), language)


def names(context: Context, row: TopicRow) -> Named:
    """Title and description of a topic, in the publication's language."""
    kind, _, rest = row.path.partition("/")
    slug, _, below = rest.partition("/")
    if kind == "lists" and slug in context.lists:
        one = context.lists[slug]
        return (f"{one.title} ({own_name(row.name)})", one.description) if below else (one.title, one.description)
    return NAMES.get(kind, _of_publication)(context, row.name)


def _of_publication(context: Context, _: str) -> Named:
    return context.publication.title, context.publication.description


def _of_tag(context: Context, name: str) -> Named:
    words = context.theme.catalogue(context.publication.language)
    return f"{context.publication.title}: {name}", words.gettext("Posts about %(tag)s.", tag=name)


def _of_author(context: Context, name: str) -> Named:
    words = context.theme.catalogue(context.publication.language)
    return f"{context.publication.title}: {name}", words.gettext("Posts by %(author)s.", author=name)


def _of_language(context: Context, name: str) -> Named:
    return f"{context.publication.title} ({own_name(name)})", context.publication.description


NAMES: Mapping[str, Callable[[Context, str], Named]] = {
    ALL: _of_publication,
    "tags": _of_tag,
    "authors": _of_author,
    "languages": _of_language,
}


async def _uid(tx: Tx, context: Context, path: str) -> str:
    """The feed's id, minted when the feed is first written and kept whatever its address becomes."""
    key = f"feed {path}"
    known = await facts.get(tx, key)
    if known is None:
        year = context.clock().year
        known = f"tag:{urlsplit(context.publication.url).hostname},{year}:feed/{quote(path)}"
        await facts.put(tx, key, known)
    return known
