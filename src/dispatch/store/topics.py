"""Topics: which posts each shows, on which pages of its history, and what of that its files do not show yet.

A page of a topic's history holds what arrived after one number and up to the next page's. So a post that is edited,
withdrawn or given a tag later touches exactly one page, and a new one the last: a full page stays as it is.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, func, select, update

from dispatch.store.connect import Tx
from dispatch.store.schema_site import archive_page, document, shown, topic


@dataclass(frozen=True, slots=True)
class Placement:
    """A post and the topics that are to show it: none, if readers may not see it."""

    post_id: int
    published: datetime
    arrival: int
    topics: Mapping[str, str]  # path → name


@dataclass(frozen=True, slots=True)
class TopicRow:
    """A topic whose files do not show it as it is."""

    path: str
    name: str
    wanted: int


@dataclass(frozen=True, slots=True)
class PageRow:
    """A page of a topic's history: what arrived in (after, upto]; without `upto` it is the last one."""

    path: str  # the topic's
    number: int
    after: int
    upto: int | None
    wanted: int


async def place(tx: Tx, placements: Sequence[Placement], size: int) -> list[str]:
    """Let topics show these posts, each in those that its placement names and in no other.

    Every topic that gains, keeps or loses one is to be written, and the page of its history where the post is. Pages
    are cut at `size` posts. Returns the topics that are new.
    """
    ids = [one.post_id for one in placements]
    lost = (await tx.execute(select(shown.c.topic, shown.c.arrival).where(shown.c.post_id.in_(ids)))).all()
    await tx.execute(delete(shown).where(shown.c.post_id.in_(ids)))
    gained = [(path, one) for one in placements for path in one.topics]
    if gained:
        await tx.execute(shown.insert(), [_shown_row(path, one) for path, one in gained])
    names = {path: name for one in placements for path, name in sorted(one.topics.items())}
    new = await add(tx, names)
    await _want_where(tx, {(row.topic, row.arrival) for row in lost} | {(path, one.arrival) for path, one in gained})
    await _cut(tx, sorted(names), size)
    return new


def _shown_row(path: str, one: Placement) -> dict[str, Any]:
    return {"topic": path, "post_id": one.post_id, "published": one.published, "arrival": one.arrival}


async def add(tx: Tx, names: Mapping[str, str]) -> list[str]:
    """Let there be topics, given as path → name, each with a first page; returns those that were not there."""
    if not names:
        return []
    known = set((await tx.execute(select(topic.c.path).where(topic.c.path.in_(names)))).scalars())
    new = sorted(set(names) - known)
    if new:
        await tx.execute(
            topic.insert(), [{"path": path, "name": names[path], "wanted": 1, "written": 0} for path in new]
        )
        pages = [{"topic": path, "number": 1, "after": 0, "wanted": 1, "written": 0} for path in new]
        await tx.execute(archive_page.insert(), pages)
    return new


async def want(tx: Tx, below: str = "") -> None:
    """All topics whose paths begin with `below` are to be written, with all their pages."""
    for table, path in ((topic, topic.c.path), (archive_page, archive_page.c.topic)):
        here = path.startswith(below, autoescape=True)
        await tx.execute(update(table).where(here).values(wanted=table.c.wanted + 1))


async def _want_where(tx: Tx, places: Collection[tuple[str, int]]) -> None:
    """Topics are to be written, each with the page where an arrival is."""
    if not places:
        return
    paths = [{"t": path} for path in sorted({path for path, _ in places})]
    await tx.execute(update(topic).where(topic.c.path == bindparam("t")).values(wanted=topic.c.wanted + 1), paths)
    page = archive_page.alias()
    there = select(func.max(page.c.number)).where(page.c.topic == bindparam("t"), page.c.after < bindparam("a"))
    where = (archive_page.c.topic == bindparam("t"), archive_page.c.number == there.scalar_subquery())
    statement = update(archive_page).where(*where).values(wanted=archive_page.c.wanted + 1)
    await tx.execute(statement, [{"t": path, "a": arrival} for path, arrival in sorted(places)])


async def _cut(tx: Tx, paths: Sequence[str], size: int) -> None:
    """Begin new pages where the last one of a topic holds more than `size` posts."""
    for path, number, after in await _overfull(tx, paths, size):
        where = (shown.c.topic == path, shown.c.arrival > after)
        arrivals = list((await tx.execute(select(shown.c.arrival).where(*where).order_by(shown.c.arrival))).scalars())
        cuts = [arrivals[end - 1] for end in range(size, len(arrivals), size)]
        values = [
            {"topic": path, "number": number + step, "after": cut, "wanted": 1, "written": 0}
            for step, cut in enumerate(cuts, 1)
        ]
        await tx.execute(archive_page.insert(), values)


async def _overfull(tx: Tx, paths: Sequence[str], size: int) -> list[tuple[str, int, int]]:
    """Topics whose last page holds too much, with its number and the arrival before it."""
    page, other = archive_page, archive_page.alias()
    last = select(func.max(other.c.number)).where(other.c.topic == page.c.topic).scalar_subquery()
    held = (
        select(func.count())
        .select_from(shown)
        .where(shown.c.topic == page.c.topic, shown.c.arrival > page.c.after)
        .scalar_subquery()
    )
    statement = (
        select(page.c.topic, page.c.number, page.c.after)
        .where(page.c.topic.in_(paths), page.c.number == last, held > size)
        .order_by(page.c.topic)
    )
    return [(row.topic, row.number, row.after) for row in await tx.execute(statement)]


async def due(tx: Tx, limit: int) -> list[TopicRow]:
    """Topics whose files are not as they should be, in the order of their paths."""
    unlike = topic.c.wanted != topic.c.written
    rows = await tx.execute(select(topic).where(unlike).order_by(topic.c.path).limit(limit))
    return [TopicRow(row.path, row.name, row.wanted) for row in rows]


async def due_pages(tx: Tx, limit: int) -> list[PageRow]:
    """Pages of topics' histories whose files are not as they should be."""
    following = archive_page.alias()
    upto = select(following.c.after).where(
        following.c.topic == archive_page.c.topic, following.c.number == archive_page.c.number + 1
    )
    unlike = archive_page.c.wanted != archive_page.c.written
    order = (archive_page.c.topic, archive_page.c.number)
    statement = select(archive_page, upto.scalar_subquery().label("upto")).where(unlike).order_by(*order).limit(limit)
    rows = await tx.execute(statement)
    return [PageRow(row.topic, row.number, row.after, row.upto, row.wanted) for row in rows]


async def last_page(tx: Tx, path: str) -> int:
    """The number of the last page of a topic's history."""
    where = archive_page.c.topic == path
    return (await tx.execute(select(func.max(archive_page.c.number)).where(where))).scalar() or 1


async def page_without(tx: Tx, path: str, ids: Sequence[int]) -> int:
    """The number of the last page of a topic's history that holds a post which is none of these."""
    where = (shown.c.topic == path, shown.c.post_id.not_in(ids))
    statement = select(shown.c.arrival).where(*where).order_by(shown.c.arrival.desc()).limit(1)
    arrival = (await tx.execute(statement)).scalar() or 1
    page = select(func.max(archive_page.c.number)).where(archive_page.c.topic == path, archive_page.c.after < arrival)
    return (await tx.execute(page)).scalar() or 1


async def newest(tx: Tx, path: str, limit: int) -> list[int]:
    """The ids of a topic's newest posts, the newest first."""
    order = (shown.c.published.desc(), shown.c.post_id.desc())
    statement = select(shown.c.post_id).where(shown.c.topic == path).order_by(*order).limit(limit)
    return list((await tx.execute(statement)).scalars())


async def on_page(tx: Tx, page: PageRow) -> list[int]:
    """The ids of the posts on a page, the newest first."""
    where = [shown.c.topic == page.path, shown.c.arrival > page.after]
    if page.upto is not None:
        where.append(shown.c.arrival <= page.upto)
    order = (shown.c.published.desc(), shown.c.post_id.desc())
    return list((await tx.execute(select(shown.c.post_id).where(*where).order_by(*order))).scalars())


async def mark_written(tx: Tx, done: Sequence[TopicRow]) -> None:
    """Files now show these topics as they were when they were read; later changes stay due."""
    statement = update(topic).where(topic.c.path == bindparam("t")).values(written=bindparam("w"))
    if done:
        await tx.execute(statement, [{"t": one.path, "w": one.wanted} for one in done])


async def mark_pages_written(tx: Tx, done: Sequence[PageRow]) -> None:
    """Files now show these pages as they were when they were read; later changes stay due."""
    where = (archive_page.c.topic == bindparam("t"), archive_page.c.number == bindparam("n"))
    statement = update(archive_page).where(*where).values(written=bindparam("w"))
    if done:
        await tx.execute(statement, [{"t": page.path, "n": page.number, "w": page.wanted} for page in done])


async def get(tx: Tx, path: str) -> TopicRow:
    """One topic."""
    row = (await tx.execute(select(topic).where(topic.c.path == path))).one()
    return TopicRow(row.path, row.name, row.wanted)


async def every(tx: Tx) -> list[TopicRow]:
    """Each topic that there is or was, in the order of their paths."""
    return [TopicRow(row.path, row.name, row.wanted) for row in await tx.execute(select(topic).order_by(topic.c.path))]


async def count(tx: Tx, below: str) -> int:
    """How many topics there are or were whose paths begin with `below`."""
    here = topic.c.path.startswith(below, autoescape=True)
    return (await tx.execute(select(func.count()).select_from(topic).where(here))).scalar() or 0


async def in_use(tx: Tx, below: str) -> list[TopicRow]:
    """Topics whose paths begin with `below` and that show a post now."""
    here = topic.c.path.startswith(below, autoescape=True)
    shows = select(shown.c.post_id).where(shown.c.topic == topic.c.path).exists()
    rows = await tx.execute(select(topic).where(here, shows).order_by(topic.c.path))
    return [TopicRow(row.path, row.name, row.wanted) for row in rows]


@dataclass(frozen=True, slots=True)
class Recut:
    """A history to be cut anew, since it shows others than before."""

    path: str
    last: int  # number of its last page now
    then: int  # and afterwards


async def overgrown(tx: Tx, size: int) -> list[Recut]:
    """Histories that have a page of more than twice `size` posts."""
    following = archive_page.alias()
    upto = (
        select(func.min(following.c.after))
        .where(following.c.topic == archive_page.c.topic, following.c.number > archive_page.c.number)
        .correlate(archive_page)
        .scalar_subquery()
    )
    held = (
        select(func.count())
        .select_from(shown)
        .where(shown.c.topic == archive_page.c.topic, shown.c.arrival > archive_page.c.after)
        .where(shown.c.arrival <= func.coalesce(upto, shown.c.arrival))
        .correlate(archive_page)
        .scalar_subquery()
    )
    paths = (await tx.execute(select(archive_page.c.topic).where(held > 2 * size).distinct())).scalars()
    return [await _recut(tx, path, size) for path in sorted(paths)]


async def _recut(tx: Tx, path: str, size: int) -> Recut:
    posts = (await tx.execute(select(func.count()).select_from(shown).where(shown.c.topic == path))).scalar() or 0
    return Recut(path, await last_page(tx, path), max(1, -(-posts // size)))


async def cut_anew(tx: Tx, paths: Sequence[str], size: int) -> None:
    """Cut histories into pages of `size` posts, whatever their pages were."""
    for path in paths:
        here = archive_page.c.topic == path
        await tx.execute(delete(archive_page).where(here, archive_page.c.number > 1))
        await tx.execute(update(archive_page).where(here).values(wanted=archive_page.c.wanted + 1))
    await _cut(tx, paths, size)


async def pages_of(tx: Tx, path: str) -> list[int]:
    """The numbers of the pages of a topic's history."""
    pages = select(archive_page.c.number).where(archive_page.c.topic == path).order_by(archive_page.c.number)
    return list((await tx.execute(pages)).scalars())


async def drop(tx: Tx, path: str, files: Sequence[str]) -> None:
    """Forget a topic, and its live feeds' `files`."""
    for column, values in (
        (shown.c.topic, [path]),
        (archive_page.c.topic, [path]),
        (topic.c.path, [path]),
        (document.c.path, files),
    ):
        await tx.execute(delete(column.table).where(column.in_(values)))
