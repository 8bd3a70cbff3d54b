"""The store finds the posts that may tell the same story, and knows what had arrived when."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from dispatch.model.permalink import Permalink
from dispatch.model.post import CleanPost, Post, PostState
from dispatch.publish.postrow import new_row
from dispatch.store import posts
from dispatch.store.connect import Store

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


async def keep(store: Store, number: int, source: str = "blog", **values: Any) -> Post:
    """Add a post that arrived as the number says, so many minutes after noon."""
    arrived = NOON + timedelta(minutes=number)
    more = {name: values.pop(name) for name in ("state",) if name in values}
    clean = CleanPost(
        **{
            "ref": f"{number}.md",
            "stamp": "1",
            "where": f"posts/{number}.md",
            "content_hash": f"{number}",
            "revision": "1",
            "title": f"Post {number}",
            "html": "<p>Text</p>",
            "summary": "Text",
            "language": "en",
            "slug": f"post-{number}",
            **values,
        }
    )
    async with store.write() as tx:
        permalink = Permalink("https://sea.example", source=source)
        row = new_row(clean, permalink, await posts.uids(tx), NOON, first_pass=False)
        await posts.add(tx, [{**row, "id": number, "arrival": number, "arrived": arrived, **more}])
        found = await posts.many(tx, [number])
    return found[number]


async def kin(store: Store, window: Sequence[Post]) -> list[str]:
    """The titles of what may tell a story of these posts."""
    async with store.read() as tx:
        return [one.title for one in await posts.same_stories(tx, window)]


async def test_copies_are_found_by_address_and_by_guid(store: Store) -> None:
    """In whatever source and spelling, before and after; not what only looks alike."""
    own = await keep(store, 1, guid="tag:sea.example,2026:1")
    await keep(store, 2, "feed", link="http://www.sea.example/posts/post-1?utm_source=feed")
    await keep(store, 3, "feed", canonical="https://sea.example/posts/post-1/", link="https://news.example/3")
    await keep(store, 4, "feed", guid="tag:sea.example,2026:1")
    await keep(store, 5, "feed", guid="tag:sea.example,2026:5", title="Post 1")
    assert await kin(store, [own]) == ["Post 2", "Post 3", "Post 4"]


async def test_translations_are_found_in_their_own_source(store: Store) -> None:
    """Another source's key of the same name is another."""
    one = await keep(store, 1, translation="tides")
    await keep(store, 2, translation="tides", language="de")
    await keep(store, 3, "desk", translation="tides", language="de")
    await keep(store, 4)
    assert await kin(store, [one]) == ["Post 2"]


async def test_neither_the_window_itself_nor_what_is_gone_is_found(store: Store) -> None:
    """Only live posts from outside; an empty window has none."""
    window = [await keep(store, number, translation="tides") for number in (1, 2)]
    await keep(store, 3, translation="tides", state=PostState.WITHDRAWN)
    assert await kin(store, window) == []
    assert await kin(store, []) == []


async def test_a_window_may_be_long(store: Store) -> None:
    """More posts than a statement holds values are no obstacle."""
    one = await keep(store, 1, translation="k1")
    await keep(store, 2, translation="k1", language="de")
    values = {name: getattr(one, name) for name in Post.__dataclass_fields__}
    window = [Post(**{**values, "id": 10 + n, "canonical": f"c{n}", "translation": f"k{n}"}) for n in range(1200)]
    assert await kin(store, window) == ["Post 1", "Post 2"]


async def test_the_head_at_an_instant_is_what_had_arrived_by_then(store: Store) -> None:
    """To the second; what is gone since had arrived all the same."""
    await keep(store, 3)
    await keep(store, 4, state=PostState.WITHDRAWN)
    async with store.read() as tx:
        heads = [await posts.head_at(tx, NOON + timedelta(minutes=minutes)) for minutes in (2, 3, 3.5, 4, 60)]
    assert heads == [0, 3, 3, 4, 4]
