"""Which issues the editors are still to hear of: a mark on the issue, set before their mail is handed over."""

from datetime import datetime

from sqlalchemy import select, update

from dispatch.model.issue import IssueState
from dispatch.store.connect import Tx
from dispatch.store.schema import issue

ENDED = (IssueState.SENT, IssueState.CANCELLED)


async def due(tx: Tx, since: datetime) -> list[int]:
    """The issues that were begun, have ended since then and of which no receipt went out, oldest first."""
    where = (issue.c.state.in_(ENDED), issue.c.audience > 0, issue.c.ended >= since, issue.c.receipt.is_(None))
    return list((await tx.execute(select(issue.c.number).where(*where).order_by(issue.c.number))).scalars())


async def take(tx: Tx, number: int, now: datetime) -> bool:
    """Take an issue's receipt upon oneself, by compare-and-set; False: it is sent, or another process is at it."""
    where = (issue.c.number == number, issue.c.state.in_(ENDED), issue.c.receipt.is_(None))
    return (await tx.execute(update(issue).where(*where).values(receipt=now))).rowcount == 1


async def give_back(tx: Tx, number: int) -> None:
    """The receipt that was taken did not go out: it is due again."""
    await tx.execute(update(issue).where(issue.c.number == number).values(receipt=None))
