"""How many of an issue's recipients were attempted and refused, by domain: what the breaker judges by."""

from collections.abc import Collection, Mapping

from sqlalchemy import delete, literal, select, true

from dispatch.store.bulk import rows_as_table
from dispatch.store.connect import Tx
from dispatch.store.schema import refusal
from dispatch.store.upsert import insert_into


async def add(tx: Tx, number: int, counts: Mapping[str, tuple[int, int]]) -> None:
    """Add to an issue's counts: (attempted, refused) by domain."""
    columns = [refusal.c.domain, refusal.c.attempted, refusal.c.refused]
    told = rows_as_table(tx, "told", columns, [(domain, *count) for domain, count in sorted(counts.items())])
    source = select(literal(number), told.c.domain, told.c.attempted, told.c.refused).where(true())
    statement = insert_into(tx, refusal).from_select(["issue", "domain", "attempted", "refused"], source)
    more = {name: refusal.c[name] + statement.excluded[name] for name in ("attempted", "refused")}
    await tx.execute(statement.on_conflict_do_update(index_elements=["issue", "domain"], set_=more))


async def of(tx: Tx, number: int, domains: Collection[str]) -> dict[str, tuple[int, int]]:
    """An issue's counts of these domains: (attempted, refused)."""
    statement = select(refusal).where(refusal.c.issue == number, refusal.c.domain.in_(sorted(domains)))
    return {row.domain: (row.attempted, row.refused) for row in await tx.execute(statement)}


async def forget(tx: Tx, number: int) -> None:
    """Count anew: a person has looked."""
    await tx.execute(delete(refusal).where(refusal.c.issue == number))
