"""Two connections against each other, READ COMMITTED and out of line: each compare-and-set holds by itself.

`Store.write` lets one writer at a time in. These laws do not lean on it: on PostgreSQL each rival has a plain
transaction, both have read the same state before either writes, and both write at once.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import make_url, select
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from dispatch.model.delivery import ChunkState
from dispatch.model.issue import IssueState
from dispatch.model.subscriber import Cadence
from dispatch.model.websub import Asked, Intent, Mode
from dispatch.store import documents, facts, issues, ledger, lists, schedules, websub, websub_notices
from dispatch.store.connect import Store, Tx
from dispatch.store.schema import chunk

from ..server import Server

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)
RIVALS = 4


@pytest.fixture
def url(postgresql: Server, blank_database: str) -> str:
    """Only there do writers meet: SQLite has one."""
    return postgresql.copy(blank_database)


@pytest.fixture
async def engine(url: str, store: Store) -> AsyncIterator[AsyncEngine]:
    """Plain connections to the store, with one list, one due slot and one issue that is being sent."""
    async with store.write() as tx:
        await lists.sync(tx, {"weekly": True})
        values = {"rule": "mon 08:00", "timezone": "UTC", "slot": "a", "due": NOW, "previous": 0}
        await schedules.add(tx, 1, Cadence.WEEKLY, **values)
        number = await issues.add(tx, 1, Cadence.WEEKLY, (1, 1), slot="a", due=NOW, now=NOW)
        await issues.move(tx, number, [IssueState.HELD], IssueState.SENDING)
        await ledger.add_chunks(tx, [{"issue": number, "number": 0, "edition": "e", "not_before": NOW}])
    made = create_async_engine(make_url(url).set(drivername="postgresql+psycopg"), isolation_level="READ COMMITTED")
    yield made
    await made.dispose()


async def at_once(engine: AsyncEngine, act: Callable[[Tx], Awaitable[Any]]) -> list[Any]:
    """What each of some rivals gets for the same act, all having begun before any ends."""
    begun = asyncio.Barrier(RIVALS)

    async def rival(tx: Tx) -> Any:
        await tx.execute(select(1))
        await begun.wait()
        result = await act(tx)
        await asyncio.sleep(0.02)  # the others run into what this one has locked
        await tx.commit()
        return result

    async with AsyncExitStack() as opened:
        transactions = [await opened.enter_async_context(engine.connect()) for _ in range(RIVALS)]
        return await asyncio.gather(*(rival(tx) for tx in transactions))


async def test_a_chunk_has_one_holder(engine: AsyncEngine) -> None:
    """Of all that claim it one gets it, and its fence rises once."""

    async def act(tx: Tx) -> Any:
        return await ledger.claim(tx, 1, 0, "journal", now=NOW, lease_until=LATER)

    claims = await at_once(engine, act)
    assert sum(one is not None for one in claims) == 1
    async with engine.connect() as tx:
        assert tuple((await tx.execute(select(chunk.c.state, chunk.c.fence))).one()) == (ChunkState.CLAIMED, 1)


async def test_a_list_moves_on_once(engine: AsyncEngine) -> None:
    """Of all that move `composed_to` from the same place one does."""
    assert sorted(await at_once(engine, lambda tx: lists.advance(tx, 1, 0, 5))) == [False] * (RIVALS - 1) + [True]


async def test_a_slot_fires_once(engine: AsyncEngine) -> None:
    """Of all that saw the schedule due one moves it on."""
    async with engine.connect() as tx:
        (row,) = await schedules.every(tx)
    moved = await at_once(engine, lambda tx: schedules.advance(tx, row, slot="b", due=LATER, previous=3))
    assert sorted(moved) == [False] * (RIVALS - 1) + [True]


async def test_a_run_is_recorded_once(engine: AsyncEngine) -> None:
    """A cadence and slot have one run, whoever fires it."""
    fired = await at_once(engine, lambda tx: issues.add_run(tx, 1, Cadence.DAILY, "b", NOW))
    assert sorted(fired) == [False] * (RIVALS - 1) + [True]


async def test_an_issue_starts_once(engine: AsyncEngine) -> None:
    """Of all that move it from one state one does."""
    moved = await at_once(engine, lambda tx: issues.move(tx, 1, [IssueState.SENDING], IssueState.CANCELLED))
    assert sorted(moved) == [False] * (RIVALS - 1) + [True]


async def test_arrivals_are_given_in_the_order_of_commits(engine: AsyncEngine) -> None:
    """Who takes a number holds the row until it has committed, so nobody sees a number before a lower one."""
    committed: list[int] = []

    async def take() -> None:
        async with engine.connect() as tx:
            number = await facts.take_arrivals(tx, 1)
            await asyncio.sleep(0.01)
            committed.append(number)
            await tx.commit()

    await asyncio.gather(*(take() for _ in range(RIVALS)))
    assert committed == list(range(1, RIVALS + 1))


async def test_what_followers_are_owed_has_one_sender(engine: AsyncEngine) -> None:
    """Of all that saw a push, a notice or a request one takes it."""
    asked = Asked(Mode.SUBSCRIBE, "https://sea.example/atom.xml", "https://ada.example/cb")
    async with engine.begin() as tx:
        await documents.keep(tx, {"atom.xml": "new"}, NOW)
        await websub_notices.know(tx, ["https://hub.example/"])
        await websub.subscribe(tx, Intent(0, asked, "ada.example", 0), "atom.xml", "old", NOW, LATER)
        await websub.ask(tx, asked, "ada.example", NOW)
        (push,) = await websub.due_pushes(tx, NOW, [], 9, 9)
        (notice,) = await websub_notices.due(tx, NOW, [], 9, 9)
        (intent,) = await websub.due_intents(tx, NOW, [], 9, 9)
    for taken in (
        await at_once(engine, lambda tx: websub.take_push(tx, push, LATER)),
        await at_once(engine, lambda tx: websub_notices.take(tx, notice, LATER)),
        await at_once(engine, lambda tx: websub.take_intent(tx, intent, "c", NOW, LATER)),
    ):
        assert sum(one is not None for one in taken) == 1
