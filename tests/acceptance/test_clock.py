"""The clock of the running service: rows are the truth, alarms a mirror; whatever happens, every slot comes once.

The services of this file are processes of their own that run by a clock which their test sets.
"""

import asyncio
import os
import signal
import sys
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dispatch.app import open_app
from dispatch.config import read_config
from dispatch.model.issue import IssueState
from dispatch.publish import run_pass
from dispatch.store import issues

BUSY = 5  # seconds in which a busy machine does what takes two at most on a quiet one
BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = datetime(2026, 7, 6, tzinfo=BERLIN)
PEOPLE = ["ada@example.org", "bo@example.org"]
DAILY = '[lists.daily]\ncadence = "daily"\nsince = 2026-01-01\nat.daily = "08:00"\n'


@dataclass
class WallClock:
    """What time it is for the services: a file with an offset from the machine's clock."""

    file: Path

    def set(self, days: int, hour: int, minute: int = 0, second: int = 0) -> None:
        """Let it be this wall-clock time in Berlin, so many days after Monday."""
        moment = MONDAY + timedelta(days=days, hours=hour, minutes=minute, seconds=second)
        new = self.file.with_suffix(".new")
        new.write_text(str(moment.timestamp() - time.time()))
        new.replace(self.file)

    def services_of(self, publication: Any) -> Any:
        """The publication, whose services look at this clock."""
        program = Path(__file__).with_name("by_own_clock.py")
        return replace(publication, program=(sys.executable, str(program), str(self.file)))


@pytest.fixture
def wall(tmp_path: Path) -> WallClock:
    """Monday, seven o'clock: an hour before the slot."""
    clock = WallClock(tmp_path / "wall clock")
    clock.set(0, 7)
    return clock


@pytest.fixture
def daily(publication: Any, wall: WallClock) -> Any:
    """Two readers of a daily list, who have one post coming at eight."""
    return _prepared(publication, wall)


def _prepared(publication: Any, wall: WallClock, more: str = "") -> Any:
    publication.settings(more=f"{DAILY}{more}")
    publication.people(*PEOPLE, list_slug="daily")
    publication.post("one.md", "One tide", date="2026-06-01")
    assert _sent_after_a_pass(publication, MONDAY - timedelta(hours=15)) == 0
    assert publication.mailed() == []
    return wall.services_of(publication)


def _sent_after_a_pass(publication: Any, moment: datetime) -> int:
    """What a pass at that moment leaves: so many issues that were sent."""
    return asyncio.run(_pass(publication.folder, moment.astimezone(UTC)))


async def _pass(folder: Path, moment: datetime) -> int:
    async with open_app(read_config(folder), tell=lambda line: None, clock=lambda: moment) as app:
        await run_pass(app.context, moment)
        await app.deliver()
        async with app.context.store.read() as tx:
            return len(await issues.in_states(tx, [IssueState.SENT]))


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_two_services_on_one_store_make_a_slot_once(
    publication: Any, wall: WallClock, tools: Any, request: pytest.FixtureRequest, database: str
) -> None:
    """Both wake at eight; one issue is made, and everybody gets it once."""
    store = request.getfixturevalue("postgresql").empty() if database == "postgresql" else "sqlite:///dispatch.db"
    both = _prepared(publication, wall, f'[store]\nurl = "{store}"\n')
    with both.service(), both.service():
        wall.set(0, 7, 59, 58)
        assert tools.until(lambda: len(both.mails()) == 2)
        time.sleep(2.5)
        assert both.mailed() == PEOPLE
        assert _sent_after_a_pass(both, MONDAY + timedelta(hours=8, minutes=1)) == 1


def test_a_service_killed_before_a_slot_catches_up_once(daily: Any, wall: WallClock, tools: Any) -> None:
    """Dead from five seconds before eight until five after: one issue at the next start, and none at those after."""
    with daily.service() as running:
        wall.set(0, 7, 59, 55)
        running.process.kill()
        running.process.wait()
    wall.set(0, 8, 0, 5)
    with daily.service() as running:
        assert tools.until(lambda: len(daily.mails()) == 2), running.log.read_text()
    assert _sent_after_a_pass(daily, MONDAY + timedelta(hours=8, minutes=5)) == 1
    assert daily.mailed() == PEOPLE


def test_a_slot_that_the_clock_jumps_over_comes_once(daily: Any, wall: WallClock, tools: Any) -> None:
    """Forward over eight: within seconds. Back before eight, and forward again: not a second time."""
    with daily.service() as running:
        wall.set(0, 9, 30)
        assert tools.until(lambda: len(daily.mails()) == 2), running.log.read_text()
        daily.post("two.md", "Another tide", date="2026-06-02")
        assert tools.until(lambda: running.log.read_text().count("posts: 1 new") == 1)
        wall.set(0, 7, 30)
        time.sleep(2.5)
        wall.set(0, 8, 30)
        time.sleep(2.5)
        assert daily.mailed() == PEOPLE
        wall.set(1, 8)
        assert tools.until(lambda: len(daily.mails()) == 4), running.log.read_text()
    assert _sent_after_a_pass(daily, MONDAY + timedelta(days=1, hours=9)) == 2


def test_several_slots_that_the_clock_jumps_over_are_one_issue(daily: Any, wall: WallClock, tools: Any) -> None:
    """Three mornings in one jump are one catch-up, with all that waited."""
    with daily.service() as running:
        wall.set(3, 9)
        assert tools.until(lambda: len(daily.mails()) == 2), running.log.read_text()
        time.sleep(2.5)
    assert daily.mailed() == PEOPLE
    assert _sent_after_a_pass(daily, MONDAY + timedelta(days=3, hours=10)) == 1


def test_what_comes_next_is_shown_at_the_start_and_when_it_changes(daily: Any, wall: WallClock, tools: Any) -> None:
    """What, and when, in the zone and in UTC; a pass that changes nothing of it says nothing of it."""
    with daily.service() as running:
        assert tools.until(lambda: running.log.read_text().count("next: ") == 1)
        (line,) = [one for one in running.log.read_text().splitlines() if "next: " in one]
        assert "daily: daily issue" in line
        assert "08:00 Europe/Berlin (" in line
        assert "UTC)" in line
        daily.post("two.md", "Another tide", date="2026-06-02")
        assert tools.until(lambda: running.log.read_text().count("posts: 1 new") == 1)
        time.sleep(0.5)
        assert running.log.read_text().count("next: ") == 1
        wall.set(0, 8)
        assert tools.until(lambda: running.log.read_text().count("next: ") == 2), running.log.read_text()


def test_an_act_of_another_process_reaches_the_service_at_once(publication: Any, tools: Any) -> None:
    """Sent or cancelled by a command, an issue that was held for an hour is mailed, or dropped, within two seconds."""
    publication.settings(hold="1 hour")
    publication.people("ada@example.org")
    publication.post("old.md", "Old", date="2020-01-01")
    with publication.service() as running:
        publication.post("one.md", "To send", date="2026-06-01")
        assert tools.until(lambda: "dispatch issue send 1" in running.log.read_text())
        assert publication.run("issue", "send", "1", "--yes").returncode == 0
        assert tools.until(publication.mailed, BUSY) == ["ada@example.org"]
        publication.post("two.md", "To cancel", date="2026-06-01")
        assert tools.until(lambda: "issue 2 of news starts" in running.log.read_text())
        planned = running.log.read_text().count("nothing is planned")
        assert publication.run("issue", "cancel", "2").returncode == 0
        assert tools.until(lambda: running.log.read_text().count("nothing is planned") > planned, BUSY)
    assert publication.mailed() == ["ada@example.org"]


def test_a_stopped_process_wakes_to_its_slot_once(daily: Any, wall: WallClock, tools: Any) -> None:
    """Frozen (SIGSTOP) over the slot, as a laptop that sleeps: on waking one issue, once."""
    with daily.service() as running:
        os.kill(running.process.pid, signal.SIGSTOP)
        wall.set(0, 8, 10)
        os.kill(running.process.pid, signal.SIGCONT)
        assert tools.until(lambda: len(daily.mails()) == 2), running.log.read_text()
        time.sleep(1)
    assert daily.mailed() == PEOPLE
