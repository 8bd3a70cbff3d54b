"""A second person's word for what an issue says, tied to exactly that."""

from dataclasses import replace

from dispatch.acts.act import ActError, Desk, known_issue
from dispatch.acts.prospect import composition_of, content_of_begun
from dispatch.compose.pin import pin
from dispatch.compose.starting import is_approved
from dispatch.context import Context
from dispatch.model.issue import UNBEGUN, Issue, IssueState
from dispatch.model.post import Post
from dispatch.store import drafts, issues
from dispatch.store.connect import Tx

MAY_BE = (*UNBEGUN, IssueState.PAUSED)


async def approve(desk: Desk, number: int, version: int | None = None) -> None:
    """Approve intro, subject, preheader, posts and their order as they are now; whatever changes them voids it.

    `version`: the one that was looked at. Nobody approves what they shaped themselves.
    """
    async with desk.context.store.write() as tx:
        issue = await known_issue(tx, number)
        if issue.state not in MAY_BE:
            raise ActError(f"Issue {number} is {issue.state.value}: there is nothing left to approve.")
        if issue.editor and same_person(desk.who, issue.editor):
            raise ActError(f"{desk.who} has shaped issue {number} last: somebody else has to approve it (--as NAME).")
        if version is not None and version != issue.version:
            raise ActError(
                f"Issue {number} is version {issue.version} by now, shaped by {issue.editor}: "
                f"look at it again, dispatch issue show {number}."
            )
        content = await content_of(tx, desk.context, issue)
        if is_approved(replace(issue, approved=""), content):
            raise ActError(f"Issue {number} holds nothing yet that could be approved.")
        now_pinned = pin(issue.words, content)
        if now_pinned == issue.approved:
            raise ActError(f"Issue {number} is approved already, by {issue.approved_by}.")
        await drafts.shape(tx, issue, {"approved": now_pinned, "approved_by": desk.who})
        await desk.note(tx, "issue approve", str(number), f"version {issue.version}")


def same_person(one: str, other: str) -> bool:
    """Whether two names are one editor's: neither case nor white space tells people apart."""
    return "".join(one.split()).casefold() == "".join(other.split()).casefold()


async def content_of(tx: Tx, context: Context, issue: Issue) -> list[Post]:
    """The posts that an approval covers, in their order."""
    if issue.frozen:
        return await content_of_begun(tx, await issues.cohorts_of(tx, issue.number))
    return list((await composition_of(tx, context, issue)).pinned)
