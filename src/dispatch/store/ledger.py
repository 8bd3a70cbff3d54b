"""The ledger: one row a recipient, worked off by chunks.

All that changes the state of a delivery or a chunk stands in this file:

    chunk     pending ──claim──► claimed ──close──► closed
                 ▲                  │
                 └── retries left ──┘   (also when a dead holder's claim is taken over)

    delivery  pending ──► accepted | rejected | unknown        by a receipt
              pending ──► retry ──► … ──► expired              4xx answers, until the time is up
              pending, retry ──► skipped                       left or suppressed since the freeze
              pending, retry ──► cancelled                     the issue was cancelled
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, exists, func, insert, literal, not_, or_, select, update

from dispatch.model.delivery import OPEN_STATES, ChunkState, Claim, Receipt, SendState, Tally
from dispatch.model.issue import Issue, IssueState
from dispatch.model.subscriber import Cadence
from dispatch.store.chunks import being_sent, is_ready
from dispatch.store.columns import Instant
from dispatch.store.connect import Tx
from dispatch.store.schema import chunk, cohort, delivery, issue, need, subscriber, subscription, suppression
from dispatch.store.subscribers import ACTIVE, SUPPRESSED

OPEN = or_(*(delivery.c.state == state for state in OPEN_STATES))  # IN cannot be executed many times at once


@dataclass(frozen=True, slots=True)
class Row:
    """One delivery, with the words a person knows it by."""

    issue: int
    subscriber: int
    email: str
    name: str
    state: SendState
    detail: str


async def freeze(tx: Tx, number: int, list_id: int, cadence: Cadence, mark: int, chunk_size: int) -> int:
    """Write one delivery for each subscription whose need has a cohort; returns how many."""
    place = func.row_number().over(partition_by=need.c.cohort, order_by=subscriber.c.id) - 1
    chosen = (
        select(
            literal(number),
            subscriber.c.id,
            cohort.c.first_chunk + place // chunk_size,
            need.c.cohort,
            subscriber.c.email,
            literal(SendState.PENDING.value),
            literal(""),
            subscription.c.mark,
            literal(mark),
        )
        .join(subscription, subscription.c.subscriber_id == subscriber.c.id)
        .join(need, _same_need(number))
        .join(cohort, and_(cohort.c.issue == number, cohort.c.number == need.c.cohort))
        .where(subscription.c.list_id == list_id, subscription.c.cadence == cadence, ACTIVE, ~SUPPRESSED)
    )
    columns = ("issue", "subscriber_id", "chunk", "cohort", "email", "state", "detail", "mark_from", "mark_to")
    return (await tx.execute(insert(delivery).from_select(columns, chosen))).rowcount


def _same_need(number: int) -> Any:
    return and_(
        need.c.issue == number,
        need.c.tags == subscription.c.tags,
        need.c.language == subscriber.c.language,
        need.c.mark == subscription.c.mark,
    )


async def add_chunks(tx: Tx, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add chunks, given as issue, number, edition and not_before."""
    fresh = {"state": ChunkState.PENDING, "attempt": 1, "fence": 0, "journal": "", "error": ""}
    if rows:
        await tx.execute(chunk.insert(), [{**fresh, **row} for row in rows])


async def claim(
    tx: Tx, number: int, chunk_number: int, journal: str, *, now: datetime, lease_until: datetime
) -> Claim | None:
    """Take a chunk by compare-and-set; None if somebody else has it or its issue is not being sent."""
    statement = (
        update(chunk)
        .where(chunk.c.issue == number, chunk.c.number == chunk_number, is_ready(now), being_sent(number))
        .values(
            state=ChunkState.CLAIMED,
            fence=chunk.c.fence + 1,
            lease_until=lease_until,
            journal=journal,
            first_try=func.coalesce(chunk.c.first_try, literal(now, Instant())),
        )
        .returning(chunk)
    )
    row = (await tx.execute(statement)).first()
    if row is None:
        return None
    await skip_departed(tx, number, chunk_number, now)
    return Claim(number, chunk_number, row.fence, row.attempt, row.edition, row.first_try)


async def skip_departed(tx: Tx, number: int, chunk_number: int, now: datetime) -> None:
    """Whoever left, or was suppressed, since the freeze is skipped."""
    list_id = select(issue.c.list_id).where(issue.c.number == number).scalar_subquery()
    still_there = exists().where(
        subscription.c.subscriber_id == delivery.c.subscriber_id, subscription.c.list_id == list_id, ACTIVE
    )
    barred = exists().where(suppression.c.email == delivery.c.email)
    where = and_(delivery.c.issue == number, delivery.c.chunk == chunk_number, OPEN, or_(not_(still_there), barred))
    values = {"state": SendState.SKIPPED, "detail": "left after the issue started", "at": now}
    await tx.execute(update(delivery).where(where).values(**values))


async def extend(tx: Tx, held: Claim, lease_until: datetime) -> bool:
    """Keep a claim for longer; False if it is not ours any more, or its issue should stop."""
    statement = update(chunk).where(_ours(held), being_sent(held.issue)).values(lease_until=lease_until)
    return (await tx.execute(statement)).rowcount == 1


async def holds(tx: Tx, held: Claim) -> bool:
    """Whether a claim is still ours."""
    return (await tx.execute(select(chunk.c.number).where(_ours(held)))).first() is not None


def _ours(held: Claim) -> Any:
    return and_(
        chunk.c.issue == held.issue,
        chunk.c.number == held.chunk,
        chunk.c.fence == held.fence,
        chunk.c.state == ChunkState.CLAIMED,
    )


async def recipients(tx: Tx, number: int, chunk_number: int) -> list[tuple[int, str, str]]:
    """Who of a chunk is still to get mail: (subscriber id, address, name), in order of id."""
    statement = (
        select(delivery.c.subscriber_id, delivery.c.email, func.coalesce(subscriber.c.name, ""))
        .join(subscriber, subscriber.c.id == delivery.c.subscriber_id, isouter=True)
        .where(delivery.c.issue == number, delivery.c.chunk == chunk_number, OPEN)
        .order_by(delivery.c.subscriber_id)
    )
    return [(row[0], row[1], row[2]) for row in await tx.execute(statement)]


async def record(tx: Tx, number: int, receipts: Mapping[int, Receipt], now: datetime) -> None:
    """Write what became of deliveries, by subscriber id; one that has ended stays as it is."""
    if not receipts:
        return
    statement = (
        update(delivery)
        .where(delivery.c.issue == number, delivery.c.subscriber_id == bindparam("who"), OPEN)
        .values(state=bindparam("new_state"), detail=bindparam("new_detail"), at=now)
    )
    rows = [
        {"who": who, "new_state": receipt.state.value, "new_detail": receipt.detail[:500]}
        for who, receipt in receipts.items()
    ]
    await tx.execute(statement, rows)


async def settle(
    tx: Tx, number: int, chunk_number: int, state: SendState, detail: str, now: datetime, origins: Collection[SendState]
) -> None:
    """End all deliveries of a chunk that stand in one of `origins`."""
    where = and_(delivery.c.issue == number, delivery.c.chunk == chunk_number, delivery.c.state.in_(origins))
    await tx.execute(update(delivery).where(where).values(state=state, detail=detail, at=now))
    if state is SendState.CANCELLED:
        await give_back(tx, number)


async def open_count(tx: Tx, number: int, chunk_number: int) -> int:
    """How many of a chunk still wait."""
    where = and_(delivery.c.issue == number, delivery.c.chunk == chunk_number, OPEN)
    return (await tx.execute(select(func.count()).where(where))).scalar_one()


async def release(
    tx: Tx, number: int, chunk_number: int, *, not_before: datetime, attempt: int, error: str = ""
) -> None:
    """Put a chunk back in line."""
    values = {"state": ChunkState.PENDING, "not_before": not_before, "attempt": attempt, "error": error}
    await _set_chunk(tx, number, chunk_number, {**values, "journal": "", "lease_until": None})


async def close(tx: Tx, number: int, chunk_number: int) -> None:
    """Nothing of this chunk waits any more."""
    await _set_chunk(tx, number, chunk_number, {"state": ChunkState.CLOSED, "journal": "", "lease_until": None})


async def _set_chunk(tx: Tx, number: int, chunk_number: int, values: Mapping[str, Any]) -> None:
    where = (chunk.c.issue == number, chunk.c.number == chunk_number)
    await tx.execute(update(chunk).where(*where).values(**values))


async def cancel_waiting(tx: Tx, number: int, now: datetime) -> None:
    """Cancel every delivery that nobody holds; what is held comes in by its holder."""
    idle = select(chunk.c.number).where(chunk.c.issue == number, chunk.c.state == ChunkState.PENDING)
    where = and_(delivery.c.issue == number, delivery.c.chunk.in_(idle), OPEN)
    await tx.execute(update(delivery).where(where).values(state=SendState.CANCELLED, detail="issue cancelled", at=now))
    await give_back(tx, number)
    where_chunk = and_(chunk.c.issue == number, chunk.c.state == ChunkState.PENDING)
    await tx.execute(update(chunk).where(where_chunk).values(state=ChunkState.CLOSED))


async def give_back(tx: Tx, number: int) -> None:
    """Cancelled rows that were never attempted give their posts back: the marks return to where they were."""
    list_id = select(issue.c.list_id).where(issue.c.number == number).scalar_subquery()
    row = and_(
        delivery.c.issue == number,
        delivery.c.subscriber_id == subscription.c.subscriber_id,
        delivery.c.state == SendState.CANCELLED,
        delivery.c.mark_to == subscription.c.mark,
    )
    before = select(delivery.c.mark_from).where(row).scalar_subquery()
    where = and_(subscription.c.list_id == list_id, exists().where(row))
    await tx.execute(update(subscription).where(where).values(mark=before))


async def resolve(tx: Tx, number: int, email: str, state: SendState, detail: str, now: datetime) -> bool:
    """Settle an unknown by hand; False if this address has none in this issue."""
    where = and_(delivery.c.issue == number, delivery.c.email == email, delivery.c.state == SendState.UNKNOWN)
    return (await tx.execute(update(delivery).where(where).values(state=state, detail=detail, at=now))).rowcount == 1


async def make_ready(tx: Tx, number: int, now: datetime) -> None:
    """Let the waiting chunks of an issue go at once, their time to retry counted anew: a person said so."""
    where = and_(chunk.c.issue == number, chunk.c.state == ChunkState.PENDING)
    await tx.execute(update(chunk).where(where).values(not_before=now, first_try=None))


async def tally(tx: Tx, number: int) -> Tally:
    """The sum of law 1, counted from the rows."""
    statement = select(delivery.c.state, func.count()).where(delivery.c.issue == number).group_by(delivery.c.state)
    counts = {SendState(state): count for state, count in await tx.execute(statement)}
    return Tally(sum(counts.values()), counts)


async def finish_if_balanced(tx: Tx, one: Issue, now: datetime) -> bool:
    """End an issue whose every delivery has ended and whose every chunk is closed."""
    unclosed = exists().where(chunk.c.issue == one.number, chunk.c.state != ChunkState.CLOSED)
    waiting_rows = exists().where(delivery.c.issue == one.number, OPEN)
    target = IssueState.CANCELLED if one.state is IssueState.CANCELLED else IssueState.SENT
    where = and_(issue.c.number == one.number, issue.c.state == one.state, issue.c.ended.is_(None))
    statement = update(issue).where(where, ~unclosed, ~waiting_rows).values(state=target, ended=now)
    return (await tx.execute(statement)).rowcount == 1


async def rows(tx: Tx, number: int, states: Collection[SendState] = (), limit: int | None = None) -> list[Row]:
    """Deliveries of an issue by address, perhaps in some states only."""
    where = [delivery.c.issue == number]
    if states:
        where.append(delivery.c.state.in_(states))
    statement = (
        select(delivery, func.coalesce(subscriber.c.name, "").label("name"))
        .join(subscriber, subscriber.c.id == delivery.c.subscriber_id, isouter=True)
        .where(*where)
        .order_by(delivery.c.email)
        .limit(limit)
    )
    return [
        Row(row.issue, row.subscriber_id, row.email, row.name, SendState(row.state), row.detail)
        for row in await tx.execute(statement)
    ]


async def unknown(tx: Tx) -> list[Row]:
    """Every delivery of which nobody knows whether it arrived, by issue and address."""
    numbers = select(delivery.c.issue).where(delivery.c.state == SendState.UNKNOWN).distinct()
    found = list((await tx.execute(numbers.order_by(delivery.c.issue))).scalars())
    return [row for number in found for row in await rows(tx, number, [SendState.UNKNOWN])]
