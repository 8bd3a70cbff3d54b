"""What editors do with people, and what it means for mail."""

import pytest

from dispatch.acts import people
from dispatch.acts.act import ActError
from dispatch.acts.subscriber import LeavingByLink, unsubscribe
from dispatch.publish import run_pass
from dispatch.store import audit, subscribers

from .conftest import Publish, World

NEWS = "[lists.news]\nsince = 2026-03-01\n"


def cells(address: str, **others: str) -> dict[str, str]:
    """The cells of one person on the list."""
    return {"email": address, "lists": "news", **others}


async def mail(world: World, title: str) -> None:
    """Publish a post and send it."""
    world.later(minutes=1)
    world.write(title)
    await world.work(hold=False)


async def test_somebody_added_gets_what_comes_next(publish: Publish) -> None:
    """Not what was there before them; a second time is refused; wrong cells are said."""
    async with publish(NEWS) as world:
        await mail(world, "Before")
        await people.add(world.desk, cells("Ada@Example.org", name="Ada"), again=False)
        await mail(world, "After")
        assert world.got("ada", ["Before", "After"]) == [("After",)]
        with pytest.raises(ActError, match="already"):
            await people.add(world.desk, cells("ada@example.org"), again=False)
        with pytest.raises(ActError, match="no list 'nws'"):
            await people.add(world.desk, {"email": "bob@example.org", "lists": "nws"}, again=False)


async def test_who_left_comes_back_only_when_they_asked(publish: Publish) -> None:
    """`again` is an editor's word for it; what was sent meanwhile is not made up for."""
    async with publish(NEWS) as world:
        await people.add(world.desk, cells("ada@example.org"), again=False)
        await mail(world, "First")
        await unsubscribe(world.desk, "ada@example.org", None)
        await mail(world, "Second")
        with pytest.raises(ActError, match="--again"):
            await people.add(world.desk, cells("ada@example.org"), again=False)
        await people.add(world.desk, cells("ada@example.org"), again=True)
        await mail(world, "Third")
        assert world.got("ada", ["First", "Second", "Third"]) == [("First",), ("Third",)]


async def test_a_suppressed_address_is_never_mailed(publish: Publish) -> None:
    """Not by a send under way, not by a later one, and nobody adds it before the suppression is lifted."""
    async with publish(NEWS) as world:
        world.people("news", "ada@example.org", "bob@example.org")
        world.write("First")
        await run_pass(world.context, world.now, hold=False)
        await people.suppress(world.desk, "ada@example.org", "complained")
        await world.app.engine.drain()
        assert await world.ledger(1) == {"ada": "skipped", "bob": "accepted"}
        await mail(world, "Second")
        assert world.got("ada", ["First", "Second"]) == []
        with pytest.raises(ActError, match="complained"):
            await people.add(world.desk, cells("ada@example.org"), again=True)
        await people.lift(world.desk, "ada@example.org")
        await mail(world, "Third")
        assert world.got("ada", ["First", "Second", "Third"]) == [("Third",)]


async def test_somebody_forgotten_leaves_no_address_and_no_gap(publish: Publish) -> None:
    """The sums stay, their link still answers, their file is named and does not bring them back."""
    async with publish(NEWS) as world:
        world.people("news", "ada@example.org", "bob@example.org")
        await mail(world, "First")
        async with world.context.store.read() as tx:
            ada = (await subscribers.ids_of(tx, ["ada@example.org"]))["ada@example.org"]
        await people.suppress(world.desk, "ada@example.org", "asked")
        await people.lift(world.desk, "ada@example.org")
        files = await people.forget(world.desk, "ada@example.org")
        assert files == [str(world.folder / "subscribers" / "news.csv")]
        async with world.context.store.read() as tx:
            assert "ada@example.org" not in repr(await audit.lines(tx))
            assert await subscribers.of_address(tx, "ada@example.org") == []
        assert sorted(await world.ledger(1)) == [subscribers.ERASED, "bob"]
        token = world.context.keyring.unsubscribe(ada, world.context.lists["news"].id)
        assert (await LeavingByLink(world.context).look(token)).already_left
        world.people("news", "ada@example.org", "bob@example.org", "cleo@example.org")
        await mail(world, "Second")
        assert world.got("ada", ["Second"]) == [()]
        assert world.got("cleo", ["Second"]) == [("Second",)]


async def test_an_export_reads_back_as_it_was(publish: Publish) -> None:
    """Every column of every subscription, commas and quotation marks in names included."""
    columns = "email,name,tags,language,timezone,hour"
    row = 'ada@example.org,"King, ""Ada""",sea;tide,de,Europe/Berlin,7:30'
    async with publish(NEWS) as world:
        world.people("news", row, columns=columns)
        await world.work()
        text = await people.export(world.desk, "news")
    assert text.splitlines() == [
        "email,name,lists,cadence,tags,timezone,hour,language,state",
        'ada@example.org,"King, ""Ada""",news,immediate,sea;tide,Europe/Berlin,07:30,de,active',
    ]


async def test_an_export_lets_nobody_suppressed_back_in(publish: Publish) -> None:
    """Taken into another publication, whoever complained there is mailed by neither."""
    async with publish(NEWS) as world:
        world.people("news", "ada@example.org", "bob@example.org")
        await world.work(hold=False)
        await people.suppress(world.desk, "bob@example.org", "complained")
        rows = (await people.export(world.desk, "news")).splitlines()[1:]
    assert [(row.split(",")[0], row.split(",")[-1]) for row in rows] == [
        ("ada@example.org", "active"),
        ("bob@example.org", "ended"),
    ]
