"""What the year found once: each is told here by itself."""

from dispatch.acts import people, shaping, timing

from ..path.conftest import Publish, database, publish

__all__ = ["database", "publish"]  # fixtures

LISTS = '[lists.few]\ncadence = "daily"\nmin_posts = 2\nsince = 2026-03-01\n'


async def test_whoever_joins_after_an_issue_by_hand_is_not_taken_for_those_who_had_it(publish: Publish) -> None:
    """Ada had one of two posts by hand and waits for more; Bob came later, gets both, and gets them once."""
    async with publish(LISTS) as world:
        world.people("few", "ada@example.org")
        world.write("Ebb")
        await world.work()
        number = await shaping.make(world.desk, "few", shaping.Wish(posts=(await world.post_id("Ebb"),)))
        await timing.send(world.desk, number)
        await world.work()
        world.later(hours=1)
        world.write("Flood")
        await world.work()
        await people.add(world.desk, {"email": "bob@example.org", "lists": "few"}, again=False)
        for _ in range(3):
            world.later(hours=24)
            await world.work()
        assert world.got("bob", ["Ebb", "Flood"]) == [("Ebb", "Flood")]
        assert world.got("ada", ["Ebb", "Flood"]) == [("Ebb",)]
