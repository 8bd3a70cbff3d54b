"""Deliveries as a person asks for them: by address, with name and state."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import func, select

from dispatch.model.delivery import SendState
from dispatch.store.connect import Tx
from dispatch.store.schema import delivery, subscriber


@dataclass(frozen=True, slots=True)
class Row:
    """One delivery, with the words a person knows it by."""

    issue: int
    subscriber: int
    email: str
    name: str
    state: SendState
    detail: str
    outcome: str | None = None  # later news, if any came


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
        Row(row.issue, row.subscriber_id, row.email, row.name, SendState(row.state), row.detail, row.outcome)
        for row in await tx.execute(statement)
    ]


async def unknown(tx: Tx) -> list[Row]:
    """Every delivery of which nobody knows whether it arrived, by issue and address."""
    numbers = select(delivery.c.issue).where(delivery.c.state == SendState.UNKNOWN).distinct()
    found = list((await tx.execute(numbers.order_by(delivery.c.issue))).scalars())
    return [row for number in found for row in await rows(tx, number, [SendState.UNKNOWN])]
