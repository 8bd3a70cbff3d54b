"""Mailing lists as the store knows them: their ids, and how far they have been composed."""

from dataclasses import dataclass

from sqlalchemy import exists, select, update

from dispatch.store.connect import Tx
from dispatch.store.facts import arrival_head
from dispatch.store.schema import mailing_list
from dispatch.store.upsert import insert_into


@dataclass(frozen=True, slots=True)
class ListRow:
    """What the store adds to a list of dispatch.toml."""

    id: int
    slug: str
    born: int  # posts up to this arrival were there before the list
    composed_to: int
    retired: bool
    born_as: str  # the slug that it had at first
    paused: bool = False  # none of its issues begins


async def sync(tx: Tx, slugs: dict[str, bool]) -> None:
    """Make a row for each list of dispatch.toml; retire those that are gone, bring back those that returned.

    `slugs` says for each list whether `since` opens its gate: then it begins before the first arrival.
    """
    head = await arrival_head(tx)
    for slug, opened in slugs.items():
        values = {"slug": slug, "born": head, "composed_to": 0 if opened else head, "retired": False, "born_as": slug}
        statement = insert_into(tx, mailing_list).values(**values)
        await tx.execute(statement.on_conflict_do_update(index_elements=["slug"], set_={"retired": False}))
    await tx.execute(update(mailing_list).where(mailing_list.c.slug.not_in(slugs)).values(retired=True))


async def rename(tx: Tx, old: str, new: str) -> None:
    """A list has a new slug: its people, marks and links go with it. Nothing happens once that is done."""
    taken = exists().where(mailing_list.c.slug == new)
    await tx.execute(update(mailing_list).where(mailing_list.c.slug == old, ~taken).values(slug=new))


async def every(tx: Tx) -> dict[str, ListRow]:
    """All lists ever configured, by slug."""
    rows = await tx.execute(select(mailing_list).order_by(mailing_list.c.id))
    return {row.slug: ListRow(**row._mapping) for row in rows}


async def set_paused(tx: Tx, list_id: int, *, paused: bool) -> bool:
    """Pause a list or let it go on; False if it was so already."""
    where = (mailing_list.c.id == list_id, mailing_list.c.paused.is_not(paused))
    return (await tx.execute(update(mailing_list).where(*where).values(paused=paused))).rowcount == 1


async def advance(tx: Tx, list_id: int, old: int, new: int) -> bool:
    """Move `composed_to` by compare-and-set; False: another process was first."""
    where = (mailing_list.c.id == list_id, mailing_list.c.composed_to == old)
    return (await tx.execute(update(mailing_list).where(*where).values(composed_to=new))).rowcount == 1
