"""What the subscriptions of an audience need, and how far they are served once an issue has begun."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Text, and_, cast, exists, func, literal, select, update

from dispatch.model.issue import Need
from dispatch.model.tags import SINCE, last_start, settled
from dispatch.store.audience import Audience
from dispatch.store.columns import Words
from dispatch.store.connect import Tx
from dispatch.store.schema import WAITS, issue, need, subscriber, subscription
from dispatch.store.served import Spans, numbered_mark, read_spans, spans_column

_OWN = subscription.c.subscriber_id == subscriber.c.id


async def needs_of(tx: Tx, audience: Audience, before: int) -> dict[Need, int]:
    """What the subscriptions of an audience have in common, with how many share it.

    Only those whose mark lies before the arrival `before`: the others have been served. By hand, only languages count.
    """
    group = (await _people(tx, audience, before)).subquery()
    statement = select(func.count(), *group.c).group_by(*group.c).order_by(*group.c)
    return {_need(row): count for count, *row in await tx.execute(statement)}


async def need_of(tx: Tx, audience: Audience, subscriber_id: int, before: int) -> Need | None:
    """What one person of an audience needs; None if they are not of it, or have been served up to `before`."""
    people = (await _people(tx, audience, before)).where(subscription.c.subscriber_id == subscriber_id)
    return next((_need(row) for row in await tx.execute(people)), None)


def _need(row: Sequence[Any]) -> Need:
    tags, language, mark, *served = row
    return Need(tags, language, mark, read_spans("".join(served)))


async def _people(tx: Tx, audience: Audience, before: int) -> Any:
    """A row for each person of an audience that is to be served: what they need."""
    where = audience.reachable if audience.by_hand else [*audience.reachable, subscription.c.mark < before]
    return select(*await _needed(tx, audience)).join(subscriber, _OWN).where(*where)


async def _needed(tx: Tx, audience: Audience) -> list[Any]:
    """The columns that needs are told apart by."""
    if audience.by_hand:
        return [literal((), Words()).label("tags"), subscriber.c.language, literal(0).label("mark")]
    spans = await spans_column(tx, audience)
    columns = [subscription.c.tags, subscriber.c.language, subscription.c.mark]
    return columns if spans is None else [*columns, spans.label("served")]


async def settle_tags(tx: Tx, list_id: int) -> None:
    """Tags that began before the mark need no beginning any more; a mark that may yet be turned back keeps them."""
    under_way = exists().where(issue.c.list_id == list_id, issue.c.frozen.is_not(None), issue.c.ended.is_(None))
    of_list = and_(subscription.c.list_id == list_id, ~under_way)
    begun = cast(subscription.c.tags, Text).contains(SINCE)
    found = (await tx.execute(select(subscription.c.tags).where(of_list, begun).distinct())).scalars().all()
    for words in found:
        served = and_(of_list, subscription.c.tags == words, subscription.c.mark >= last_start(words))
        await tx.execute(update(subscription).where(served).values(tags=settled(words, last_start(words))))


async def move_marks(
    tx: Tx, audience: Audience, mark: int, number: int, numbered: Mapping[tuple[int, Spans], int]
) -> None:
    """Arrivals up to `mark` now count as served for this audience, but for the needs of issue `number` that wait."""
    where = [*audience.members, subscription.c.mark < mark]
    waiting = and_(need.c.issue == number, need.c.cohort == WAITS)
    if (await tx.execute(select(need.c.mark).where(waiting).limit(1))).first():
        spans = await spans_column(tx, audience)
        where.append(~exists().where(waiting, _OWN, same_need(audience, numbered_mark(spans, numbered))))
    await tx.execute(update(subscription).where(*where).values(mark=mark))


def same_need(audience: Audience, mark: Any) -> Any:
    """The condition that a row of `need` is that of a subscription and its subscriber."""
    language = need.c.language == subscriber.c.language
    return language if audience.by_hand else and_(language, need.c.tags == subscription.c.tags, need.c.mark == mark)
