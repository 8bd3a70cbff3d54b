"""The laws of errands side by side: who waits for whom, and who never does."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from dispatch.publish.lane import LOOK, SHARE, Lane

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
SLOTS, PER_HOST = 20, 4
CROWD = LOOK + 50
Job = tuple[str, int]


@dataclass
class Errands:
    """Jobs that are kept in no store, in their order; hosts named `slow` do not answer until they may."""

    jobs: list[Job]
    begun: list[Job] = field(default_factory=list)
    ended: list[Job] = field(default_factory=list)
    looks: int = 0
    most: Counter[str] = field(default_factory=Counter)
    may_end: asyncio.Event = field(default_factory=asyncio.Event)
    shares_out: bool = True
    rival: Callable[[Job], bool] = lambda job: False

    def host(self, job: Job) -> str:
        """Its first part."""
        return job[0]

    async def due(self, tx: Any, now: datetime, busy: Collection[str], share: int, limit: int) -> list[Job]:
        """What nobody has begun."""
        self.looks += 1
        found, of_host = list[Job](), Counter[str]()
        for job in self.jobs:
            if job in self.begun or job[0] in busy or (self.shares_out and of_host[job[0]] >= share):
                continue
            of_host[job[0]] += 1
            found.append(job)
        return found[:limit]

    async def take(self, tx: Any, job: Job, now: datetime) -> Job | None:
        """Once, and not what a rival takes first."""
        assert job not in self.begun
        self.begun.append(job)
        return None if self.rival(job) else job

    async def run(self, job: Job) -> None:
        """Until it may end."""
        under_way = Counter(host for host, _ in self.begun) - Counter(host for host, _ in self.ended)
        self.most[job[0]] = max(self.most[job[0]], under_way[job[0]])
        if job[0].startswith("slow"):
            await self.may_end.wait()
        self.ended.append(job)


class Nowhere:
    """A store that holds nothing."""

    @asynccontextmanager
    async def read(self) -> AsyncIterator[None]:
        """Nothing to read."""
        yield

    async def write_at_once(self, act: Callable[[None], Awaitable[Any]]) -> Any:
        """Do it."""
        return await act(None)


def lane_of(errands: Errands) -> Lane[Job]:
    """The lane of these errands."""
    context: Any = SimpleNamespace(clock=lambda: NOW, store=Nowhere(), tell=print)
    return Lane(context, errands, SLOTS, PER_HOST, lambda: None)


async def until_quiet(lane: Lane[Job]) -> None:
    """Fill it as its owner does, at each end, until nothing ends any more."""
    while True:
        running = set(lane.running)
        for _ in range(3):
            await asyncio.sleep(0)
        if running == set(lane.running):
            return
        await lane.fill(afresh=False)


@pytest.mark.parametrize("shares_out", [True, False], ids=["by shares", "by the crowd"])
async def test_a_crowd_at_one_slow_host_holds_up_nobody(shares_out: bool) -> None:
    """However many wait for it, and even if they are all that a look finds."""
    others = [(f"host{number}", number) for number in range(2 * SLOTS)]
    errands = Errands([*[("slow", number) for number in range(CROWD)], *others], shares_out=shares_out)
    lane = lane_of(errands)
    await lane.fill(afresh=True)
    await until_quiet(lane)
    assert errands.ended == others
    assert len(lane.running) == PER_HOST


async def test_several_slow_hosts_leave_room() -> None:
    """As long as there are slots that they may not have."""
    slow = [(f"slow{host}", number) for host in range(SLOTS // PER_HOST - 1) for number in range(CROWD)]
    errands = Errands([*slow, ("quick", 0)])
    lane = lane_of(errands)
    await lane.fill(afresh=True)
    await until_quiet(lane)
    assert errands.ended == [("quick", 0)]


async def test_a_host_gets_all_that_is_its_own_in_time() -> None:
    """Its share at a time, without a fresh look from outside, and with few looks for it."""
    errands = Errands([("slow", number) for number in range(CROWD)])
    lane = lane_of(errands)
    await lane.fill(afresh=True)
    errands.may_end.set()
    await until_quiet(lane)
    assert sorted(errands.ended) == errands.jobs
    assert errands.most == {"slow": PER_HOST}
    assert errands.looks <= 2 * CROWD / SHARE + 4


async def test_nobody_looks_for_more_where_all_is_known() -> None:
    """Each end of a crowd's errand costs no look, as long as more of it is known."""
    errands = Errands([("slow", number) for number in range(SHARE)])
    lane = lane_of(errands)
    await lane.fill(afresh=True)
    looks = errands.looks
    for _ in range(5):
        await lane.fill(afresh=False)
    assert errands.looks == looks


async def test_whatever_a_rival_takes_is_left_to_it() -> None:
    """A lane whose jobs are all taken by others comes to rest."""
    errands = Errands([(f"host{number % 9}", number) for number in range(CROWD)], rival=lambda job: True)
    lane = lane_of(errands)
    async with asyncio.timeout(5):
        await lane.fill(afresh=True)
    assert list(lane.running) == []


@given(some.lists(some.sampled_from("abcdefgh"), max_size=200))
async def test_each_job_is_done_once(hosts: list[str]) -> None:
    """Whatever hosts they are for, all of them, and never more at a host at once than it may have."""
    jobs = [(host, number) for number, host in enumerate(hosts)]
    errands = Errands(jobs)
    lane = lane_of(errands)
    await lane.fill(afresh=True)
    await until_quiet(lane)
    assert sorted(errands.ended) == sorted(jobs)
    assert max(errands.most.values(), default=0) <= PER_HOST
