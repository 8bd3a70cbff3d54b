"""Who did what, when: a line for each act."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update

from dispatch.store.connect import Tx
from dispatch.store.schema import audit


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One act of one person."""

    at: datetime
    who: str
    act: str
    subject: str
    detail: str


async def note(tx: Tx, line: AuditLine) -> None:
    """Write a line, in the same transaction as the act itself."""
    values = {field: getattr(line, field) for field in AuditLine.__dataclass_fields__}
    await tx.execute(audit.insert().values(**values))


async def erase(tx: Tx, subject: str, instead: str) -> None:
    """Write something else in place of a subject that is to be forgotten."""
    await tx.execute(update(audit).where(audit.c.subject == subject).values(subject=instead))


async def lines(tx: Tx, limit: int = 100) -> list[AuditLine]:
    """The newest lines, newest first."""
    columns = [audit.c[field] for field in AuditLine.__dataclass_fields__]
    rows = await tx.execute(select(*columns).order_by(audit.c.id.desc()).limit(limit))
    return [AuditLine(**row._mapping) for row in rows]


async def about(tx: Tx, act: str, subject: str) -> list[AuditLine]:
    """What was done to a subject by acts whose names begin so, oldest first."""
    columns = [audit.c[field] for field in AuditLine.__dataclass_fields__]
    where = (audit.c.subject == subject, audit.c.act.startswith(act, autoescape=True))
    rows = await tx.execute(select(*columns).where(*where).order_by(audit.c.id))
    return [AuditLine(**row._mapping) for row in rows]


async def head(tx: Tx) -> int:
    """The number of the newest line; 0 before the first. Whoever watches it notices every act."""
    newest: int = (await tx.execute(select(func.coalesce(func.max(audit.c.id), 0)))).scalar_one()
    return newest
