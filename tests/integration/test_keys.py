"""A fresh key for links, in a store that knows the first one."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from dispatch.acts.act import Desk
from dispatch.acts.keys import rotate
from dispatch.app import KEY_FILE, open_app
from dispatch.config import read_config
from dispatch.errors import ConfigError
from dispatch.store import audit, facts

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A publication with an outbox."""
    (tmp_path / "dispatch.toml").write_text('[publication]\ntitle = "Sea"\nurl = "https://sea.example"\n')
    return tmp_path


async def test_rotation_leaves_a_line_and_keeps_what_the_store_knows(folder: Path) -> None:
    """The audit says who added which key; the store opens again, and hashes of people stay the same."""
    config = read_config(folder)
    async with open_app(config, tell=print, clock=lambda: NOW) as app:
        taken = app.context.keyring.taken("ada@example.org", "news")
        done = await rotate(Desk(app.context, "hanne"), folder / KEY_FILE)
        async with app.context.store.read() as tx:
            assert audit.AuditLine(NOW, "hanne", "keys rotate", done.key_id, "") in await audit.lines(tx)
    assert (done.keys, done.service) == (2, False)
    async with open_app(config, tell=print, clock=lambda: NOW) as app:
        keyring = app.context.keyring
        async with app.context.store.read() as tx:
            assert await facts.get(tx, "key id") == keyring.ids[-1]
    assert keyring.current == done.key_id
    assert keyring.taken("ada@example.org", "news") == taken


async def test_a_rotation_that_fails_leaves_no_line(folder: Path) -> None:
    """A file that broke meanwhile stays as it is, and nothing is said to have been done."""
    async with open_app(read_config(folder), tell=print, clock=lambda: NOW) as app:
        (folder / KEY_FILE).write_text("broken\n")
        with pytest.raises(ConfigError, match="Restore it from a backup"):
            await rotate(Desk(app.context, "hanne"), folder / KEY_FILE)
        async with app.context.store.read() as tx:
            assert not [line for line in await audit.lines(tx) if line.act == "keys rotate"]
    assert (folder / KEY_FILE).read_text() == "broken\n"
