"""What turns marks back, sends again and counts what was refused, on every database."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dispatch.model.delivery import ChunkState, Receipt, SendState
from dispatch.model.issue import CompiledEdition, IssueState, Need
from dispatch.model.states import Outcome
from dispatch.model.subscriber import Cadence
from dispatch.store import deliveries, enrol, issues, ledger, lists, outcomes, reports, resending, subscribers
from dispatch.store.audience import Audience
from dispatch.store.connect import Store, Tx
from dispatch.store.needs import move_marks, needs_of, settle_tags
from dispatch.store.schema import subscriber, subscription

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
WEEKLY = Cadence.WEEKLY
NAMES = ("ada", "bob", "cleo", "dora")


@pytest.fixture
async def store(url: str, tmp_path: Path) -> AsyncIterator[Store]:
    """A store with a list that four people read."""
    opened = await Store.open(url, tmp_path)
    async with opened.write() as tx:
        await lists.sync(tx, {"weekly": True})
        people = [
            {"id": at, "email": f"{name}@example.org", "name": "", "language": "", "timezone": "", "created": NOW}
            for at, name in enumerate(NAMES, 1)
        ]
        await tx.execute(subscriber.insert(), people)
        terms = {"list_id": 1, "state": "active", "cadence": WEEKLY, "tags": (), "mark": 0, "joined": NOW}
        await tx.execute(subscription.insert(), [{**terms, "subscriber_id": at} for at in range(1, 5)])
    yield opened
    await opened.aclose()


async def start(tx: Tx, last: int, needs: Sequence[Need], size: int = 500) -> int:
    """An issue up to an arrival, frozen for some needs."""
    number = await issues.add(tx, 1, WEEKLY, (last, last), slot=str(last), due=NOW, now=NOW)
    await issues.move(tx, number, [IssueState.HELD], IssueState.SENDING, {"frozen": NOW})
    digest = f"digest {number}"
    await issues.keep_editions(tx, [CompiledEdition(number, digest, b"x", "m", "a@example.org", "S")])
    numbered = {(need.mark, need.served): -at for at, need in enumerate(needs, 1) if need.served}
    group = {"issue": number, "number": 0, "language": "en", "posts": [1], "edition": digest}
    wanted = [
        {"issue": number, "tags": need.tags, "language": "", "mark": numbered.get((need.mark, need.served), need.mark)}
        for need in needs
    ]
    await issues.add_cohorts(tx, [group], [{**row, "cohort": 0} for row in wanted])
    together = {"issue": number, "cohort": 0, "timezone": "", "hour": "", "first_chunk": 0}
    await issues.add_departures(tx, [together])
    count = await enrol.enrol(tx, number, Audience(1, WEEKLY, NOW), last, size, numbered)
    await move_marks(tx, Audience(1, WEEKLY, NOW), last, number, {})
    chunks = range(-(-count // size))
    await ledger.add_chunks(
        tx, [{"issue": number, "number": at, "edition": digest, "not_before": NOW} for at in chunks]
    )
    return number


async def answer(tx: Tx, number: int, **states: SendState) -> None:
    """A provider's answers for some people."""
    told = {NAMES.index(name) + 1: Receipt(state, f"so it is at {name}'s") for name, state in states.items()}
    await ledger.record(tx, number, told, NOW)


async def test_what_is_owed_again_leaves_out_what_came_meanwhile(store: Store) -> None:
    """A cancelled issue turns marks back behind a later one, whose part each is not given again."""
    async with store.write() as tx:
        first = await start(tx, 5, [Need((), "", 0)])
        second = await start(tx, 9, [Need((), "", 5)])
        await answer(tx, first, ada=SendState.ACCEPTED)
        await answer(tx, second, **dict.fromkeys(NAMES, SendState.ACCEPTED))
        await issues.move(tx, first, [IssueState.SENDING], IssueState.CANCELLED)
        await ledger.cancel_waiting(tx, first, NOW)
        needs = await needs_of(tx, Audience(1, WEEKLY, NOW), 12)
        assert needs == {Need((), "", 9): 1, Need((), "", 0, ((5, 9),)): 3}
        third = await start(tx, 12, [need for need in needs if need.served])
        assert [row.email for row in await deliveries.rows(tx, third)] == [f"{name}@example.org" for name in NAMES[1:]]
        assert await needs_of(tx, Audience(1, WEEKLY, NOW), 13) == {Need((), "", 12): 4}


async def test_a_mark_is_turned_back_once(store: Store) -> None:
    """However often an issue's cancel is worked on, later service is not undone by it."""
    async with store.write() as tx:
        first = await start(tx, 5, [Need((), "", 0)])
        await issues.move(tx, first, [IssueState.SENDING], IssueState.CANCELLED)
        await ledger.cancel_waiting(tx, first, NOW)
        await move_marks(tx, Audience(1, WEEKLY, NOW), 7, first, {})
        await ledger.cancel_waiting(tx, first, NOW)
        assert await needs_of(tx, Audience(1, WEEKLY, NOW), 8) == {Need((), "", 7): 4}


async def test_tags_keep_their_beginning_while_a_mark_may_be_turned_back(store: Store) -> None:
    """Once nothing of the list is under way, words that are past their beginning are plain again."""
    async with store.write() as tx:
        await subscribers.change_tags(tx, 1, 1, ["sea"], 3)
        await subscribers.change_tags(tx, 1, 1, ["land", "sea"], 4)
        number = await start(tx, 5, [Need((), "", 0)])
        await settle_tags(tx, 1)
        (mine,) = [need for need in await needs_of(tx, Audience(1, WEEKLY, NOW), 9) if need.tags]
        assert mine.tags == ("land;4", "sea")
        await issues.move(tx, number, [IssueState.SENDING], IssueState.SENT, {"ended": NOW})
        await settle_tags(tx, 1)
        (mine,) = [need for need in await needs_of(tx, Audience(1, WEEKLY, NOW), 9) if need.tags]
        assert mine.tags == ("land", "sea")


async def test_what_is_sent_again_is_in_new_chunks_of_one_size(store: Store) -> None:
    """At the address of now, without what was heard of the first; who left or is suppressed stays as they were."""
    async with store.write() as tx:
        number = await start(tx, 5, [Need((), "", 0)])
        refused = dict.fromkeys(NAMES, SendState.REJECTED)
        await answer(tx, number, **refused)
        assert await outcomes.note(tx, number, 1, Outcome.BOUNCED_FOR_NOW, NOW)
        await subscribers.change(tx, 1, {"email": "ada@example.net"})
        await subscribers.end(tx, 2, 1, NOW)
        await subscribers.suppress(tx, "cleo@example.org", "asked", NOW)
        chosen = resending.Chosen(number, (SendState.REJECTED,))
        assert await resending.count(tx, chosen) == resending.Counts(2, 1, 1)
        assert await resending.put_back(tx, chosen, 1, NOW) == 2
        assert [await ledger.recipients(tx, number, at) for at in (1, 2)] == [
            [(1, "ada@example.net", "")],
            [(4, "dora@example.org", "")],
        ]
        assert await reports.outcomes(tx, number) == {}
        assert (await ledger.tally(tx, number)).counts == {SendState.PENDING: 2, SendState.REJECTED: 2}
        assert await resending.find(tx, number, "ada@example.net") == (1, SendState.PENDING)


async def test_a_report_counts_words_domains_and_news(store: Store) -> None:
    """Equal words are counted together, and chunks that stand alike are one line."""
    async with store.write() as tx:
        number = await start(tx, 5, [Need((), "", 0)], size=1)
        await answer(tx, number, ada=SendState.REJECTED)
        assert await outcomes.note(tx, number, 1, Outcome.BOUNCED, NOW)
        assert not await outcomes.note(tx, number, 1, Outcome.BOUNCED, NOW)
        held = await ledger.claim(tx, number, 1, "m/b/j", now=NOW, lease_until=NOW + timedelta(minutes=1))
        assert held
        assert await reports.refusals(tx, number) == [reports.Refusals("example.org", 1)]
        assert await reports.reasons(tx, number) == [reports.Reason(SendState.REJECTED, "so it is at ada's", 1)]
        assert await reports.outcomes(tx, number) == {Outcome.BOUNCED: 1}
        groups = await reports.unfinished(tx, number)
        assert [(one.state, one.chunks, one.people) for one in groups] == [
            (ChunkState.CLAIMED, 1, 1),
            (ChunkState.PENDING, 3, 2),
        ]
        assert await subscribers.suppressed(tx, "ada@example.org") == f"bounced, issue {number}"
