"""What stands behind the sum of an issue: reads only."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select

from dispatch.model.delivery import OPEN_STATES, ChunkState, SendState
from dispatch.model.states import Outcome
from dispatch.store.connect import Tx
from dispatch.store.schema import chunk, delivery

MOST = 10  # domains, and words of servers, that a report names
FAILING = (SendState.REJECTED, SendState.RETRY, SendState.EXPIRED, SendState.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Group:
    """Chunks that are not closed and stand alike, with how many deliveries wait in them."""

    state: ChunkState
    chunks: int
    people: int
    attempt: int
    not_before: datetime  # pending: the next try
    holder: str  # claimed: MACHINE/BOOT/FILE of the journal
    lease_until: datetime | None
    error: str  # the provider's last words


@dataclass(frozen=True, slots=True)
class Refusals:
    """How many recipients of a domain were refused."""

    domain: str
    count: int


@dataclass(frozen=True, slots=True)
class Reason:
    """What a server said, and to how many it said so."""

    state: SendState
    detail: str
    count: int


async def unfinished(tx: Tx, number: int) -> list[Group]:
    """Every chunk that keeps an issue open; those that stand alike are one group."""
    waiting = (
        select(delivery.c.chunk, func.count().label("people"))
        .where(delivery.c.issue == number, or_(*(delivery.c.state == state for state in OPEN_STATES)))
        .group_by(delivery.c.chunk)
        .subquery()
    )
    alike = (chunk.c.state, chunk.c.attempt, chunk.c.not_before, chunk.c.journal, chunk.c.lease_until, chunk.c.error)
    statement = (
        select(*alike, func.count().label("chunks"), func.coalesce(func.sum(waiting.c.people), 0).label("people"))
        .join(waiting, waiting.c.chunk == chunk.c.number, isouter=True)
        .where(chunk.c.issue == number, chunk.c.state != ChunkState.CLOSED)
        .group_by(*alike)
        .order_by(*alike)
    )
    return [
        Group(
            state=ChunkState(row.state),
            chunks=row.chunks,
            people=int(row.people),
            attempt=row.attempt,
            not_before=row.not_before,
            holder=row.journal,
            lease_until=row.lease_until,
            error=row.error,
        )
        for row in await tx.execute(statement)
    ]


async def refusals(tx: Tx, number: int) -> list[Refusals]:
    """The domains whose recipients were refused most, as the ledger has them."""
    statement = select(delivery.c.email).where(delivery.c.issue == number, delivery.c.state == SendState.REJECTED)
    found = Counter(email.rpartition("@")[2] for email in (await tx.execute(statement)).scalars() if "@" in email)
    return [Refusals(*pair) for pair in sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))[:MOST]]


async def reasons(tx: Tx, number: int) -> list[Reason]:
    """What servers said most where something failed."""
    statement = (
        select(delivery.c.state, delivery.c.detail, func.count().label("times"))
        .where(delivery.c.issue == number, delivery.c.state.in_(FAILING), delivery.c.detail != "")
        .group_by(delivery.c.state, delivery.c.detail)
        .order_by(func.count().desc(), delivery.c.state, delivery.c.detail)
        .limit(MOST)
    )
    return [Reason(SendState(state), detail, times) for state, detail, times in await tx.execute(statement)]


async def outcomes(tx: Tx, number: int) -> dict[Outcome, int]:
    """The later news of an issue, counted."""
    statement = select(delivery.c.outcome, func.count()).where(
        delivery.c.issue == number, delivery.c.outcome.is_not(None)
    )
    found = {Outcome(name): count for name, count in await tx.execute(statement.group_by(delivery.c.outcome))}
    return {outcome: found[outcome] for outcome in Outcome if outcome in found}
