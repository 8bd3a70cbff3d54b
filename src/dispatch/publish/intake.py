"""A subscribers' file on its way into the store: read by slices, set aside, and let in when somebody says so."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache, partial
from itertools import islice
from pathlib import Path

from dispatch.context import Context
from dispatch.model.post import Problem
from dispatch.model.subscriber import FileRow, Terms
from dispatch.store.columns import words_text
from dispatch.store.incoming import Incoming, Newcomer, incoming
from dispatch.subscribe.csvfile import REMEMBERED, read_csv

ROWS = 5000  # rows read at a time
REPORTED = 1000  # problems told one by one; whoever has more mends what wrote the file

Told = Callable[[str, int, int], None]  # what is being done, and how much of how much is


def untold(what: str, done: int, of: int) -> None:
    """Nobody looks on."""


@dataclass
class Intake:
    """What a file held: its good rows wait aside, its bad ones are named."""

    where: str
    people: Incoming
    told: Told
    rows: int = 0  # good ones
    bad: int = 0
    new: int = 0  # memberships never taken from a file before
    _problems: list[Problem] = field(default_factory=list)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """The bad rows; those beyond a thousand as one."""
        rest = self.bad - len(self._problems)
        more = (Problem(self.where, f"{rest} more rows cannot be used."),) if rest else ()
        return (*self._problems, *more)

    def note(self, good: int, problems: Sequence[Problem]) -> None:
        """Count rows that were read."""
        self.rows += good
        self.bad += len(problems)
        self._problems += problems[: REPORTED - len(self._problems)]

    async def join(self, now: datetime) -> int:
        """Let in who was never taken from a file before; returns how many memberships that made."""
        return await self.people.join(now, partial(self.told, "joining"))


@asynccontextmanager
async def read_file(context: Context, path: Path, where: str, told: Told = untold) -> AsyncIterator[Intake]:
    """Read a file and set its people aside; `where` names it to people.

    Raises SubscribersError for a file that cannot be used at all, StoreError, or OSError from the disk.
    """
    async with incoming(context.store) as people:
        intake = Intake(where, people, told)
        await _fill(context, path, intake)
        intake.new = await people.arrange()
        yield intake


async def _fill(context: Context, path: Path, intake: Intake) -> None:
    offered = {slug: table.offered for slug, table in context.config.lists.items()}
    newcomers = _newcomers_of(context)
    with await asyncio.to_thread(path.open, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        with closing(read_csv(file, intake.where, path.stem, offered)) as rows:
            while (found := await asyncio.to_thread(_slice, rows, intake, newcomers)) is not None:
                await intake.people.add(found)
                intake.told("reading", file.tell(), size)


def _slice(
    rows: Iterator[FileRow | Problem], intake: Intake, newcomers: Callable[[FileRow], list[Newcomer]]
) -> list[Newcomer] | None:
    """The people of the next rows; None at the end of the file."""
    found = list(islice(rows, ROWS))
    good = [one for one in found if isinstance(one, FileRow)]
    intake.note(len(good), [one for one in found if isinstance(one, Problem)])
    return [newcomer for row in good for newcomer in newcomers(row)] if found else None


def _newcomers_of(context: Context) -> Callable[[FileRow], list[Newcomer]]:
    """What makes a row a newcomer to each of its lists."""
    taken = context.keyring.taken

    @lru_cache(REMEMBERED)
    def places(terms: Terms) -> list[tuple[str, tuple[int, str, str, str]]]:
        """Each list's first slug, and what all with these terms have in common there."""
        state, tags = terms.state.value, words_text(terms.tags)
        lists = [context.lists[slug] for slug in terms.lists]
        return [(one.born_as, (one.id, state, (terms.cadence or one.cadence).value, tags)) for one in lists]

    def newcomers(row: FileRow) -> list[Newcomer]:
        line, email, name, hour, terms = row
        return [
            Newcomer(line, taken(email, slug), email, name, terms.language, terms.timezone, *place, hour)
            for slug, place in places(terms)
        ]

    return newcomers
