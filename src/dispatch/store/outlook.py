"""What a plan is made from, beside what the path itself asks for. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, literal, select

from dispatch.model.issue import Need
from dispatch.store.audience import Audience, Place, got
from dispatch.store.connect import Tx
from dispatch.store.schema import post, run, subscriber, subscription
from dispatch.store.served import read_spans, spans_column

Correction = tuple[int, int, int]  # of a waiting issue: its number, and the issue and revision that it corrects


@dataclass(frozen=True, slots=True)
class GroupRow:
    """How many share need, place, absence and the corrections that they get."""

    need: Need
    place: Place
    away_until: datetime | None
    corrections: frozenset[int]
    people: int


async def groups(
    tx: Tx, audience: Audience, corrections: Sequence[Correction] = (), *, by_place: bool
) -> list[GroupRow]:
    """Of all subscriptions of a list and cadence that are there by `audience.now`: what they have in common.

    Without `by_place` no place is told apart from another.
    """
    spans = await spans_column(tx, audience)
    columns = [
        subscription.c.tags.label("tags"),
        subscriber.c.language.label("language"),
        subscription.c.mark.label("mark"),
        (literal("") if spans is None else spans).label("served"),
        subscription.c.away_until.label("away_until"),
        (subscriber.c.timezone if by_place else literal("")).label("timezone"),
        (subscription.c.hour if by_place else literal("")).label("hour"),
        *(got(issue, revision).label(f"got_{number}") for number, issue, revision in corrections),
    ]
    people = select(*columns).join(subscriber, subscription.c.subscriber_id == subscriber.c.id)
    found = people.where(*audience.reachable, subscription.c.cadence == audience.cadence).subquery()
    statement = select(func.count().label("people"), *found.c).group_by(*found.c).order_by(*found.c)
    known: dict[Need, Need] = {}  # each once, however many places its people are at
    return [_group(row, [number for number, _, _ in corrections], known) for row in await tx.execute(statement)]


def _group(row: Any, corrections: Sequence[int], known: dict[Need, Need]) -> GroupRow:
    made = Need(row.tags, row.language, row.mark, read_spans(row.served))
    need = known.setdefault(made, made)
    owed = frozenset(number for number in corrections if row._mapping[f"got_{number}"])
    return GroupRow(need, (row.timezone, row.hour), row.away_until, owed, row.people)


async def places(tx: Tx, audience: Audience) -> list[tuple[Place, datetime | None]]:
    """Every time zone and hour that somebody of an audience has, and until when they are away."""
    columns = (subscriber.c.timezone, subscription.c.hour, subscription.c.away_until)
    statement = select(*columns).join(subscription, subscription.c.subscriber_id == subscriber.c.id)
    rows = await tx.execute(statement.where(*audience.members).distinct().order_by(*columns))
    return [((row.timezone, row.hour), row.away_until) for row in rows]


async def fired(tx: Tx, list_id: int, cadence: str, slot: str) -> frozenset[str]:
    """The slots of a list and cadence, from one on, that had their issue."""
    where = (run.c.list_id == list_id, run.c.cadence == cadence, run.c.slot >= slot)
    return frozenset((await tx.execute(select(run.c.slot).where(*where))).scalars())


async def heads(tx: Tx) -> list[tuple[datetime, int]]:
    """When arrivals were given, and the last of each time."""
    there = and_(post.c.arrival.is_not(None), post.c.arrived.is_not(None))
    statement = select(post.c.arrived, func.max(post.c.arrival)).where(there).group_by(post.c.arrived)
    return [(at, arrival) for at, arrival in await tx.execute(statement.order_by(post.c.arrived))]
