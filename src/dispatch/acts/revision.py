"""An issue that is edited in mid-send: whoever is left gets the new revision."""

from dataclasses import replace

from dispatch.acts.act import ActError
from dispatch.context import Context
from dispatch.model.issue import Cohort, Issue
from dispatch.publish.freezing import compile_cohort
from dispatch.store import issue_pages, issues, ledger, posts
from dispatch.store.connect import Tx


async def revise(tx: Tx, context: Context, issue: Issue) -> int:
    """Render a paused issue anew for all chunks that are not closed; returns how many people are left.

    Raises ActError while messages are in hand, or where nobody is left.
    """
    if await ledger.in_hand(tx, issue.number):
        raise ActError(f"The last messages of issue {issue.number} are still in hand: try again in a moment.")
    left = (await ledger.tally(tx, issue.number)).open
    if not left:
        raise ActError(f"Nobody is left to get another revision of issue {issue.number}.")
    revised = replace(issue, revision=issue.revision + 1)
    unclosed = await issues.unclosed_chunks(tx, issue.number)
    for row in await issues.cohorts_of(tx, issue.number):
        cohort = await _cohort(tx, revised, row)
        compiled = compile_cohort(context, revised, cohort)
        await issues.keep_editions(tx, [replace(compiled, revision=revised.revision)])
        await issues.replace_edition(tx, row, unclosed.get(row.number, []), compiled.digest)
        await issue_pages.owe_again(tx, (row.issue, row.number), [post.id for post in cohort.posts])
    await issues.count_revision(tx, revised)
    return left


async def _cohort(tx: Tx, issue: Issue, row: issues.CohortRow) -> Cohort:
    """A cohort's posts as they are now, in the order that the editor wants now."""
    known = await posts.many(tx, row.posts)
    ids = [one for one in row.posts if one in known and one not in issue.left_out]
    first = [one for one in issue.picked if one in ids]
    ordered = [*first, *(one for one in ids if one not in first)]
    if not ordered and row.posts:
        raise ActError("An issue under way needs a post: leave in at least one, or cancel it.")
    return Cohort(tuple(known[one] for one in ordered), row.language, (), row.more, row.number)
