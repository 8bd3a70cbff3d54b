"""Many rows put into a table by the fastest way: COPY on PostgreSQL, `executemany` below SQLAlchemy on SQLite.

Values go as they are, so the table's columns must be of plain types.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Table
from sqlalchemy.exc import DBAPIError

from dispatch.store.connect import Tx

Values = tuple[Any, ...]


async def fill(tx: Tx, table: Table, columns: Sequence[str], rows: Sequence[Values]) -> None:
    """Add rows, whose values stand in the order of `columns`. Raises DBAPIError."""
    driver: Any = (await tx.get_raw_connection()).driver_connection
    put, statement = _ways(tx, table.name, columns)
    try:
        await put(driver, statement, rows)
    except tx.dialect.loaded_dbapi.Error as error:
        raise DBAPIError(statement, None, error) from error


def _ways(tx: Tx, table: str, columns: Sequence[str]) -> tuple[Any, str]:
    names, marks = ", ".join(columns), ", ".join("?" * len(columns))
    if tx.dialect.name == "postgresql":
        return _copy, f"COPY {table} ({names}) FROM STDIN"
    return _insert, f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608


async def _copy(driver: Any, statement: str, rows: Sequence[Values]) -> None:
    async with driver.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            await copy.write_row(row)


async def _insert(driver: Any, statement: str, rows: Sequence[Values]) -> None:
    await driver.executemany(statement, rows)
