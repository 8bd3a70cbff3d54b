"""How a transaction that changes the store is told from one that reads: by an execution option of its connection."""

from typing import Any

from sqlalchemy import Connection

OPTION = "dispatch_writes"
WRITES: dict[str, Any] = {OPTION: True}
READS: dict[str, Any] = {OPTION: False}


def is_write(connection: Connection) -> bool:
    """Whether the transaction that begins on this connection is to change the store."""
    return bool(connection.get_execution_options().get(OPTION, False))
