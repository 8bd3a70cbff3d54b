"""Weekly lists, and looking ahead without touching anything."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

WEEKLY = """
[lists.weekly]
title = "Tides on Monday"
cadence = "weekly"
since = 2026-01-01

[lists.weekly.at]
weekly = "mon 08:00"
"""
BERLIN = ZoneInfo("Europe/Berlin")


def _next_monday(minutes: int = 1) -> str:
    """A little after the coming Monday, 08:00 in Berlin."""
    now = datetime.now(BERLIN)
    day = (now + timedelta(days=7 - now.weekday())).date()
    return datetime(day.year, day.month, day.day, 8, minutes, tzinfo=BERLIN).isoformat()


@pytest.fixture
def weekly(publication: Any) -> Any:
    """A weekly list with a reader, and two posts."""
    publication.settings(more=WEEKLY)
    publication.people("wim@example.org", list_slug="weekly")
    publication.post("one.md", "Monday one", date="2026-06-01")
    publication.post("two.md", "Monday two", date="2026-06-02")
    return publication


def _everything(folder: Path) -> dict[str, bytes]:
    """All files but the simulation's and what SQLite keeps beside a store."""
    paths = [path for path in folder.rglob("*") if path.is_file() and "simulated" not in path.parts]
    return {str(path): path.read_bytes() for path in paths if not path.name.startswith("dispatch.db-")}


def test_a_weekly_list_waits_for_its_hour(weekly: Any) -> None:
    """Between the slots posts are in the feeds and in nobody's mail, and the pass says when it will be."""
    said = weekly.once()
    assert len(weekly.titles()) == 2
    assert weekly.mailed() == []
    assert "08:00 Europe/Berlin" in said
    assert "weekly issue" in said


def test_the_slot_makes_one_digest(weekly: Any) -> None:
    """Passed in earnest, the slot makes one issue with all that waited, once."""
    weekly.once("--now", "2026-06-03T12:00:00+02:00")
    weekly.once("--now", "2026-06-08T08:00:30+02:00")
    weekly.once("--now", "2026-06-08T09:00:00+02:00")
    assert weekly.mailed() == ["wim@example.org"]
    text = weekly.mails()[0].get_body(("plain",)).get_content()
    assert "Monday one" in text
    assert "Monday two" in text


def test_missed_slots_are_caught_up_once(weekly: Any) -> None:
    """Three Mondays missed are one digest, not three."""
    weekly.once("--now", "2026-06-03T12:00:00+02:00")
    weekly.once("--now", "2026-06-22T12:00:00+02:00")
    assert weekly.mailed() == ["wim@example.org"]


def test_simulate_shows_next_mondays_digest_and_touches_nothing(weekly: Any) -> None:
    """`--simulate --now` makes the digest below simulated/; store, outbox and pages are as they were."""
    weekly.once()
    before = _everything(weekly.folder)
    said = weekly.once("--simulate", "--now", _next_monday())
    assert "(weekly, weekly)" in said
    assert "accepted 1 of 1" in said
    assert len(list((weekly.folder / "simulated/outbox/new").glob("*.eml"))) == 1
    assert _everything(weekly.folder) == before
    weekly.once()
    assert weekly.mailed() == []


def test_simulate_never_mails(by_smtp: Any, inbox: Any) -> None:
    """A simulation hands nothing to the real provider."""
    by_smtp.people("ada@example.org")
    by_smtp.post("one.md", "One", date="2026-06-01")
    with inbox.open():
        by_smtp.once("--simulate")
    assert inbox.messages == []


def test_simulate_sees_posts_of_the_future(weekly: Any) -> None:
    """A post dated ahead is in a simulated pass of that day."""
    soon = datetime.now(BERLIN) + timedelta(days=2)
    weekly.people("ada@example.org")
    weekly.post("soon.md", "Soon", date=soon.isoformat())
    weekly.once()
    assert "Soon" not in weekly.titles()
    said = weekly.once("--simulate", "--now", (soon + timedelta(minutes=1)).isoformat())
    assert "Soon" in said
    assert "Soon" not in weekly.titles()


def test_the_future_needs_simulate(weekly: Any) -> None:
    """`--now` ahead of the clock without `--simulate` is called wrongly: exit 2, and nothing happens."""
    done = weekly.run("run", "--once", "--now", _next_monday())
    assert done.returncode == 2
    assert "--simulate" in done.stderr
    assert not (weekly.folder / "public").exists()


def test_now_must_be_a_time(weekly: Any) -> None:
    """A `--now` that is none: exit 2, and how to write one."""
    done = weekly.run("run", "--once", "--now", "next monday")
    assert done.returncode == 2
    assert "ISO 8601" in done.stderr


def test_now_needs_once(weekly: Any) -> None:
    """The service lives in the present."""
    done = weekly.run("run", "--now", "2026-06-01T08:00")
    assert done.returncode == 2
    assert "--once" in done.stderr
