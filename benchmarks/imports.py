"""How fast a million people come in from a CSV file, and what that costs in memory.

Side by side: the same rows put into one bare SQLite table by `executemany`; then `dispatch subscriber import` into a
store on SQLite and into one on PostgreSQL (the server that DISPATCH_BENCH_POSTGRES names, or else one started here).
"""

import asyncio
import csv
import os
import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from multiprocessing import get_context
from pathlib import Path
from resource import RUSAGE_SELF, getrusage

from dispatch.acts.act import Desk
from dispatch.acts.subscriber import import_people, read_file
from dispatch.app import open_app
from dispatch.config import read_config

ROWS = 1_000_000
SETTINGS = """
[publication]
title = "Bench"
url = "https://bench.example"
email = "bench@bench.example"

[lists.news]

[store]
url = "{url}"
"""
DOMAINS = ("example.org", "mail.example.com", "posteo.example", "web.example.net", "gmx.example")
NAMES = ("Ada", "Bob", "Cleo", "Dan", "Eva", "Finn", "Hana", "Ivo", "Jules", "Kim", "Zoë", "山田")
COLUMNS = ("email", "name", "tags", "timezone", "language")


def main() -> None:
    """Print the table."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    with tempfile.TemporaryDirectory() as name, ExitStack() as opened:
        folder = Path(name)
        write_people(folder / "news.csv", rows)
        print(f"{rows:,} people        seconds    rows/s   ratio   CPU s   peak MB over the start")
        bare = measured(bare_insert, folder, "")
        report("bare executemany", rows, bare, bare)
        report("import, SQLite", rows, measured(imported, folder, "sqlite:///dispatch.db"), bare)
        url = os.environ.get("DISPATCH_BENCH_POSTGRES") or opened.enter_context(own_server())
        report("import, PostgreSQL", rows, measured(imported, folder, url), bare)


Figures = tuple[float, float, float]  # seconds, CPU seconds, MB


def report(what: str, rows: int, found: Figures, bare: Figures) -> None:
    """One line of the table."""
    seconds, processor, memory = found
    print(f"{what:20} {seconds:8.2f} {rows / seconds:9,.0f} {bare[0] / seconds:7.2f} {processor:7.2f} {memory:9.1f}")


def write_people(path: Path, rows: int) -> None:
    """People in no order, some with names beyond ASCII, some with tags and a time zone."""
    dice = random.Random(5)  # noqa: S311
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(person(dice, number) for number in range(rows))


def person(dice: random.Random, number: int) -> tuple[str, ...]:
    """One row."""
    first, last = dice.choice(NAMES), dice.choice(NAMES)
    address = f"{dice.getrandbits(44):x}.{number % 97}@{dice.choice(DOMAINS)}"
    zone = "" if number % 3 else "Europe/Berlin"
    return (address, f"{first} {last}", "" if number % 10 else "sea;tide", zone, "en")


def measured(work: object, folder: Path, url: str) -> Figures:
    """What work in a process of its own takes."""
    with get_context("spawn").Pool(1) as pool:
        return pool.apply(alone, (work, folder, url))


def alone(work: object, folder: Path, url: str) -> Figures:
    """Seconds, CPU seconds, and by how many MB the process grew."""
    return asyncio.run(work(folder, url))  # type: ignore[operator]


async def bare_insert(folder: Path, _url: str) -> Figures:
    """The floor: the cells into one table without an index, in one transaction."""
    start = now()
    with closing(sqlite3.connect(folder / "bare.db")) as connection:
        connection.execute(f"CREATE TABLE people ({', '.join(COLUMNS)})")
        connection.executemany("INSERT INTO people VALUES (?, ?, ?, ?, ?)", cells(folder))
        connection.commit()
    return since(start)


def cells(folder: Path) -> Iterator[list[str]]:
    """The rows as they are."""
    with (folder / "news.csv").open(newline="", encoding="utf-8") as file:
        reader = csv.reader(file)
        next(reader)
        yield from reader


async def imported(folder: Path, url: str) -> Figures:
    """What the command does."""
    (folder / "dispatch.toml").write_text(SETTINGS.format(url=url))
    async with open_app(read_config(folder), tell=print) as app:
        desk = Desk(app.context, "bench")
        start = now()
        async with read_file(desk, folder / "news.csv", told(start)) as intake:
            await import_people(desk, folder / "news.csv", intake)
        return since(start)


def told(start: Figures) -> object:
    """Say where the time goes, if the environment asks."""

    def tell(what: str, done: int, of: int) -> None:
        if os.environ.get("DISPATCH_BENCH_PHASES") and (what == "joining" or done >= of):
            print(f"  {what} done after {since(start)}", file=sys.stderr)

    return tell


def now() -> Figures:
    """The clocks, and the memory at its highest."""
    return time.perf_counter(), time.process_time(), getrusage(RUSAGE_SELF).ru_maxrss / 1024


def since(start: Figures) -> Figures:
    """What was used from `start` on."""
    seconds, processor, memory = now()
    return seconds - start[0], processor - start[1], memory - start[2]


def own_server() -> object:
    """A PostgreSQL for this run, as the tests start theirs."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
    from contextlib import contextmanager

    from server import running

    @contextmanager
    def url() -> Iterator[str]:
        with running() as server:
            yield server.empty()

    return url()


if __name__ == "__main__":
    main()
