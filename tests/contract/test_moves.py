"""The ledger makes only moves that the tables have, and the sum of law 1 holds after each of them."""

import asyncio
import shutil
from collections.abc import Coroutine
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from sqlalchemy import select

from dispatch.model.delivery import OPEN_STATES, ChunkState, Claim, Receipt, SendState
from dispatch.model.issue import CompiledEdition, Issue, IssueState, Need
from dispatch.model.states import (
    CHUNK_MOVES,
    OUTCOME_MOVES,
    SEND_MOVES,
    ChunkEvent,
    Outcome,
    SendEvent,
    sends_open_to,
)
from dispatch.model.subscriber import Cadence, SubscriptionState
from dispatch.store import enrol, issues, ledger, lists, outcomes, resending, subscribers
from dispatch.store.audience import Audience
from dispatch.store.connect import Store
from dispatch.store.needs import move_marks
from dispatch.store.schema import chunk, delivery
from dispatch.store.subscribers import NewPerson

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
PEOPLE, SIZE = 5, 2
NUMBER = 1
RECEIPTS = (SendState.ACCEPTED, SendState.REJECTED, SendState.RETRY, SendState.UNKNOWN, None)
T = TypeVar("T")
whom = st.integers(1, PEOPLE)


async def freeze(folder: Path) -> None:
    """A store with one issue whose audience is frozen."""
    store = await Store.open("sqlite:///dispatch.db", folder)
    async with store.write() as tx:
        await lists.sync(tx, {"weekly": True})
        here = (await lists.every(tx))["weekly"].id
        terms = ("", "", here, SubscriptionState.ACTIVE, Cadence.WEEKLY, (), 0)
        crowd = [NewPerson(f"p{number}@example.org", "", *terms) for number in range(PEOPLE)]
        await subscribers.join(tx, crowd, NOW)
        await issues.add(tx, here, Cadence.WEEKLY, (1, 10), slot="a", due=NOW, now=NOW)
        await issues.move(tx, NUMBER, [IssueState.HELD], IssueState.SENDING, {"frozen": NOW})
        await issues.keep_editions(tx, [CompiledEdition(NUMBER, "digest", b"x", "m", "a@example.org", "S")])
        need = Need((), "", 0)
        group = {"issue": NUMBER, "number": 0, "language": "en", "posts": [1], "edition": "digest"}
        row = {"issue": NUMBER, "tags": need.tags, "language": need.language, "mark": need.mark, "cohort": 0}
        await issues.add_cohorts(tx, [group], [row])
        together = {"issue": NUMBER, "cohort": 0, "timezone": "", "hour": "", "first_chunk": 0}
        await issues.add_departures(tx, [together])
        await enrol.enrol(tx, NUMBER, Audience(here, Cadence.WEEKLY, NOW), 10, SIZE)
        await move_marks(tx, Audience(here, Cadence.WEEKLY, NOW), 10, NUMBER, {})
        chunks = [{"issue": NUMBER, "number": at, "edition": "digest", "not_before": NOW} for at in range(3)]
        await ledger.add_chunks(tx, chunks)
    await store.aclose()


class Moves(RuleBasedStateMachine):
    """One issue, and all that can happen to it."""

    template: Path

    @initialize()
    def open(self) -> None:
        """Copy the frozen issue."""
        self.folder = TemporaryDirectory()
        shutil.copy(self.template / "dispatch.db", self.folder.name)
        self.runner = asyncio.Runner()
        self.store = self.run(Store.open("sqlite:///dispatch.db", Path(self.folder.name)))
        self.claims: dict[int, Claim] = {}
        self.sends, self.chunks, self.news = self.run(self.states())

    def teardown(self) -> None:
        """Leave nothing behind."""
        if hasattr(self, "store"):
            self.run(self.store.aclose())
            self.runner.close()
            self.folder.cleanup()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do one asynchronous thing."""
        return self.runner.run(work)

    async def states(self) -> tuple[dict[int, SendState], dict[int, ChunkState], dict[int, Outcome | None]]:
        """Where everything stands."""
        async with self.store.read() as tx:
            found = (await tx.execute(select(delivery.c.subscriber_id, delivery.c.state, delivery.c.outcome))).all()
            chunks = (await tx.execute(select(chunk.c.number, chunk.c.state))).all()
        return (
            {row.subscriber_id: SendState(row.state) for row in found},
            {row.number: ChunkState(row.state) for row in chunks},
            {row.subscriber_id: Outcome(row.outcome) if row.outcome else None for row in found},
        )

    def check(self, send: SendEvent | None, of_chunk: ChunkEvent | None, *others: SendEvent) -> None:
        """Compare with what stood before: every change is in the table under the events that happened."""
        sends, chunks, news = self.run(self.states())
        assert sends.keys() == self.sends.keys()
        for who, state in sends.items():
            before = self.sends[who]
            events = [event for event in (send, *others) if event]
            assert state == before or any(state in SEND_MOVES.get((before, one), ()) for one in events), (before, state)
            again = self.news[who] is not None and news[who] is None and SendEvent.RESEND in events
            assert news[who] in {self.news[who], *OUTCOME_MOVES[self.news[who]]} or again
        for number, stands in chunks.items():
            was = self.chunks.get(number, ChunkState.PENDING)
            assert stands == was or (of_chunk and stands in CHUNK_MOVES.get((was, of_chunk), ())), (was, stands)
        self.sends, self.chunks, self.news = sends, chunks, news
        self.run(self.check_sum())

    async def check_sum(self) -> None:
        """Law 1."""
        async with self.store.read() as tx:
            tally = await ledger.tally(tx, NUMBER)
            issue = await issues.get(tx, NUMBER)
        assert issue
        assert tally.audience == PEOPLE == tally.open + tally.settled
        assert issue.ended is None or tally.balances

    def issue(self) -> Issue:
        """As it stands."""

        async def get() -> Issue | None:
            async with self.store.read() as tx:
                return await issues.get(tx, NUMBER)

        found = self.run(get())
        assert found
        return found

    async def end(self, held: Claim) -> None:
        """Close a chunk that has nobody waiting, or put it back in line; end an issue that balances."""
        async with self.store.write() as tx:
            issue = await issues.get(tx, NUMBER)
            assert issue
            if issue.state is IssueState.CANCELLED:
                await ledger.settle(tx, NUMBER, held.chunk, SendState.CANCELLED, "cancelled", NOW, OPEN_STATES)
            if await ledger.open_count(tx, NUMBER, held.chunk):
                await ledger.release(tx, held, not_before=NOW, since=NOW)
            else:
                await ledger.close(tx, held)
            await ledger.finish_if_balanced(tx, issue, NOW)

    @rule(number=st.integers(0, 5))
    def claim(self, number: int) -> None:
        """Somebody takes a chunk; who left is skipped."""

        async def work() -> Claim | None:
            async with self.store.write() as tx:
                lease = NOW + timedelta(minutes=1)
                return await ledger.claim(tx, NUMBER, number, "m/b/j", now=NOW, lease_until=lease)

        held = self.run(work())
        if held:
            self.claims[number] = held
        self.check(SendEvent.DEPART, ChunkEvent.CLAIM)

    @precondition(lambda self: self.claims)
    @rule(at=st.integers(0, 5), states=st.lists(st.sampled_from(RECEIPTS), min_size=SIZE, max_size=SIZE))
    def answer(self, at: int, states: list[SendState | None]) -> None:
        """The provider answers, and the holder lets go."""
        held = self.claims.pop(sorted(self.claims)[at % len(self.claims)])

        async def work() -> None:
            async with self.store.write() as tx:
                waiting = await ledger.recipients(tx, NUMBER, held.chunk)
                pairs = zip(waiting, states, strict=False)
                receipts = {one[0]: Receipt(state, "so it is") for one, state in pairs if state}
                await ledger.record(tx, NUMBER, receipts, NOW)

        self.run(work())
        self.check(SendEvent.RECEIPT, None)
        event = ChunkEvent.CLOSE if self.is_done(held) else ChunkEvent.RELEASE
        self.run(self.end(held))
        self.check(SendEvent.CANCEL, event)

    def is_done(self, held: Claim) -> bool:
        """Whether nobody of a chunk will wait once its holder lets go."""

        async def work() -> bool:
            async with self.store.read() as tx:
                return not await ledger.open_count(tx, NUMBER, held.chunk)

        return self.issue().state is IssueState.CANCELLED or self.run(work())

    @precondition(lambda self: self.claims)
    @rule(at=st.integers(0, 5))
    def give_up(self, at: int) -> None:
        """The time to try is over."""
        held = self.claims.pop(sorted(self.claims)[at % len(self.claims)])

        async def work() -> None:
            async with self.store.write() as tx:
                await ledger.settle(tx, NUMBER, held.chunk, SendState.EXPIRED, "too late", NOW, OPEN_STATES)

        self.run(work())
        self.run(self.end(held))
        self.check(SendEvent.GIVE_UP, ChunkEvent.CLOSE)

    @rule(who=whom, left=st.booleans())
    def depart(self, who: int, left: bool) -> None:
        """Somebody leaves, or complains elsewhere."""

        async def work() -> None:
            async with self.store.write() as tx:
                if left:
                    await subscribers.end(tx, who, 1, NOW)
                else:
                    await subscribers.suppress(tx, f"p{who - 1}@example.org", "complained", NOW)

        self.run(work())
        self.check(None, None)

    @rule()
    def cancel(self) -> None:
        """An editor stops the issue for good."""

        async def work() -> None:
            async with self.store.write() as tx:
                if await issues.move(tx, NUMBER, [IssueState.SENDING], IssueState.CANCELLED):
                    await ledger.cancel_waiting(tx, NUMBER, NOW)
                    issue = await issues.get(tx, NUMBER)
                    assert issue
                    await ledger.finish_if_balanced(tx, replace(issue, state=IssueState.CANCELLED), NOW)

        self.run(work())
        self.check(SendEvent.CANCEL, ChunkEvent.CANCEL)

    @rule(who=whom, state=st.sampled_from([SendState.ACCEPTED, SendState.REJECTED]))
    def resolve(self, who: int, state: SendState) -> None:
        """An editor settles an unknown."""

        async def work() -> bool:
            async with self.store.write() as tx:
                return await ledger.resolve(tx, NUMBER, who, state, "by hand", NOW)

        assert self.run(work()) == (self.sends[who] is SendState.UNKNOWN)
        self.check(SendEvent.RESOLVE, None)

    @rule(who=whom, outcome=st.sampled_from(Outcome))
    def hear(self, who: int, outcome: Outcome) -> None:
        """Later news comes."""

        async def work() -> bool:
            async with self.store.write() as tx:
                return await outcomes.note(tx, NUMBER, who, outcome, NOW)

        before = self.news[who]
        assert self.run(work()) == (outcome in OUTCOME_MOVES[before])
        self.check(SendEvent.RESOLVE, None)

    @rule(states=st.sets(st.sampled_from(sends_open_to(SendEvent.RESEND)), min_size=1))
    def resend(self, states: set[SendState]) -> None:
        """An editor sends again; whoever left stays out, and nobody else."""
        if self.issue().state is not IssueState.SENT:
            return

        async def work() -> tuple[int, int]:
            async with self.store.write() as tx:
                chosen = resending.Chosen(NUMBER, tuple(sorted(states)))
                counts = await resending.count(tx, chosen)
                count = await resending.put_back(tx, chosen, SIZE, NOW)
                if count:
                    await issues.move(tx, NUMBER, [IssueState.SENT], IssueState.SENDING, {"ended": None})
                return count, counts.again

        count, promised = self.run(work())
        was = self.sends
        self.check(SendEvent.RESEND, None)
        assert count == promised == sum(was[who] != state for who, state in self.sends.items())


def test_every_move_is_in_the_table(tmp_path: Path) -> None:
    """Whatever providers answer, people do and editors want."""
    asyncio.run(freeze(tmp_path))
    machine = type("Moves", (Moves,), {"template": tmp_path})
    few = settings(max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    from hypothesis.stateful import run_state_machine_as_test

    run_state_machine_as_test(machine, settings=few)
