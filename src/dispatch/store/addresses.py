"""Addresses of posts' pages: those in use, and those that were or that an old site had. These lead to the others.

A path is one below public/, unquoted, without slashes around it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import quote

from sqlalchemy import ColumnElement, and_, bindparam, case, delete, null, or_, select, true, update

from dispatch.model.permalink import page_url
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
class Named:
    """A post's old addresses as its author names them."""

    id: int
    where: str  # the author's file
    aliases: tuple[str, ...]


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


async def name(tx: Tx, named: Sequence[Named], site: str) -> list[tuple[Named, str, str]]:
    """The authors of posts give them these aliases and no others. What is another post's: by whom, the path, whose.

    An address that another post once had is given to whoever names it.
    """
    await _take_back(tx, named)
    paths = {path for one in named for path in one.aliases}
    pages_there = await pages_at(tx, {page_url(path, site) for path in paths})
    givers = await _givers(tx, paths)
    refused, given = [], []
    for one, path in ((each, path) for each in named for path in each.aliases):
        page = pages_there.get(page_url(path, site))
        owner, place = page or givers.setdefault(path, (one.id, one.where))
        if owner != one.id:
            refused.append((one, path, place))
        elif not page:  # else it is its own page now
            given.append({"path": path, "post_id": one.id})
    await _give(tx, given)
    return refused


async def _take_back(tx: Tx, named: Sequence[Named]) -> None:
    """Aliases that posts no longer have lead to the posts that had their pages there, if any did."""
    still = {(one.id, path) for one in named for path in one.aliases}
    left: set[str] = set()
    for ids in _parts({one.id for one in named}):
        own = (former_address.c.post_id.in_(ids), former_address.c.given == true())
        rows = await tx.execute(select(former_address.c.post_id, former_address.c.path).where(*own))
        left.update(row.path for row in rows if (row.post_id, row.path) not in still)
    values = {"post_id": former_address.c.page_of, "given": False, "wanted": former_address.c.wanted + 1}
    for part in _parts(left):
        await tx.execute(update(former_address).where(former_address.c.path.in_(part)).values(**values))


async def _givers(tx: Tx, paths: Collection[str]) -> dict[str, tuple[int, str]]:
    """Those of these paths that posts have as aliases: the post's id, and where its author wrote it."""
    found = {}
    for part in _parts(paths):
        of = former_address.join(post, post.c.id == former_address.c.post_id)
        where = (former_address.c.path.in_(part), former_address.c.given == true())
        rows = await tx.execute(select(former_address.c.path, post.c.id, post.c.place).select_from(of).where(*where))
        found.update({row.path: (row.id, row.place) for row in rows})
    return found


async def _give(tx: Tx, rows: Sequence[Mapping[str, Any]]) -> None:
    if not rows:
        return
    statement = insert_into(tx, former_address).values(
        path=bindparam("path"), post_id=bindparam("post_id"), given=True, wanted=1, written=0
    )
    to = statement.excluded.post_id
    other = former_address.c.post_id.is_distinct_from(to)  # its own former address stays what it is
    grown = {"post_id": to, "given": True, "wanted": former_address.c.wanted + 1}
    await tx.execute(statement.on_conflict_do_update(index_elements=["path"], set_=grown, where=other), rows)


async def every(tx: Tx) -> list[Former]:
    """All old addresses of posts that readers knew or can read, in order."""
    return await _formers(tx, true())


async def unsettled(tx: Tx) -> list[Former]:
    """Those that the site does not show as it should."""
    return await _formers(tx, former_address.c.wanted != former_address.c.written)


async def around(tx: Tx, paths: Collection[str], site: str) -> list[Former]:
    """Those at these paths, and those that lead to a post which is read there."""
    found = []
    for part in _parts(paths):
        urls = [form for path in part for form in (page_url(path, site), page_url(path, site).rstrip("/"))]
        there = select(post.c.id).where(post.c.url.in_(urls))
        leads = or_(former_address.c.post_id.in_(there), former_address.c.page_of.in_(there))
        found += await _formers(tx, or_(former_address.c.path.in_(part), leads))
    return found


async def _formers(tx: Tx, where: ColumnElement[bool]) -> list[Former]:
    """One that the author of a post names leads there once readers see that post; until then it stays what it was."""
    named, before = post.alias("named"), post.alias("before")
    mine = or_(named.c.state == PostState.LIVE, before.c.id.is_(None))
    columns = [
        case((mine, named.c[key]), else_=before.c[key]).label(key) for key in ("url", "home", "state", "arrival")
    ]
    had = and_(before.c.id == former_address.c.page_of, former_address.c.post_id.is_not(None))
    joined = former_address.outerjoin(named, named.c.id == former_address.c.post_id).outerjoin(before, had)
    statement = select(former_address, *columns).select_from(joined).where(where)
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


async def pages(tx: Tx, site: str, paths: Collection[str]) -> set[str]:
    """Those of these paths where a page of ours is that readers know, be it a notice in the place of a post."""
    found: set[str] = set()
    for part in _parts(paths):
        urls = {page_url(path, site): path for path in part}
        known = (post.c.url.in_(urls), post.c.url != post.c.home, post.c.arrival.is_not(None))
        found.update(urls[url] for url in (await tx.execute(select(post.c.url).where(*known))).scalars())
    return found


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
        theirs = or_(former_address.c.post_id.in_(part), former_address.c.page_of.in_(part))
        await tx.execute(update(former_address).where(theirs).values(grown))


async def find_homes(tx: Tx) -> None:
    """Posts of an older version have their homes elsewhere where their addresses are not the ones that it gave."""
    rows = await tx.execute(select(post.c.id, post.c.slug, post.c.url).where(post.c.home == ""))
    homes = [{"i": row.id, "h": row.url} for row in rows if not row.url.endswith(f"/posts/{quote(row.slug)}/")]
    if homes:
        await tx.execute(update(post).where(post.c.id == bindparam("i")).values(home=bindparam("h")), homes)


async def aliases(tx: Tx, after: int, limit: int) -> list[Named]:
    """Posts by id, from beyond `after` on, whose authors give them aliases, with these."""
    columns = (post.c.id, post.c.place, post.c.aliases)
    statement = select(*columns).where(post.c.id > after, post.c.aliases != ()).order_by(post.c.id).limit(limit)
    return [Named(row.id, row.place, row.aliases) for row in await tx.execute(statement)]


def _parts(words: Collection[Key]) -> list[list[Key]]:
    listed = sorted(words)
    return [listed[start : start + AT_ONCE] for start in range(0, len(listed), AT_ONCE)]
