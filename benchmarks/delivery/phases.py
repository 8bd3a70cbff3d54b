"""What each stage costs by itself, within one process and without a server.

phases.py FOLDER      prints JSON: for each stage how often it was done, seconds on the clock and seconds of CPU
"""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from ways import PYTHON, Place

PEOPLE = 100_000
CHUNKS = 40  # of which each kind of work is measured
LEASE = timedelta(minutes=1)
UNITS = {"freeze the audience": ("s in all", 1.0), "render and compile": ("ms", 1e3)}  # the others: µs a recipient


def report_phases(place: Place, people: int = PEOPLE) -> None:
    """Print what each stage costs."""
    command = [PYTHON, __file__, str(place.copied(people))]
    stages = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
    print(f"\nstages by themselves, {people:,} subscribers")
    print(f"{'':<28}{'on the clock':>14}{'CPU':>10}")
    for name, (count, seconds, cpu) in stages.items():
        unit, factor = UNITS.get(name, ("µs each", 1e6))
        print(f"{name:<28}{seconds / count * factor:>14.2f}{cpu / count * factor:>10.2f} {unit}")
    each = [_ledger_each(stages, people, column) for column in (1, 2)]
    print(f"{'ledger: freeze, claim, mark':<28}{each[0]:>14.2f}{each[1]:>10.2f} µs each")


def _ledger_each(stages: Mapping[str, Sequence[float]], people: int, column: int) -> float:
    """Microseconds that the ledger costs a recipient in all, from the snapshot to the closed chunk."""
    chunks = sum(stage[column] / stage[0] for name, stage in stages.items() if name.startswith("ledger"))
    return (stages["freeze the audience"][column] / people + chunks) * 1e6


class Stopwatch:
    """Adds up what stages took, by name."""

    def __init__(self) -> None:
        self.stages: dict[str, list[float]] = {}

    @contextmanager
    def time(self, name: str) -> Iterator[list[int]]:
        """Time the work within; it adds to the list yielded for how many it was done, else that is one."""
        counts: list[int] = []
        clock, cpu = time.perf_counter(), time.process_time()
        yield counts
        stage = self.stages.setdefault(name, [0, 0.0, 0.0])
        for place, more in enumerate((sum(counts) or 1, time.perf_counter() - clock, time.process_time() - cpu)):
            stage[place] += more


class Nowhere:
    """A provider that accepts everything at once: what is left is our own work around it."""

    def __init__(self, like: Any) -> None:
        self.name, self.capabilities, self.limits = like.name, like.capabilities, like.limits

    async def send(self, edition: object, recipients: Sequence[object], key: str, watch: Any) -> None:
        """Accept."""
        from dispatch.model.delivery import Receipt, SendState

        for index in range(len(recipients)):
            watch.intent(index)
            watch.receipt(index, Receipt(SendState.ACCEPTED, "250 2.0.0 Ok"))


async def measure(folder: Path) -> dict[str, list[float]]:
    """Go through the stages of issue 1, which waits in the publication."""
    from dispatch.app import open_app
    from dispatch.config import read_config
    from dispatch.deliver.run import run_chunk
    from dispatch.publish.freezing import freeze

    watch = Stopwatch()
    async with open_app(read_config(folder / "dispatch.toml"), tell=lambda line: None) as app:
        context = app.context
        edition = await _render(context, watch)
        with watch.time("freeze the audience"):
            await freeze(context, context.clock() + timedelta(days=1))
        context = replace(context, provider=Nowhere(context.provider), clock=_in_two_days(context.clock))
        people = await _ledger(context, watch)
        _splice(edition, people, watch)
        for chunk in range(CHUNKS, 2 * CHUNKS):
            with watch.time("all but splice and server") as counts:
                counts.append(len(people) // CHUNKS)
                await run_chunk(context, 1, chunk)
    return watch.stages


def _in_two_days(clock: Any) -> Any:
    """A clock by which all that the freeze wrote is due."""
    return lambda: clock() + timedelta(days=2)


async def _render(context: Any, watch: Stopwatch) -> Any:
    from dispatch.publish.freezing import compile_cohort, compose_issue
    from dispatch.store import issues

    async with context.store.read() as tx:
        issue = replace(await issues.get(tx, 1), frozen=context.clock())
        composition = await compose_issue(tx, context, issue)
    compile_cohort(context, issue, composition.cohorts[0])  # the imports
    with watch.time("render and compile"):
        return compile_cohort(context, issue, composition.cohorts[0])


async def _ledger(context: Any, watch: Stopwatch) -> list[tuple[int, str, str]]:
    """Claim, read and mark chunks; answers their people."""
    from dispatch.model.delivery import Receipt, SendState
    from dispatch.store import ledger

    everybody = []
    for chunk in range(CHUNKS):
        now = context.clock()
        with watch.time("ledger: claim and read") as counts:
            async with context.store.write() as tx:
                claim = await ledger.claim(tx, 1, chunk, "bench", now=now, lease_until=now + LEASE)
                people = await ledger.recipients(tx, 1, chunk)
            counts.append(len(people))
        receipts = {person[0]: Receipt(SendState.ACCEPTED, "250 2.0.0 Ok") for person in people}
        with watch.time("ledger: mark and close") as counts:
            counts.append(len(people))
            async with context.store.write() as tx:
                await ledger.record(tx, 1, receipts, now)
                await ledger.close(tx, claim)
        everybody += people
    return everybody


def _splice(edition: Any, people: Sequence[tuple[int, str, str]], watch: Stopwatch) -> None:
    from dispatch.message.splice import Splicer
    from dispatch.model.delivery import Recipient

    link = "http://127.0.0.1:8000/u/k.1.1.abcdefghijklmnopqrstuv"
    recipients = [Recipient(who, email, name, link, f"1.{who}@harbour.example") for who, email, name in people]
    splicer = Splicer(edition)
    with watch.time("splice") as counts:
        counts.append(len(recipients))
        for one in recipients:
            splicer.splice(one)


if __name__ == "__main__":
    print(json.dumps(asyncio.run(measure(Path(sys.argv[1])))))
