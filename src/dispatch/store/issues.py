"""Issues: what was composed, from which window of arrivals, and where each stands."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, select, update

from dispatch.model.delivery import ChunkState
from dispatch.model.issue import CompiledEdition, Issue, IssueState, Words
from dispatch.model.subscriber import Cadence
from dispatch.store.connect import Tx
from dispatch.store.schema import chunk, cohort, delivery, departure, edition, issue, mailing_list, need, run
from dispatch.store.upsert import insert_into


@dataclass(frozen=True, slots=True)
class CohortRow:
    """One cohort of a frozen issue."""

    issue: int
    number: int
    language: str
    posts: tuple[int, ...]
    edition: str
    more: int = 0  # posts left over


async def add_run(tx: Tx, list_id: int, cadence: Cadence, slot: str, now: datetime) -> bool:
    """Record that a cadence fired for a slot; False if it had fired for it before."""
    statement = insert_into(tx, run).values(list_id=list_id, cadence=cadence, slot=slot, fired=now)
    return (await tx.execute(statement.on_conflict_do_nothing().returning(run.c.id))).first() is not None


async def add(
    tx: Tx,
    list_id: int,
    cadence: Cadence,
    window: tuple[int, int],
    *,
    slot: str,
    due: datetime,
    now: datetime,
    fixed: bool = False,
) -> int:
    """Add the issue of a run and return its number. `window` is the first and last arrival it may hold.

    `fixed`: no hold puts it off.
    """
    values = {
        "list_id": list_id,
        "cadence": cadence,
        "state": IssueState.HELD,
        "first_arrival": window[0],
        "last_arrival": window[1],
        "created": now,
        "due": due,
        "note": "",
        "fixed": fixed,
    }
    number = (await tx.execute(issue.insert().values(**values).returning(issue.c.number))).scalar_one()
    where = (run.c.list_id == list_id, run.c.cadence == cadence, run.c.slot == slot)
    await tx.execute(update(run).where(*where).values(issue=number))
    return int(number)


async def get(tx: Tx, number: int) -> Issue | None:
    """One issue."""
    return next(iter(await _issues(tx, issue.c.number == number)), None)


async def in_states(tx: Tx, states: Collection[IssueState]) -> list[Issue]:
    """All issues in one of these states, oldest first."""
    return await _issues(tx, issue.c.state.in_(states))


async def recent(tx: Tx, limit: int) -> list[Issue]:
    """The newest issues, newest first."""
    statement = _select().order_by(issue.c.number.desc()).limit(limit)
    return [_issue(row) for row in await tx.execute(statement)]


async def move(
    tx: Tx,
    number: int,
    origins: Collection[IssueState],
    target: IssueState,
    values: Mapping[str, Any] | None = None,
    version: int | None = None,
) -> bool:
    """Move an issue to another state by compare-and-set; False if it was in none of `origins`.

    With a `version` it also has to be as it was then: no editor has shaped it since.
    """
    where = [issue.c.number == number, issue.c.state.in_(origins)]
    where += [] if version is None else [issue.c.version == version]
    statement = update(issue).where(*where).values(state=target, **(values or {}))
    return (await tx.execute(statement)).rowcount == 1


async def stopped_windows(tx: Tx, list_id: int, cadence: Cadence) -> list[tuple[int, int]]:
    """The windows, first and last arrival, of a cadence's issues that somebody cancelled before they began."""
    where = (issue.c.state == IssueState.CANCELLED, issue.c.frozen.is_(None))
    statement = select(issue.c.first_arrival, issue.c.last_arrival).where(*where)
    found = await tx.execute(statement.where(issue.c.list_id == list_id, issue.c.cadence == cadence))
    return [(first, last) for first, last in found]


async def put_off(tx: Tx, number: int, due: datetime) -> None:
    """Let an issue that has not begun wait until `due`."""
    where = (issue.c.number == number, issue.c.state.in_((IssueState.DRAFT, IssueState.HELD)))
    await tx.execute(update(issue).where(*where).values(due=due))


async def keep_editions(tx: Tx, editions: Sequence[CompiledEdition]) -> None:
    """Keep compiled editions by hash, for every chunk, retry and resume to come."""
    rows = [
        {
            "digest": one.digest,
            "issue": one.issue,
            "data": one.data,
            "marker": one.marker,
            "sender_address": one.sender_address,
            "subject": one.subject,
            "revision": one.revision,
        }
        for one in editions
    ]
    if rows:
        await tx.execute(insert_into(tx, edition).on_conflict_do_nothing(), rows)


async def compiled(tx: Tx, digest: str) -> CompiledEdition:
    """A compiled edition by its hash."""
    row = (await tx.execute(select(edition).where(edition.c.digest == digest))).one()
    return CompiledEdition(row.issue, row.digest, row.data, row.marker, row.sender_address, row.subject, row.revision)


async def edition_to(tx: Tx, number: int, email: str) -> str | None:
    """The digest of the edition that goes to an address; None if the issue does not."""
    statement = select(chunk.c.edition).join(
        delivery, and_(delivery.c.issue == chunk.c.issue, delivery.c.chunk == chunk.c.number)
    )
    where = (delivery.c.issue == number, delivery.c.email == email)
    return (await tx.execute(statement.where(*where).limit(1))).scalar()


async def unclosed_chunks(tx: Tx, number: int) -> dict[int, list[int]]:
    """The chunks of an issue that are not closed, by the cohort of their people."""
    whose = select(delivery.c.cohort).where(delivery.c.issue == number, delivery.c.chunk == chunk.c.number).limit(1)
    statement = select(chunk.c.number, whose.correlate(chunk).scalar_subquery())
    rows = await tx.execute(statement.where(chunk.c.issue == number, chunk.c.state != ChunkState.CLOSED))
    found: dict[int, list[int]] = {}
    for one, group in rows:
        found.setdefault(group, []).append(one)
    return found


async def replace_edition(tx: Tx, row: CohortRow, chunks: Sequence[int], digest: str) -> None:
    """A cohort's edition from now on: of these chunks, and of whatever is sent again."""
    of_cohort = (chunk.c.issue == row.issue, chunk.c.number.in_(chunks))
    await tx.execute(update(chunk).where(*of_cohort).values(edition=digest))
    where = (cohort.c.issue == row.issue, cohort.c.number == row.number)
    await tx.execute(update(cohort).where(*where).values(edition=digest))


async def revision_in(tx: Tx, number: int, chunk_number: int) -> int:
    """The revision that a chunk brings."""
    statement = select(edition.c.revision).join(chunk, chunk.c.edition == edition.c.digest)
    where = (chunk.c.issue == number, chunk.c.number == chunk_number)
    return (await tx.execute(statement.where(*where))).scalar() or 1


async def count_revision(tx: Tx, one: Issue) -> None:
    """The issue has another revision; a list that asks for approval has to approve it before it goes on."""
    values = {"revision": one.revision, "approved": ""}
    await tx.execute(update(issue).where(issue.c.number == one.number).values(**values))


async def add_cohorts(tx: Tx, cohorts: Sequence[Mapping[str, Any]], needs: Sequence[Mapping[str, Any]]) -> None:
    """Keep which need gets which posts, as values of the two tables."""
    if cohorts:
        await tx.execute(cohort.insert(), [dict(row) for row in cohorts])
    if needs:
        await tx.execute(need.insert(), [dict(row) for row in needs])


async def add_departures(tx: Tx, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep who of each cohort leaves together, as values of the table."""
    if rows:
        await tx.execute(departure.insert(), [dict(row) for row in rows])


async def mailed(tx: Tx, list_id: int) -> dict[int, datetime]:
    """Every post of a list's issues that began, with the last moment at which one of these did."""
    statement = select(cohort.c.posts, issue.c.frozen).join(issue, issue.c.number == cohort.c.issue)
    rows = await tx.execute(statement.where(issue.c.list_id == list_id).order_by(issue.c.frozen))
    return {post_id: frozen for posts, frozen in rows for post_id in posts}


async def cohorts_of(tx: Tx, number: int) -> list[CohortRow]:
    """The cohorts of a frozen issue."""
    rows = await tx.execute(select(cohort).where(cohort.c.issue == number).order_by(cohort.c.number))
    return [CohortRow(**{**row._mapping, "posts": tuple(row.posts)}) for row in rows]


def _select() -> Any:
    columns = [column for column in issue.c if column.name not in ("list_id", "audience", "receipt", "gave_back")]
    return select(*columns, mailing_list.c.slug.label("list_slug")).join(
        mailing_list, mailing_list.c.id == issue.c.list_id
    )


async def _issues(tx: Tx, where: Any) -> list[Issue]:
    return [_issue(row) for row in await tx.execute(_select().where(where).order_by(issue.c.number))]


def _issue(row: Any) -> Issue:
    read = {
        "cadence": Cadence(row.cadence),
        "state": IssueState(row.state),
        "words": {language: Words(**said) for language, said in row.words.items()},
        "picked": tuple(row.picked),
        "left_out": tuple(row.left_out),
    }
    return Issue(**{**row._mapping, **read})
