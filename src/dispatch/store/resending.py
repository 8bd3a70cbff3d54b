"""Puts deliveries that have ended back in line, in new chunks of the editions that they had.

Each goes to the address that its person has now. One that may have arrived already gives no posts back if it is
cancelled then, which its equal marks say.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, case, exists, func, literal, or_, select

from dispatch.model.delivery import SendState
from dispatch.model.states import SendEvent, sends_open_to
from dispatch.store.audience import ACTIVE, GOT_IT, SUPPRESSED
from dispatch.store.columns import Instant
from dispatch.store.connect import Tx
from dispatch.store.ledger import add_chunks
from dispatch.store.schema import chunk, cohort, delivery, issue, subscriber, subscription
from dispatch.store.upsert import insert_into


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which deliveries of an issue: those in some states, perhaps of some people only."""

    issue: int
    states: tuple[SendState, ...]
    people: tuple[int, ...] | None = None  # none: everybody in these states


@dataclass(frozen=True, slots=True)
class Counts:
    """How many get it again, and how many do not and why."""

    again: int
    left: int
    suppressed: int


async def count(tx: Tx, chosen: Chosen) -> Counts:
    """How many deliveries would go back in line."""
    group = case((~_is_there(chosen.issue), "left"), (SUPPRESSED, "suppressed"), else_="again").label("fate")
    statement = select(group, func.count()).select_from(_with_people()).where(_where(chosen)).group_by("fate")
    found: dict[str, int] = {row[0]: row[1] for row in await tx.execute(statement)}
    return Counts(found.get("again", 0), found.get("left", 0), found.get("suppressed", 0))


async def find(tx: Tx, number: int, email: str) -> tuple[int, SendState] | None:
    """The delivery to an address, by subscriber id: the one it went to, or the one its person has now."""
    where = and_(delivery.c.issue == number, or_(delivery.c.email == email, subscriber.c.email == email))
    columns = (delivery.c.subscriber_id, delivery.c.state)
    statement = select(*columns).select_from(_with_people()).where(where).order_by(subscriber.c.email != email)
    row = (await tx.execute(statement.limit(1))).first()
    return (row.subscriber_id, SendState(row.state)) if row else None


async def put_back(tx: Tx, chosen: Chosen, chunk_size: int, now: datetime) -> int:
    """Let the chosen deliveries wait again, except of whoever left or is suppressed; returns how many do."""
    where = and_(_where(chosen), _is_there(chosen.issue), ~SUPPRESSED)
    sizes = select(delivery.c.cohort, func.count()).select_from(_with_people()).where(where)
    by_cohort = sizes.group_by(delivery.c.cohort).order_by(delivery.c.cohort)
    people: dict[int, int] = {row[0]: row[1] for row in await tx.execute(by_cohort)}
    if not people:
        return 0
    first = await _make_chunks(tx, chosen.issue, people, chunk_size, now)
    await _write(tx, where, first, chunk_size, now)
    return sum(people.values())


async def _make_chunks(
    tx: Tx, number: int, people: Mapping[int, int], chunk_size: int, now: datetime
) -> Mapping[int, int]:
    """Chunks for so many people of each cohort, numbered after the last; returns each cohort's first."""
    last = (await tx.execute(select(func.max(chunk.c.number)).where(chunk.c.issue == number))).scalar()
    following = 0 if last is None else last + 1
    editions = await _editions(tx, number, people)
    first: dict[int, int] = {}
    rows: list[dict[str, Any]] = []
    for group, size in people.items():
        first[group] = following + len(rows)
        numbers = range(first[group], first[group] - (-size // chunk_size))
        rows += [{"issue": number, "number": one, "edition": editions[group], "not_before": now} for one in numbers]
    await add_chunks(tx, rows)
    return first


async def _editions(tx: Tx, number: int, cohorts: Collection[int]) -> Mapping[int, str]:
    statement = select(cohort.c.number, cohort.c.edition).where(cohort.c.issue == number)
    return {one: edition for one, edition in await tx.execute(statement) if one in cohorts}


async def _write(tx: Tx, where: Any, first: Mapping[int, int], chunk_size: int, now: datetime) -> None:
    place = func.row_number().over(partition_by=delivery.c.cohort, order_by=delivery.c.subscriber_id) - 1
    kept = case((delivery.c.state.in_(GOT_IT), delivery.c.mark_from), else_=delivery.c.mark_to)
    news = {
        delivery.c.chunk: case(dict(first), value=delivery.c.cohort) + place // chunk_size,
        delivery.c.email: subscriber.c.email,
        delivery.c.state: literal(SendState.PENDING.value),
        delivery.c.before: delivery.c.state,
        delivery.c.mark_to: kept,
        delivery.c.at: literal(now, Instant()),
        delivery.c.outcome: literal(None, delivery.c.outcome.type),
        delivery.c.outcome_at: literal(None, Instant()),
    }
    again = select(*(news.get(column, column) for column in delivery.c)).select_from(_with_people()).where(where)
    statement = insert_into(tx, delivery).from_select([column.name for column in delivery.c], again)
    changed = {column.name: statement.excluded[column.name] for column in news}
    await tx.execute(statement.on_conflict_do_update(index_elements=["issue", "subscriber_id"], set_=changed))


def _with_people() -> Any:
    return delivery.outerjoin(subscriber, subscriber.c.id == delivery.c.subscriber_id)


def _where(chosen: Chosen) -> Any:
    allowed = set(chosen.states) & set(sends_open_to(SendEvent.RESEND))
    where = and_(delivery.c.issue == chosen.issue, delivery.c.state.in_(sorted(allowed)))
    return where if chosen.people is None else and_(where, delivery.c.subscriber_id.in_(chosen.people))


def _is_there(number: int) -> Any:
    """The condition that the person is still on the issue's list."""
    list_id = select(issue.c.list_id).where(issue.c.number == number).scalar_subquery()
    return exists().where(
        subscription.c.subscriber_id == delivery.c.subscriber_id, subscription.c.list_id == list_id, ACTIVE
    )
