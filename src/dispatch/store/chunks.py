"""Which chunks wait, which are held, which may be claimed: reads only; `ledger` changes them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, exists, func, select

from dispatch.model.delivery import ChunkState
from dispatch.model.issue import IssueState
from dispatch.store.connect import Tx
from dispatch.store.schema import chunk, issue, mailing_list
from dispatch.store.schema_site import issue_page


@dataclass(frozen=True, slots=True)
class ChunkRow:
    """One chunk as it stands."""

    issue: int
    number: int
    state: ChunkState
    not_before: datetime
    attempt: int
    fence: int
    journal: str
    lease_until: datetime | None
    error: str
    first_try: datetime | None


def being_sent(number: Any) -> Any:
    """The condition that an issue may be worked on: it is being sent, and its list has not left dispatch.toml.

    Its pages have been written too, or could not be: no link in a mail leads to a page that is still to come.
    """
    kept = exists().where(mailing_list.c.id == issue.c.list_id, mailing_list.c.retired.is_(False))
    owed = exists().where(issue_page.c.issue == number, issue_page.c.shows.is_(None))
    return exists().where(issue.c.number == number, issue.c.state == IssueState.SENDING, kept, ~owed)


async def ready(tx: Tx, now: datetime, limit: int) -> list[tuple[int, int]]:
    """Chunks that may be claimed now, oldest issue first."""
    where = and_(is_ready(now), being_sent(chunk.c.issue))
    statement = select(chunk.c.issue, chunk.c.number).where(where).order_by(chunk.c.issue, chunk.c.number).limit(limit)
    return [(row.issue, row.number) for row in await tx.execute(statement)]


def is_ready(now: datetime) -> Any:
    """The condition that a chunk may be claimed now, if its issue is being sent."""
    return and_(chunk.c.state == ChunkState.PENDING, chunk.c.not_before <= now)


@dataclass(frozen=True, slots=True)
class Load:
    """What is under way in all processes, and what could be."""

    claims: int
    connections: int  # reserved by those claims
    ready: int  # chunks that may be claimed now, up to the limit asked for


async def load(tx: Tx, now: datetime, limit: int) -> Load:
    """The load as it stands; no more than `limit` ready chunks are counted."""
    first_ready = select(chunk.c.number).where(is_ready(now), being_sent(chunk.c.issue)).limit(limit).subquery()
    statement = select(
        func.count().label("claims"),
        func.coalesce(func.sum(chunk.c.connections), 0).label("connections"),
        select(func.count()).select_from(first_ready).scalar_subquery().label("ready"),
    ).where(chunk.c.state == ChunkState.CLAIMED)
    return Load(**(await tx.execute(statement)).one()._mapping)


async def claimed(tx: Tx) -> list[ChunkRow]:
    """Every chunk that somebody holds."""
    return await chunks(tx, chunk.c.state == ChunkState.CLAIMED)


async def waiting(tx: Tx) -> list[ChunkRow]:
    """Every chunk that is still to be worked on."""
    return await chunks(tx, chunk.c.state == ChunkState.PENDING)


async def chunks(tx: Tx, where: Any) -> list[ChunkRow]:
    """Chunks that meet a condition, in order."""
    columns = [chunk.c[field] for field in ChunkRow.__dataclass_fields__]
    rows = await tx.execute(select(*columns).where(where).order_by(chunk.c.issue, chunk.c.number))
    return [ChunkRow(**{**row._mapping, "state": ChunkState(row.state)}) for row in rows]


async def next_ready(tx: Tx) -> datetime | None:
    """When the next chunk of an issue being sent may be claimed."""
    waits = and_(chunk.c.state == ChunkState.PENDING, being_sent(chunk.c.issue))
    statement = select(func.min(chunk.c.not_before)).where(waits)
    found: datetime | None = (await tx.execute(statement)).scalar()
    return found
