"""The laws of letting many people in, on every database."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dispatch.model.subscriber import Cadence, SubscriptionState
from dispatch.store import incoming as module
from dispatch.store import lists, schedules, subscribers
from dispatch.store.connect import Store
from dispatch.store.incoming import Newcomer, incoming

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
LISTS = {"weekly": 1, "news": 2}


@pytest.fixture
async def ready(store: Store) -> Store:
    """A store with two lists, one of which has a weekly slot behind it."""
    async with store.write() as tx:
        await lists.sync(tx, dict.fromkeys(LISTS, True))
        for slug, reached in (("weekly", 7), ("news", 4)):
            assert await lists.advance(tx, LISTS[slug], 0, reached)
        values = {"rule": "mon 08:00", "timezone": "UTC", "slot": "a", "due": NOW}
        await schedules.add(tx, LISTS["weekly"], Cadence.WEEKLY, **values, previous=3)
    return store


def newcomer(line: int, who: str, slug: str = "weekly", **values: str) -> Newcomer:
    """A row of a file on one list; its hash tells address and list."""
    cadence = Cadence.WEEKLY if slug == "weekly" else Cadence.IMMEDIATE
    email = f"{who}@example.org"
    made = Newcomer(line, f"{email} {slug}", email, who, "", "", LISTS[slug], "active", cadence.value, "[]", "")
    return made._replace(**values)  # type: ignore[arg-type]


async def let_in(store: Store, *people: Newcomer) -> tuple[int, int]:
    """How many are new, and how many joined."""
    async with incoming(store) as room:
        await room.add(people)
        new = await room.arrange()
        return new, await room.join(NOW, lambda done, of: None)


async def names(store: Store) -> list[tuple[str, str]]:
    """Who is on which list."""
    async with store.read() as tx:
        return [(one.subscriber.name, one.list_slug) for one in await subscribers.everybody(tx)]


async def test_a_row_becomes_a_person_with_a_subscription(ready: Store) -> None:
    """All that the row says is kept; the mark is where newcomers to that cadence begin."""
    row = newcomer(2, "ada", language="de", timezone="Europe/Berlin", tags='["sea"]', state="pending", hour="07:30")
    assert await let_in(ready, row, newcomer(3, "bob", "news")) == (2, 2)
    async with ready.read() as tx:
        ada, bob = await subscribers.everybody(tx)
    person = ada.subscriber
    assert (person.email, person.name, person.language, person.timezone) == (
        "ada@example.org",
        "ada",
        "de",
        "Europe/Berlin",
    )
    assert (ada.list_slug, ada.state, ada.cadence) == ("weekly", SubscriptionState.PENDING, Cadence.WEEKLY)
    assert (ada.tags, ada.mark, ada.joined, ada.hour) == (("sea",), 3, NOW, "07:30")
    assert (bob.list_slug, bob.cadence, bob.mark, bob.hour) == ("news", Cadence.IMMEDIATE, 4, "")


async def test_the_first_row_of_an_address_counts(ready: Store) -> None:
    """Later rows for the same list change nothing, however many there are; another list is another subscription."""
    rows = [newcomer(line, "ada", name=f"Ada {line}") for line in (9, 6, 5, 7)]
    assert await let_in(ready, *rows, newcomer(4, "ada", "news", name="First")) == (2, 2)
    assert await names(ready) == [("First", "news"), ("First", "weekly")]


async def test_who_was_taken_before_never_joins_again(ready: Store) -> None:
    """Not after leaving, and not after being forgotten."""
    await let_in(ready, newcomer(2, "ada"), newcomer(3, "bob"))
    async with ready.write() as tx:
        (ada,) = await subscribers.of_address(tx, "ada@example.org")
        await subscribers.end(tx, ada.subscriber.id, 1, NOW)
        await subscribers.erase(tx, "bob@example.org")
    assert await let_in(ready, newcomer(2, "ada"), newcomer(3, "bob"), newcomer(4, "cleo")) == (1, 1)
    async with ready.read() as tx:
        assert [(one.subscriber.name, one.state.value) for one in await subscribers.everybody(tx)] == [
            ("ada", "ended"),
            ("cleo", "active"),
        ]


async def test_who_is_there_by_hand_keeps_what_they_have(ready: Store) -> None:
    """A row for somebody whom an editor added changes neither name nor subscription."""
    person = subscribers.NewPerson(
        "ada@example.org", "Ada", "", "", 1, SubscriptionState.ACTIVE, Cadence.DAILY, ("sea",), 5
    )
    async with ready.write() as tx:
        await subscribers.join(tx, [person], NOW)
    await let_in(ready, newcomer(2, "ada", name="Other"))
    async with ready.read() as tx:
        (ada,) = await subscribers.everybody(tx)
    assert (ada.subscriber.name, ada.cadence, ada.tags, ada.mark) == ("Ada", Cadence.DAILY, ("sea",), 5)


async def test_slices_leave_nobody_out(ready: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A slice ends anywhere, also between two rows of one person."""
    monkeypatch.setattr(module, "SLICES", dict.fromkeys(module.SLICES, 7))
    rows = [newcomer(line, f"p{line % 40}", slug) for line in range(100) for slug in LISTS]
    assert await let_in(ready, *rows) == (80, 80)
    assert len(set(await names(ready))) == 80


async def test_an_import_that_was_cut_off_goes_on(ready: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a slice is in, the process dies; the same file again brings in the rest, and nobody twice."""
    monkeypatch.setattr(module, "SLICES", dict.fromkeys(module.SLICES, 7))
    rows = [newcomer(line, f"p{line}") for line in range(30)]

    def die(done: int, of: int) -> None:
        raise KeyboardInterrupt

    async with incoming(ready) as room:
        await room.add(rows)
        await room.arrange()
        with pytest.raises(KeyboardInterrupt):
            await room.join(NOW, die)
    assert len(await names(ready)) == 7
    assert await let_in(ready, *rows) == (23, 23)
    assert len(set(await names(ready))) == len(await names(ready)) == 30


async def test_two_at_once_let_nobody_in_twice(ready: Store, second: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two processes read the same people before either lets one in: together they let each in once."""
    monkeypatch.setattr(module, "SLICES", dict.fromkeys(module.SLICES, 10))
    rows = [newcomer(line, f"p{line}") for line in range(50)]
    async with incoming(ready) as one, incoming(second) as other:
        for room, part in ((one, rows[:40]), (other, rows[10:])):
            await room.add(part)
            await room.arrange()
        joined = await asyncio.gather(*(room.join(NOW, lambda done, of: None) for room in (one, other)))
    assert sum(joined) == 50
    assert len(await names(ready)) == 50


async def test_who_was_forgotten_meanwhile_stays_so(ready: Store, second: Store) -> None:
    """Somebody joins by another process and asks to be forgotten while our file waits for its word."""
    async with incoming(ready) as room:
        await room.add([newcomer(2, "ada"), newcomer(3, "bob")])
        assert await room.arrange() == 2
        await let_in(second, newcomer(2, "ada"))
        async with second.write() as tx:
            await subscribers.erase(tx, "ada@example.org")
        assert await room.join(NOW, lambda done, of: None) == 1
    assert await names(ready) == [("bob", "weekly")]


numbers = count()


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.sampled_from("abcdef"), max_size=10), st.sets(st.sampled_from("abcdef")))
async def test_exactly_the_unknown_are_new(ready: Store, people: Sequence[str], known: set[str]) -> None:
    """Of the rows those never taken before, each once, by their first row."""
    run = f"-{next(numbers)}"
    before = len(await names(ready))
    async with ready.write() as tx:
        await subscribers.take_hashes(tx, [f"{who}{run}@example.org weekly" for who in known])
    rows = [newcomer(line, f"{who}{run}", name=f"{who} {line}") for line, who in enumerate(people)]
    new = set(people) - known
    assert await let_in(ready, *rows) == (len(new), len(new))
    found = await names(ready)
    assert {(f"{who} {people.index(who)}", "weekly") for who in new} <= set(found)
    assert len(found) == before + len(new)


async def test_a_room_leaves_nothing_behind(ready: Store, tmp_path: Path) -> None:
    """The connection that a file's people waited on is not used for anything else."""
    for _ in range(3):
        await let_in(ready, newcomer(2, "ada"))
    assert await names(ready) == [("ada", "weekly")]
