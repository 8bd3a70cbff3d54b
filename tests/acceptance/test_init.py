"""A publication made by `dispatch init`."""

import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def fresh(tmp_path: Path, tools: Any) -> Any:
    """A publication as `init` makes it."""
    one = tools.Publication(tmp_path / "news")
    made = subprocess.run([tools.dispatch, "init", str(one.folder)], capture_output=True, text=True, timeout=30)
    assert made.returncode == 0, made.stderr
    return one


def test_what_init_makes_runs_at_once(fresh: Any) -> None:
    """`run --once` accepts a fresh publication as it is: nothing to mend, and a feed that is one."""
    said = fresh.once()
    assert "left out" not in said
    assert not fresh.feed().bozo
    assert fresh.feed().feed.title == "News"


def test_a_second_init_refuses_and_changes_nothing(fresh: Any) -> None:
    """A folder that is a publication already is left alone, with exit code 2."""
    before = fresh.write("dispatch.toml", "# mine\n").read_bytes()
    again = fresh.run("init", str(fresh.folder))
    assert again.returncode == 2
    assert "dispatch.toml" in again.stderr
    assert (fresh.folder / "dispatch.toml").read_bytes() == before


def test_git_never_sees_secrets_or_people(fresh: Any) -> None:
    """After a pass, git would add neither keys, store, journal, outbox nor subscribers, but it would the example."""
    fresh.people("ada@example.org")
    fresh.post("now.md", "Now", date=datetime.now(UTC).astimezone().date().isoformat())
    fresh.once()
    subprocess.run(["git", "init", "-q", str(fresh.folder)], check=True, timeout=10)
    seen = subprocess.run(
        ["git", "-C", str(fresh.folder), "ls-files", "--others", "--exclude-standard"],
        capture_output=True,
        text=True,
        check=True,
        timeout=10,
    ).stdout.split()
    tops = {name.partition("/")[0] for name in seen}
    assert not tops & {"secrets", "dispatch.db", "dispatch.db-wal", "journal", "outbox"}
    assert [name for name in seen if name.endswith(".csv")] == ["subscribers/example.csv"]


def test_a_post_of_today_reaches_the_outbox(fresh: Any) -> None:
    """Drop in a post of today and an address, run: the mail is there."""
    fresh.people("ada@example.org")
    fresh.post("now.md", "The first tide", date=datetime.now(UTC).astimezone().date().isoformat())
    fresh.once()
    assert "ada@example.org" in fresh.mailed()
    assert any("The first tide" in mail.get_body(("plain",)).get_content() for mail in fresh.mails())


def test_the_example_of_subscribers_is_nobody(fresh: Any) -> None:
    """The people in example.csv never join."""
    assert (fresh.folder / "subscribers" / "example.csv").exists()
    assert "0 joined" in fresh.once()
    assert fresh.mailed() == []
