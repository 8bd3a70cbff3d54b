"""Addresses of posts' pages: those in use, and those that were or that an old site had. These lead to the others.

A path is one below public/, unquoted, without slashes around it.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import quote

from sqlalchemy import bindparam, delete, null, select, true, update

from dispatch.model.permalink import page_path, page_url
from dispatch.model.post import PostState
from dispatch.store.connect import Tx
from dispatch.store.schema import post
from dispatch.store.schema_site import former_address
from dispatch.store.upsert import insert_into

Key = TypeVar("Key", str, int)
AT_ONCE = 500  # values that a statement names


@dataclass(frozen=True, slots=True)
class Former:
    """An old address, and what the site has to show there."""

    path: str
    url: str  # where the post is read now; empty: nowhere
    page: str  # its page of ours, be it a notice; empty: it has none
    gone: bool  # readers knew the post, and it is no longer shown
    ours: bool  # what lies there is ours, for a post had its page there
    dropped: bool  # it leads nowhere any more and is to be forgotten
    settled: bool  # the site shows this
    wanted: int


@dataclass(frozen=True, slots=True)
class Placed:
    """All that decides where a post's page is."""

    id: int
    source: str
    where: str
    slug: str
    language: str
    published: datetime
    url: str
    home: str
    canonical: str
    arrived: bool  # readers have seen it


async def leave(tx: Tx, left: Iterable[tuple[int, str]]) -> None:
    """Posts (by id) are no longer at these paths, which from now on lead to where they are."""
    rows = [{"post_id": post_id, "path": path} for post_id, path in left]
    if rows:
        statement = insert_into(tx, former_address).values(
            path=bindparam("path"),
            post_id=bindparam("post_id"),
            page_of=bindparam("post_id"),
            given=False,
            wanted=1,
            written=0,
        )
        values = {
            "post_id": statement.excluded.post_id,
            "page_of": statement.excluded.post_id,
            "given": False,
            "wanted": former_address.c.wanted + 1,
        }
        await tx.execute(statement.on_conflict_do_update(index_elements=["path"], set_=values), rows)


async def take_over(tx: Tx, paths: Collection[str]) -> None:
    """Posts' pages are at these paths now: nothing leads away from there any more."""
    for part in _parts(paths):
        await tx.execute(update(former_address).where(former_address.c.path.in_(part)).values(**_DROPPED))


_DROPPED = {"post_id": null(), "wanted": former_address.c.wanted + 1}


async def name(tx: Tx, post_id: int, aliases: Sequence[str], site: str) -> dict[str, str]:
    """The author of a post gives it these aliases and no others; those that another post has, with where that is.

    An address that another post once had is given to whoever names it.
    """
    await _take_back(tx, post_id, aliases)
    refused = {}
    pages_there = await pages_at(tx, [page_url(path, site) for path in aliases])
    for path in aliases:
        page = pages_there.get(page_url(path, site))
        other = page[1] if page else await _giver(tx, post_id, path)
        if page and page[0] == post_id:
            continue  # its own page now
        if other:
            refused[path] = other
        else:
            await _give(tx, post_id, path)
    return refused


async def _take_back(tx: Tx, post_id: int, aliases: Sequence[str]) -> None:
    """Aliases that a post no longer has lead to the posts that had their pages there, if any did."""
    own = (former_address.c.post_id == post_id, former_address.c.given == true())
    known = (await tx.execute(select(former_address.c.path).where(*own))).scalars()
    values = {"post_id": former_address.c.page_of, "given": False, "wanted": former_address.c.wanted + 1}
    for part in _parts(set(known).difference(aliases)):
        await tx.execute(update(former_address).where(former_address.c.path.in_(part)).values(**values))


async def _giver(tx: Tx, post_id: int, path: str) -> str:
    """Where the other post is that gives a path as an alias; empty: none does."""
    others = (former_address.c.path == path, former_address.c.given == true(), former_address.c.post_id != post_id)
    statement = select(post.c.place).join(former_address, former_address.c.post_id == post.c.id).where(*others)
    return (await tx.execute(statement)).scalar() or ""


async def _give(tx: Tx, post_id: int, path: str) -> None:
    values = {"post_id": post_id, "given": True}
    statement = insert_into(tx, former_address).values(path=path, wanted=1, written=0, **values)
    other = former_address.c.post_id.is_distinct_from(post_id)  # its own former address stays what it is
    grown = {**values, "wanted": former_address.c.wanted + 1}
    await tx.execute(statement.on_conflict_do_update(index_elements=["path"], set_=grown, where=other))


async def unsettled(tx: Tx) -> bool:
    """Whether the site does not show some old address as it should."""
    where = former_address.c.wanted != former_address.c.written
    return (await tx.execute(select(former_address.c.path).where(where).limit(1))).first() is not None


async def every(tx: Tx) -> list[Former]:
    """All old addresses of posts that readers knew or can read, in order."""
    columns = (post.c.url, post.c.home, post.c.state, post.c.arrival)
    statement = select(former_address, *columns).outerjoin(post, post.c.id == former_address.c.post_id)
    return [
        Former(
            path=row.path,
            url=row.url if row.state == PostState.LIVE else "",
            page=row.url if row.url != row.home else "",
            gone=row.arrival is not None and row.state != PostState.LIVE,
            ours=row.page_of is not None,
            dropped=row.post_id is None,
            settled=row.wanted == row.written,
            wanted=row.wanted,
        )
        for row in await tx.execute(statement.order_by(former_address.c.path))
    ]


async def settle(tx: Tx, shown: Iterable[Former]) -> None:
    """The site shows these as they are given here; what has changed since stays unsettled."""
    shown = list(shown)
    where = (former_address.c.path == bindparam("p"), former_address.c.wanted == bindparam("w"))
    kept = [{"p": one.path, "w": one.wanted} for one in shown if not one.dropped]
    dropped = [{"p": one.path, "w": one.wanted} for one in shown if one.dropped]
    if kept:
        await tx.execute(update(former_address).where(*where).values(written=former_address.c.wanted), kept)
    if dropped:
        await tx.execute(delete(former_address).where(*where, former_address.c.post_id.is_(None)), dropped)


async def pages(tx: Tx, site: str) -> set[str]:
    """The paths of all pages of ours that readers know, a notice in the place of a post among them."""
    rows = await tx.execute(select(post.c.url, post.c.home).where(post.c.arrival.is_not(None)))
    return {path for row in rows if (path := page_path(row.url, site, row.home))}


async def pages_at(tx: Tx, urls: Collection[str]) -> dict[str, tuple[int, str]]:
    """Those of these addresses at which a post has its page: the post's id, and where its author wrote it."""
    found = {}
    for part in _parts(urls):
        columns = (post.c.id, post.c.url, post.c.place)
        rows = await tx.execute(select(*columns).where(post.c.url.in_(part), post.c.url != post.c.home))
        found.update({row.url: (row.id, row.place) for row in rows})
    return found


async def ids_of(tx: Tx, slugs: Collection[str]) -> dict[str, int]:
    """The posts that have these slugs."""
    found: dict[str, int] = {}
    for part in _parts(slugs):
        rows = await tx.execute(select(post.c.slug, post.c.id).where(post.c.slug.in_(part)))
        found.update({row.slug: row.id for row in rows})
    return found


async def placed(tx: Tx, after: int, limit: int) -> list[Placed]:
    """Posts by id, from beyond `after` on, as far as their addresses go."""
    names = ("id", "source", "slug", "language", "published", "url", "home", "canonical")
    columns = [post.c[one] for one in names]
    statement = select(*columns, post.c.place, post.c.arrival).where(post.c.id > after).order_by(post.c.id).limit(limit)
    return [
        Placed(where=row.place, arrived=row.arrival is not None, **{one: getattr(row, one) for one in names})
        for row in await tx.execute(statement)
    ]


async def move(tx: Tx, moved: Sequence[Placed]) -> None:
    """Posts have new addresses."""
    if not moved:
        return
    names = ("slug", "url", "canonical")
    rows = [{"i": one.id, **{f"new_{key}": getattr(one, key) for key in names}} for one in moved]
    values: dict[str, Any] = {key: bindparam(f"new_{key}") for key in names}
    await tx.execute(update(post).where(post.c.id == bindparam("i")).values(**values), rows)
    grown = {"wanted": former_address.c.wanted + 1}
    for part in _parts([one.id for one in moved]):
        await tx.execute(update(former_address).where(former_address.c.post_id.in_(part)).values(grown))


async def find_homes(tx: Tx) -> None:
    """Posts of an older version have their homes elsewhere where their addresses are not the ones that it gave."""
    rows = await tx.execute(select(post.c.id, post.c.slug, post.c.url).where(post.c.home == ""))
    homes = [{"i": row.id, "h": row.url} for row in rows if not row.url.endswith(f"/posts/{quote(row.slug)}/")]
    if homes:
        await tx.execute(update(post).where(post.c.id == bindparam("i")).values(home=bindparam("h")), homes)


async def aliases(tx: Tx) -> list[tuple[int, str, tuple[str, ...]]]:
    """Posts whose authors give them aliases: id, where the author wrote it, and these."""
    statement = select(post.c.id, post.c.place, post.c.aliases).where(post.c.aliases != ())
    return [(row.id, row.place, row.aliases) for row in await tx.execute(statement.order_by(post.c.id))]


def _parts(words: Collection[Key]) -> list[list[Key]]:
    listed = sorted(words)
    return [listed[start : start + AT_ONCE] for start in range(0, len(listed), AT_ONCE)]
