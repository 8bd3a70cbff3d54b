"""What a check says of the tags and authors that [feeds] chooses."""

from dispatch.acts.check import check
from dispatch.publish.collecting import collect

from .conftest import Publish

FEEDS = '[feeds]\ntags = ["SEA", "tidse", "How To"]\nauthors = ["Nobody Here", "Ann Ash"]\n'


async def test_a_check_notes_chosen_names_that_no_post_has(publish: Publish) -> None:
    """With the one that may be meant; nothing fails by it, and nothing is said before there are posts."""
    async with publish(FEEDS) as world:
        world.write("Draft", draft="true", tags="[how to]")
        await collect(world.context, world.now)
        assert [one for one in [each async for each in check(world.desk)] if one.what == "feeds"] == []
        world.write("Sea", tags="[sea, Tides]", author="ann ash")
        await collect(world.context, world.now)
        found = [each async for each in check(world.desk) if each.what == "feeds"]
    assert [(one.ok, one.note) for one in found] == [(True, True)] * 3
    assert [one.said for one in found] == [
        "[feeds] tags names 'tidse', which no post has: it gets no page and no feed. Is it 'Tides'?",
        "[feeds] tags names 'How To', which no post has: it gets no page and no feed",
        "[feeds] authors names 'Nobody Here', which no post has: it gets no page and no feed",
    ]


async def test_all_tags_are_always_there(publish: Publish) -> None:
    """Whoever chooses none is told nothing."""
    async with publish("") as world:
        world.write("Sea")
        await collect(world.context, world.now)
        assert [one async for one in check(world.desk) if one.what == "feeds"] == []
