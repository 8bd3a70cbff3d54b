"""Posts: what sources brought, by which identity, visible or not."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Text, and_, bindparam, cast, exists, func, or_, select, update

from dispatch.model.post import Asset, Enclosure, Picture, Post, PostState
from dispatch.store.connect import Tx
from dispatch.store.schema import cohort, issue, post, source
from dispatch.store.schema_site import former_address
from dispatch.store.upsert import insert_into

FIELDS = tuple(column for column in post.c if column.name in {*Post.__dataclass_fields__, "place"})


@dataclass(frozen=True, slots=True)
class Known:
    """What identity is decided by, for one post of a source."""

    id: int
    ref: str
    stamp: str
    place: str
    slug: str
    explicit_slug: bool
    explicit_id: str | None
    content_hash: str
    state: PostState
    barred: bool


KNOWN_STATE = list(Known.__dataclass_fields__).index("state")


@dataclass(frozen=True, slots=True)
class SourceRow:
    """What the last pass of a source left."""

    first_pass: datetime
    state: Mapping[str, Any]


async def source_row(tx: Tx, name: str) -> SourceRow | None:
    """What the last pass of this source left; None if there was none."""
    row = (await tx.execute(select(source.c.first_pass, source.c.state).where(source.c.name == name))).first()
    return SourceRow(row.first_pass, row.state) if row else None


async def keep_source(tx: Tx, name: str, state: Mapping[str, Any], now: datetime) -> None:
    """Keep what the source wants back next time."""
    statement = insert_into(tx, source).values(name=name, first_pass=now, state=dict(state))
    await tx.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"state": dict(state)}))


async def known(tx: Tx, name: str) -> list[Known]:
    """Every post that this source ever brought, tombstones included."""
    columns = [post.c[field] for field in Known.__dataclass_fields__]
    rows = await tx.execute(select(*columns).where(post.c.source == name).order_by(post.c.id))
    return [_known(list(row)) for row in rows]


def _known(values: list[Any]) -> Known:
    """By position, which takes a third of the time: there may be ten thousand."""
    values[KNOWN_STATE] = PostState(values[KNOWN_STATE])
    return Known(*values)


async def adopt(tx: Tx, name: str, configured: Collection[str], files: Sequence[tuple[str, str]]) -> None:
    """A new source takes over those of its files (ref, content hash) that a source no longer configured had.

    So a source that was only renamed keeps its posts, and mails none of them again.
    """
    where = (post.c.source.not_in(configured), post.c.ref == bindparam("r"), post.c.content_hash == bindparam("h"))
    for ref, content_hash in files:
        await tx.execute(update(post).where(*where).values(source=name), {"r": ref, "h": content_hash})


async def slugs_elsewhere(tx: Tx, name: str) -> dict[str, str]:
    """The slugs that posts of other sources have, each with where that post is."""
    rows = await tx.execute(select(post.c.slug, post.c.place).where(post.c.source != name))
    return {row.slug: row.place for row in rows}


async def free_slugs(tx: Tx, ids: Collection[int]) -> None:
    """Posts are about to change slugs, perhaps among each other: let go of the old ones first."""
    for post_id in ids:
        await tx.execute(update(post).where(post.c.id == post_id).values(slug=f"\n{post_id}"))


async def uids(tx: Tx) -> set[str]:
    """Every feed id in use."""
    return set((await tx.execute(select(post.c.uid))).scalars())


async def add(tx: Tx, values: Sequence[Mapping[str, Any]]) -> None:
    """Add posts, given as values of the columns."""
    if values:
        await tx.execute(post.insert(), [dict(value) for value in values])


async def change(tx: Tx, post_id: int, values: Mapping[str, Any]) -> None:
    """Change columns of one post; the site has to show at its old addresses, too, that it moves or is gone."""
    shown = [post.c[name] != values[name] for name in ("state", "url") if name in values]
    if shown:
        differs = exists().where(post.c.id == post_id, or_(*shown))
        grown = {"wanted": former_address.c.wanted + 1}
        own = or_(former_address.c.post_id == post_id, former_address.c.page_of == post_id)
        await tx.execute(update(former_address).where(own, differs).values(grown))
    await tx.execute(update(post).where(post.c.id == post_id).values(**values))


async def get(tx: Tx, post_id: int) -> Post | None:
    """One post, in whatever state."""
    row = (await tx.execute(select(*FIELDS).where(post.c.id == post_id))).first()
    return post_of(row._mapping) if row else None


async def many(tx: Tx, ids: Collection[int]) -> dict[int, Post]:
    """Posts by id."""
    rows = await tx.execute(select(*FIELDS).where(post.c.id.in_(ids)))
    return {row.id: post_of(row._mapping) for row in rows}


async def everything(tx: Tx, limit: int, state: PostState | None = None) -> list[Post]:
    """The newest posts, perhaps of one state only."""
    where = [] if state is None else [post.c.state == state]
    rows = await tx.execute(select(*FIELDS).where(*where).order_by(*NEWEST).limit(limit))
    return [post_of(row._mapping) for row in rows]


NEWEST = (post.c.published.desc(), post.c.id.desc())


async def newest(
    tx: Tx,
    limit: int,
    sources: Collection[str] = (),
    tags: Collection[str] = (),
    *,
    chosen: Collection[str] = (),
    language: str = "",
) -> list[Post]:
    """Live posts, newest first, of these sources, with one of these tags and one of the chosen ones (none named: all).

    With a `language` only those in it, whatever country or script it is written for.
    """
    where: list[ColumnElement[bool]] = [post.c.state == PostState.LIVE]
    if sources:
        where.append(post.c.source.in_(sources))
    where += [or_(*(_has_tag(tag) for tag in sorted(group))) for group in (tags, chosen) if group]
    if language:
        base, spoken = language.lower().partition("-")[0], func.lower(post.c.language)
        where.append(or_(spoken == base, spoken.startswith(f"{base}-", autoescape=True)))
    rows = await tx.execute(select(*FIELDS).where(*where).order_by(*NEWEST).limit(limit))
    return [post_of(row._mapping) for row in rows]


def _has_tag(tag: str) -> ColumnElement[bool]:
    quoted = json.dumps(tag.casefold(), ensure_ascii=False)
    return cast(post.c.folded, Text).contains(quoted, autoescape=True)


async def arrived(tx: Tx, after: int, upto: int) -> list[Post]:
    """Live posts whose arrival lies in (after, upto], in order of arrival."""
    where = and_(post.c.arrival > after, post.c.arrival <= upto, post.c.state == PostState.LIVE)
    rows = await tx.execute(select(*FIELDS).where(where).order_by(post.c.arrival))
    return [post_of(row._mapping) for row in rows]


async def same_stories(tx: Tx, window: Sequence[Post]) -> list[Post]:
    """Posts outside of a window that may tell a story of one in it, by arrival: live, or mailed when they were.

    They share an address, a guid or a source and key of translations with one of it.
    """
    kin: list[ColumnElement[bool]] = [post.c.canonical.in_(part) for part in _parts(one.canonical for one in window)]
    kin += [post.c.guid.in_(part) for part in _parts(one.guid for one in window)]
    for name in sorted({one.source for one in window}):
        keys = _parts(one.translation or "" for one in window if one.source == name)
        kin += [and_(post.c.source == name, post.c.translation.in_(part)) for part in keys]
    ids: set[int] = set()
    for where in kin:  # without the state, for whose index SQLite would pass over these
        ids.update((await tx.execute(select(post.c.id).where(where))).scalars())
    found = await many(tx, ids - {one.id for one in window})
    known = [one for one in found.values() if one.state is PostState.LIVE or await ever_frozen(tx, one.id)]
    return sorted(known, key=lambda one: one.arrival or 0)


def _parts(words: Iterable[str], size: int = 500) -> list[list[str]]:
    """The words that are not empty, each once, in lists that a statement can hold."""
    listed = sorted({word for word in words if word})
    return [listed[start : start + size] for start in range(0, len(listed), size)]


async def without_canonical(tx: Tx) -> dict[int, str]:
    """Posts that have no canonical address yet, with their own."""
    statement = select(post.c.id, post.c.url).where(post.c.canonical == "").order_by(post.c.id)
    return {row.id: row.url for row in await tx.execute(statement)}


async def keep_canonical(tx: Tx, addresses: Mapping[int, str]) -> None:
    """Give posts their canonical addresses, and as identifier the one that feeds know them by."""
    rows = [{"i": one, "c": address} for one, address in addresses.items()]
    values = {"canonical": bindparam("c"), "guid": post.c.uid}
    await tx.execute(update(post).where(post.c.id == bindparam("i")).values(**values), rows)


async def head_at(tx: Tx, instant: datetime) -> int:
    """The last arrival that was given at or before an instant; 0 if there was none yet."""
    found = await tx.execute(select(func.max(post.c.arrival)).where(post.c.arrived <= instant))
    return found.scalar() or 0


async def becoming_due(tx: Tx, now: datetime) -> dict[int, datetime]:
    """Scheduled posts whose time has come, in order of their dates, with these."""
    where = and_(post.c.state == PostState.SCHEDULED, post.c.published <= now)
    statement = select(post.c.id, post.c.published).where(where).order_by(post.c.published, post.c.id)
    return {row.id: row.published for row in await tx.execute(statement)}


async def next_due(tx: Tx) -> datetime | None:
    """When the next scheduled post becomes visible."""
    statement = select(func.min(post.c.published)).where(post.c.state == PostState.SCHEDULED)
    found: datetime | None = (await tx.execute(statement)).scalar()
    return found


async def tags_in_use(tx: Tx) -> list[str]:
    """Every tag of a live post, in order."""
    rows = (await tx.execute(select(post.c.tags).where(post.c.state == PostState.LIVE).distinct())).scalars()
    return sorted({tag for tags in rows for tag in tags})


async def live_addresses(tx: Tx) -> list[str]:
    """Where live posts can be read."""
    return list((await tx.execute(select(post.c.url).where(post.c.state == PostState.LIVE))).scalars())


async def counts(tx: Tx) -> dict[str, int]:
    """How many posts there are, by state."""
    statement = select(post.c.state, func.count()).group_by(post.c.state).order_by(post.c.state)
    return {row[0]: row[1] for row in await tx.execute(statement)}


async def ever_frozen(tx: Tx, post_id: int) -> bool:
    """Whether this post is in an issue whose audience was frozen."""
    statement = select(cohort.c.posts).join(issue, issue.c.number == cohort.c.issue).where(issue.c.frozen.is_not(None))
    return any(post_id in ids for ids in (await tx.execute(statement)).scalars())


def post_of(row: RowMapping) -> Post:
    """A row with FIELDS, as a post."""
    values: dict[str, Any] = {name: row[name] for name in Post.__dataclass_fields__ if name != "where"}
    values["where"] = row["place"]
    values["state"] = PostState(row["state"])
    values["image"] = Picture(**row["image"]) if row["image"] else None
    values["assets"] = tuple(
        Asset(Path(item["source"]), item["target"], item.get("mails", "")) for item in row["assets"]
    )
    values["enclosures"] = tuple(Enclosure(**item) for item in row["enclosures"])
    return Post(**values)


def picture_value(picture: Picture | None) -> dict[str, Any] | None:
    """A picture as the column keeps it."""
    return asdict(picture) if picture else None


def asset_values(assets: Iterable[Asset]) -> list[dict[str, str]]:
    """Assets as the column keeps them."""
    return [{"source": str(asset.source), "target": asset.target, "mails": asset.mails} for asset in assets]
