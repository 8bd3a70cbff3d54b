"""The audience of an issue is written down: one delivery a recipient."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import and_, func, insert, literal, select, update

from dispatch.model.delivery import SendState
from dispatch.store.audience import Audience, Place
from dispatch.store.connect import Tx
from dispatch.store.needs import same_need
from dispatch.store.schema import WAITS, delivery, departure, issue, need, subscriber, subscription
from dispatch.store.served import Spans, numbered_mark, spans_column


async def enrol(
    tx: Tx,
    number: int,
    audience: Audience,
    mark: int,
    chunk_size: int,
    numbered: Mapping[tuple[int, Spans], int] | None = None,
    *,
    by_place: bool = False,
) -> int:
    """Write one delivery for each subscription whose need has a cohort; returns how many.

    `numbered` says by which number instead of their mark the needs go that had part of it from other issues.
    `by_place`: chunks are of those who have the same time zone and hour.
    """
    groups = select(func.count()).where(departure.c.issue == number)
    several = (await tx.execute(groups)).scalar_one() > 1  # nearly every large issue has one: it needs no sorting
    apart = departure.c.first_chunk if several else None
    in_order = [subscription.c.list_id, subscription.c.subscriber_id]  # as they lie in the table
    place = func.row_number().over(partition_by=apart, order_by=in_order) - 1
    together = [departure.c.issue == number, departure.c.cohort == need.c.cohort]
    leaving = and_(*together, _same_place()) if by_place else and_(*together)
    values = {
        delivery.c.issue: literal(number),
        delivery.c.subscriber_id: subscriber.c.id,
        delivery.c.chunk: departure.c.first_chunk + place // chunk_size,
        delivery.c.cohort: need.c.cohort,
        delivery.c.email: subscriber.c.email,
        delivery.c.state: literal(SendState.PENDING.value),
        delivery.c.detail: literal(""),
        delivery.c.mark_from: subscription.c.mark,
        delivery.c.mark_to: subscription.c.mark if audience.by_hand else literal(mark),
    }
    people = await _with_needs(tx, number, audience, numbered or {}, select(*values.values()))
    statement = insert(delivery).from_select(list(values), people.join(departure, leaving))
    written: int = (await tx.execute(statement.execution_options(preserve_rowcount=True))).rowcount
    await tx.execute(update(issue).where(issue.c.number == number).values(audience=written))
    return written


async def crowds(
    tx: Tx, number: int, audience: Audience, numbered: Mapping[tuple[int, Spans], int]
) -> list[tuple[int, Place, int]]:
    """How many of each cohort are at each place: (cohort, place, count)."""
    keys = (need.c.cohort, subscriber.c.timezone, subscription.c.hour)
    people = await _with_needs(tx, number, audience, numbered, select(*keys, func.count()))
    rows = await tx.execute(people.where(need.c.cohort != WAITS).group_by(*keys).order_by(*keys))
    return [(cohort, (timezone, hour), count) for cohort, timezone, hour, count in rows]


async def _with_needs(
    tx: Tx, number: int, audience: Audience, numbered: Mapping[tuple[int, Spans], int], statement: Any
) -> Any:
    """Of an audience, the people whose need is one of the issue's."""
    spans = None if audience.by_hand else await spans_column(tx, audience)
    return (
        statement.select_from(subscriber)
        .join(subscription, subscription.c.subscriber_id == subscriber.c.id)
        .join(need, and_(need.c.issue == number, same_need(audience, numbered_mark(spans, numbered))))
        .where(*audience.reachable)
    )


def _same_place() -> Any:
    return and_(departure.c.timezone == subscriber.c.timezone, departure.c.hour == subscription.c.hour)
