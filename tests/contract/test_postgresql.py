"""What goes wrong with a server, in plain words and without a password."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import make_url, text

from dispatch.errors import ConfigError, StoreError
from dispatch.store import facts
from dispatch.store.connect import Store
from dispatch.store.copying import snapshot

from ..server import LOCKED, Server


async def refused(url: str, folder: Path) -> str:
    """What opening a store says."""
    with pytest.raises(StoreError) as caught:
        await Store.open(url, folder)
    return str(caught.value)


async def test_each_fault_names_its_cure(postgresql: Server, tmp_path: Path) -> None:
    """No such database, no such user, a wrong password, no server, no such host."""
    wrong = postgresql.url("postgres", f"{LOCKED}:geheim")
    for url, cure in {
        postgresql.url("nowhere"): "createdb",
        postgresql.url("postgres", "nobody_known"): "createuser",
        postgresql.url("postgres", LOCKED): "PGPASSWORD",
        wrong: "PGPASSWORD",
        "postgresql://ada:geheim@127.0.0.1:9/sea": "Start the server",
        "postgresql://ada:geheim@host.invalid/sea": "Mend the host",
    }.items():
        said = await refused(url, tmp_path)
        assert cure in said, said
        assert "geheim" not in said
        assert "\n" not in said


@pytest.mark.parametrize("url", ["postgresql://ada:geheim@host:port/sea", "postgresql+nothing://ada:geheim@host/sea"])
async def test_an_address_that_cannot_be_one_shows_no_password(url: str, tmp_path: Path) -> None:
    """The message shows how addresses are written."""
    with pytest.raises(ConfigError, match="postgresql://USER@HOST/DATABASE") as caught:
        await Store.open(url, tmp_path)
    assert "geheim" not in str(caught.value)


async def test_a_password_that_is_right_opens(postgresql: Server, tmp_path: Path) -> None:
    """By the address, as by PGPASSWORD or ~/.pgpass; a database that is another's says whose it must be."""
    postgresql.empty()
    said = await refused(postgresql.url("postgres", f"{LOCKED}:right"), tmp_path)
    assert "permission denied" in said
    assert "owner" in said


async def test_a_database_that_cannot_hold_every_letter_is_refused(postgresql: Server, tmp_path: Path) -> None:
    """Names are kept as people write them."""
    postgresql.sql("CREATE DATABASE latin ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0")
    assert "--encoding=UTF8" in await refused(postgresql.url("latin"), tmp_path)


async def test_a_server_that_restarts_costs_one_error_at_most(postgresql: Server, tmp_path: Path) -> None:
    """What was under way is told as lost; the next transaction finds the server again."""
    url = postgresql.empty()
    store = await Store.open(url, tmp_path)
    end_all = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = '{}'"
    cut = end_all.format(make_url(url).database)

    async def write() -> None:
        async with store.write() as tx:
            await facts.put(tx, "half", "done")
            postgresql.sql(cut)
            await facts.put(tx, "half", "more")

    with pytest.raises(StoreError, match="nothing that was stored is lost"):
        await write()
    postgresql.sql(cut)
    async with store.read() as tx:
        assert await facts.get(tx, "half") is None
    await store.aclose()


async def test_who_waits_too_long_for_another_writer_is_told(postgresql: Server, tmp_path: Path) -> None:
    """A writer that hangs elsewhere is no endless wait, and nothing half done."""
    url = postgresql.empty()
    one = await Store.open(url, tmp_path)
    other = await Store.open(f"{url}&options=-c%20lock_timeout%3D100ms", tmp_path)
    async with one.write() as tx:
        await facts.put(tx, "word", "first")
        with pytest.raises(StoreError, match="Another process holds it"):
            async with other.write() as late:
                await facts.put(late, "word", "second")
    async with other.write() as tx:
        assert await facts.get(tx, "word") == "first"
    await one.aclose()
    await other.aclose()


async def test_what_a_writer_has_read_is_true_when_it_writes(postgresql: Server, tmp_path: Path) -> None:
    """Two that read, think and write one after another: no word of either is lost."""
    url = postgresql.empty()
    stores = [await Store.open(url, tmp_path) for _ in range(3)]

    async def add(store: Store, word: str) -> None:
        async with store.write() as tx:
            known = await facts.get(tx, "words") or ""
            await asyncio.sleep(0.005)
            await facts.put(tx, "words", known + word)

    await asyncio.gather(*(add(store, word) for word in "abcd" for store in stores))
    async with stores[0].read() as tx:
        assert sorted(await facts.get(tx, "words") or "") == sorted("abcd" * 3)
    with pytest.raises(StoreError, match="read-only"):
        async with stores[0].read() as tx:
            await tx.execute(text("DELETE FROM meta"))
    for store in stores:
        await store.aclose()


async def test_a_copy_holds_every_row(postgresql: Server, tmp_path: Path) -> None:
    """A simulation's copy of a server's store is a file that says the same."""
    url = postgresql.empty()
    store = await Store.open(url, tmp_path)
    async with store.write() as tx:
        await facts.put(tx, "wörd", "値")
        await facts.take_arrivals(tx, 3)
    await store.aclose()
    await snapshot(url, tmp_path, tmp_path / "copy.db")
    copied = await Store.open("sqlite:///copy.db", tmp_path)
    async with copied.read() as tx:
        assert (await facts.get(tx, "wörd"), await facts.arrival_head(tx)) == ("値", 3)
    await copied.aclose()
