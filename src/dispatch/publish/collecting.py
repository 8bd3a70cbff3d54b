"""The stage that brings posts in: sources → content → identity → store."""

import asyncio
import json
import threading
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from dispatch.content.identity import KnownPost, identify
from dispatch.content.prepare import ContentSetting, prepare
from dispatch.content.renditions import Renditions
from dispatch.context import Context
from dispatch.errors import ContentError, SourceError
from dispatch.model.permalink import Permalink
from dispatch.model.post import CleanPost, PostState, Problem, RawPost, SourcePass
from dispatch.publish.addressing import (
    Pairs,
    Shift,
    find_places,
    keep_addresses,
    shift,
    shifts_of_new,
    take_places,
)
from dispatch.publish.canonical import canonical_address
from dispatch.publish.moving import move
from dispatch.publish.placing import permalink_of
from dispatch.publish.postrow import PostRow, is_hidden, new_row, row_changes
from dispatch.sources.base import Source
from dispatch.store import facts, posts
from dispatch.store.connect import Tx


@dataclass(frozen=True, slots=True)
class Collected:
    """What a look at every source brought."""

    new: int = 0
    changed: int = 0
    withdrawn: int = 0
    appeared: int = 0  # posts whose date has come
    archived: int = 0  # of the new ones, those a source's first pass saw
    hidden: int = 0  # of the new ones, drafts and those whose date lies ahead
    problems: tuple[Problem, ...] = ()

    def __add__(self, other: "Collected") -> "Collected":
        """Both together."""
        return Collected(*(getattr(self, field) + getattr(other, field) for field in self.__dataclass_fields__))


async def collect(context: Context, now: datetime, only: Collection[str] | None = None) -> Collected:
    """Look at every source once, or at those named; one that fails is reported and withdraws nothing."""
    await _fill_in_addresses(context)
    moved = await move(context)
    async with context.store.write() as tx:  # first, so that arrivals are in the order of time
        total = Collected(problems=moved, appeared=await _let_appear(tx, context.publication.url, now))
    for source in context.sources:
        if only is None or source.name in only:
            total += await _collect_source(context, source, now)
    return total


async def _fill_in_addresses(context: Context) -> None:
    """Posts of a store that is older than canonical addresses get theirs, so that no copy of them is mailed."""
    async with context.store.read() as tx:
        old = await posts.without_canonical(tx)
    if old:
        async with context.store.write() as tx:
            await posts.keep_canonical(tx, {one: canonical_address(url) for one, url in old.items()})


async def _collect_source(context: Context, source: Source, now: datetime) -> Collected:
    async with context.store.read() as tx:
        row = await posts.source_row(tx, source.name)
        known = await posts.known(tx, source.name)
    stamps = {one.ref: one.stamp for one in known if one.state is not PostState.WITHDRAWN or one.barred}
    try:
        found = await source.collect(stamps, row.state if row else {})
    except SourceError as error:
        return Collected(problems=(Problem(f"sources.{source.name}", str(error)),))
    if row and not found.changed and found.state == row.state and (not found.whole or set(stamps) <= found.present):
        return Collected(problems=found.problems)
    clean, problems = await _prepared(found.changed, context, source)
    async with context.store.write() as tx:
        taken = await _take(tx, context, found, clean, now)
        await posts.keep_source(tx, source.name, found.state, now)
    return taken + Collected(problems=(*found.problems, *problems))


async def _prepared(raws: Iterable[RawPost], context: Context, source: Source) -> tuple[list[CleanPost], list[Problem]]:
    """The posts that can be used, and what is wrong with any. Called off, it ends with the picture in hand."""
    halt = threading.Event()  # for no thread can be called off
    setting = _setting(context, source, Renditions(context.renditions, halt.is_set))
    try:
        found = await asyncio.to_thread(lambda: [_prepare(raw, setting) for raw in raws if not halt.is_set()])
    finally:
        halt.set()
    clean = [one for one in found if isinstance(one, CleanPost)]
    problems = [one for one in found if isinstance(one, Problem)]
    return clean, [*problems, *(problem for one in clean for problem in one.problems)]


def _setting(context: Context, source: Source, renditions: Renditions) -> ContentSetting:
    publication = context.publication
    return ContentSetting(
        site_url=publication.url,
        language=source.language or publication.language,
        timezone=publication.timezone,
        authors=source.authors or ((publication.author,) if publication.author else ()),
        tags=source.tags,
        renditions=renditions,
        permalink=permalink_of(context, source.name),
    )


def _prepare(raw: RawPost, setting: ContentSetting) -> CleanPost | Problem:
    try:
        return prepare(raw, setting)
    except ContentError as error:
        return Problem(raw.where, str(error), error.line)
    except Exception as error:  # law 6: one bad post never stops the rest
        return Problem(raw.where, f"cannot be used: {type(error).__name__}: {error}.")


async def _take(tx: Tx, context: Context, found: SourcePass, clean: Sequence[CleanPost], now: datetime) -> Collected:
    if await posts.source_row(tx, found.source) is None:
        await posts.adopt(
            tx, found.source, list(context.config.sources), [(one.ref, one.content_hash) for one in clean]
        )
    known = await posts.known(tx, found.source)
    elsewhere = await posts.slugs_elsewhere(tx, found.source)
    identified = identify(clean, [_known_post(one) for one in known], found.present, found.whole, elsewhere)
    permalink = permalink_of(context, found.source)
    pairs, crowded = await find_places(tx, permalink, identified.pairs, now)
    archive = await _archive(tx, found, clean)
    added = await _add_new(tx, permalink, pairs, now, archive)
    changed, shifts = await _change_known(tx, permalink, pairs, known, now)
    unfit = await keep_addresses(tx, permalink.site, [*await shifts_of_new(tx, permalink.site, added), *shifts])
    lines = {one.where: one.aliases_line for one in clean}
    for post_id in identified.vanished:
        await posts.change(tx, post_id, {"state": PostState.WITHDRAWN, "changed": now})
    return Collected(
        new=len(added),
        changed=changed,
        withdrawn=len(identified.vanished),
        archived=sum(row["archive"] for row in added),
        hidden=sum(row["state"] != PostState.LIVE for row in added),
        problems=(*identified.problems, *crowded, *(replace(one, line=lines.get(one.where)) for one in unfit)),
    )


async def _archive(tx: Tx, found: SourcePass, clean: Sequence[CleanPost]) -> Collection[str]:
    """The refs that a source's first pass sees, those that cannot be read yet among them: mended, they stay archive."""
    key = f"unread at first {found.source}"
    if await posts.source_row(tx, found.source):
        return frozenset(json.loads(await facts.get(tx, key) or "[]"))
    await facts.put(tx, key, json.dumps(sorted(found.present - {one.ref for one in clean})))
    return found.present


def _known_post(one: posts.Known) -> KnownPost:
    live = one.state is not PostState.WITHDRAWN
    shown = one.state is PostState.LIVE
    return KnownPost(
        one.id, one.ref, one.place, one.slug, one.explicit_slug, one.explicit_id, one.content_hash, live, shown
    )


async def _add_new(
    tx: Tx, permalink: Permalink, pairs: Pairs, now: datetime, archive: Collection[str]
) -> list[PostRow]:
    fresh = [clean for clean, known_id in pairs if known_id is None]
    uids = await posts.uids(tx)
    rows = []
    for clean in sorted(fresh, key=lambda one: (one.published or now, one.translation or "", one.slug)):
        row = new_row(clean, permalink, uids, now, first_pass=clean.ref in archive)
        uids.add(row["uid"])
        rows.append(row)
    await _number(tx, rows, now)
    await posts.add(tx, rows)
    return rows


async def _number(tx: Tx, rows: Sequence[PostRow], now: datetime) -> None:
    """Give those that are visible their arrivals, in the order of the rows."""
    visible = [row for row in rows if row["state"] == PostState.LIVE]
    if visible:
        first = await facts.take_arrivals(tx, len(visible))
        for offset, row in enumerate(visible):
            row |= {"arrival": first + offset, "arrived": now}


async def _change_known(
    tx: Tx, permalink: Permalink, pairs: Pairs, known: Sequence[posts.Known], now: datetime
) -> tuple[int, list[Shift]]:
    by_id = {one.id: one for one in known}
    seen: Counter[str] = Counter()
    shifts = []
    old = [(clean, known_id) for clean, known_id in pairs if known_id is not None]
    await posts.free_slugs(tx, [one for clean, one in old if clean.slug != by_id[one].slug])
    for clean, known_id in old:
        before = await posts.get(tx, known_id)
        if before is None:
            continue
        mailed = is_hidden(before) and await posts.ever_frozen(tx, known_id)
        values = row_changes(clean, before, by_id[known_id], permalink, now, mailed=mailed)
        if values.pop("appears"):
            values |= {"arrival": await facts.take_arrivals(tx, 1), "arrived": now}
        seen["changed"] += values["revision"] != before.revision or values["state"] != before.state
        await posts.change(tx, known_id, values)
        shifts.append(shift(before, values, permalink.site))
    return seen["changed"], shifts


async def _let_appear(tx: Tx, site: str, now: datetime) -> int:
    """Posts whose date has come arrive at that date, though nobody may have been there to see it."""
    due = await posts.becoming_due(tx, now)
    if due:
        first = await facts.take_arrivals(tx, len(due))
        for offset, post_id in enumerate(due):
            values = {"state": PostState.LIVE, "arrival": first + offset, "arrived": due[post_id], "changed": now}
            await posts.change(tx, post_id, values)
        await take_places(tx, due, site)
    return len(due)
