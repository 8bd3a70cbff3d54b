"""`dispatch issue show`: an issue in words."""

from collections.abc import Iterator

from dispatch.acts.prospect import Prospect
from dispatch.cli.session import Session, when
from dispatch.model.issue import Issue, IssueState
from dispatch.model.subscriber import Cadence

SHARES = 10  # cohorts that are told one by one


def print_prospect(session: Session, one: Prospect, zone: str) -> None:
    """What an issue holds, whom it reaches, what it waits for, and who did what with it."""
    issue = one.issue
    session.say(f"issue {issue.number} of {issue.list_slug} ({issue.cadence.value}): {issue.state.value}")
    for label, text in _lines(one, zone):
        session.say(f"  {label:<10}{text}")


def _lines(one: Prospect, zone: str) -> Iterator[tuple[str, str]]:
    issue = one.issue
    yield "subject", one.subject
    yield "audience", str(one.audience)
    yield "due", _due(issue, zone)
    if one.leaves:
        yield "leaves", f"from {when(one.leaves[0], zone)} to {when(one.leaves[1], zone)}, at each reader's own hour"
    for number, title in zip(one.ids, one.posts, strict=True):
        yield "post", f"{number}  {title}"
    for number in issue.left_out:
        yield "left out", f"post {number}"
    for title, other in one.alike:
        yield "alike", f"{title!r} and {other!r}: both come; leave one out if they are the same"
    yield from _cohorts(one)
    yield from _words(issue)
    yield from _people(one, zone)


def _due(issue: Issue, zone: str) -> str:
    if issue.state is IssueState.DRAFT and issue.cadence is Cadence.BY_HAND:
        return "no time yet"
    return when(issue.due, zone)


def _cohorts(one: Prospect) -> Iterator[tuple[str, str]]:
    """Who gets what, where that differs."""
    if len(one.cohorts) < 2:
        return
    for share in sorted(one.cohorts, key=lambda share: -share.people)[:SHARES]:
        yield "cohort", f"{share.language}, {len(share.posts)} posts: to {share.people}"
    if len(one.cohorts) > SHARES:
        yield "", f"and {len(one.cohorts) - SHARES} smaller ones"


def _words(issue: Issue) -> Iterator[tuple[str, str]]:
    for language, said in sorted(issue.words.items()):
        where = f" ({language})" if language else ""
        for name in ("subject", "preheader", "intro"):
            text = " ".join(getattr(said, name).split())
            if text:
                yield f"own{where}", f"{name}: {text[:200]}"


def _people(one: Prospect, zone: str) -> Iterator[tuple[str, str]]:
    issue = one.issue
    if issue.version:
        yield "version", f"{issue.version}, by {issue.editor}"
    if issue.approved and not one.waits_for.startswith("approval"):
        yield "approved", f"by {issue.approved_by}"
    elif issue.approved:
        yield "approved", f"by {issue.approved_by}, which is void: it has changed since"
    if one.waits_for:
        yield "waits for", one.waits_for
    if issue.note:
        yield "note", issue.note
    for line in one.history:
        yield (
            "history",
            f"{when(line.at, zone)}: {line.act.removeprefix('issue ')} by {line.who}, {line.detail}".rstrip(", "),
        )
