"""A publication with a hub of its own, in service, and somebody who follows its feeds."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count, repeat
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from loopback import Reply
from websub_subscriber import Callback, Push, Subscriber

ALLOWED = 'allow_private_addresses = ["127.0.0.0/8"]'
FIRST = datetime(2026, 6, 1)  # noqa: DTZ001 - a date as front matter has it
QUIET = 0.4  # seconds in which a push that should not come would have come


@dataclass
class Tide:
    """The publication, its service and its followers."""

    publication: Any
    tools: SimpleNamespace
    subscriber: Subscriber
    url: str
    callbacks: list[Callback] = field(default_factory=list)
    clock: Path | None = None  # where its service reads by how many seconds its clock is ahead
    _numbers: "count[int]" = field(default_factory=count)

    @property
    def port(self) -> int:
        """The service's."""
        return int(self.url.rpartition(":")[2])

    def publish(self, title: str = "", **fields: str) -> str:
        """Write a post, newer than all before it; its title."""
        number = next(self._numbers)
        title = title or f"Tide number {number}."
        fields = {"date": (FIRST + timedelta(minutes=number)).isoformat(), **fields}
        self.publication.post(f"post-{number}.md", title, **fields)
        return title

    def get(self, path: str) -> Any:
        """What the service answers."""
        return self.tools.fetch(self.url + path)

    def is_served(self, title: str, path: str = "/feed.xml") -> bool:
        """Whether the feed has a post by now."""
        return bool(self.until(lambda: title in self.get(path).body))

    def follow(self, path: str = "/feed.xml", **how: str) -> Callback:
        """A callback for a feed, as discovery names its topic and hub; nothing is asked yet."""
        made = self.subscriber.follow(self.url + path, **how)
        self.callbacks.append(made)
        return made

    def joined(self, path: str = "/feed.xml", *, lease: int = 0, **how: str) -> Callback:
        """A subscription that its hub has verified."""
        made = self.follow(path, **how)
        more = {"lease_seconds": str(lease)} if lease else {}
        assert made.ask(**more)[0] == 202
        assert self.until(lambda: made.lease), made.questions
        return made

    def pushed(self, callback: Callback, title: str, seconds: float = 10) -> Push:
        """The push that brought a post, acknowledged and genuine."""
        found = self.until(lambda: [push for push in callback.taken if title.encode() in push.body], seconds)
        assert found, (callback.questions, callback.pushes)
        push: Push = found[0]
        return push

    def until(self, found: Callable[[], Any], seconds: float = 10) -> Any:
        """What `found` finds, at last."""
        return self.tools.until(found, seconds)

    def is_quiet(self, *callbacks: Callback, pushes: int = 0) -> bool:
        """Whether no more than so many pushes come to each, even if one waits for them a little."""
        time.sleep(QUIET)
        return all(len(callback.pushes) <= pushes for callback in callbacks)

    def forward(self, **by: float) -> None:
        """Let the service's clock be so much further ahead; a request makes the hub look at it at once."""
        assert self.clock is not None
        ahead = float(self.clock.read_text()) + timedelta(**by).total_seconds()
        new = self.clock.with_suffix(".new")
        new.write_text(str(ahead))
        new.replace(self.clock)
        with suppress(OSError):  # it may be out of service
            self.subscriber.callback(f"{self.url}/feed.xml", f"{self.url}/hub").ask("unsubscribe")

    def forward_until(self, found: Callable[[], Any], seconds: float = 10, **by: float) -> Any:
        """What `found` finds while the clock runs ahead in steps of `by`."""
        end = time.monotonic() + seconds
        while not (answer := found()) and time.monotonic() < end:
            self.forward(**by)
            self.until(found, 0.4)
        return answer

    def end(self) -> None:
        """Whoever follows is gone: nobody is pushed any more what comes later."""
        for callback in self.callbacks:
            callback.takes, callback.confirms = repeat(Reply(410)), repeat(Reply(404))
        self.callbacks.clear()


@pytest.fixture(scope="session")
def subscriber() -> Iterator[Subscriber]:
    """Whoever follows, at every address of loopback."""
    with Subscriber().open() as found:
        yield found


@pytest.fixture(scope="session")
def begin(tools: Any, blank_file: Path, subscriber: Subscriber, tmp_path_factory: Any) -> Callable[..., Tide]:
    """A function that makes a publication, whose service does not run yet."""

    def make(web: str = ALLOWED, more: str = "", program: tuple[str, ...] = (), own_clock: bool = False) -> Tide:
        folder = tmp_path_factory.mktemp("websub") / "tide"
        folder.mkdir()
        url = f"http://127.0.0.1:{tools.free_port()}"
        publication = tools.Publication(folder).settings(url=url, web=web, more=more)
        (folder / "dispatch.db").write_bytes(blank_file.read_bytes())
        made = Tide(publication, tools, subscriber, url)
        made.publish("An old tide.")
        if own_clock:
            made.clock = folder.parent / "clock"
            made.clock.write_text("0")
            program = (sys.executable, str(Path(__file__).parents[1] / "by_own_clock.py"), str(made.clock))
        if program:
            made.publication = replace(publication, program=program)
        return made

    return make


@contextmanager
def in_service(tide: Tide) -> Iterator[Any]:
    """Its service, from its first pass on."""
    with tide.publication.service(tide.port) as running:
        assert tide.is_served("An old tide."), running.log.read_text()
        yield running


@pytest.fixture(scope="session")
def serving() -> Callable[[Tide], Any]:
    """A function that runs a publication's service."""
    return in_service


@pytest.fixture(scope="module")
def served_tide(begin: Callable[..., Tide]) -> Iterator[Tide]:
    """One service for most tests of a file: what comes late in one may wake another, but not mislead it.

    Not for the whole folder, which asks its hub more often than one visitor may in a minute.
    """
    tide = begin()
    with in_service(tide):
        yield tide


@pytest.fixture
def tide(served_tide: Tide) -> Iterator[Tide]:
    """The service; whoever followed during a test is gone after it."""
    yield served_tide
    served_tide.end()


@pytest.fixture(scope="module")
def served_by_clock(begin: Callable[..., Tide]) -> Iterator[Tide]:
    """One service for the tests of a file, whose clock they set."""
    tide = begin(own_clock=True)
    with in_service(tide):
        yield tide


@pytest.fixture
def clocked(served_by_clock: Tide) -> Iterator[Tide]:
    """The service whose clock a test sets; whoever followed during a test is gone after it."""
    yield served_by_clock
    served_by_clock.end()
