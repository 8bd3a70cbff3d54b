"""The stage that lets people join from files in `subscribers/`."""

import asyncio
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from dispatch.context import Context
from dispatch.errors import SubscribersError
from dispatch.model.post import Problem
from dispatch.model.subscriber import Cadence, PersonRow
from dispatch.store import facts, lists, schedules, subscribers
from dispatch.store.connect import Tx
from dispatch.subscribe.csvfile import CsvReading, read_csv
from dispatch.subscribe.joining import Membership, decide, fresh

SLICE = 1000  # memberships a transaction, so that nobody who wants to leave has to wait
WAITS = "waits"  # facts: files whose people wait for somebody's word
SKIPPED = frozenset({"example.csv"})


@dataclass(frozen=True, slots=True)
class Joined:
    """What the files brought."""

    people: int  # memberships: one person on two lists counts twice
    problems: tuple[Problem, ...]


async def join(context: Context, now: datetime) -> Joined:
    """Read every subscribers' file that has changed, and let its new people join by the rules."""
    people = 0
    problems: list[Problem] = []
    async with context.store.read() as tx:
        first_pass = not await subscribers.any_taken(tx)
    for path in await asyncio.to_thread(_files, context.config.folder / "subscribers"):
        outcome = await _join_file(context, path, now, first_pass=first_pass)
        people += outcome.people
        problems.extend(outcome.problems)
    return Joined(people, tuple(problems))


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*.csv") if path.name not in SKIPPED and path.is_file())


async def _join_file(context: Context, path: Path, now: datetime, *, first_pass: bool) -> Joined:
    where = path.relative_to(context.config.folder).as_posix()
    try:
        data = await asyncio.to_thread(path.read_bytes)
        stamp = hashlib.sha256(data + repr(sorted(context.config.lists.items())).encode()).hexdigest()
        async with context.store.read() as tx:
            if await facts.get(tx, f"file {where}") == stamp:
                return Joined(0, ())
        reading = await asyncio.to_thread(_read, context, data, where, path.stem)
    except SubscribersError as error:
        return Joined(0, (Problem(where, str(error), error.line),))
    except OSError as error:
        return Joined(0, (Problem(where, f"cannot be read: {error.strerror}."),))
    named = path.stem in context.lists
    joined = await take(context, reading, where, now, named_after_list=named, first_pass=first_pass)
    async with context.store.write() as tx:
        await facts.put(tx, f"file {where}", stamp)
        await facts.drop(tx, f"{WAITS} {where}")
        for waiting in (problem for problem in joined.problems if not problem.fatal):
            await facts.put(tx, f"{WAITS} {where}", str(waiting))
    return joined


def _read(context: Context, data: bytes, where: str, own_list: str) -> CsvReading:
    offered = {slug: table.offered for slug, table in context.config.lists.items()}
    return read_csv(data, where, own_list, offered)


async def take(
    context: Context, reading: CsvReading, where: str, now: datetime, *, named_after_list: bool, first_pass: bool
) -> Joined:
    """Let the new people of a reading join, unless the rules make the file wait."""
    memberships = await asyncio.to_thread(lambda: list(_memberships(context, reading)))
    async with context.store.read() as tx:
        known = await subscribers.known_hashes(tx, [one.hash for one in memberships])
    joining = decide(where, fresh(memberships, known), named_after_list=named_after_list, first_pass=first_pass)
    for start in range(0, len(joining.people), SLICE):
        slice_ = joining.people[start : start + SLICE]
        async with context.store.write() as tx:
            await subscribers.join(tx, await _new_people(tx, context, slice_), now)
            await subscribers.take_hashes(tx, [one.hash for one in slice_])
    waiting = (joining.waiting,) if joining.waiting else ()
    return Joined(len(joining.people), (*reading.problems, *waiting))


def _memberships(context: Context, reading: CsvReading) -> Iterable[Membership]:
    for row in reading.rows:
        for slug in row.lists:
            yield Membership(row, slug, context.keyring.taken(row.email, slug))


async def _new_people(tx: Tx, context: Context, people: Sequence[Membership]) -> list[subscribers.NewPerson]:
    marks = await starting_marks(tx)
    return [new_person(context, one.row, one.list_slug, marks) for one in people]


def new_person(
    context: Context, row: PersonRow, slug: str, marks: Mapping[tuple[str, Cadence], int]
) -> subscribers.NewPerson:
    """A row's person on one of its lists, from the mark on where newcomers begin."""
    cadence = row.cadence or context.lists[slug].cadence
    return subscribers.NewPerson(
        email=row.email,
        name=row.name,
        language=row.language,
        timezone=row.timezone,
        list_id=context.lists[slug].id,
        state=row.state,
        cadence=cadence,
        tags=row.tags,
        mark=marks[slug, cadence],
    )


async def starting_marks(tx: Tx) -> dict[tuple[str, Cadence], int]:
    """Where a newcomer's mark begins: for an immediate list at its head, for a digest at the previous slot's."""
    rows = await lists.every(tx)
    marks = {(slug, cadence): row.composed_to for slug, row in rows.items() for cadence in Cadence}
    return marks | {(row.list_slug, row.cadence): row.previous for row in await schedules.every(tx)}
