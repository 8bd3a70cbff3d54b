"""Which sends have stood still for so long that their readers would wonder."""

from datetime import datetime
from typing import Any

from sqlalchemy import and_, select, update

from dispatch.model.delivery import OPEN_STATES, ChunkState, SendState
from dispatch.store import ledger
from dispatch.store.connect import Tx
from dispatch.store.schema import chunk, delivery


async def stands_still(tx: Tx, number: int, since: datetime) -> bool:
    """Whether chunks of an issue have been due since before then, and nothing of it has been sent after."""
    waiting = select(chunk.c.number).where(_waiting(number, since)).limit(1)
    if (await tx.execute(waiting)).first() is None or await ledger.in_hand(tx, number):
        return False
    sent = and_(delivery.c.issue == number, delivery.c.at > since)
    return (await tx.execute(select(delivery.c.chunk).where(sent).limit(1))).first() is None


def _waiting(number: int, since: datetime) -> Any:
    return and_(chunk.c.issue == number, chunk.c.state == ChunkState.PENDING, chunk.c.not_before < since)


async def give_up(tx: Tx, number: int, since: datetime, now: datetime) -> None:
    """Cancel what has been due since before then; who waits for a later hour goes on waiting."""
    late = list((await tx.execute(select(chunk.c.number).where(_waiting(number, since)))).scalars())
    for one in late:
        await ledger.settle(tx, number, one, SendState.CANCELLED, "its hour had passed", now, OPEN_STATES)
    await tx.execute(update(chunk).where(_waiting(number, since)).values(state=ChunkState.CLOSED))
