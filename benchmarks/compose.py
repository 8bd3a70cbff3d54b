"""What composing costs where everybody has a pace of their own: 4 cadences, 20 tags, 40 time zones, 200 posts.

The same publication with ten thousand subscriptions and with a million, each in a process of its own: the ratios say
what grows. All on a list with local time. SQLite's time and memory count, too.
"""

import asyncio
import random
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from typing import Any, TypeVar
from zoneinfo import available_timezones

from sqlalchemy import text

from dispatch.app import open_app
from dispatch.config import read_config
from dispatch.context import Context
from dispatch.model.issue import Cohort, Issue, IssueState
from dispatch.model.subscriber import Cadence
from dispatch.publish.collecting import collect
from dispatch.publish.composing import compose
from dispatch.publish.composition import compose_issue
from dispatch.publish.freezing import compile_cohort, freeze, load_renderer
from dispatch.store.columns import words_text
from dispatch.store.connect import Tx
from dispatch.store.fill import fill
from dispatch.store.schema import subscriber, subscription

FEW, MANY, SLICE = 10_000, 1_000_000, 50_000
POSTS, TAGS, ZONES = 200, 20, 40
SETTINGS = """
[publication]
title = "Bench"
url = "https://bench.example"
email = "bench@bench.example"
timezone = "Europe/Berlin"

[sources.blog]
type = "folder"
path = "posts"

[lists.news]
cadence = "weekly"
cadences = ["immediate", "daily", "monthly"]
local_time = true
"""
BEFORE = datetime(2026, 5, 31, 6, tzinfo=UTC)
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)  # a Monday and the first of a month: every slot has come
WAITING = {Cadence.IMMEDIATE: 1, Cadence.DAILY: 2, Cadence.WEEKLY: 8, Cadence.MONTHLY: 30}  # posts since the last issue
CHANGED = 0.02  # of all people: they had another pace until now, and so another mark
SAMPLE = 20  # editions rendered, to say what one takes
TEMPLATES = {  # as short as can be: rendering has a line of its own in another benchmark
    "issue.txt": "{% for post in posts %}\n{{ post.title }}\n{% endfor %}\n{{ slots.unsubscribe }}\n",
    "issue.html": '<html><body><a href="{{ slots.unsubscribe }}">{{ posts|length }}</a></body></html>',
}
T = TypeVar("T")
Figures = dict[str, tuple[float, float]]  # seconds, and by how many MB memory had grown since the start


def main() -> None:
    """Print the table."""
    sizes = [int(one) for one in sys.argv[1:]] or [FEW, MANY]
    found = [measured(size) for size in sizes]
    print(f"\n{POSTS} posts, {len(WAITING)} cadences, {TAGS} tags (0 to 3 a person), {ZONES} time zones")
    print(f"{'':38}" + "".join(f"{f'{size:,} people':>24}" for size in sizes) + f"{'ratio':>10}")
    for what in found[0]:
        cells = "".join(f"{one[what][0]:12.3f} s{one[what][1]:7.1f} MB" for one in found)
        print(f"{what:38}{cells}{found[-1][what][0] / found[0][what][0]:10.1f}")


def measured(size: int) -> Figures:
    """The figures of a publication of this size: one process fills it, another does what is measured."""
    with tempfile.TemporaryDirectory() as name:
        for work in (fill_publication, take_figures):
            with get_context("spawn").Pool(1) as pool:
                found = pool.apply(alone, (work, Path(name), size))
    return found


def alone(work: Callable[[Path, int], Coroutine[Any, Any, Figures]], folder: Path, size: int) -> Figures:
    """All of it, for a process that does nothing else."""
    return asyncio.run(work(folder, size))


async def fill_publication(folder: Path, size: int) -> Figures:
    """A publication that has mailed all but what waits."""
    write_publication(folder)
    async with open_app(read_config(folder), tell=print, clock=lambda: BEFORE) as app:
        await collect(app.context, BEFORE)  # of an empty folder: what comes later is no archive
        write_posts(folder)
        await collect(app.context, BEFORE)
        await fill_store(app.context, size)
    return {}


async def take_figures(folder: Path, _size: int) -> Figures:
    """What is measured."""
    async with open_app(read_config(folder), tell=print, clock=lambda: NOW) as app:
        await asyncio.to_thread(load_renderer)
        async with app.context.store.read() as tx:  # SQLite reads what it then has at hand
            await tx.execute(text("SELECT count(*) FROM subscription WHERE hour != ''"))
        return await figures(app.context)


async def figures(context: Context) -> Figures:
    """What each stage takes."""
    found: Figures = {}
    start = memory()
    for cadence in WAITING:
        async with context.store.read() as tx:
            seconds, made = await timed(compose_issue(tx, context, prospect(cadence)))
        found[f"compose {cadence}"] = (seconds, memory() - start)
        print(f"{cadence}: {made.reached:,} people, {len(made.needs):,} needs, {len(made.cohorts):,} editions")
    found["the pass's compose stage"] = ((await timed(compose(context, NOW, hold=False)))[0], memory() - start)
    found["the same with nothing to do"] = ((await timed(compose(context, NOW, hold=False)))[0], memory() - start)
    found["one short edition"] = (rendering(context, made.cohorts), memory() - start)
    number = await only_due(context, Cadence.WEEKLY)
    seconds, started = await timed(freeze(context, NOW))
    if started.numbers != (number,):
        sys.exit(f"issue {number} alone should have started: {started}")
    found["start the weekly issue"] = (seconds, memory() - start)
    return found


def prospect(cadence: Cadence) -> Issue:
    """An issue of everything that waits."""
    window = (POSTS - WAITING[cadence] + 1, POSTS)
    return Issue(1, "news", cadence, IssueState.HELD, *window, created=NOW, due=NOW, frozen=NOW)


def rendering(context: Context, cohorts: tuple[Cohort, ...]) -> float:
    """Seconds that one edition takes to render and compile."""
    begun = time.perf_counter()
    for one in cohorts[:SAMPLE]:
        compile_cohort(context, prospect(Cadence.MONTHLY), one)
    return (time.perf_counter() - begun) / min(SAMPLE, len(cohorts))


async def only_due(context: Context, cadence: Cadence) -> int:
    """Let the other issues wait, so that one alone starts; its number."""
    async with context.store.write() as tx:
        await tx.execute(text("UPDATE issue SET late = true WHERE cadence != :cadence"), {"cadence": cadence.value})
        statement = text("SELECT number FROM issue WHERE cadence = :cadence")
        return (await tx.execute(statement, {"cadence": cadence.value})).scalar_one()


def write_publication(folder: Path) -> None:
    """Settings and templates."""
    (folder / "dispatch.toml").write_text(SETTINGS)
    (folder / "posts").mkdir()
    (folder / "templates" / "email").mkdir(parents=True)
    for name, content in TEMPLATES.items():
        (folder / "templates" / "email" / name).write_text(content)


def write_posts(folder: Path) -> None:
    """Posts of a day each, with one or two tags."""
    dice = random.Random(1)  # noqa: S311
    for number in range(POSTS):
        day = BEFORE - timedelta(days=POSTS - number)
        tags = ", ".join(f"tag{one}" for one in dice.sample(range(TAGS), dice.choice((1, 2))))
        head = f"---\ntitle: Post {number}\ndate: {day.isoformat()}\ntags: [{tags}]\n---\n\n"
        (folder / "posts" / f"post-{number}.md").write_text(f"{head}What happened on day {number}.\n")


async def fill_store(context: Context, size: int) -> None:
    """People, by slices."""
    dice = random.Random(2)  # noqa: S311
    zones = dice.sample(sorted(zone for zone in available_timezones() if "/" in zone), ZONES)
    people = enumerate(subscriptions(dice, context.lists["news"].id), 1)
    for start in range(0, size, SLICE):
        some = list(islice(people, min(SLICE, size - start)))
        async with context.store.write() as tx:
            rows = [(number, f"n{number}@example.org", "", "", dice.choice(zones), 0) for number, _ in some]
            await fill(tx, subscriber, ("id", "email", "name", "language", "timezone", "created"), rows)
            columns = ("list_id", "subscriber_id", "state", "cadence", "tags", "mark", "hour")
            await fill(tx, subscription, columns, [(one[0], number, *one[1:]) for number, one in some])
    async with context.store.write() as tx:
        await set_heads(tx)


def subscriptions(dice: random.Random, list_id: int) -> Iterator[tuple[int | str, ...]]:
    """What people want, without end."""
    cadences = list(WAITING)
    while True:
        cadence = dice.choice(cadences)
        tags = sorted(f"tag{one}" for one in dice.sample(range(TAGS), dice.randrange(4)))
        before = dice.choice(cadences) if dice.random() < CHANGED else cadence
        yield (list_id, "active", cadence.value, words_text(tags), POSTS - WAITING[before], "")


async def set_heads(tx: Tx) -> None:
    """Everything but what waits has been mailed."""
    await tx.execute(text("UPDATE mailing_list SET composed_to = :head"), {"head": POSTS - 1})
    for cadence, count in WAITING.items():
        values = {"cadence": cadence.value, "head": POSTS - count}
        await tx.execute(text("UPDATE schedule SET previous = :head WHERE cadence = :cadence"), values)


async def timed(work: Awaitable[T]) -> tuple[float, T]:
    """Seconds that work takes, and what it comes to."""
    begun = time.perf_counter()
    found = await work
    return time.perf_counter() - begun, found


def memory() -> float:
    """MB at its highest so far."""
    return getrusage(RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
