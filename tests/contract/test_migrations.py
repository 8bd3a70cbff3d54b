"""A store of an older version keeps all it holds."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine, make_url, text

from dispatch.store import deliveries, issues, ledger, lists
from dispatch.store.connect import Store
from dispatch.store.migrate import FOLDER, HEAD, revision

DRIVERS = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg"}
ROWS = (
    "INSERT INTO mailing_list (id, slug, born, composed_to, retired) VALUES (1, 'news', 0, 3, false)",
    "INSERT INTO subscriber (id, email, name, language, timezone, created) "
    "VALUES (7, 'ada@example.org', 'Ada', '', '', 0)",
    "INSERT INTO issue (number, list_id, cadence, state, first_arrival, last_arrival, created, due, frozen, note) "
    "VALUES (4, 1, 'immediate', 'sending', 1, 3, 0, 0, 0, '')",
    "INSERT INTO chunk (issue, number, edition, state, not_before, attempt, fence, journal, error) "
    "VALUES (4, 0, 'e', 'pending', 0, 1, 0, '', '')",
    "INSERT INTO delivery (issue, subscriber_id, chunk, cohort, email, state, detail, mark_from, mark_to) "
    "VALUES (4, 7, 0, 0, 'ada@example.org', 'accepted', '250', 0, 3)",
    "INSERT INTO delivery (issue, subscriber_id, chunk, cohort, email, state, detail, mark_from, mark_to) "
    "VALUES (4, 8, 0, 0, 'bob@example.org', 'pending', '', 0, 3)",
)


def _first_version(connection: Connection) -> None:
    """The tables of the first migration, with an issue in mid-send."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["connection"] = connection
    command.upgrade(config, "0001")
    for row in ROWS:
        connection.execute(text(row))


async def test_an_issue_in_mid_send_survives_an_upgrade(empty_url: str, tmp_path: Path) -> None:
    """Each delivery stands where it stood, the sum knows its audience, and lists remember their first name."""
    parsed = make_url(empty_url)
    engine = create_engine(parsed.set(drivername=DRIVERS[parsed.drivername.partition("+")[0]]))
    with engine.begin() as connection:
        _first_version(connection)
    engine.dispose()
    store = await Store.open(empty_url, tmp_path)
    async with store.read() as tx:
        assert await tx.run_sync(revision) == HEAD
        rows = [(row.email, row.state.value, row.detail) for row in await deliveries.rows(tx, 4)]
        tally = await ledger.tally(tx, 4)
        people = await ledger.recipients(tx, 4, 0)
        assert await issues.get(tx, 4)
        assert (await lists.every(tx))["news"].born_as == "news"
    await store.aclose()
    assert rows == [("ada@example.org", "accepted", "250"), ("bob@example.org", "pending", "")]
    assert (tally.audience, tally.open, tally.balances) == (2, 1, False)
    assert [email for _, email, _ in people] == ["bob@example.org"]
