"""Brings a store's tables up to date; Alembic is loaded only when there is something to do."""

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, inspect, text

from dispatch.errors import StoreError

HEAD = "0005"
FOLDER = Path(__file__).parent / "migrations"


def upgrade(connection: Connection) -> None:
    """Run the missing migrations inside the caller's write, so one process at a time.

    Raises StoreError for a store from the future.
    """
    found = revision(connection)
    if found == HEAD:
        return
    if found is not None and found > HEAD:
        raise StoreError(
            f"The store is at revision {found}, newer than this Dispatch knows ({HEAD}): upgrade Dispatch."
        )
    _run(connection)


def revision(connection: Connection) -> str | None:
    """The newest migration that the store has seen; None for an empty store."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: Any = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found and str(found)


def _run(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["connection"] = connection
    command.upgrade(config, HEAD)
