"""The laws of the store, on every database it runs on."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, select, text

from dispatch.errors import ConfigError, StoreError
from dispatch.model.delivery import ChunkState, Receipt, SendState
from dispatch.model.issue import CompiledEdition, IssueState, Need
from dispatch.model.subscriber import Cadence, SubscriptionState
from dispatch.store import (
    audit,
    chunks,
    deliveries,
    enrol,
    facts,
    highwater,
    issues,
    ledger,
    lists,
    migrate,
    schedules,
    subscribers,
)
from dispatch.store.audience import Audience
from dispatch.store.connect import Store, Tx
from dispatch.store.needs import needs_of
from dispatch.store.schema import chunk, delivery
from dispatch.store.schema_site import every_table
from dispatch.store.subscribers import NewPerson

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
LEASE = NOW + timedelta(minutes=1)


# --- how it comes to be -------------------------------------------------------------------------------------------


async def test_migrations_reach_the_schema(store: Store) -> None:
    """A store built by migrations has exactly the tables that the code speaks of."""

    def compare(connection: Connection) -> list[Any]:
        tables = every_table()[0].metadata
        return compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), tables)

    async with store.read() as tx:
        assert await tx.run_sync(compare) == []
        assert await tx.run_sync(migrate.revision) == migrate.HEAD


async def test_opening_again_changes_nothing(store: Store, second: Store) -> None:
    """A store that is up to date keeps what it holds."""
    async with store.write() as tx:
        await facts.put(tx, "store id", "abc")
    async with second.read() as tx:
        assert await facts.get(tx, "store id") == "abc"


async def test_two_that_open_an_empty_store_at_once_both_find_it_whole(empty_url: str, tmp_path: Path) -> None:
    """One migrates, the other waits for it."""
    one, other = await asyncio.gather(Store.open(empty_url, tmp_path), Store.open(empty_url, tmp_path))
    async with other.read() as tx:
        assert await facts.arrival_head(tx) == 0
    await one.aclose()
    await other.aclose()


async def test_a_store_from_the_future_is_refused(store: Store, url: str, tmp_path: Path) -> None:
    """A newer Dispatch's store is not touched, and the cure is said."""
    async with store.write() as tx:
        await tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match="upgrade Dispatch"):
        await Store.open(url, tmp_path)


@pytest.mark.parametrize("address", ["", "dispatch.db", "oracle://x", "sqlite+nothing:///x"])
async def test_an_address_that_cannot_be_one_is_a_configuration_error(address: str, tmp_path: Path) -> None:
    """The message shows how addresses are written."""
    with pytest.raises(ConfigError, match="Write sqlite:///FILE"):
        await Store.open(address, tmp_path)


@pytest.mark.parametrize("name", ["missing/dispatch.db", "notes.txt"])
async def test_a_file_that_cannot_be_a_store_is_said(name: str, tmp_path: Path) -> None:
    """A folder that is not there and a file of another kind are StoreErrors with a cure."""
    (tmp_path / "notes.txt").write_text("These are notes, and no database at all. " * 40)
    with pytest.raises(StoreError, match=r"is no folder|not a database"):
        await Store.open(f"sqlite:///{name}", tmp_path)


# --- transactions -------------------------------------------------------------------------------------------------


async def test_a_write_that_fails_leaves_nothing(store: Store) -> None:
    """All of a transaction or nothing."""
    with suppress(ZeroDivisionError):
        async with store.write() as tx:
            await facts.put(tx, "half", "done")
            raise ZeroDivisionError
    async with store.read() as tx:
        assert await facts.get(tx, "half") is None


async def test_a_reader_sees_one_state(store: Store, second: Store) -> None:
    """What is committed while a reader reads does not change what it sees."""
    async with store.read() as reader:
        before = await facts.get(reader, "word")
        async with second.write() as tx:
            await facts.put(tx, "word", "new")
        assert await facts.get(reader, "word") == before is None


async def test_many_small_writes_from_two_sides_are_all_kept(store: Store, second: Store) -> None:
    """Two processes on one store wait for each other; nothing is lost or broken."""

    async def write(side: Store, name: str) -> None:
        async with side.write() as tx:
            await facts.take_arrivals(tx, 1)
            await facts.put(tx, name, name)

    await asyncio.gather(*(write(side, f"{number} {id(side)}") for number in range(40) for side in (store, second)))
    async with store.read() as tx:
        assert await facts.arrival_head(tx) == 80
        kept = (await tx.execute(text("SELECT count(*) FROM meta"))).scalar()
        assert kept == 80


async def test_an_instant_keeps_its_microseconds_and_needs_a_zone(store: Store) -> None:
    """Times come back in UTC to the microsecond; one without a zone is refused."""
    exact = NOW + timedelta(microseconds=1)
    async with store.write() as tx:
        await audit.note(tx, audit.AuditLine(exact, "ada", "look", "it", ""))
    async with store.read() as tx:
        assert [line.at for line in await audit.lines(tx)] == [exact]
    with pytest.raises(StoreError):
        async with store.write() as tx:
            await audit.note(tx, audit.AuditLine(exact.replace(tzinfo=None), "ada", "look", "it", ""))


# --- arrivals and lists -------------------------------------------------------------------------------------------


async def test_arrivals_have_no_gaps_and_follow_commits(store: Store, second: Store) -> None:
    """Numbers are given without a gap in the order of commits, and a transaction that fails takes none."""
    taken: list[int] = []

    async def take(side: Store, *, fail: bool) -> None:
        with suppress(ZeroDivisionError):
            async with side.write() as tx:
                first = await facts.take_arrivals(tx, 2)
                await asyncio.sleep(0)
                if fail:
                    raise ZeroDivisionError
                taken.extend((first, first + 1))

    await asyncio.gather(*(take((store, second)[number % 2], fail=number % 5 == 0) for number in range(20)))
    assert sorted(taken) == list(range(1, 33))


async def test_nobody_sees_an_arrival_before_an_earlier_one(store: Store, second: Store) -> None:
    """While a transaction holds the next number, no other can commit a later one."""
    order: list[str] = []

    async def slow(holding: asyncio.Event) -> None:
        async with store.write() as tx:
            await facts.take_arrivals(tx, 1)
            holding.set()
            await asyncio.sleep(0.05)
            order.append("first")

    async def quick(holding: asyncio.Event) -> None:
        await holding.wait()
        async with second.write() as tx:
            assert await facts.take_arrivals(tx, 1) == 2
            order.append("second")

    holding = asyncio.Event()
    await asyncio.gather(slow(holding), quick(holding))
    assert order == ["first", "second"]


async def test_advance_is_compare_and_set(store: Store) -> None:
    """Of two that move a list on from the same place, one does."""
    one = await make_list(store)
    async with store.write() as tx:
        assert await lists.advance(tx, one, 0, 5)
        assert not await lists.advance(tx, one, 0, 9)
        assert (await lists.every(tx))["weekly"].composed_to == 5


async def test_a_schedule_moves_on_once(store: Store) -> None:
    """Of two that fire one slot, one does; a changed rule counts as another slot."""
    one = await make_list(store)
    async with store.write() as tx:
        await schedules.add(tx, one, Cadence.WEEKLY, rule="mon 08:00", timezone="UTC", slot="a", due=NOW, previous=0)
        (row,) = await schedules.every(tx)
        assert await schedules.advance(tx, row, slot="b", due=LEASE, previous=3)
        assert not await schedules.advance(tx, row, slot="b", due=LEASE, previous=3)
        (moved,) = await schedules.every(tx)
        await schedules.change(tx, moved, rule="tue 08:00", timezone="UTC", slot="c", due=LEASE)
        assert not await schedules.advance(tx, moved, slot="d", due=LEASE, previous=3)


async def test_a_cadence_fires_once_a_slot(store: Store) -> None:
    """The run of a slot is recorded once."""
    one = await make_list(store)
    async with store.write() as tx:
        assert await issues.add_run(tx, one, Cadence.WEEKLY, "2026-11-23T08:00", NOW)
        assert not await issues.add_run(tx, one, Cadence.WEEKLY, "2026-11-23T08:00", NOW)
        assert await issues.add_run(tx, one, Cadence.DAILY, "2026-11-23T08:00", NOW)


async def test_a_list_that_goes_is_retired_and_may_return(store: Store) -> None:
    """A list gone from the configuration keeps its id and its place."""
    one = await make_list(store)
    async with store.write() as tx:
        await lists.sync(tx, {"other": False})
        assert (await lists.every(tx))["weekly"].retired
        await lists.sync(tx, {"weekly": True, "other": False})
        back = (await lists.every(tx))["weekly"]
    assert (back.id, back.retired) == (one, False)


# --- people -------------------------------------------------------------------------------------------------------

EVERYTHING: tuple[str, ...] = ()


async def make_list(store: Store, *slugs: str) -> int:
    """A list named weekly, and others; the id of the first."""
    async with store.write() as tx:
        await lists.sync(tx, dict.fromkeys(("weekly", *slugs), True))
        return (await lists.every(tx))["weekly"].id


def person(who: str, list_id: int, **values: Any) -> NewPerson:
    """Somebody who joins, active and weekly unless told otherwise."""
    standard: dict[str, Any] = {
        "email": f"{who}@example.org",
        "name": who,
        "language": "",
        "timezone": "",
        "list_id": list_id,
        "state": SubscriptionState.ACTIVE,
        "cadence": Cadence.WEEKLY,
        "tags": EVERYTHING,
        "mark": 0,
    }
    return NewPerson(**{**standard, **values})


async def test_who_is_there_keeps_what_they_have(store: Store) -> None:
    """Joining again changes neither name nor subscription, and brings nobody back who left."""
    one = await make_list(store)
    async with store.write() as tx:
        await subscribers.join(tx, [person("ada", one)], NOW)
        (ada,) = await subscribers.of_address(tx, "ada@example.org")
        assert await subscribers.end(tx, ada.subscriber.id, one, NOW)
        assert not await subscribers.end(tx, ada.subscriber.id, one, NOW)
        await subscribers.join(tx, [person("ada", one, name="Other", cadence=Cadence.DAILY)], NOW)
        (again,) = await subscribers.of_address(tx, "ada@example.org")
    assert (again.state, again.cadence, again.subscriber.name) == (SubscriptionState.ENDED, Cadence.WEEKLY, "ada")


async def test_needs_are_those_of_whoever_would_get_mail(store: Store) -> None:
    """Equal needs are counted together; other cadences, left, waiting, served and suppressed people are not."""
    one = await make_list(store)
    async with store.write() as tx:
        await subscribers.join(tx, crowd(one), NOW)
        await subscribers.suppress(tx, "suppressed@example.org", "bounced", NOW)
        needs = await needs_of(tx, Audience(one, Cadence.WEEKLY, NOW), 10)
    assert needs == {Need((), "", 0): 2, Need(("sea",), "de", 0): 1, Need((), "", 4): 1}


def crowd(list_id: int) -> list[NewPerson]:
    """People of every kind: two alike, two with needs of their own, and five that this issue is not for."""
    return [
        person("a", list_id),
        person("b", list_id),
        person("tagged", list_id, tags=("sea",), language="de"),
        person("late", list_id, mark=4),
        person("served", list_id, mark=10),
        person("daily", list_id, cadence=Cadence.DAILY),
        person("pending", list_id, state=SubscriptionState.PENDING),
        person("left", list_id, state=SubscriptionState.ENDED),
        person("suppressed", list_id),
    ]


# --- the ledger ---------------------------------------------------------------------------------------------------


async def make_issue(tx: Tx, list_id: int) -> int:
    """An issue of arrivals 1 to 10 that is being sent."""
    number = await issues.add(tx, list_id, Cadence.WEEKLY, (1, 10), slot="a", due=NOW, now=NOW)
    await issues.move(tx, number, [IssueState.HELD], IssueState.SENDING, {"frozen": NOW})
    compiled = CompiledEdition(number, f"digest {number}", b"x", "m", "a@example.org", "S")
    await issues.keep_editions(tx, [compiled])
    return number


async def freeze(tx: Tx, number: int, list_id: int, needs: Sequence[Need], size: int) -> int:
    """Freeze an issue with one cohort for these needs, in chunks of this size."""
    row = {
        "issue": number,
        "number": 0,
        "language": "en",
        "posts": [1],
        "edition": f"digest {number}",
    }
    wanted = [
        {"issue": number, "tags": need.tags, "language": need.language, "mark": need.mark, "cohort": 0}
        for need in needs
    ]
    await issues.add_cohorts(tx, [row], wanted)
    await issues.add_departures(tx, [{"issue": number, "cohort": 0, "timezone": "", "hour": "", "first_chunk": 0}])
    count = await enrol.enrol(tx, number, Audience(list_id, Cadence.WEEKLY, NOW), 10, size)
    used = (await tx.execute(select(delivery.c.chunk).distinct().where(delivery.c.issue == number))).scalars()
    waiting = [{"issue": number, "number": at, "edition": f"digest {number}", "not_before": NOW} for at in sorted(used)]
    await ledger.add_chunks(tx, waiting)
    return count


async def sending(store: Store, people: int = 3, size: int = 500) -> int:
    """An issue whose audience is frozen."""
    one = await make_list(store)
    async with store.write() as tx:
        await subscribers.join(tx, [person(f"p{number}", one) for number in range(people)], NOW)
        number = await make_issue(tx, one)
        await freeze(tx, number, one, [Need((), "", 0)], size)
    return number


async def test_the_audience_is_whoever_has_a_matching_need(store: Store) -> None:
    """One row for each active, unsuppressed subscription of the cadence whose need has a cohort, and none else."""
    one = await make_list(store, "other")
    async with store.write() as tx:
        other = (await lists.every(tx))["other"].id
        await subscribers.join(tx, [*crowd(one), person("elsewhere", other), person("a", other)], NOW)
        await subscribers.suppress(tx, "suppressed@example.org", "bounced", NOW)
        number = await make_issue(tx, one)
        assert await freeze(tx, number, one, [Need((), "", 0), Need((), "", 4)], 500) == 3
        rows = await deliveries.rows(tx, number)
    assert [(row.email, row.state) for row in rows] == [
        (f"{name}@example.org", SendState.PENDING) for name in ("a", "b", "late")
    ]


async def test_the_audience_is_cut_into_chunks_of_one_size(store: Store) -> None:
    """Every chunk but the last is full, and nobody is in two."""
    number = await sending(store, people=7, size=3)
    async with store.read() as tx:
        sizes = [await ledger.open_count(tx, number, at) for at in range(4)]
        people = [who for at in range(4) for who, _, _ in await ledger.recipients(tx, number, at)]
    assert sizes == [3, 3, 1, 0]
    assert len(set(people)) == 7


async def test_a_row_keeps_from_and_to(store: Store) -> None:
    """Each delivery says which arrivals it served."""
    number = await sending(store)
    async with store.read() as tx:
        marks = (await tx.execute(select(delivery.c.mark_from, delivery.c.mark_to).distinct())).all()
    assert [tuple(row) for row in marks] == [(0, 10)]
    assert number == 1


async def claim(store: Store, number: int, journal: str = "m/b/j") -> Any:
    """Claim the first chunk."""
    async with store.write() as tx:
        return await ledger.claim(tx, number, 0, journal, now=NOW, lease_until=LEASE)


async def test_of_two_that_claim_one_wins(store: Store, second: Store) -> None:
    """A chunk is claimed by compare-and-set."""
    number = await sending(store)
    claims = await asyncio.gather(*(claim(side, number) for side in (store, second, store, second)))
    assert sum(found is not None for found in claims) == 1


@pytest.mark.parametrize("state", [IssueState.PAUSED, IssueState.CANCELLED, IssueState.SENT])
async def test_only_an_issue_that_is_being_sent_can_be_claimed(store: Store, state: IssueState) -> None:
    """Pause and cancel hold for every chunk that nobody holds yet."""
    number = await sending(store)
    async with store.write() as tx:
        await issues.move(tx, number, [IssueState.SENDING], state)
        assert await chunks.ready(tx, NOW, 10) == []
    assert await claim(store, number) is None


async def test_a_chunk_is_not_claimed_before_its_time(store: Store) -> None:
    """`not_before` is kept."""
    number = await sending(store)
    held = await claim(store, number)
    async with store.write() as tx:
        await ledger.release(tx, held, not_before=LEASE, since=NOW)
        assert await chunks.ready(tx, NOW, 10) == []
        assert await chunks.next_ready(tx) == LEASE
        assert await chunks.ready(tx, LEASE, 10) == [(number, 0)]
    assert await claim(store, number) is None


async def test_a_stale_fence_holds_nothing(store: Store) -> None:
    """After a take-over the older holder can neither close nor keep its claim."""
    number = await sending(store)
    old = await claim(store, number)
    async with store.write() as tx:
        await ledger.release(tx, old, not_before=NOW, since=NOW)
    new = await claim(store, number)
    async with store.write() as tx:
        assert (await ledger.holds(tx, old), await ledger.extend(tx, old, LEASE)) == (False, False)
        assert (await ledger.holds(tx, new), await ledger.extend(tx, new, LEASE)) == (True, True)
    assert new.fence > old.fence
    assert new.first_try == old.first_try == NOW


async def test_who_left_since_the_freeze_is_skipped(store: Store) -> None:
    """A claim leaves out who unsubscribed or was suppressed, and only them."""
    number = await sending(store, people=4)
    async with store.write() as tx:
        ids = await subscribers.ids_of(tx, [f"p{at}@example.org" for at in range(4)])
        await subscribers.end(tx, ids["p1@example.org"], 1, NOW)
        await subscribers.suppress(tx, "p2@example.org", "complained", NOW)
    await claim(store, number)
    async with store.read() as tx:
        assert [row.email for row in await deliveries.rows(tx, number, [SendState.SKIPPED])] == [
            "p1@example.org",
            "p2@example.org",
        ]
        assert len(await ledger.recipients(tx, number, 0)) == 2


async def test_what_has_ended_stays(store: Store) -> None:
    """A later receipt, or the end of the chunk, changes no delivery that has ended."""
    number = await sending(store)
    async with store.write() as tx:
        who = [one for one, _, _ in await ledger.recipients(tx, number, 0)]
        await ledger.record(tx, number, {who[0]: Receipt(SendState.ACCEPTED), who[1]: Receipt(SendState.RETRY)}, NOW)
        await ledger.record(tx, number, {who[0]: Receipt(SendState.REJECTED)}, NOW)
        await ledger.cancel_waiting(tx, number, NOW)
        tally = await ledger.tally(tx, number)
    assert tally.counts == {SendState.ACCEPTED: 1, SendState.CANCELLED: 2}
    assert tally.balances


async def test_a_receipt_touches_its_own_issue_only(store: Store) -> None:
    """The same person's delivery of another issue stays open."""
    first = await sending(store)
    async with store.write() as tx:
        other = await make_issue(tx, 1)
        await freeze(tx, other, 1, [Need((), "", 0)], 500)
        await ledger.record(tx, first, {1: Receipt(SendState.ACCEPTED)}, NOW)
        assert (await ledger.tally(tx, other)).open == 3


async def test_an_issue_ends_only_when_it_balances(store: Store) -> None:
    """With somebody open, or a chunk not closed, it is not sent; then it is, once."""
    number = await sending(store)
    held = await claim(store, number)
    async with store.write() as tx:
        issue = await issues.get(tx, number)
        assert issue
        assert not await ledger.finish_if_balanced(tx, issue, NOW)
        who = [one for one, _, _ in await ledger.recipients(tx, number, 0)]
        await ledger.record(tx, number, dict.fromkeys(who, Receipt(SendState.ACCEPTED)), NOW)
        assert not await ledger.finish_if_balanced(tx, issue, NOW)
        await ledger.close(tx, held)
        assert await ledger.finish_if_balanced(tx, issue, NOW)
        assert not await ledger.finish_if_balanced(tx, issue, NOW)
        ended = await issues.get(tx, number)
    assert ended
    assert (ended.state, ended.ended) == (IssueState.SENT, NOW)


async def test_what_is_in_hand_is_not_cancelled_over_its_holder(store: Store) -> None:
    """A cancel ends what nobody holds; a claimed chunk comes in by its holder."""
    number = await sending(store, people=4, size=2)
    await claim(store, number)
    async with store.write() as tx:
        await ledger.cancel_waiting(tx, number, NOW)
        states = (await tx.execute(select(chunk.c.state).order_by(chunk.c.number))).scalars().all()
        tally = await ledger.tally(tx, number)
    assert states == [ChunkState.CLAIMED, ChunkState.CLOSED]
    assert (tally.open, tally.counts[SendState.CANCELLED]) == (2, 2)


# --- beside the store ---------------------------------------------------------------------------------------------


async def test_an_older_copy_of_the_store_is_told_apart(store: Store, tmp_path: Path) -> None:
    """A store that knows less than the mark beside it, or has another id, may not mail."""
    async with store.write() as tx:
        await facts.put(tx, "store id", "ours")
        await highwater.check(tx, tmp_path)
        earlier = await highwater.rise(tx)
        highwater.mark(tmp_path, await highwater.rise(tx))
        highwater.mark(tmp_path, earlier)
        await highwater.check(tx, tmp_path)
        await facts.take(tx, facts.SENDS, -1)
        with pytest.raises(StoreError, match="copy or a backup"):
            await highwater.check(tx, tmp_path)
        await facts.put(tx, "store id", "another")
        with pytest.raises(StoreError, match="not the one"):
            await highwater.check(tx, tmp_path)


async def test_nobody_is_ever_given_anothers_id(store: Store) -> None:
    """Whoever comes after somebody was forgotten is somebody else, for links and bounces name people by their id."""
    one = await make_list(store)
    async with store.write() as tx:
        await subscribers.join(tx, [person("ada", one), person("bob", one)], NOW)
        before = await subscribers.ids_of(tx, ["bob@example.org"])
        assert await subscribers.erase(tx, "bob@example.org")
        await subscribers.join(tx, [person("cy", one)], NOW)
        after = await subscribers.ids_of(tx, ["cy@example.org", "bob@example.org"])
    assert "bob@example.org" not in after
    assert after["cy@example.org"] not in before.values()
