"""What of the time after its mark a subscription has had already.

A mark says how far a subscription was served, and a cancelled delivery turns it back. If other issues went out
meanwhile, what they brought lies after the mark and must not come twice. An issue made by hand moves no mark, and
what it brought must not come twice either. Nearly always there is nothing of the kind, and that costs two small
queries.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Text, and_, case, cast, exists, func, select

from dispatch.model.delivery import SendState
from dispatch.model.subscriber import Cadence
from dispatch.store.audience import Audience
from dispatch.store.connect import Tx
from dispatch.store.schema import cohort, delivery, issue, post, subscription

Spans = tuple[tuple[int, int], ...]  # arrivals: after this one, up to that; by hand, that very one twice


async def spans_column(tx: Tx, audience: Audience) -> Any:
    """An expression on `subscription` that names its spans as text, empty for whom there are none.

    None where nobody of the audience can have any: then a million people need not be asked.
    """
    texts = [await _of_turned_back(tx, audience), *await _by_hand(tx, audience)]
    found = [text for text in texts if text is not None]
    return sum(found[1:], found[0]) if found else None


async def _of_turned_back(tx: Tx, audience: Audience) -> Any:
    """The spans of those whose mark a cancelled delivery turned back."""
    numbers = await _gave_back(tx, audience)
    if not numbers:
        return None
    turned_back = select(delivery.c.subscriber_id).where(
        delivery.c.issue.in_(numbers), delivery.c.state == SendState.CANCELLED
    )
    spans = func.coalesce(_spans_since_the_mark(audience.list_id), "")
    return case((subscription.c.subscriber_id.in_(turned_back), spans), else_="")


async def _gave_back(tx: Tx, audience: Audience) -> list[int]:
    """The issues that turned somebody's mark back, if any of what they brought may lie after a mark."""
    gave_back = and_(issue.c.list_id == audience.list_id, issue.c.gave_back)
    newest = (await tx.execute(select(func.max(issue.c.last_arrival)).where(gave_back))).scalar()
    lowest = await _lowest_mark(tx, audience) if newest else None
    if not newest or lowest is None or lowest >= newest:
        return []
    statement = select(issue.c.number).where(gave_back, issue.c.last_arrival > lowest)
    return list((await tx.execute(statement)).scalars())


async def _lowest_mark(tx: Tx, audience: Audience) -> int | None:
    lowest: int | None = (await tx.execute(select(func.min(subscription.c.mark)).where(*audience.members))).scalar()
    return lowest


def _spans_since_the_mark(list_id: int) -> Any:
    """What issues brought to a subscription that reaches beyond its mark, in the order of the issues."""
    brought = (
        select((cast(delivery.c.mark_from, Text) + "-" + cast(issue.c.last_arrival, Text) + ";").label("span"))
        .join(issue, issue.c.number == delivery.c.issue)
        .where(
            issue.c.list_id == list_id,
            issue.c.cadence != Cadence.BY_HAND,
            issue.c.last_arrival > subscription.c.mark,
            delivery.c.subscriber_id == subscription.c.subscriber_id,
            delivery.c.state != SendState.CANCELLED,
        )
        .order_by(issue.c.number)
        .correlate(subscription)
        .subquery()
    )
    return select(func.aggregate_strings(brought.c.span, "")).scalar_subquery()


def _got(number: int) -> Any:
    """The condition that a row of `delivery` is a subscription's share of an issue, and was not cancelled."""
    return and_(
        delivery.c.issue == number,
        delivery.c.subscriber_id == subscription.c.subscriber_id,
        delivery.c.state != SendState.CANCELLED,
    )


async def _by_hand(tx: Tx, audience: Audience) -> list[Any]:
    """The spans of those who got a post out of turn, in an issue made by hand: each post is one."""
    made = and_(issue.c.list_id == audience.list_id, issue.c.frozen.is_not(None), issue.c.cadence == Cadence.BY_HAND)
    newest = (await tx.execute(select(func.max(issue.c.last_arrival)).where(made))).scalar()
    lowest = await _lowest_mark(tx, audience) if newest else None
    if not newest or lowest is None or lowest >= newest:
        return []
    statement = select(issue.c.number).where(made, issue.c.last_arrival > lowest).order_by(issue.c.number)
    numbers = list((await tx.execute(statement)).scalars())
    return [_out_of_turn(number, await _arrivals(tx, number)) for number in numbers]


async def _arrivals(tx: Tx, number: int) -> list[int]:
    """The arrivals of the posts that an issue brought, in order."""
    shown = (await tx.execute(select(cohort.c.posts).where(cohort.c.issue == number))).scalars()
    ids = sorted({one for posts in shown for one in posts})
    statement = select(post.c.arrival).where(post.c.id.in_(ids)).order_by(post.c.arrival)
    return list((await tx.execute(statement)).scalars())


def _out_of_turn(number: int, arrivals: Sequence[int]) -> Any:
    text = write_spans(tuple((arrival, arrival) for arrival in arrivals))
    came = exists().where(_got(number)).correlate(subscription)
    past = subscription.c.mark >= max(arrivals, default=0)  # asked first: of a million people it is nearly everybody
    return case((past, ""), (came, text), else_="")


def numbered_mark(spans: Any, numbered: Mapping[tuple[int, Spans], int]) -> Any:
    """The mark by which a subscription's need is found: its own or, where it has spans, the number given to both."""
    if spans is None:
        return subscription.c.mark
    turned_back = [
        (and_(subscription.c.mark == mark, spans == write_spans(served)), number)
        for (mark, served), number in numbered.items()
    ]
    return case(*turned_back, (spans == "", subscription.c.mark), else_=None)


def read_spans(text: str) -> Spans:
    """Spans as numbers."""
    pairs = (part.split("-") for part in text.split(";") if part)
    return tuple((int(after), int(upto)) for after, upto in pairs)


def write_spans(spans: Spans) -> str:
    """Spans as the column names them."""
    return "".join(f"{after}-{upto};" for after, upto in spans)
