"""Live feeds' files as they are: what has changed is owed to whoever follows them."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import delete, select

from dispatch.store.connect import Tx
from dispatch.store.schema_site import document
from dispatch.store.upsert import insert_into


async def digests(tx: Tx) -> dict[str, str]:
    """Each live feed's digest, by its path below public/."""
    return {row.path: row.digest for row in await tx.execute(select(document.c.path, document.c.digest))}


async def forget(tx: Tx, paths: Collection[str]) -> None:
    """These feeds have ended."""
    await tx.execute(delete(document).where(document.c.path.in_(paths)))


async def keep(tx: Tx, seen: Mapping[str, str], now: datetime) -> list[str]:
    """Keep the digests of files as they are now; the paths of those that differ from what was known."""
    statement = select(document.c.path, document.c.digest).where(document.c.path.in_(seen))
    before = {row.path: row.digest for row in await tx.execute(statement)}
    changed = sorted(path for path, digest in seen.items() if before.get(path) != digest)
    for path in changed:
        values = {"digest": seen[path], "changed": now}
        statement = insert_into(tx, document).values(path=path, **values)
        await tx.execute(statement.on_conflict_do_update(index_elements=["path"], set_=values))
    return changed
