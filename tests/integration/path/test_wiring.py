"""A publication starts only when its settings, its keys and its store belong together."""

import shutil

import pytest

from dispatch.errors import ConfigError, StoreError

from .conftest import Publish

NEWS = "[lists.news]\nsince = 2026-03-01\n"

WRONG = [
    ('[provider]\ntype = "pigeon"\n', r"dispatch\.toml:\d+: \[provider\] type.*pigeon.*outbox, smtp"),
    ("[provider]\ntype = 'smtp'\nhost = 'h'\nports = 1\n", r"dispatch\.toml:\d+: \[provider\] ports: unknown key"),
    (
        "[lists.b]\ncadence = 'daily'\n[lists.b.at]\ndaily = '8'\n",
        r"dispatch\.toml:\d+: \[lists\.b\.at\] daily: .*08:00",
    ),
]


@pytest.mark.parametrize(("tables", "message"), WRONG)
async def test_what_a_plugin_or_a_rule_refuses_is_named(tables: str, message: str, publish: Publish) -> None:
    """A wrong plugin, a key that it does not know and a rule that cannot be read are named like all others."""
    with pytest.raises(ConfigError, match=message):
        async with publish(tables):
            pass


async def test_without_its_key_a_store_does_not_start(publish: Publish) -> None:
    """A lost key file is never replaced by a new one, nor by another publication's."""
    async with publish(NEWS) as world:
        folder = world.folder
    key = folder / "secrets" / "token.key"
    key.write_text(f"other {'ab' * 32}\n")
    with pytest.raises(ConfigError, match="lacks the key"):
        async with publish(NEWS):
            pass
    key.unlink()
    with pytest.raises(ConfigError, match="Restore it from a backup"):
        async with publish(NEWS):
            pass
    assert not key.exists()


async def test_an_older_copy_of_the_store_does_not_mail(publish: Publish) -> None:
    """A store restored from before an issue was sent is refused, so that nobody gets it twice."""
    async with publish(NEWS) as world:
        world.people("news", "ada@example.org")
        await world.work()
    shutil.copy(world.folder / "dispatch.db", world.folder / "backup.db")
    async with publish(NEWS) as world:
        world.write("Departure")
        await world.work(hold=False)
    shutil.move(world.folder / "backup.db", world.folder / "dispatch.db")
    for name in ("dispatch.db-wal", "dispatch.db-shm"):
        (world.folder / name).unlink(missing_ok=True)
    with pytest.raises(StoreError, match="copy or a backup"):
        async with publish(NEWS):
            pass
