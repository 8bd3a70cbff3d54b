"""The stage that keeps a page of each edition that went out, and the list of each list's issues.

The freeze says which pages there are to be, in its transaction, and no chunk is claimed before they have been tried.
"""

import asyncio
import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from dispatch.compose.issue_pages import in_other_languages, is_listed, issue_path
from dispatch.context import Context
from dispatch.errors import DispatchError
from dispatch.model.issue import Cohort, CompiledEdition, Issue, MailingList, Sibling
from dispatch.model.post import PostState, Problem
from dispatch.publish.writing_alone import writing_alone
from dispatch.store import facts, issue_pages, issues, posts
from dispatch.store.connect import Tx
from dispatch.store.issue_pages import Key, PageRow
from dispatch.syndicate import issue_pages as made
from dispatch.syndicate.folder import PublicFolder

LOOK = "issue pages digest"
AT_ONCE = 25  # pages between two transactions
LEAF = 100  # issues on a page of a list's issues; the newest holds up to twice as many
GONE = ".gone"


@dataclass(frozen=True, slots=True)
class Archived:
    """What became of the pages of issues."""

    written: tuple[str, ...] = ()  # relative to public/
    problems: tuple[Problem, ...] = ()  # pages that could not be written


@dataclass(slots=True)
class _Work:
    """One go at the pages."""

    context: Context
    folder: PublicFolder
    problems: list[Problem] = field(default_factory=list)
    touched: dict[str, set[int]] = field(default_factory=dict)  # issues that their lists show, by list

    @property
    def done(self) -> Archived:
        return Archived(tuple(self.folder.written), tuple(self.problems))


async def owe_pages(tx: Tx, one: MailingList, issue: Issue, cohorts: Sequence[Cohort]) -> None:
    """What freezes now is to have its pages before anybody is mailed, if its list has such pages."""
    if one.archive:
        await _owe(tx, one, issue, [(at.number, [post.id for post in at.posts], at.language) for at in cohorts], None)


async def _owe(
    tx: Tx, one: MailingList, issue: Issue, cohorts: Sequence[tuple[int, Sequence[int], str]], shows: str | None
) -> None:
    ids = {(issue.number, number): held for number, held, _ in cohorts}
    shown = [
        (issue.number, number) for number, held, language in cohorts if not number and is_listed(issue, held, language)
    ]
    await issue_pages.owe(tx, one.id, ids, shown, shows)


async def write_pages(context: Context, number: int) -> None:
    """Write the pages of one issue that has just been frozen; what cannot be written, the next pass tries again."""
    async with context.store.read() as tx:
        keys = await issue_pages.owed(tx, number)
    work = _Work(context, PublicFolder(context.public))
    await _write(work, keys)
    await _write_lists(work)


async def archive(context: Context, *, everything: bool = False) -> Archived:
    """Write the pages that do not show what they should; `everything` looks at each of them.

    So does a pass that finds other settings or templates than the last, or a list's page missing.
    """
    digest = _digest(context)
    stale = everything or await _is_stale(context, digest)
    work = _Work(context, PublicFolder(context.public))
    if stale:
        await _take_in(work)
    async with context.store.read() as tx:
        empty = await issue_pages.unreached(tx)
        keys = await issue_pages.of_lists(tx, _ids(context)) if stale else []
        keys = sorted({*keys, *await issue_pages.owed(tx)} - {*empty})
    await _remove(work, empty)
    await _write(work, keys)
    await _write_lists(work, everything=stale or bool(empty))
    if stale:
        async with context.store.write() as tx:
            await facts.put(tx, LOOK, digest)
    return work.done


def _ids(context: Context) -> list[int]:
    return [one.id for one in context.lists.values() if one.archive]


def _digest(context: Context) -> str:
    """Changes whenever pages would look different although no issue has gone out."""
    lists = [(slug, repr(one)) for slug, one in sorted(context.lists.items())]
    parts = (context.theme.digest, repr(context.publication), repr(lists))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


async def _is_stale(context: Context, digest: str) -> bool:
    async with context.store.read() as tx:
        known = await facts.get(tx, LOOK)
    shown = (one for one in context.lists.values() if one.archive)
    return known != digest or not all((context.public / _leaf(one.slug, "")).exists() for one in shown)


async def _take_in(work: _Work) -> None:
    """Issues from before their list had such pages get them; those of a list that has none any more lose theirs."""
    context = work.context
    async with context.store.read() as tx:
        missing = await issue_pages.without(tx, _ids(context))
        closed = [one for one in context.lists.values() if not one.archive]
        lost = await issue_pages.of_lists(tx, [one.id for one in closed])
    for number in missing:
        async with context.store.write() as tx:
            if issue := await issues.get(tx, number):
                rows = [(row.number, row.posts, row.language) for row in await issues.cohorts_of(tx, number)]
                await _owe(tx, context.lists[issue.list_slug], issue, rows, issue_pages.TRIED)
    await _remove(work, lost)
    for one in closed:
        await asyncio.to_thread(_remove_leaves, work.folder, one.slug, 0)


async def _remove(work: _Work, keys: Collection[Key]) -> None:
    """First the files, then the rows: whatever is cut off in between is done again."""
    if not keys:
        return
    async with writing_alone(work.context):
        for key in keys:
            for name in ("index.html", GONE):
                await asyncio.to_thread(work.folder.remove, f"{issue_path(*key)}/{name}")
        async with work.context.store.write() as tx:
            await issue_pages.remove(tx, keys)


async def _write(work: _Work, keys: Sequence[Key]) -> None:
    """Write these pages, a few at a time."""
    for start in range(0, len(keys), AT_ONCE):
        async with writing_alone(work.context):
            await _write_slice(work, keys[start : start + AT_ONCE])


async def _write_slice(work: _Work, keys: Sequence[Key]) -> None:
    async with work.context.store.read() as tx:
        rows = await issue_pages.pages(tx, keys)
        beside = {number: await issue_pages.siblings(tx, number) for number in {row.issue for row in rows}}
        pages = [(row, await _sent(tx, row, beside[row.issue]), await issues.compiled(tx, row.edition)) for row in rows]
    shown = await asyncio.to_thread(_write_some, work, pages)
    async with work.context.store.write() as tx:
        await issue_pages.keep(tx, shown)


async def _sent(tx: Tx, row: PageRow, beside: Sequence[Sibling]) -> made.Sent:
    ids = await issue_pages.posts_on(tx, (row.issue, row.cohort))
    known = await posts.many(tx, ids)
    seen = [one for one in ids if one in known and known[one].state is PostState.LIVE]
    hidden = tuple(one for one in ids if one not in seen)
    shown, others = tuple(known[one] for one in seen), in_other_languages(row.cohort, beside)
    return made.Sent(row.issue, row.cohort, row.language, row.frozen, shown, hidden, others)


def _write_some(work: _Work, pages: Sequence[tuple[PageRow, made.Sent, CompiledEdition]]) -> dict[Key, tuple[str, str]]:
    """Write these; what each shows now, beside the edition that it was made of."""
    shown = {}
    for row, sent, compiled in pages:
        shows = issue_pages.notice(sent.hidden) if sent.hidden else row.edition
        try:
            _write_page(work, row, sent, compiled)
        except (DispatchError, ValueError) as error:
            shows = issue_pages.TRIED
            work.problems.append(Problem(f"page of issue {row.issue}", str(error), fatal=False))
        shown[row.issue, row.cohort] = (row.edition, shows)
        if not row.cohort:  # a list that shows none of its issues says why
            work.touched.setdefault(row.list_slug, set()).update([row.issue] if row.listed else [])
    return shown


def _write_page(work: _Work, row: PageRow, sent: made.Sent, compiled: CompiledEdition) -> None:
    context, path = work.context, issue_path(row.issue, row.cohort)
    home = made.home_of(context.lists.get(row.list_slug), context.publication)
    if sent.hidden:
        page = made.withdrawn_page(sent, home, context.publication, context.theme)
    else:
        page = made.issue_page(sent, compiled, home, context.publication, context.theme)
    work.folder.write(f"{path}/index.html", page.encode(errors="replace"))
    if sent.hidden and not sent.posts:
        work.folder.write(f"{path}/{GONE}", b"")
    else:
        work.folder.remove(f"{path}/{GONE}")


async def _write_lists(work: _Work, *, everything: bool = False) -> None:
    """Write the pages of issues of those lists of which something is new."""
    for slug, one in work.context.lists.items():
        if one.archive and (everything or slug in work.touched):
            await _write_list(work, one, None if everything else work.touched[slug])


async def _write_list(work: _Work, one: MailingList, touched: Collection[int] | None) -> None:
    async with writing_alone(work.context):
        await _write_leaves(work, one, touched)


async def _write_leaves(work: _Work, one: MailingList, touched: Collection[int] | None) -> None:
    """The newest page of a list's issues, and those others that show the touched ones; None: all.

    Where a page has just become full, the one before it leads on to it.
    """
    async with work.context.store.read() as tx:
        total = await issue_pages.count(tx, one.id)
        full = max(0, total // LEAF - 1)
        wanted = {0, full, full - 1} if touched is not None else set(range(full + 1))
        for number in touched or ():
            place = await issue_pages.count(tx, one.id, before=number) // LEAF + 1
            wanted.add(place if place <= full else 0)
    for number in sorted(at for at in wanted if 0 <= at <= full):
        async with work.context.store.read() as tx:
            start, size = ((number - 1) * LEAF, LEAF) if number else (full * LEAF, 2 * LEAF)
            found = await issue_pages.listed(tx, one.id, start, size)
            singles = await issue_pages.has_single_posts(tx, one.id)
        past = [made.Past(at.issue, "" if at.hidden else at.subject, at.language, at.frozen) for at in found]
        await asyncio.to_thread(_write_leaf, work, one, made.Leaf(number, full, tuple(reversed(past)), singles))
    if touched is None:
        await asyncio.to_thread(_remove_leaves, work.folder, one.slug, full + 1)


def _write_leaf(work: _Work, one: MailingList, leaf: made.Leaf) -> None:
    context = work.context
    try:
        page = made.issues_page(leaf, made.home_of(one, context.publication), context.publication, context.theme)
        work.folder.write(_leaf(one.slug, leaf.path), page.encode(errors="replace"))
    except DispatchError as error:
        work.problems.append(Problem(f"issues of {one.slug}", str(error), fatal=False))


def _remove_leaves(folder: PublicFolder, slug: str, first: int) -> None:
    """Take away this page of a list's issues and those behind it."""
    number = first
    while folder.has(name := _leaf(slug, f"{number}/" if number else "")):
        folder.remove(name)
        number += 1


def _leaf(slug: str, path: str) -> str:
    return f"lists/{slug}/issues/{path}index.html"
