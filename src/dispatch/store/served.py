"""What of the time after its mark a subscription has had already.

A mark says how far a subscription was served, and a cancelled delivery turns it back. If other issues went out
meanwhile, what they brought lies after the mark and must not come twice. Nearly always there is nothing of the kind,
and that costs one small query.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Text, and_, case, cast, func, literal, select

from dispatch.model.delivery import SendState
from dispatch.model.issue import IssueState
from dispatch.model.subscriber import Cadence, SubscriptionState
from dispatch.store.connect import Tx
from dispatch.store.schema import delivery, issue, subscription

Spans = tuple[tuple[int, int], ...]  # arrivals: after this one, up to that


async def spans_column(tx: Tx, list_id: int, cadence: Cadence) -> Any:
    """An expression on `subscription` that names its spans as text, empty for whom no mark was turned back.

    None where no mark was turned back at all: then a million people need not be asked.
    """
    started = await _started_since_the_lowest_mark(tx, list_id, cadence)
    cancelled = [row.number for row in started if row.state == IssueState.CANCELLED]
    if not cancelled:
        return None
    turned_back = select(delivery.c.subscriber_id).where(
        delivery.c.issue.in_(cancelled), delivery.c.state == SendState.CANCELLED
    )
    text: Any = literal("")
    for row in started:
        text = text + func.coalesce(_span(row.number, row.last_arrival), "")
    return case((subscription.c.subscriber_id.in_(turned_back), text), else_="")


async def _started_since_the_lowest_mark(tx: Tx, list_id: int, cadence: Cadence) -> Any:
    """Issues that may have brought what lies after some mark; none where no issue of the list was ever cancelled."""
    of_list = and_(issue.c.list_id == list_id, issue.c.frozen.is_not(None))
    newest = select(func.max(issue.c.last_arrival)).where(of_list, issue.c.state == IssueState.CANCELLED)
    cancelled_to = (await tx.execute(newest)).scalar()
    if cancelled_to is None:
        return []
    people = and_(
        subscription.c.list_id == list_id,
        subscription.c.cadence == cadence,
        subscription.c.state == SubscriptionState.ACTIVE,
    )
    lowest = (await tx.execute(select(func.min(subscription.c.mark)).where(people))).scalar()
    if lowest is None or lowest >= cancelled_to:
        return []
    statement = select(issue.c.number, issue.c.last_arrival, issue.c.state)
    return (await tx.execute(statement.where(of_list, issue.c.last_arrival > lowest).order_by(issue.c.number))).all()


def _span(number: int, last: int) -> Any:
    row = and_(
        delivery.c.issue == number,
        delivery.c.subscriber_id == subscription.c.subscriber_id,
        delivery.c.state != SendState.CANCELLED,
        subscription.c.mark < last,
    )
    return select(cast(delivery.c.mark_from, Text) + literal(f"-{last};")).where(row).scalar_subquery()


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
