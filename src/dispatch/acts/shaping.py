"""What editors make of an issue: one of their own from chosen posts, or the next digest with their words and order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dispatch.acts.act import ActError, Desk, known_issue
from dispatch.acts.approval import content_of
from dispatch.acts.intros import check_room, has_intro, notes_on
from dispatch.acts.prospect import content_of_begun
from dispatch.acts.revision import revise
from dispatch.compose.pin import pin
from dispatch.model.issue import UNBEGUN, Issue, IssueState, MailingList, Words
from dispatch.model.language import language_tag
from dispatch.model.post import Post, PostState
from dispatch.model.subscriber import Cadence
from dispatch.publish.drafting import open_draft
from dispatch.store import audit, drafts, issues, posts, schedules
from dispatch.store.connect import Tx

SAID = tuple(Words.__dataclass_fields__)  # intro, subject, preheader
LONGEST = 100_000  # characters of an intro: more than one mail holds


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be different about an issue; None: as it is."""

    intro: str | None = None  # Markdown
    subject: str | None = None
    preheader: str | None = None
    language: str = ""  # of these words; empty: of every language without its own
    posts: tuple[int, ...] | None = None  # ids in their order: of a digest those that come first
    leave_out: tuple[int, ...] = ()
    take_in: tuple[int, ...] = ()  # left out before


@dataclass(frozen=True, slots=True)
class Shaped:
    """What a change of an issue did."""

    number: int
    version: int
    changed: tuple[str, ...]  # names of what is different; empty: nothing is
    voided: str = ""  # whose approval it voided
    left: int = 0  # of an issue under way: how many still get this revision
    notes: tuple[str, ...] = ()  # what should be mended about its words


class Overtaken(ActError):
    """Somebody else has changed the issue meanwhile."""


async def make(desk: Desk, list_slug: str, wish: Wish, *, corrects: tuple[int, int] | None = None) -> int:
    """Make a draft by hand from chosen posts, an intro, or both; returns its number.

    `corrects`: it goes to those only who got this issue in this revision.
    """
    one = known_list(desk, list_slug)
    words = _words({}, wish)
    await check_room(desk, one, _words({}, wish))
    if not wish.posts and not has_intro(desk, one, words):
        raise ActError("An issue made by hand needs a post or an intro: --post ID, --intro FILE.")
    now = desk.context.clock()
    async with desk.context.store.write() as tx:
        window = _window(await _chosen(tx, wish.posts or ()))
        if corrects:
            await _check_corrected(tx, one, *corrects)
        number = await drafts.add(
            tx, one.id, Cadence.BY_HAND, window, now, now,
            words=_plain(words), picked=list(wish.posts or ()), editor=desk.who, version=1,
            corrects=corrects and corrects[0], corrects_revision=corrects[1] if corrects else 0,
        )  # fmt: skip
        await desk.note(tx, "issue new", str(number), f"version 1 of {list_slug}")
    return number


async def begin_next(desk: Desk, list_slug: str, cadence: Cadence, wish: Wish) -> int:
    """Open the next digest of a list as a draft before its first post is there; returns its number."""
    one, words = known_list(desk, list_slug), _words({}, wish)
    await check_room(desk, one, _words({}, wish))
    async with desk.context.store.write() as tx:
        rows = [row for row in await schedules.every(tx) if (row.list_slug, row.cadence) == (list_slug, cadence)]
        if not rows:
            known = ", ".join(one.cadences)
            raise ActError(f"{list_slug} has no {cadence.value} digest; its cadences are: {known}.")
        draft = await drafts.open_on(tx, one.id, cadence)
        if draft:
            raise ActError(f"The next {cadence.value} issue of {list_slug} is issue {draft.number} already.")
        number = await open_draft(tx, rows[0], desk.context.clock())
        if words:
            values = {"words": _plain(words), "editor": desk.who, "version": 1}
            await drafts.shape(tx, await known_issue(tx, number), values)
        await desk.note(tx, "issue new", str(number), f"the next {cadence.value} issue of {list_slug}")
    return number


def known_list(desk: Desk, slug: str) -> MailingList:
    """A list by its slug. Raises ActError if there is none."""
    one = desk.context.lists.get(slug)
    if one is None:
        raise ActError(f"There is no list {slug!r}; known are: {', '.join(desk.context.lists) or 'none'}.")
    return one


async def shape(desk: Desk, number: int, wish: Wish, version: int | None = None) -> Shaped:
    """Change what an issue says and in which order; one under way has to be paused, and its rest gets a new revision.

    `version`: the one that was looked at. Raises Overtaken if there is a newer one, saying who changed what.
    """
    context = desk.context
    async with context.store.read() as tx:
        one = known_list(desk, (await known_issue(tx, number)).list_slug)
    await check_room(desk, one, _words({}, wish))
    async with context.store.write() as tx:
        before = await known_issue(tx, number)
        await _check_shapeable(tx, before, version)
        after, changed = await _wished(tx, desk, before, wish)
        if not changed:
            return Shaped(number, before.version, ())
        after = replace(after, editor=desk.who, version=before.version + 1)
        if not await drafts.shape(tx, before, _values(after)):
            raise ActError(
                f"Issue {number} was changed at this moment: look at it again, dispatch issue show {number}."
            )
        left = await revise(tx, context, after) if before.frozen else 0
        voided = await _voided(tx, desk, before, after)
        await desk.note(tx, "issue edit", str(number), f"version {after.version}: {', '.join(changed)}")
    return Shaped(number, after.version, changed, voided, left, notes_on(desk, one, after.words))


async def _check_shapeable(tx: Tx, issue: Issue, version: int | None) -> None:
    if issue.state is IssueState.SENDING:
        raise ActError(f"Issue {issue.number} is being sent: pause it first, dispatch issue pause {issue.number}.")
    if issue.state not in (*UNBEGUN, IssueState.PAUSED):
        raise ActError(
            f"Issue {issue.number} is {issue.state.value}: it cannot be changed any more. "
            f"A correction: dispatch issue new --list {issue.list_slug} --to-recipients-of {issue.number}"
        )
    if version is not None and version > issue.version:
        raise ActError(f"Issue {issue.number} is version {issue.version}: there is no version {version} yet.")
    if version is not None and version != issue.version:
        raise Overtaken(await _what_changed(tx, issue, version))


async def _what_changed(tx: Tx, issue: Issue, version: int) -> str:
    """Who did what since a version."""
    lines = await audit.about(tx, "issue edit", str(issue.number))
    newer = [line for line in lines if _version_of(line) > version]
    if not newer:
        return f"Issue {issue.number} is version {issue.version}, by {issue.editor}: it was changed since {version}."
    said = "; ".join(f"{line.who} at {line.at:%H:%M} UTC: {line.detail}" for line in newer)
    return f"Issue {issue.number} was changed meanwhile ({said}). Look at it again: dispatch issue show {issue.number}"


def _version_of(line: audit.AuditLine) -> int:
    return int(line.detail.removeprefix("version ").partition(":")[0])


async def _wished(tx: Tx, desk: Desk, before: Issue, wish: Wish) -> tuple[Issue, tuple[str, ...]]:
    """The issue as wished, and the names of what differs."""
    words = _words(before.words, wish)
    left_out = tuple(sorted({*before.left_out, *wish.leave_out} - {*wish.take_in}))
    after = replace(before, words=words, left_out=left_out)
    if wish.posts is not None:
        after = await _with_posts(tx, after, wish.posts)
    await _chosen(tx, (*wish.leave_out, *wish.take_in))
    letter = before.cadence is Cadence.BY_HAND and not after.picked
    if letter and not has_intro(desk, desk.context.lists[before.list_slug], words):
        raise ActError(f"Issue {before.number} would have neither a post nor an intro: cancel it instead.")
    said = [name for name in SAID if _all(before.words, name) != _all(words, name)]
    said += ["posts"] if after.picked != before.picked else []
    said += ["left out"] if left_out != before.left_out else []
    return after, tuple(said)


async def _with_posts(tx: Tx, issue: Issue, ids: tuple[int, ...]) -> Issue:
    """The issue with these posts or, where it finds its posts itself or has begun, with these before the others."""
    window = _window(await _chosen(tx, ids))
    if issue.frozen:
        known = {post.id for post in await content_of_begun(tx, await issues.cohorts_of(tx, issue.number))}
        strange = [one for one in ids if one not in known]
        if strange:
            raise ActError(
                f"Post {strange[0]} is not in issue {issue.number}, which has begun: it gets no other posts."
            )
    elif issue.cadence is Cadence.BY_HAND:
        return replace(issue, picked=ids, first_arrival=window[0], last_arrival=window[1])
    return replace(issue, picked=ids)


def _all(words: Mapping[str, Words], name: str) -> dict[str, str]:
    return {language: getattr(said, name) for language, said in words.items() if getattr(said, name)}


def _words(before: Mapping[str, Words], wish: Wish) -> dict[str, Words]:
    """The words as wished. Raises ActError for what no mail can say."""
    said = {name: getattr(wish, name) for name in SAID if getattr(wish, name) is not None}
    if not said:
        return dict(before)
    for name in ("subject", "preheader"):
        if not all(char.isprintable() for char in said.get(name, "")):
            raise ActError(f"The {name} must be one line of plain text.")
    if len(said.get("intro", "")) > LONGEST:
        raise ActError(f"The intro is longer than {LONGEST:,} characters: make a post of it.")
    changed = replace(before.get(_language(wish), Words()), **said)
    return {**before, _language(wish): changed}


def _language(wish: Wish) -> str:
    try:
        return language_tag(wish.language) if wish.language else ""
    except ValueError as error:
        raise ActError(f"--language {wish.language!r} {error}.") from None


async def _chosen(tx: Tx, ids: Sequence[int]) -> list[Post]:
    """Posts by id. Raises ActError for one that cannot be mailed or comes twice."""
    known = await posts.many(tx, ids)
    for one in ids:
        if one not in known:
            raise ActError(f"There is no post {one}; `dispatch post list` shows those there are.")
        if known[one].state is not PostState.LIVE:
            raise ActError(f"Post {one} ({known[one].title}) is {known[one].state.value}: readers cannot see it.")
        if ids.count(one) > 1:
            raise ActError(f"Post {one} is named twice.")
    return [known[one] for one in ids]


def _window(chosen: Sequence[Post]) -> tuple[int, int]:
    arrivals = [post.arrival or 0 for post in chosen] or [0]
    return min(arrivals), max(arrivals)


async def _check_corrected(tx: Tx, one: MailingList, number: int, revision: int) -> None:
    issue = await known_issue(tx, number)
    if issue.list_slug != one.slug:
        raise ActError(f"Issue {number} went to {issue.list_slug}, not to {one.slug}.")
    if not issue.frozen:
        raise ActError(f"Issue {number} has not begun: edit it instead.")
    if not 1 <= revision <= issue.revision:
        raise ActError(f"Issue {number} has the revisions 1 to {issue.revision}.")


async def _voided(tx: Tx, desk: Desk, before: Issue, after: Issue) -> str:
    """Who had approved the issue, if what they approved is not what it says now."""
    if not before.approved:
        return ""
    unchanged = pin(after.words, await content_of(tx, desk.context, after)) == before.approved
    return "" if unchanged else before.approved_by


def _values(issue: Issue) -> dict[str, Any]:
    fields = ("first_arrival", "last_arrival", "editor", "version")
    values = {name: getattr(issue, name) for name in fields}
    lists = {"picked": list(issue.picked), "left_out": list(issue.left_out)}
    return {**values, **lists, "words": _plain(issue.words)}


def _plain(words: Mapping[str, Words]) -> dict[str, dict[str, str]]:
    return {language: {name: getattr(said, name) for name in SAID} for language, said in sorted(words.items())}
