"""The ledger: one row a recipient, worked off by chunks.

The moves that a delivery and a chunk can make are tables in `model.states`. This file makes them, but for two:
`outcomes` settles what was unknown by later news, `resending` puts back in line what had ended.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Text, and_, case, exists, func, literal, not_, or_, select, update

from dispatch.model.delivery import OPEN_STATES, ChunkState, Claim, Receipt, SendState, Tally
from dispatch.model.issue import Issue, IssueState
from dispatch.model.states import ChunkEvent, SendEvent, chunks_open_to, sends_open_to
from dispatch.store.audience import ACTIVE, GOT_IT
from dispatch.store.bulk import rows_as_table
from dispatch.store.chunks import being_sent, is_ready
from dispatch.store.columns import Instant
from dispatch.store.connect import Tx
from dispatch.store.schema import (
    chunk,
    delivery,
    issue,
    subscriber,
    subscription,
    suppression,
)
from dispatch.store.upsert import insert_into

LONGEST_DETAIL = 500  # characters of a server's words
UNTOLD = [delivery.c[name] for name in ("chunk", "cohort", "email", "mark_from", "mark_to")]
OPEN = or_(*(delivery.c.state == state for state in OPEN_STATES))  # IN cannot be executed many times at once


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


async def use_connections(tx: Tx, held: Claim, connections: int) -> None:
    """Reserve connections for a claim until it ends."""
    await tx.execute(update(chunk).where(_ours(held)).values(connections=connections))


async def skip_departed(tx: Tx, number: int, chunk_number: int, now: datetime) -> None:
    """Whoever left, or was suppressed, since the freeze is skipped."""
    barred = or_(exists().where(suppression.c.email == delivery.c.email), _is_barred_by_now())
    why = case((barred, "suppressed after the issue started"), else_="left after the issue started")
    values = {"state": SendState.SKIPPED, "detail": why, "at": now}
    await tx.execute(update(delivery).where(_departed(number, chunk_number)).values(**values))


async def departed(tx: Tx, held: Claim) -> set[int]:
    """Who of a chunk has left, or was suppressed, by now: subscriber ids."""
    statement = select(delivery.c.subscriber_id).where(_departed(held.issue, held.chunk))
    return set((await tx.execute(statement)).scalars())


def _departed(number: int, chunk_number: int) -> Any:
    list_id = select(issue.c.list_id).where(issue.c.number == number).scalar_subquery()
    still_there = exists().where(
        subscription.c.subscriber_id == delivery.c.subscriber_id, subscription.c.list_id == list_id, ACTIVE
    )
    barred = or_(exists().where(suppression.c.email == delivery.c.email), _is_barred_by_now())
    of_chunk = and_(delivery.c.issue == number, delivery.c.chunk == chunk_number, OPEN)
    return and_(of_chunk, or_(not_(still_there), barred))


def _is_barred_by_now() -> Any:
    """Whether the address that the person has now is suppressed."""
    return exists().where(subscriber.c.id == delivery.c.subscriber_id, suppression.c.email == subscriber.c.email)


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
    """Who of a chunk is still to get mail: (subscriber id, address, name); who was put off stands behind the others."""
    statement = (
        select(delivery.c.subscriber_id, delivery.c.email, func.coalesce(subscriber.c.name, ""))
        .join(subscriber, subscriber.c.id == delivery.c.subscriber_id, isouter=True)
        .where(delivery.c.issue == number, delivery.c.chunk == chunk_number, OPEN)
        .order_by(delivery.c.state != SendState.PENDING, delivery.c.subscriber_id)
    )
    return [(row[0], row[1], row[2]) for row in await tx.execute(statement)]


async def in_hand(tx: Tx, number: int) -> bool:
    """Whether somebody holds a chunk of an issue."""
    held = (chunk.c.issue == number, chunk.c.state == ChunkState.CLAIMED)
    return (await tx.execute(select(chunk.c.number).where(*held).limit(1))).first() is not None


async def record(tx: Tx, number: int, receipts: Mapping[int, Receipt], now: datetime, revision: int = 1) -> None:
    """Write what became of deliveries, by subscriber id, in this revision; one that has ended stays as it is.

    An upsert that always meets its row: SQLite would go through all receipts for each delivery of an UPDATE … FROM.
    """
    if not receipts:
        return
    told = rows_as_table(
        tx,
        "told",
        [delivery.c.subscriber_id, delivery.c.state, delivery.c.detail],
        [(who, receipt.state.value, receipt.detail[:LONGEST_DETAIL]) for who, receipt in receipts.items()],
    )
    there = exists().where(delivery.c.issue == number, delivery.c.subscriber_id == told.c.subscriber_id)
    nothing = {column: literal("" if isinstance(column.type, Text) else 0, column.type) for column in UNTOLD}
    news = {delivery.c.state: told.c.state, delivery.c.detail: told.c.detail, delivery.c.at: literal(now, Instant())}
    news |= {delivery.c.revision: literal(revision)} if revision > 1 else {}
    values = {delivery.c.issue: literal(number), delivery.c.subscriber_id: told.c.subscriber_id, **nothing, **news}
    statement = insert_into(tx, delivery).from_select(list(values), select(*values.values()).where(there))
    changed = {column.name: statement.excluded[column.name] for column in news}
    await tx.execute(
        statement.on_conflict_do_update(index_elements=["issue", "subscriber_id"], set_=changed, where=OPEN)
    )


async def settle(
    tx: Tx, number: int, chunk_number: int, state: SendState, detail: str, now: datetime, origins: Collection[SendState]
) -> None:
    """End all deliveries of a chunk that stand in one of `origins`."""
    where = and_(delivery.c.issue == number, delivery.c.chunk == chunk_number, delivery.c.state.in_(origins))
    if state is SendState.CANCELLED:
        await _cancel(tx, number, where, detail, now)
    else:
        await tx.execute(update(delivery).where(where).values(state=state, detail=detail, at=now))


async def open_count(tx: Tx, number: int, chunk_number: int) -> int:
    """How many of a chunk still wait."""
    where = and_(delivery.c.issue == number, delivery.c.chunk == chunk_number, OPEN)
    return (await tx.execute(select(func.count()).where(where))).scalar_one()


async def release(tx: Tx, held: Claim, *, not_before: datetime, since: datetime | None, error: str = "") -> None:
    """Put a chunk back in line; it has been failing `since` then."""
    values = {"state": ChunkState.PENDING, "not_before": not_before, "first_try": since, "error": error}
    await _let_go(tx, held, {**values, "attempt": held.attempt + 1})


async def close(tx: Tx, held: Claim) -> None:
    """Nothing of this chunk waits any more."""
    await _let_go(tx, held, {"state": ChunkState.CLOSED})


async def _let_go(tx: Tx, held: Claim, values: Mapping[str, Any]) -> None:
    free = {"journal": "", "lease_until": None, "connections": 0}
    await tx.execute(update(chunk).where(_ours(held)).values(**free, **values))


async def cancel_waiting(tx: Tx, number: int, now: datetime) -> None:
    """Cancel every delivery that nobody holds; what is held comes in by its holder."""
    idle = and_(chunk.c.issue == number, chunk.c.state.in_(chunks_open_to(ChunkEvent.CANCEL)))
    of_idle = delivery.c.chunk.in_(select(chunk.c.number).where(idle))
    await _cancel(tx, number, and_(delivery.c.issue == number, of_idle, OPEN), "issue cancelled", now)
    await tx.execute(update(chunk).where(idle).values(state=ChunkState.CLOSED))


async def _cancel(tx: Tx, number: int, where: Any, detail: str, now: datetime) -> None:
    """Whoever may have the message from an earlier try stays as they were; the others give their posts back."""
    in_doubt = and_(where, delivery.c.before.in_(GOT_IT))
    as_before = {"state": delivery.c.before, "at": now}
    await tx.execute(update(delivery).where(in_doubt).values(**as_before))
    await tx.execute(update(delivery).where(where).values(state=SendState.CANCELLED, detail=detail, at=now))
    await _give_back(tx, number)


async def _give_back(tx: Tx, number: int) -> None:
    """Cancelled rows give their posts back, once: the marks return to where they were before the issue.

    What other issues brought meanwhile is not sent again for that: see `served`.
    """
    list_id = select(issue.c.list_id).where(issue.c.number == number).scalar_subquery()
    owing = and_(
        delivery.c.issue == number, delivery.c.state == SendState.CANCELLED, delivery.c.mark_from < delivery.c.mark_to
    )
    row = and_(
        owing,
        delivery.c.subscriber_id == subscription.c.subscriber_id,
        delivery.c.mark_from < subscription.c.mark,
    )
    before = select(delivery.c.mark_from).where(row).scalar_subquery()
    where = and_(subscription.c.list_id == list_id, exists().where(row))
    await tx.execute(update(subscription).where(where).values(mark=before))
    await tx.execute(update(issue).where(issue.c.number == number, exists().where(owing)).values(gave_back=True))
    await tx.execute(update(delivery).where(owing).values(mark_to=delivery.c.mark_from))


async def resolve(tx: Tx, number: int, subscriber_id: int, state: SendState, detail: str, now: datetime) -> bool:
    """Settle what was unknown; False if this delivery was not."""
    settles = delivery.c.state.in_(sends_open_to(SendEvent.RESOLVE))
    where = and_(delivery.c.issue == number, delivery.c.subscriber_id == subscriber_id, settles)
    return (await tx.execute(update(delivery).where(where).values(state=state, detail=detail, at=now))).rowcount == 1


async def make_ready(tx: Tx, number: int, now: datetime) -> None:
    """Let the waiting chunks of an issue go at once, their time to retry counted anew: a person said so.

    Those that have not been tried, for their readers' hour has not come, wait for that.
    """
    tried = or_(chunk.c.first_try.is_not(None), chunk.c.not_before <= now)
    where = and_(chunk.c.issue == number, chunk.c.state == ChunkState.PENDING, tried)
    await tx.execute(update(chunk).where(where).values(not_before=now, first_try=None))


async def tally(tx: Tx, number: int) -> Tally:
    """The sum of law 1: the rows counted by state, and how many the freeze wrote."""
    audience = (await tx.execute(select(issue.c.audience).where(issue.c.number == number))).scalar() or 0
    statement = select(delivery.c.state, func.count()).where(delivery.c.issue == number).group_by(delivery.c.state)
    counts = {SendState(state): count for state, count in await tx.execute(statement)}
    return Tally(audience, counts)


async def finish_if_balanced(tx: Tx, one: Issue, now: datetime) -> bool:
    """End an issue whose every chunk is closed and whose sum comes to its audience."""
    unclosed = select(chunk.c.number).where(chunk.c.issue == one.number, chunk.c.state != ChunkState.CLOSED)
    if (await tx.execute(unclosed.limit(1))).first() or not (await tally(tx, one.number)).balances:
        return False
    target = IssueState.CANCELLED if one.state is IssueState.CANCELLED else IssueState.SENT
    where = and_(issue.c.number == one.number, issue.c.state == one.state, issue.c.ended.is_(None))
    values = {"state": target, "ended": now} | ({"note": ""} if target is IssueState.SENT else {})
    return (await tx.execute(update(issue).where(where).values(**values))).rowcount == 1
