"""Which `dispatch run` is alive: acts leave the delivering to it."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select

from dispatch.store.connect import Tx
from dispatch.store.schema import service
from dispatch.store.upsert import insert_into

STALE = timedelta(seconds=15)


async def beat(tx: Tx, service_id: str, now: datetime) -> None:
    """Say that this service lives, and drop those long silent."""
    statement = insert_into(tx, service).values(id=service_id, started=now, heartbeat=now)
    await tx.execute(statement.on_conflict_do_update(index_elements=["id"], set_={"heartbeat": now}))
    await tx.execute(delete(service).where(service.c.heartbeat < now - timedelta(days=1)))


async def leave(tx: Tx, service_id: str) -> None:
    """This service has stopped."""
    await tx.execute(delete(service).where(service.c.id == service_id))


async def alive(tx: Tx, now: datetime) -> bool:
    """Whether some service has beaten lately."""
    statement = select(service.c.id).where(service.c.heartbeat > now - STALE).limit(1)
    return (await tx.execute(statement)).first() is not None
