"""A publication from `init` to the last report, on PostgreSQL."""

from typing import Any

import pytest

from ..server import Server


@pytest.fixture
def on_server(publication: Any, postgresql: Server) -> Any:
    """A publication that `init` made, its store moved to a server by one line."""
    publication.folder = publication.folder.parent / "sea"
    assert publication.run("init", str(publication.folder)).returncode == 0
    settings = (publication.folder / "dispatch.toml").read_text()
    assert 'url = "sqlite:///dispatch.db"' in settings
    publication.write("dispatch.toml", settings.replace("sqlite:///dispatch.db", postgresql.empty()))
    publication.write("subscribers/news.csv", "email\nada@example.org\nbob@example.org\n")
    return publication


def test_from_init_to_the_report(on_server: Any) -> None:
    """What `init` makes is sent, balanced and not sent again; no file of SQLite appears."""
    on_server.post("first.md", "First", date="2099-01-01")
    on_server.once()
    on_server.post("first.md", "First", date="2026-11-23")
    on_server.once()
    report = on_server.run("issue", "report", "1")
    assert report.returncode == 0
    assert "balances" in report.stdout
    assert on_server.mailed() == ["ada@example.org", "bob@example.org"]
    on_server.once()
    assert len(on_server.mails()) == 2
    assert on_server.run("status").returncode == 0
    assert not list(on_server.folder.glob("dispatch.db*"))


def test_pause_resume_and_cancel(publication: Any, postgresql: Server) -> None:
    """Each is an act on rows that the next pass obeys; a simulation touches none of them."""
    dead = '[provider]\ntype = "smtp"\nhost = "127.0.0.1"\nport = 9\ntls = "none"'
    web = 'allow_insecure_web = true\nurl = "http://localhost"'
    publication.settings(provider=dead, web=web, more=f'[store]\nurl = "{postgresql.empty()}"')
    publication.people("ada@example.org", "bob@example.org")
    publication.post("first.md", "First")
    publication.once("--simulate")
    assert publication.run("issue", "report", "1").returncode == 1
    assert publication.run("run", "--once").returncode == 1
    for act in (["pause", "1"], ["resume", "1", "--yes"], ["cancel", "1"]):
        done = publication.run("issue", *act)
        assert done.returncode == 0, done.stdout + done.stderr
    assert set(publication.report(1).values()) == {"cancelled"}
    assert "balances" in publication.run("issue", "report", "1").stdout


def test_a_server_that_is_away_is_one_line(on_server: Any) -> None:
    """Exit 1, what is wrong, what to do, no password."""
    settings = (on_server.folder / "dispatch.toml").read_text()
    url = settings.partition('url = "postgresql:')[2].partition('"')[0]
    on_server.write("dispatch.toml", settings.replace(f"postgresql:{url}", "postgresql://ada:geheim@127.0.0.1:9/sea"))
    done = on_server.run("status")
    assert done.returncode == 1
    assert "Start the server" in done.stderr
    assert "geheim" not in done.stdout + done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
