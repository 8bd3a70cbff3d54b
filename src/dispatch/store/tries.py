"""How far one is with what somebody is owed: columns that pushes and notices have alike, and how they change."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case

from dispatch.model.websub import Tries
from dispatch.store.columns import EPOCH
from dispatch.store.schema_site import document

FREE = EPOCH  # `claimed_until` of what nobody has in hand; no clock that is put back makes it a claim


def turn_of(table: Any) -> ColumnElement[Any]:
    """When what a row is owed can be sent: new content at once, what has failed before after its wait."""
    waits = and_(table.c.tried == document.c.digest, table.c.not_before > table.c.claimed_until)
    return case((waits, table.c.not_before), else_=table.c.claimed_until)


def tries_at(table: Any, digest: Any = document.c.digest) -> ColumnElement[Any]:
    """How many tries have failed at this content, by default at the document as it is now."""
    return case((table.c.tried == digest, table.c.attempts), else_=0)


def claimed(tries: Tries, digest: str, until: datetime) -> dict[str, Any]:
    """The values of a row that is being tried at this content."""
    return {"claimed_until": until, "tried": digest, "attempts": tries.attempts}


def settled() -> dict[str, Any]:
    """Those of a row that is owed nothing more."""
    return {"attempts": 0, "claimed_until": FREE}


def failed(tries: Tries, not_before: datetime) -> dict[str, Any]:
    """Those of a row whose try has failed."""
    return {"attempts": tries.attempts + 1, "claimed_until": FREE, "not_before": not_before}
