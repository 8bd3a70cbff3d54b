"""A transaction on SQLite that runs from beginning to end in one thread, without a word to the event loop.

Each statement through an asynchronous driver costs several hand-overs between two threads. The few transactions that
a chunk needs are many statements each, and small: run in one go they cost one hand-over in all.
"""

import asyncio
from collections.abc import Awaitable, Callable, Generator
from typing import Any, TypeVar, cast

from sqlalchemy import CursorResult, Dialect, Engine
from sqlalchemy.engine import Connection

T = TypeVar("T")


class AtOnce:
    """A connection whose `execute` can be awaited, but never has to wait."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @property
    def dialect(self) -> Dialect:
        """The database's."""
        return self._connection.dialect

    async def execute(self, statement: Any, parameters: Any = None) -> CursorResult[Any]:
        """Run a statement, here and now."""
        return self._connection.execute(statement, parameters)


async def run(engine: Engine, act: Callable[[Any], Awaitable[T]]) -> T:
    """Run `act` in a transaction of its own: all of it or, on any error, nothing.

    `act` may await nothing but statements of the transaction that it is given.
    """
    return await asyncio.to_thread(_run, engine, act)


def _run(engine: Engine, act: Callable[[Any], Awaitable[T]]) -> T:
    with engine.begin() as connection:
        steps = cast(Generator[Any, None, T], act(AtOnce(connection)).__await__())
        try:
            next(steps)
        except StopIteration as done:
            return cast(T, done.value)
        raise RuntimeError("a transaction at once awaited something else than its statements")
