"""INSERT … ON CONFLICT, which SQLite and PostgreSQL spell alike but SQLAlchemy keeps apart."""

from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite

from dispatch.store.connect import Tx


def insert_into(tx: Tx, table: Table) -> Any:
    """An INSERT that knows ON CONFLICT, for the database at hand."""
    dialect = postgresql if tx.dialect.name == "postgresql" else sqlite
    return dialect.insert(table)
