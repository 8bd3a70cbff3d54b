"""The local engine runs what is ready, a few at once, until told to stop."""

import asyncio
import gc

import pytest

from dispatch.engine.local import AT_ONCE, LocalEngine
from dispatch.errors import StoreError


class Work:
    """Chunks that wait, and what an engine does with them."""

    def __init__(self, count: int) -> None:
        self.waiting = [(1, number) for number in range(count)]
        self.done: list[tuple[int, int]] = []
        self.in_hand = self.most_in_hand = self.rescued = self.refused = 0
        self.room = AT_ONCE
        self.engine = LocalEngine(self.ready, self.handle, self.rescue)

    async def ready(self, limit: int) -> list[tuple[int, int]]:
        """The first few that wait."""
        return self.waiting[:limit]

    async def handle(self, issue: int, chunk: int) -> float:
        """Take one off the line, once there is room."""
        if (issue, chunk) not in self.waiting:
            return 0.0
        if self.in_hand >= self.room:
            self.refused += 1
            return 0.01
        self.waiting.remove((issue, chunk))
        self.in_hand += 1
        self.most_in_hand = max(self.most_in_hand, self.in_hand)
        await asyncio.sleep(0.005)
        self.in_hand -= 1
        self.done.append((issue, chunk))
        return 0.0

    async def rescue(self) -> int:
        """Count the calls."""
        self.rescued += 1
        return 0


async def test_every_ready_chunk_is_run_once() -> None:
    """Draining ends when nothing is ready, and each chunk was handled once."""
    work = Work(11)
    await work.engine.drain()
    assert sorted(work.done) == [(1, number) for number in range(11)]


async def test_no_more_than_four_run_at_once() -> None:
    """As many as can be, and no more, are in hand together."""
    work = Work(11)
    await work.engine.drain()
    assert work.most_in_hand == AT_ONCE == 4


async def test_a_stopped_engine_begins_nothing() -> None:
    """Told to stop, it finishes what is in hand and begins no further chunk."""
    work = Work(11)

    async def handle_and_stop(issue: int, chunk: int) -> float:
        engine.stop()
        return await work.handle(issue, chunk)

    engine = LocalEngine(work.ready, handle_and_stop, work.rescue)
    await engine.drain()
    await engine.drain()
    assert len(work.done) == AT_ONCE
    assert work.in_hand == 0


async def test_what_a_handler_raises_comes_out_after_the_others_have_ended() -> None:
    """One failing chunk leaves no other running behind the caller's back."""
    work = Work(3)

    async def handle(issue: int, chunk: int) -> float:
        if chunk == 0:
            raise StoreError
        return await work.handle(issue, chunk)

    with pytest.raises(StoreError):
        await LocalEngine(work.ready, handle, work.rescue).drain()
    assert (len(work.done), work.in_hand) == (2, 0)


async def test_who_is_not_let_in_comes_again() -> None:
    """Where a claim must wait for room, every chunk is run all the same, once, by so many hands."""
    work = Work(11)
    work.room = 2
    await work.engine.drain()
    assert sorted(work.done) == [(1, number) for number in range(11)]
    assert work.most_in_hand == 2
    assert work.refused


async def test_a_long_wait_is_left_to_the_next_drain() -> None:
    """A quota that is used up for an hour does not hold up whoever drains."""

    async def in_an_hour(issue: int, chunk: int) -> float:
        return 3600.0

    work = Work(3)
    await asyncio.wait_for(LocalEngine(work.ready, in_an_hour, work.rescue).drain(), 5)
    assert work.done == []


async def test_a_stop_ends_the_wait_for_room() -> None:
    """Whoever drains while no chunk may be claimed for some seconds comes back at once when told to stop."""
    asked = asyncio.Event()

    async def in_four_seconds(issue: int, chunk: int) -> float:
        asked.set()
        return 4.0

    work = Work(1)
    engine = LocalEngine(work.ready, in_four_seconds, work.rescue)
    draining = asyncio.create_task(engine.drain())
    await asked.wait()
    await asyncio.sleep(0.05)
    assert not draining.done()
    engine.stop()
    await asyncio.wait_for(draining, 2)
    assert work.done == []


async def test_a_slow_chunk_holds_up_no_other() -> None:
    """While one chunk takes its time, the others go on."""
    work = Work(9)
    slow = asyncio.Event()

    async def handle(issue: int, chunk: int) -> float:
        if chunk == 0:
            work.waiting.remove((issue, chunk))
            await slow.wait()
            return 0.0
        if len(work.waiting) == 1:
            slow.set()
        return await work.handle(issue, chunk)

    await asyncio.wait_for(LocalEngine(work.ready, handle, work.rescue).drain(), 5)
    assert len(work.done) == 8


async def test_what_becomes_ready_meanwhile_waits_for_no_other() -> None:
    """A chunk that is ready while another is in hand is begun at once, where there is room."""
    work = Work(1)
    slow = asyncio.Event()

    async def handle(issue: int, chunk: int) -> float:
        if chunk == 0:
            work.waiting[:] = [(2, 5)]
            await slow.wait()
            return 0.0
        slow.set()
        return await work.handle(issue, chunk)

    await asyncio.wait_for(LocalEngine(work.ready, handle, work.rescue).drain(), 5)
    assert work.done == [(2, 5)]


async def test_several_failures_are_one_error(caplog: pytest.LogCaptureFixture) -> None:
    """When two chunks fail at once the first error comes out, and nothing is printed about the other."""

    async def handle(issue: int, chunk: int) -> float:
        raise StoreError(f"chunk {chunk}")

    work = Work(2)
    with pytest.raises(StoreError, match="chunk"):
        await LocalEngine(work.ready, handle, work.rescue).drain()
    gc.collect()
    assert caplog.records == []


async def test_housekeeping_takes_over_what_the_dead_left() -> None:
    """The clock's call reaches the rescue."""
    work = Work(0)
    await work.engine.housekeeping()
    assert work.rescued == 1
