"""Many rows as one statement's source: JSON that SQLite takes apart, arrays that PostgreSQL unnests.

One bind value a statement (SQLite) or a column (PostgreSQL), however many rows there are. Select from it or join it;
never write `UPDATE … FROM` it on SQLite, which looks through all of it for every row of the table: that is
`INSERT … SELECT … ON CONFLICT DO UPDATE` there.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sqlalchemy import ARRAY, Column, Dialect, FromClause, Text, bindparam, cast, column, func, select, type_coerce
from sqlalchemy.types import TypeDecorator, TypeEngine

from dispatch.store.connect import Tx

Values = Sequence[Any]


def rows_as_table(tx: Tx, name: str, columns: Sequence[Column[Any]], rows: Iterable[Values]) -> FromClause:
    """Rows of Python values as a table `name` with columns named and typed as those given.

    Each row holds its values in the order of the columns, as the columns themselves would take them.
    """
    plain = _plain(tx.dialect, columns, rows)
    if tx.dialect.name == "postgresql":
        return _unnested(name, columns, plain)
    return _from_json(name, columns, plain)


def _plain(dialect: Dialect, columns: Sequence[Column[Any]], rows: Iterable[Values]) -> list[Values]:
    """The rows as the database keeps them: instants as numbers, words as text."""
    converters = [(at, _converter(one.type, dialect)) for at, one in enumerate(columns)]
    needed = [(at, convert) for at, convert in converters if convert]
    if not needed:
        return list(rows)
    return [_converted(row, needed) for row in rows]


def _converter(kind: TypeEngine[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    if isinstance(kind, TypeDecorator):
        return lambda value: kind.process_bind_param(value, dialect)
    return None


def _converted(row: Values, needed: Sequence[tuple[int, Callable[[Any], Any]]]) -> Values:
    values = list(row)
    for at, convert in needed:
        values[at] = convert(values[at])
    return values


def _stored(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    """The type under a decorator's."""
    return kind.impl_instance if isinstance(kind, TypeDecorator) else kind


def _unnested(name: str, columns: Sequence[Column[Any]], rows: Sequence[Values]) -> FromClause:
    turned = list(zip(*rows, strict=True)) or [()] * len(columns)
    arrays = [
        cast(bindparam(f"{name}_{one.name}", list(values), type_=ARRAY(kind)), ARRAY(kind))
        for one, values in zip(columns, turned, strict=True)
        for kind in (_stored(one.type),)
    ]
    return (
        func.unnest(*arrays).table_valued(*(column(one.name, one.type) for one in columns), name=name).render_derived()
    )


def _from_json(name: str, columns: Sequence[Column[Any]], rows: Sequence[Values]) -> FromClause:
    text = json.dumps(rows, ensure_ascii=False, separators=(",", ":"))
    each = func.json_each(bindparam(f"{name}_rows", text, type_=Text)).table_valued("value", name=f"{name}_json")
    values = (
        type_coerce(func.json_extract(each.c.value, f"$[{at}]"), one.type).label(one.name)
        for at, one in enumerate(columns)
    )
    return select(*values).subquery(name)
