"""The stage that lets people join from files in `subscribers/`."""

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from dispatch.context import Context
from dispatch.errors import SubscribersError
from dispatch.model.post import Problem
from dispatch.model.subscriber import Cadence, PersonRow
from dispatch.publish.intake import read_file
from dispatch.store import facts, lists, schedules, subscribers
from dispatch.store.connect import Tx
from dispatch.subscribe.joining import why_waiting

WAITS = "waits"  # facts: files whose people wait for somebody's word
TAKING = "first taking"  # fact: it has begun, and has not come to its end
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
    files = await asyncio.to_thread(_files, context.config.folder / "subscribers")
    first_pass = bool(files) and await _is_first(context)
    for path in files:
        outcome = await _join_file(context, path, now, first_pass=first_pass)
        people += outcome.people
        problems.extend(outcome.problems)
    if first_pass:
        async with context.store.write() as tx:
            await facts.drop(tx, TAKING)
    return Joined(people, tuple(problems))


async def _is_first(context: Context) -> bool:
    """Whether nobody was ever taken from a file, or the pass that first took somebody was cut off."""
    async with context.store.read() as tx:
        if await subscribers.any_taken(tx):
            return await facts.get(tx, TAKING) is not None
    async with context.store.write() as tx:
        await facts.put(tx, TAKING, "begun")
    return True


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*.csv") if path.name not in SKIPPED and path.is_file())


async def _join_file(context: Context, path: Path, now: datetime, *, first_pass: bool) -> Joined:
    where = path.relative_to(context.config.folder).as_posix()
    try:
        stamp = await asyncio.to_thread(_stamp, context, path)
        async with context.store.read() as tx:
            if await facts.get(tx, f"file {where}") == stamp:
                return Joined(0, ())
        joined = await _take(context, path, where, now, first_pass=first_pass)
    except SubscribersError as error:
        return Joined(0, (Problem(where, str(error), error.line),))
    except OSError as error:
        return Joined(0, (Problem(where, f"cannot be read: {error.strerror}."),))
    async with context.store.write() as tx:
        await facts.put(tx, f"file {where}", stamp)
        await facts.drop(tx, f"{WAITS} {where}")
        for waiting in (problem for problem in joined.problems if not problem.fatal):
            await facts.put(tx, f"{WAITS} {where}", str(waiting))
    return joined


def _stamp(context: Context, path: Path) -> str:
    """What a file is recognised by, together with the lists that it was read for."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
    digest.update(repr(sorted(context.config.lists.items())).encode())
    return digest.hexdigest()


async def _take(context: Context, path: Path, where: str, now: datetime, *, first_pass: bool) -> Joined:
    """Let the new people of a file join, unless the rules make it wait."""
    named = path.stem in context.lists
    async with read_file(context, path, where) as intake:
        waiting = why_waiting(where, intake.new, named_after_list=named, first_pass=first_pass)
        if waiting:
            return Joined(0, (*intake.problems, waiting))
        return Joined(await intake.join(now), intake.problems)


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
        hour=row.hour,
    )


async def starting_marks(tx: Tx) -> dict[tuple[str, Cadence], int]:
    """Where a newcomer's mark begins: for an immediate list at its head, for a digest at the previous slot's."""
    rows = await lists.every(tx)
    marks = {(slug, cadence): row.composed_to for slug, row in rows.items() for cadence in Cadence}
    return marks | {(row.list_slug, row.cadence): row.previous for row in await schedules.every(tx)}
