"""Topics and the pages of their histories, on both stores."""

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from dispatch.store import topics
from dispatch.store.connect import Store, Tx
from dispatch.store.schema import post
from dispatch.store.topics import Placement, Recut

DAY = datetime(2026, 11, 23, tzinfo=UTC)
SIZE = 3
FIELDS = {
    **dict.fromkeys(("source", "ref", "place", "stamp", "content_hash", "url", "title", "html", "summary"), ""),
    **dict.fromkeys(("language", "state", "revision"), ""),
    **dict.fromkeys(("explicit_slug", "guid_is_link", "barred", "archive"), False),
    **dict.fromkeys(("published", "updated", "changed", "first_seen"), DAY),
    **dict.fromkeys(("authors", "tags", "folded", "aliases"), ()),
    "assets": [],
}


async def _posts(tx: Tx, count: int) -> None:
    """Posts that topics can refer to."""
    rows = [{**FIELDS, "id": number, "uid": str(number), "slug": str(number)} for number in range(1, count + 1)]
    await tx.execute(post.insert(), rows)


def _placed(number: int, *paths: str, arrival: int | None = None) -> Placement:
    day = DAY + timedelta(days=number % 7)
    return Placement(number, day, arrival or number, dict.fromkeys(paths, ""))


async def _pages(tx: Tx, path: str) -> dict[int, list[int]]:
    """The posts on each page of a topic's history."""
    await topics.want(tx)
    return {
        row.number: sorted(await topics.on_page(tx, row)) for row in await topics.due_pages(tx, 999) if row.path == path
    }


async def _written(tx: Tx) -> None:
    """All that is due has been written."""
    await topics.mark_written(tx, await topics.due(tx, 999))
    await topics.mark_pages_written(tx, await topics.due_pages(tx, 999))


async def _due(tx: Tx) -> tuple[set[str], set[tuple[str, int]]]:
    """What is to be written: topics, and pages of their histories."""
    pages = {(row.path, row.number) for row in await topics.due_pages(tx, 999)}
    return {row.path for row in await topics.due(tx, 999)}, pages


async def test_one_more_post_touches_its_topics_and_their_last_pages(store: Store) -> None:
    """What is full stays as it is, and so does every topic that has nothing to do with the post."""
    async with store.write() as tx:
        await _posts(tx, 9)
        await topics.place(tx, [_placed(number, "", "tags/sea", "tags/ice") for number in range(1, 8)], SIZE)
        await _written(tx)
        await topics.place(tx, [_placed(8, "", "tags/sea")], SIZE)
        assert await _due(tx) == ({"", "tags/sea"}, {("", 3), ("tags/sea", 3)})
        assert await _pages(tx, "") == {1: [1, 2, 3], 2: [4, 5, 6], 3: [7, 8]}


async def test_an_edit_touches_its_own_page_alone(store: Store) -> None:
    """So does a withdrawal, and the page behind it does not move up."""
    async with store.write() as tx:
        await _posts(tx, 7)
        await topics.place(tx, [_placed(number, "") for number in range(1, 8)], SIZE)
        await _written(tx)
        await topics.place(tx, [_placed(2, "")], SIZE)
        assert await _due(tx) == ({""}, {("", 1)})
        await _written(tx)
        await topics.place(tx, [_placed(5)], SIZE)
        assert await _due(tx) == ({""}, {("", 2)})
        assert await _pages(tx, "") == {1: [1, 2, 3], 2: [4, 6], 3: [7]}


async def test_a_tag_given_later_stands_where_the_post_arrived(store: Store) -> None:
    """Its page may hold one more than is usual; no other page moves."""
    async with store.write() as tx:
        await _posts(tx, 9)
        sea = [_placed(number, "tags/sea") for number in (1, 3, 4, 6, 7, 8, 9)]
        await topics.place(tx, [*sea, _placed(2), _placed(5)], SIZE)
        await _written(tx)
        await topics.place(tx, [_placed(2, "tags/sea")], SIZE)
        assert await _due(tx) == ({"tags/sea"}, {("tags/sea", 1)})
        assert await _pages(tx, "tags/sea") == {1: [1, 2, 3, 4], 2: [6, 7, 8], 3: [9]}


async def test_a_post_that_returns_stands_on_the_last_page(store: Store) -> None:
    """It has a new arrival then, and its former page lost it when it went."""
    async with store.write() as tx:
        await _posts(tx, 7)
        await topics.place(tx, [_placed(number, "") for number in range(1, 8)], SIZE)
        await topics.place(tx, [_placed(2)], SIZE)
        await topics.place(tx, [_placed(2, "", arrival=8)], SIZE)
        assert await _pages(tx, "") == {1: [1, 3], 2: [4, 5, 6], 3: [2, 7]}


async def test_a_history_that_shows_others_than_before_is_cut_anew(store: Store) -> None:
    """Where settings let old posts in, no page grows without bound; one that grew a little stays as it is."""
    async with store.write() as tx:
        await _posts(tx, 30)
        for path, numbers in (
            ("sea", (1, 20, 21, 22)),
            ("ice", (23, 25, 26, 27)),
            ("sea", range(2, 20)),
            ("ice", (24,)),
        ):
            await topics.place(tx, [_placed(number, f"tags/{path}") for number in numbers], SIZE)
        assert await topics.overgrown(tx, SIZE) == [Recut("tags/sea", 2, 8)]
        await topics.cut_anew(tx, ["tags/sea"], SIZE)
        assert [len(ids) for ids in (await _pages(tx, "tags/sea")).values()] == [*[3] * 7, 1]
        assert await _pages(tx, "tags/ice") == {1: [23, 24, 25, 26], 2: [27]}


async def test_what_changes_while_it_is_written_stays_due(store: Store) -> None:
    """Only what was read counts as written."""
    async with store.write() as tx:
        await _posts(tx, 2)
        await topics.place(tx, [_placed(1, "")], SIZE)
        read = await topics.due(tx, 9)
        await topics.place(tx, [_placed(2, "")], SIZE)
        await topics.mark_written(tx, read)
        assert (await _due(tx))[0] == {""}


async def test_a_topic_that_is_dropped_leaves_nothing(store: Store) -> None:
    """Neither posts nor pages nor a reason to write."""
    async with store.write() as tx:
        await _posts(tx, 4)
        await topics.place(tx, [_placed(number, "", "tags/sea") for number in range(1, 5)], SIZE)
        assert await topics.pages_of(tx, "tags/sea") == [1, 2]
        await topics.drop(tx, "tags/sea", [])
        assert await topics.pages_of(tx, "tags/sea") == []
        assert await _due(tx) == ({""}, {("", 1), ("", 2)})
        assert await topics.newest(tx, "tags/sea", 9) == []


@pytest.mark.parametrize("seed", range(6))
async def test_pages_hold_every_post_once_whatever_happens(store: Store, seed: int) -> None:
    """Publishing, retagging, withdrawing, returning: the pages are the topic, one after another, the last one open."""
    chance, arrival = random.Random(seed), 0  # noqa: S311 - nothing is secret here
    wanted: dict[int, tuple[int, set[str]]] = {}
    async with store.write() as tx:
        await _posts(tx, 30)
        for _ in range(60):
            number = chance.randint(1, 30)
            paths = set(chance.sample(["", "tags/sea", "tags/ice"], chance.randint(0, 3)))
            if number not in wanted or not wanted[number][1]:
                arrival += 1
                wanted[number] = (arrival, paths)
            wanted[number] = (wanted[number][0], paths)
            await topics.place(tx, [_placed(number, *sorted(paths), arrival=wanted[number][0])], SIZE)
        for path in ("", "tags/sea", "tags/ice"):
            pages = await _pages(tx, path)
            held = Counter(one for ids in pages.values() for one in ids)
            assert held == {number: 1 for number, (_, paths) in wanted.items() if path in paths}
            assert len(pages[max(pages)]) <= SIZE
            places = {number: place for number, (place, _) in wanted.items()}
            ends = [(min(places[one] for one in ids), max(places[one] for one in ids)) for ids in pages.values() if ids]
            assert all(before[1] < after[0] for before, after in pairwise(ends))
