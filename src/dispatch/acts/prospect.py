"""What an issue is, or would be if it started now: for whoever decides."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from dispatch.acts.act import ActError, Desk, known_issue
from dispatch.compose.cadence import instant_of
from dispatch.compose.starting import is_by_place
from dispatch.compose.stories import near_equals
from dispatch.compose.turn import hours_over
from dispatch.context import Context
from dispatch.model.issue import Cohort, Issue, IssueState
from dispatch.model.post import Post
from dispatch.publish.composition import Composition, awaits_approval, compose_issue
from dispatch.publish.hours import has_own_hours
from dispatch.store import audience, audit, issues, ledger, posts
from dispatch.store.connect import Tx


@dataclass(frozen=True, slots=True)
class Share:
    """What one cohort gets."""

    language: str
    posts: tuple[int, ...]  # ids
    people: int


@dataclass(frozen=True, slots=True)
class Prospect:
    """An issue, what it holds and whom it reaches."""

    issue: Issue
    subject: str
    audience: int
    posts: tuple[str, ...]  # titles, in their order
    ids: tuple[int, ...] = ()  # of the same posts
    content: tuple[tuple[int, str], ...] = ()  # ids and titles of all that an editor decides on, in every language
    cohorts: tuple[Share, ...] = ()
    leaves: tuple[datetime, ...] = ()  # with local time: the first and the last moment
    waits_for: str = ""  # what a person has to do before it goes
    alike: tuple[tuple[str, str], ...] = ()  # titles that are nearly the same
    history: Sequence[audit.AuditLine] = ()


async def prospect(desk: Desk, number: int) -> Prospect:
    """What goes out with an issue, and to how many."""
    context = desk.context
    async with context.store.read() as tx:
        issue = await known_issue(tx, number)
        history = await audit.about(tx, "issue ", str(number))
        if issue.frozen:
            return replace(await _begun(tx, desk, issue), history=history)
        composition = await composition_of(tx, context, issue)
        leaves = await _leaves(tx, context, issue, composition)
    return replace(_coming(context, issue, composition), leaves=leaves, history=history)


async def composition_of(tx: Tx, context: Context, issue: Issue) -> Composition:
    """What an issue that has not begun comes to now. Raises ActError if its list is gone."""
    if issue.list_slug not in context.lists:
        raise ActError(f"Issue {issue.number} waits: its list {issue.list_slug!r} is not in dispatch.toml any more.")
    return await compose_issue(tx, context, issue)


async def _begun(tx: Tx, desk: Desk, issue: Issue) -> Prospect:
    rows = await issues.cohorts_of(tx, issue.number)
    found = await content_of_begun(tx, rows)
    tally = await ledger.tally(tx, issue.number)
    return Prospect(
        issue=issue,
        subject=await _sent_subject(tx, rows, desk.context.publication.language),
        audience=tally.audience,
        posts=tuple(post.title for post in found),
        ids=tuple(post.id for post in found),
        content=tuple((post.id, post.title) for post in found),
        waits_for="`dispatch issue resume`" if issue.state is IssueState.PAUSED else "",
    )


async def content_of_begun(tx: Tx, rows: Sequence[issues.CohortRow]) -> list[Post]:
    """All posts that an issue brought to anybody, in the order of its cohorts."""
    ids = dict.fromkeys(post_id for row in rows for post_id in row.posts)
    known = await posts.many(tx, ids)
    return [known[one] for one in ids if one in known]


async def _sent_subject(tx: Tx, rows: Sequence[issues.CohortRow], language: str) -> str:
    """What an issue is called: the subject that its readers in the publication's own language saw."""
    if not rows:
        return ""
    row = next((one for one in rows if one.language == language), rows[0])
    return (await issues.compiled(tx, row.edition)).subject


def _coming(context: Context, issue: Issue, composition: Composition) -> Prospect:
    largest = largest_of(composition)
    shown = largest.posts if largest else composition.content
    return Prospect(
        issue=issue,
        subject=subject(context, issue, largest),
        audience=composition.reached,
        posts=tuple(post.title for post in shown),
        ids=tuple(post.id for post in shown),
        content=tuple((post.id, post.title) for post in composition.content),
        cohorts=tuple(
            Share(one.language, tuple(post.id for post in one.posts), composition.people(one))
            for one in composition.cohorts
        ),
        waits_for=_waits_for(context, issue, composition),
        alike=tuple((one.title, other.title) for one, other in near_equals(composition.content)),
    )


def largest_of(composition: Composition) -> Cohort | None:
    """The cohort with the most people; of equals the one with the most posts."""
    return max(composition.cohorts, key=lambda one: (composition.people(one), len(one.posts)), default=None)


def subject(context: Context, issue: Issue, cohort: Cohort | None) -> str:
    """What the mail of a cohort will be called; empty without one."""
    if cohort is None:
        return ""
    from dispatch.render.subject import subject_of  # templates are of use here alone

    dated = replace(issue, frozen=issue.frozen or issue.due)
    return subject_of(dated, cohort, context.lists[issue.list_slug], context.publication, context.theme)


def _waits_for(context: Context, issue: Issue, composition: Composition) -> str:
    """What a person has to do before this issue goes."""
    if awaits_approval(context, issue, composition.pinned):
        return f"approval by somebody other than {issue.editor}" if issue.editor else "approval"
    if issue.late:
        return "your word, for its hour has passed"
    return ""


async def _leaves(tx: Tx, context: Context, issue: Issue, composition: Composition) -> tuple[datetime, ...]:
    """The first and the last moment at which somebody's mail leaves, where these differ."""
    one = context.lists[issue.list_slug]
    if not is_by_place(issue, one):
        return ()
    own = has_own_hours(context, issue)
    places = await audience.places(tx, composition.audience)
    moments = sorted({instant_of(issue.slot, *place) for place in hours_over(places, one.timezone, own_hours=own)})
    return (moments[0], moments[-1]) if len(moments) > 1 else ()
