"""How soon the first message is there after `dispatch issue send` to 100,000: without a service, and with one."""

import sqlite3
import subprocess
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from statistics import median

from sink import Sink
from ways import DISPATCH, Place

PEOPLE = 100_000
PATIENCE = 30  # seconds


def report_first_message(place: Place, rounds: int) -> None:
    """Print both times."""
    print(f"\nfirst message at the server after `issue send` to {PEOPLE:,}, medians of {rounds} rounds")
    for name, way in (("no service runs", _alone), ("a service runs", _served)):
        times = [way(place) for _ in range(rounds)]
        command, act = (median(moments) for moments in zip(*times, strict=True))
        print(f"{name:<18}{command:>6.2f} s after the command, {act:.2f} s after its act was in the store")


def _alone(place: Place) -> tuple[float, float]:
    folder = place.copied(PEOPLE)
    with Sink(place.port) as sink:
        return _time_of_first(folder, sink)


def _served(place: Place) -> tuple[float, float]:
    folder = place.copied(PEOPLE)
    service = subprocess.Popen(
        [DISPATCH, "--config", str(folder), "run", "--port", "0"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait(lambda: _is_served(folder / "dispatch.db"), "the service does not come up")
        time.sleep(2)  # its first pass is over
        with Sink(place.port) as sink:
            return _time_of_first(folder, sink)
    finally:
        service.kill()
        service.wait()


def _time_of_first(folder: Path, sink: Sink) -> tuple[float, float]:
    """Seconds to the first message that the sink has taken, from the command and from its act; the rest is cut off."""
    written, start = sink.written(), time.perf_counter()
    command = [DISPATCH, "--config", str(folder), "issue", "send", "1", "--yes"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(lambda: sink.written() > written, "no message came")
        return time.perf_counter() - start, time.time() - _moment_of_act(folder / "dispatch.db")
    finally:
        process.kill()
        process.wait()


def _moment_of_act(store: Path) -> float:
    with closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as connection:
        return float(connection.execute("SELECT max(at) FROM audit WHERE act = 'issue send'").fetchone()[0]) / 1e6


def _is_served(store: Path) -> bool:
    with closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as connection:
        return bool(connection.execute("SELECT count(*) FROM service").fetchone()[0])


def _wait(ready: Callable[[], bool], otherwise: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not ready():
        if time.monotonic() > deadline:
            raise SystemExit(otherwise)
        time.sleep(0.001)
