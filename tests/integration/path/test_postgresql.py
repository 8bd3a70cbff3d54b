"""The whole path once more, on a store that a server keeps."""

from typing import Any

import pytest

from dispatch.acts import issue as acts
from dispatch.acts.subscriber import LeavingByLink, import_people, read_file
from dispatch.app import open_app
from dispatch.config import read_config
from dispatch.model.issue import IssueState
from dispatch.publish import run_pass
from dispatch.store import issues, subscribers

from .conftest import Publish

pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)
NEWS = "[lists.news]\nsince = 2026-03-01\ncadences = ['immediate', 'weekly']\n"


async def test_posts_reach_their_readers_and_a_restart_sends_nothing_again(publish: Publish) -> None:
    """Immediate and weekly readers each get theirs once, over two starts."""
    async with publish(NEWS) as world:
        world.people("news", "ada@example.org,", "bob@example.org,weekly", columns="email,cadence")
        world.write("Departure")
        await world.work(hold=False)
        assert world.got("ada", ["Departure"]) == [("Departure",)]
    async with publish(NEWS) as world:
        world.later(days=7)
        await world.work(hold=False)
        await world.work(hold=False)
        assert world.got("bob", ["Departure"]) == [("Departure",)]
        assert world.got("ada", ["Departure"]) == [("Departure",)]
        assert await world.states() == [IssueState.SENT, IssueState.SENT]


async def test_a_send_is_paused_resumed_and_left_by_whoever_leaves(publish: Publish) -> None:
    """Nobody is mailed while an issue rests; who leaves meanwhile is skipped, and the sum balances."""
    async with publish(NEWS) as world:
        world.people("news", "ada@example.org", "bob@example.org")
        world.write("Departure")
        await run_pass(world.context, world.now, hold=False)
        await acts.pause(world.desk, 1)
        await world.app.engine.drain()
        assert world.mails() == []
        async with world.context.store.read() as tx:
            ada = (await subscribers.ids_of(tx, ["ada@example.org"]))["ada@example.org"]
        link = world.context.keyring.unsubscribe(ada, world.context.lists["news"].id)
        assert not (await LeavingByLink(world.context).leave(link)).already_left
        await acts.resume(world.desk, 1)
        await world.app.engine.drain()
        assert await world.ledger(1) == {"ada": "skipped", "bob": "accepted"}
        assert await world.states() == [IssueState.SENT]


async def test_a_cancelled_issue_gives_its_posts_back(publish: Publish) -> None:
    """What was never attempted is in the next digest."""
    async with publish(NEWS) as world:
        world.people("news", "bob@example.org,weekly", columns="email,cadence")
        world.write("Departure")
        await world.work(hold=False)
        world.later(days=7)
        await run_pass(world.context, world.now, hold=False)
        await acts.cancel(world.desk, 1)
        assert await world.ledger(1) == {"bob": "cancelled"}
        world.later(days=7)
        await world.work(hold=False)
        assert world.got("bob", ["Departure"]) == [("Departure",)]


async def test_people_are_imported_by_copy(publish: Publish) -> None:
    """A file's people join once, whoever is there keeps what they have, and who left does not come back."""
    async with publish(NEWS) as world:
        rows = [f"p{number}@example.org,sea" for number in range(3000)]
        world.people("fair", *rows, "p7@example.org,moon", columns="email,tags")
        path = world.folder / "subscribers" / "fair.csv"
        path.write_text(path.read_text().replace("email,tags", "email,tags,lists").replace(",sea", ",sea,news"))
        for joined in (3000, 0):
            async with read_file(world.desk, path) as intake:
                assert (await import_people(world.desk, path, intake)).people == joined
        async with world.context.store.read() as tx:
            (seventh,) = await subscribers.of_address(tx, "p7@example.org")
            assert seventh.tags == ("sea",)
            assert sum((await subscribers.counts(tx)).values()) == 3000


async def test_a_simulation_works_on_a_copy_in_a_file(publish: Publish) -> None:
    """What is simulated is made below simulated/; the server's store knows nothing of it."""
    async with publish(NEWS) as world:
        world.people("news", "ada@example.org", "bob@example.org,weekly")
        await world.work()
        world.write("Departure")

        def clock() -> Any:
            return world.now

        config = read_config(world.folder)
        async with open_app(config, tell=world.said.append, clock=clock, simulate=True) as app:
            await run_pass(app.context, world.now, hold=False)
            await app.engine.drain()
        assert (world.folder / "simulated" / "dispatch.db").is_file()
        assert len(list((world.folder / "simulated" / "outbox" / "new").glob("*.eml"))) == 1
        async with world.context.store.read() as tx:
            assert await issues.recent(tx, 10) == []
        assert world.mails() == []
