"""What is remembered of a provider's use: one row a provider, changed under its lock."""

from sqlalchemy import select

from dispatch.model.pace import Pace
from dispatch.store.connect import Tx
from dispatch.store.schema import pace
from dispatch.store.upsert import insert_into


async def get(tx: Tx, provider: str) -> Pace:
    """The pace of a provider; in a write nobody else changes it before the transaction ends."""
    statement = select(pace.c.free_at, pace.c.spent, pace.c.rate, pace.c.slowed).where(pace.c.provider == provider)
    row = (await tx.execute(statement)).first()
    if row is None:
        return Pace()
    return Pace(row.free_at, tuple((minute, count) for minute, count in row.spent), row.rate, row.slowed)


async def put(tx: Tx, provider: str, one: Pace) -> None:
    """Keep it."""
    values = {"free_at": one.free_at, "spent": one.spent, "rate": one.rate, "slowed": one.slowed}
    statement = insert_into(tx, pace).values(provider=provider, **values)
    await tx.execute(statement.on_conflict_do_update(index_elements=["provider"], set_=values))
