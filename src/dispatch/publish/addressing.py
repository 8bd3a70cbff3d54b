"""Where posts are that a pass found, and what stays behind where they were."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias

from dispatch.model.permalink import Permalink, page_path
from dispatch.model.post import CleanPost, Post, Problem
from dispatch.publish.placing import Claim, place
from dispatch.publish.postrow import PostRow
from dispatch.store import addresses, posts
from dispatch.store.addresses import Named
from dispatch.store.connect import Tx

Pairs: TypeAlias = Sequence[tuple[CleanPost, int | None]]  # each post found, and the id that it has; None: new


@dataclass(frozen=True, slots=True)
class Shift:
    """A post that was found, as far as addresses go; paths are None where there is no page of ours."""

    id: int
    where: str
    left: str | None  # where readers knew it and it is no longer
    path: str | None  # where they find it now
    aliases: tuple[str, ...] | None  # where its author says it was; None: nowhere, and never said so


async def find_places(tx: Tx, permalink: Permalink, pairs: Pairs, now: datetime) -> tuple[Pairs, tuple[Problem, ...]]:
    """The same posts, each with a slug with which its page has a place of its own; what had to give way is reported."""
    claims = [
        await _claim(tx, permalink, clean, known_id, now)
        for clean, known_id in pairs
        if permalink.own or not clean.link
    ]
    slugs, problems = await place(tx, claims)
    return [(replace(clean, slug=slugs.get(clean.ref, clean.slug)), known_id) for clean, known_id in pairs], problems


async def _claim(tx: Tx, permalink: Permalink, clean: CleanPost, known_id: int | None, now: datetime) -> Claim:
    published = clean.published
    if published is None and known_id is not None and (before := await posts.get(tx, known_id)):
        published = before.published
    return Claim(clean.ref, known_id, clean.where, clean.slug, clean.language, published or now, permalink)


def shift(before: Post, values: PostRow, site: str) -> Shift:
    """What an edit comes to for a post's addresses; `values` are the columns that it changes."""
    left = page_path(before.url, site, before.home) if before.arrival is not None else None
    path = page_path(values["url"], site, values["home"])
    known = (values.get("arrival") or before.arrival) is not None
    return Shift(before.id, values["place"], left if left != path else None, path if known else None, values["aliases"])


async def shifts_of_new(tx: Tx, site: str, rows: Sequence[PostRow]) -> list[Shift]:
    """The same of posts that were just added."""
    ids = await addresses.ids_of(tx, [row["slug"] for row in rows])
    return [
        Shift(
            ids[row["slug"]],
            row["place"],
            None,
            page_path(row["url"], site, row["home"]) if row["arrival"] is not None else None,
            row["aliases"] or None,
        )
        for row in rows
    ]


async def keep_addresses(tx: Tx, site: str, shifts: Sequence[Shift]) -> list[Problem]:
    """Let old addresses lead to where posts are now; aliases that are somebody else's are reported."""
    await addresses.leave(tx, [(one.id, one.left) for one in shifts if one.left])
    await addresses.take_over(tx, {one.path for one in shifts if one.path})
    named = [Named(one.id, one.where, one.aliases) for one in shifts if one.aliases is not None]
    return await give_aliases(tx, site, named)


async def give_aliases(tx: Tx, site: str, named: Sequence[Named]) -> list[Problem]:
    """Let posts' aliases lead to them, and none that they no longer have; those of somebody else are reported."""
    return [
        Problem(
            one.where, f"aliases: /{path} belongs to {other}; it was left out. Take it out of one of them.", fatal=False
        )
        for one, path, other in await addresses.name(tx, named, site)
    ]


async def take_places(tx: Tx, ids: Collection[int], site: str) -> None:
    """Posts are there for readers now, at their addresses: nothing leads away from these."""
    found: Iterable[Post] = (await posts.many(tx, ids)).values()
    await addresses.take_over(tx, {path for one in found if (path := page_path(one.url, site, one.home))})
