"""A change of dispatch.toml reaches the running service: at once, without a restart, and whatever is in hand."""

import asyncio
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from dispatch.app import open_app
from dispatch.config import read_config
from dispatch.service import serve

BUSY = 5  # seconds in which a busy machine does what takes half a second on a quiet one
ADA = "ada@example.org"
MORE = '\n[lists.{slug}]\ntitle = "{slug} News"\ncadence = "{cadence}"\nhold = "1 second"\n'
IN_FORCE = "its new settings are in force"
MISTAKES = [
    {'cadence = "immediate"': 'cadence = "daily"\nat.daily = "eight"'},
    {'cadence = "immediate"': 'cadence = "immediate"\nfrom = "nobody"'},
    {'type = "outbox"': 'type = "smtp"\nhost = "127.0.0.1"', 'url = "https:': 'url = "http:'},
    {},  # the settings are right, and a page of the publication's own is broken
]


@pytest.fixture
def settled(publication: Any) -> Any:
    """A publication with a reader, whose first pass is done."""
    publication.people(ADA)
    publication.post("old.md", "Old", date="2020-01-01")
    publication.once()
    return publication


def _add_list(publication: Any, slug: str = "more", cadence: str = "immediate") -> None:
    """Write another list into dispatch.toml."""
    settings = publication.folder / "dispatch.toml"
    publication.write("dispatch.toml", settings.read_text() + MORE.format(slug=slug, cadence=cadence))


@contextmanager
def _asking(running: Any, *paths: str) -> Iterator[list[object]]:
    """Ask again and again while the block lasts: every answer's status, or what kept it from coming."""
    answers: list[object] = []
    enough = threading.Event()

    def ask() -> None:
        while not enough.is_set():
            for path in paths:
                try:
                    answers.append(running.get(path).status)
                except OSError as error:
                    answers.append(error)
            time.sleep(0.01)

    asker = threading.Thread(target=ask)
    asker.start()
    try:
        yield answers
    finally:
        enough.set()
        asker.join()


def test_a_new_list_is_served_in_two_seconds(settled: Any, tools: Any) -> None:
    """Same process, same socket, every request answered; whoever joins the new list gets the next post."""
    with settled.service() as running, _asking(running, "/healthz", "/", "/u/forged") as answers:
        _add_list(settled)
        assert tools.until(lambda: running.get("/lists/more/feed.xml").status == 200, BUSY), running.log.read_text()
        settled.people("bo@example.org", list_slug="more")
        assert tools.until(lambda: "people joined" in running.log.read_text())
        settled.post("new.md", "For both", date="2026-06-01")
        assert tools.until(lambda: len(settled.mails()) == 2)
        assert running.process.poll() is None
    assert set(answers) == {200, 404}
    assert settled.mailed() == [ADA, "bo@example.org"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ('\n[lists.news.at]\ndaily = "eight"\n[lists.more]\ncadence = "often"\n', "[lists.more] cadence: must be"),
        ('\n[lists.more]\ncadence = "daily"\n[lists.more.at]\ndaily = "eight"\n', "[lists.more.at] daily: must read"),
        ("\n[lists.more\n", "not valid TOML"),
        ('\n[dkim]\ndomain = "tide.example.org"\nkeys = []\n', "[dkim] keys:"),
        ('\n[sources.more]\ntype = "folder"\npaths = "posts"\n', "[sources.more] paths: unknown key"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_named_once_and_changes_nothing(settled: Any, tools: Any, wrong: str, said: str) -> None:
    """File, line, key; the service goes on with the settings it has, and takes the file when it is mended."""
    good = (settled.folder / "dispatch.toml").read_text()
    with settled.service() as running:
        settled.write("dispatch.toml", good + wrong)
        assert tools.until(lambda: "dispatch.toml is not taken" in running.log.read_text())
        settled.post("new.md", "Meanwhile", date="2026-06-01")
        assert tools.until(settled.mailed) == [ADA]
        assert running.log.read_text().count(said) == 1, running.log.read_text()
        settled.write("dispatch.toml", good + MORE.format(slug="more", cadence="daily"))
        assert tools.until(lambda: running.get("/lists/more/feed.xml").status == 200)
        assert running.log.read_text().count("is not taken") == running.log.read_text().count(IN_FORCE) == 1


@pytest.mark.parametrize("mistake", MISTAKES)
def test_refused_settings_leave_the_store_alone(settled: Any, tools: Any, mistake: dict[str, str]) -> None:
    """A list that is renamed in the same breath as a mistake is not: its people get the next post as before."""
    good = (settled.folder / "dispatch.toml").read_text()
    wrong = good.replace("[lists.news]", '[lists.letters]\nformerly = "news"')
    for right, instead in mistake.items():
        wrong = wrong.replace(right, instead)
    with settled.service() as running:
        if not mistake:
            settled.write("templates/web/not_found.html", "{% if %}")
        settled.write("dispatch.toml", wrong)
        assert tools.until(lambda: "dispatch.toml is not taken" in running.log.read_text())
        settled.post("new.md", "Still here", date="2026-06-01")
        assert tools.until(settled.mailed) == [ADA], running.log.read_text()


def test_a_file_that_is_being_saved_stops_nothing(settled: Any, tools: Any) -> None:
    """Empty, cut in the middle, away for a moment: no word of it; then what it says in the end is taken."""
    path = settled.folder / "dispatch.toml"
    text = path.read_text()
    with settled.service() as running:
        for piece in (text[:40], text[: len(text) // 2], ""):
            settled.write("dispatch.toml", piece)
            time.sleep(0.4)
            path.unlink()
            time.sleep(0.4)
        settled.write("dispatch.toml", text + MORE.format(slug="more", cadence="daily"))
        assert tools.until(lambda: running.get("/lists/more/feed.xml").status == 200)
        assert "to mend" not in running.log.read_text()
        settled.write("dispatch.toml", text + MORE.format(slug="more", cadence="daily"))
        time.sleep(1)
        assert running.log.read_text().count(IN_FORCE) == 1


def test_a_change_in_the_middle_of_a_send_loses_nothing(by_smtp: Any, inbox: Any, tools: Any) -> None:
    """The messages in hand go out, the rest under the new settings: nobody unknown, nobody twice."""
    people = by_smtp.crowd(150)
    by_smtp.post("one.md", "One")
    inbox.delay = 0.2
    with inbox.open(), by_smtp.service() as running:
        assert tools.until(lambda: len(inbox.messages) >= 5)
        for number in range(3):
            _add_list(by_smtp, f"more{number}")
            assert tools.until(lambda number=number: running.log.read_text().count(IN_FORCE) == number + 1)
        assert len(inbox.messages) < 150
        inbox.delay = 0
        assert tools.until(lambda: len(inbox.messages) >= 150)
        time.sleep(0.5)
    assert sorted(inbox.recipients) == people
    assert set(by_smtp.report(1).values()) == {"accepted"}


def test_a_server_that_takes_its_time_leaves_nobody_in_doubt(by_smtp: Any, inbox: Any, tools: Any) -> None:
    """An answer that takes longer than a stop would wait is waited for: settings can come a little later."""
    people = by_smtp.crowd(6)
    by_smtp.post("one.md", "One")
    inbox.delay = 3
    with inbox.open(), by_smtp.service() as running:
        assert tools.until(lambda: inbox.messages)
        _add_list(by_smtp)
        assert tools.until(lambda: IN_FORCE in running.log.read_text())
        inbox.delay = 0
        assert tools.until(lambda: len(inbox.messages) >= 6)
        time.sleep(0.5)
    assert sorted(inbox.recipients) == people
    assert set(by_smtp.report(1).values()) == {"accepted"}


def test_a_changed_hour_counts_from_now_on(settled: Any, tools: Any) -> None:
    """The next wake-up that the service shows is at the new hour."""
    settled.people("bo@example.org", list_slug="more")
    _add_list(settled, cadence="daily")
    with settled.service() as running:
        assert tools.until(lambda: "08:00 Europe/Berlin" in running.log.read_text())
        text = (settled.folder / "dispatch.toml").read_text()
        settled.write("dispatch.toml", f'{text}at.daily = "09:30"\n')
        assert tools.until(lambda: "09:30 Europe/Berlin" in running.log.read_text()), running.log.read_text()


def test_what_needs_a_restart_is_said(settled: Any, tools: Any) -> None:
    """Another port: which line says so, what to do, and the service still answers where it did."""
    text = (settled.folder / "dispatch.toml").read_text()
    with settled.service() as running:
        settled.write("dispatch.toml", text.replace("[web]", "[web]\nport = 9"))
        assert tools.until(lambda: "[web] port: has changed: restart" in running.log.read_text())
        assert running.get("/healthz").status == 200


def test_where_no_settings_can_be_used_the_pages_stay(settled: Any, tools: Any) -> None:
    """The key of all links is away as the file changes: said once, the feeds are served on; back again, all goes on."""
    key = settled.folder / "secrets" / "token.key"
    away = key.with_suffix(".away")
    with settled.service() as running:
        key.rename(away)
        _add_list(settled)
        assert tools.until(lambda: "nothing is collected or sent" in running.log.read_text())
        assert running.get("/feed.xml").status == 200
        time.sleep(5.5)
        assert running.log.read_text().count("every unsubscribe link ever sent depends on it") == 1
        away.rename(key)
        assert tools.until(lambda: running.get("/lists/more/feed.xml").status == 200), running.log.read_text()
        settled.post("new.md", "At last", date="2026-06-01")
        assert tools.until(lambda: ADA in settled.mailed())


@pytest.mark.parametrize("wait", [0.0, 0.45, 0.7])
def test_a_signal_during_a_change_still_stops_in_seconds(settled: Any, wait: float) -> None:
    """Whether the file has just been seen, the old settings end or the new ones begin: exit 0."""
    with settled.service() as running:
        _add_list(settled)
        time.sleep(wait)
        assert running.stop() == 0
        assert "Stopped" in running.log.read_text()
        assert "fault" not in running.log.read_text()


class Quiet:
    """Counts what it is told."""

    def __init__(self) -> None:
        self.passes = self.changes = self.port = 0

    async def greet(self, context: Any, host: str, port: int) -> None:
        """Note the port."""
        self.port = port

    async def changed(self, context: Any) -> None:
        """Count the changes."""
        self.changes += 1

    async def read(self, context: Any, done: Any) -> None:
        """Count the passes since the last change."""
        self.passes += 1


def _held() -> tuple[int, int, int]:
    """How many files, threads and tasks this process has."""
    return len(os.listdir("/proc/self/fd")), threading.active_count(), len(asyncio.all_tasks())


async def _until(found: Any, serving: asyncio.Task[None], seconds: float = 20) -> None:
    async with asyncio.timeout(seconds):
        while not found():
            assert not serving.done(), serving.exception()
            await asyncio.sleep(0.02)


def _opening(config: Any) -> Any:
    return open_app(config, tell=print)


async def test_ten_changes_leave_nothing_behind(settled: Any, tools: Any) -> None:
    """Open files, threads and tasks are as many after the tenth change as after the third."""
    news, held = Quiet(), []
    config = read_config(settled.folder)
    serving = asyncio.create_task(serve(config, _opening, news, "127.0.0.1", 0))
    await _until(lambda: news.passes, serving)
    for number in range(10):
        news.passes = 0
        settled.write("dispatch.toml", config.text + MORE.format(slug=f"more{number}", cadence="daily"))
        await _until(lambda number=number: news.changes == number + 1 and news.passes, serving)
        answer = await asyncio.to_thread(tools.fetch, f"http://127.0.0.1:{news.port}/healthz")
        assert answer.status == 200
        held.append(_held())
    os.kill(os.getpid(), signal.SIGTERM)
    await serving
    for early, late in zip(*(held[2], held[-1]), strict=True):
        assert late <= early + 4, held
    assert len(asyncio.all_tasks()) == 1
