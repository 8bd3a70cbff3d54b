"""The pages of editions that went out: which there are, what each shows, and which have to be written."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, exists, func, insert, literal, or_, select, update

from dispatch.model.delivery import SendState
from dispatch.model.issue import IssueState, Sibling
from dispatch.model.post import PostState
from dispatch.store.connect import Tx
from dispatch.store.schema import cohort, delivery, edition, issue, mailing_list, post
from dispatch.store.schema_site import issue_page, issue_page_post
from dispatch.store.upsert import insert_into

WITHDRAWN, AFTER_WITHDRAWN = "withdrawn", "withdrawn~"  # how a notice begins, and what comes after all of them
TRIED = ""  # it could not be written, or shows what is no more so; the next pass tries again
HIDDEN = tuple(state for state in PostState if state is not PostState.LIVE)
REACHED = (SendState.ACCEPTED, SendState.UNKNOWN)

Key = tuple[int, int]  # an issue and the number of a cohort


@dataclass(frozen=True, slots=True)
class PageRow:
    """One page as it should be."""

    issue: int
    cohort: int
    list_slug: str
    listed: bool
    language: str
    edition: str  # the digest of the newest revision
    frozen: datetime


@dataclass(frozen=True, slots=True)
class Listed:
    """One issue as its list shows it."""

    issue: int
    subject: str
    language: str
    frozen: datetime
    hidden: bool  # one of its posts is not to be seen any more


async def owe(tx: Tx, list_id: int, posts: Mapping[Key, Iterable[int]], listed: Collection[Key], shows: Any) -> None:
    """There are to be pages for these editions, each with the ids of its posts.

    With None in `shows` nobody is mailed before they have been tried; with TRIED the next pass writes them.
    """
    rows = [
        {"issue": key[0], "cohort": key[1], "list_id": list_id, "listed": key in listed, "shows": shows}
        for key in posts
    ]
    if rows:
        await tx.execute(insert_into(tx, issue_page).on_conflict_do_nothing(), rows)
    await _hold(tx, posts)


async def owe_again(tx: Tx, key: Key, ids: Iterable[int]) -> None:
    """An edition has another revision, with these posts: its page, if it has one, is to show that."""
    where = (issue_page.c.issue == key[0], issue_page.c.cohort == key[1])
    if (await tx.execute(update(issue_page).where(*where).values(shows=TRIED))).rowcount:
        held = (issue_page_post.c.issue == key[0], issue_page_post.c.cohort == key[1])
        await tx.execute(delete(issue_page_post).where(*held))
        await _hold(tx, {key: ids})


async def _hold(tx: Tx, posts: Mapping[Key, Iterable[int]]) -> None:
    rows = [
        {"post_id": one, "issue": number, "cohort": at}
        for (number, at), ids in posts.items()
        for one in sorted(set(ids))
    ]
    if rows:
        await tx.execute(insert(issue_page_post), rows)


async def owed(tx: Tx, number: int | None = None) -> list[Key]:
    """The pages that do not show what they should, of one issue or of all, the oldest first."""
    page = issue_page.c
    unwritten = select(page.issue, page.cohort).where(or_(page.shows.is_(None), page.shows == TRIED))
    if number is not None:
        return await _keys(tx, unwritten.where(page.issue == number))
    return sorted({*await _keys(tx, unwritten), *await _overtaken(tx)})


async def _overtaken(tx: Tx) -> list[Key]:
    """Pages with posts that were taken from sight since, or have come back: from those posts on, for they are few."""
    held, page = issue_page_post.c, issue_page.c
    joined = post.join(issue_page_post, held.post_id == post.c.id).join(
        issue_page, and_(page.issue == held.issue, page.cohort == held.cohort)
    )
    hidden = select(page.issue, page.cohort, page.shows, held.post_id).select_from(joined)
    hiding: dict[tuple[int, int, str], list[int]] = {}
    for number, at, shows, one in await tx.execute(hidden.where(post.c.state.in_(HIDDEN), page.shows.is_not(None))):
        hiding.setdefault((number, at, shows), []).append(one)
    notices = select(page.issue, page.cohort).where(page.shows >= WITHDRAWN, page.shows < AFTER_WITHDRAWN)
    right = {(number, at) for (number, at, shows), ids in hiding.items() if shows == notice(ids)}
    return [*({(number, at) for number, at, _ in hiding} - right), *({*await _keys(tx, notices)} - right)]


def notice(hidden: Iterable[int]) -> str:
    """What a page shows while these posts of its edition are not to be seen, in place of the edition's digest."""
    return f"{WITHDRAWN} {' '.join(map(str, sorted(hidden)))}"


def _is_hidden() -> Any:
    held, page = issue_page_post.c, issue_page.c
    of_page = (held.issue == page.issue, held.cohort == page.cohort)
    return exists().where(*of_page, post.c.id == held.post_id, post.c.state.in_(HIDDEN)).correlate(issue_page)


async def of_lists(tx: Tx, list_ids: Collection[int]) -> list[Key]:
    """Every page of these lists, the oldest first."""
    return await _keys(tx, select(issue_page.c.issue, issue_page.c.cohort).where(issue_page.c.list_id.in_(list_ids)))


async def unreached(tx: Tx) -> list[Key]:
    """The pages of issues that were cancelled and reached nobody."""
    over = (issue.c.state == IssueState.CANCELLED, issue.c.ended.is_not(None))
    reached = exists().where(delivery.c.issue == issue.c.number, delivery.c.state.in_(REACHED))
    joined = issue.join(issue_page, issue_page.c.issue == issue.c.number)
    return await _keys(tx, select(issue_page.c.issue, issue_page.c.cohort).select_from(joined).where(*over, ~reached))


async def _keys(tx: Tx, statement: Any) -> list[Key]:
    return sorted((number, at) for number, at in await tx.execute(statement))


async def pages(tx: Tx, keys: Iterable[Key]) -> list[PageRow]:
    """These pages as they should be; one that is no more is left out."""
    page = issue_page.c
    columns = [page.issue, page.cohort, mailing_list.c.slug.label("list_slug"), page.listed]
    columns += [cohort.c.language, cohort.c.edition, issue.c.frozen]
    joined = (
        issue_page.join(issue, issue.c.number == page.issue)
        .join(mailing_list, mailing_list.c.id == page.list_id)
        .join(cohort, and_(cohort.c.issue == page.issue, cohort.c.number == page.cohort))
    )
    statement = select(*columns).select_from(joined)
    found = []
    for number, at in keys:
        row = (await tx.execute(statement.where(page.issue == number, page.cohort == at))).first()
        found += [PageRow(**row._mapping)] if row else []
    return found


async def posts_on(tx: Tx, key: Key) -> list[int]:
    """The ids of the posts of an edition, in the order in which it shows them."""
    where = (cohort.c.issue == key[0], cohort.c.number == key[1])
    order: Sequence[int] = (await tx.execute(select(cohort.c.posts).where(*where))).scalar() or ()
    held = (issue_page_post.c.issue == key[0], issue_page_post.c.cohort == key[1])
    known = set((await tx.execute(select(issue_page_post.c.post_id).where(*held))).scalars())
    return [one for one in order if one in known]


async def siblings(tx: Tx, number: int) -> list[Sibling]:
    """The editions of an issue that have pages, the largest first; none where all are in one language."""
    here = and_(issue_page.c.issue == cohort.c.issue, issue_page.c.cohort == cohort.c.number)
    columns = [cohort.c.number, cohort.c.language, cohort.c.posts]
    statement = select(*columns).select_from(cohort.join(issue_page, here)).where(cohort.c.issue == number)
    rows = (await tx.execute(statement.order_by(cohort.c.number))).all()
    if len({row.language for row in rows}) < 2:
        return []
    ids = sorted({one for row in rows for one in row.posts})
    found = await tx.execute(select(post.c.id, post.c.translation).where(post.c.id.in_(ids)))
    told = {row.id: row.translation or f"#{row.id}" for row in found}
    return [Sibling(row.number, row.language, frozenset(told.get(one, "") for one in row.posts)) for row in rows]


async def keep(tx: Tx, shown: Mapping[Key, tuple[str, str]]) -> None:
    """Keep what each page shows now, beside the edition that it was made of; one that was revised since is owed on."""
    for (number, at), (made_of, shows) in shown.items():
        newest = exists().where(cohort.c.issue == number, cohort.c.number == at, cohort.c.edition == made_of)
        where = (issue_page.c.issue == number, issue_page.c.cohort == at, newest)
        await tx.execute(update(issue_page).where(*where).values(shows=shows))


async def remove(tx: Tx, keys: Iterable[Key]) -> None:
    """There are no such pages any more."""
    for number, at in keys:
        await tx.execute(delete(issue_page).where(issue_page.c.issue == number, issue_page.c.cohort == at))
        held = (issue_page_post.c.issue == number, issue_page_post.c.cohort == at)
        await tx.execute(delete(issue_page_post).where(*held))


async def without(tx: Tx, list_ids: Collection[int]) -> list[int]:
    """The issues of these lists that went out and have no pages, the oldest first."""
    first = cohort.join(issue, issue.c.number == cohort.c.issue)
    lacks = ~exists().where(issue_page.c.issue == cohort.c.issue, issue_page.c.cohort == cohort.c.number)
    statement = select(cohort.c.issue).select_from(first).where(issue.c.list_id.in_(list_ids), lacks).distinct()
    return sorted((await tx.execute(statement)).scalars())


async def count(tx: Tx, list_id: int, before: int | None = None) -> int:
    """How many issues a list shows, all or those before one."""
    where = [issue_page.c.list_id == list_id, issue_page.c.listed.is_(True)]
    where += [] if before is None else [issue_page.c.issue < before]
    return (await tx.execute(select(func.count()).select_from(issue_page).where(*where))).scalar_one()


async def has_single_posts(tx: Tx, list_id: int) -> bool:
    """Whether a list has sent posts as they are, which it does not show among its issues."""
    page = issue_page.c
    statement = select(page.issue).where(page.list_id == list_id, page.listed.is_(False), page.cohort == 0).limit(1)
    return (await tx.execute(statement)).first() is not None


async def listed(tx: Tx, list_id: int, offset: int, limit: int) -> list[Listed]:
    """Some of the issues that a list shows, the oldest first."""
    page = issue_page.c
    joined = (
        issue_page.join(issue, issue.c.number == page.issue)
        .join(cohort, and_(cohort.c.issue == page.issue, cohort.c.number == page.cohort))
        .join(edition, edition.c.digest == cohort.c.edition)
    )
    columns = [page.issue, edition.c.subject, cohort.c.language, issue.c.frozen, _is_hidden().label("hidden")]
    statement = select(*columns).select_from(joined).where(page.list_id == list_id, page.listed.is_(True))
    rows = await tx.execute(statement.order_by(page.issue).offset(literal(offset)).limit(limit))
    return [Listed(**{**row._mapping, "hidden": bool(row.hidden)}) for row in rows]
