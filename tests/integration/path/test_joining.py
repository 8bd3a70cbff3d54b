"""People from files, over several passes."""

import pytest

from dispatch.publish.joining import TAKING
from dispatch.store import facts, subscribers

from .conftest import Publish, World

NEWS = "[lists.news]\nsince = 2026-03-01\n"


def crowd(size: int, name: str = "p") -> list[str]:
    """So many addresses."""
    return [f"{name}{number}@example.org" for number in range(size)]


async def people(world: World) -> int:
    """How many are subscribed."""
    async with world.context.store.read() as tx:
        return sum((await subscribers.counts(tx)).values())


@pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
async def test_a_first_pass_that_was_cut_off_is_still_the_first(publish: Publish) -> None:
    """The rest of the people a publication begins with needs nobody's word; a crowd after it does."""
    async with publish(NEWS) as world:
        async with world.context.store.write() as tx:
            await facts.put(tx, TAKING, "begun")
            await subscribers.take_hashes(tx, [world.context.keyring.taken("p0@example.org", "news")])
        world.people("news", *crowd(300))
        await world.work()
        assert await people(world) == 299
        world.people("news", *crowd(300), *crowd(101, "late"))
        done = await world.work()
        assert await people(world) == 299
        assert "new people at once: 101" in str(done.problems)


async def test_a_file_that_has_not_changed_is_not_read_again(publish: Publish) -> None:
    """A row that becomes possible by the settings is; the same bytes under the same settings are left alone."""
    async with publish(NEWS) as world:
        world.people("news", "ada@example.org,weekly", columns="email,cadence")
        assert len((await world.work()).problems) == 1
        assert (await world.work()).problems == ()
    async with publish(NEWS + "cadences = ['immediate', 'weekly']\n") as world:
        assert (await world.work()).problems == ()
        assert await people(world) == 1
