"""An issue as a subscriber would see it. Touches no state."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from dispatch.acts.act import ActError, Desk, known_issue
from dispatch.acts.prospect import composition_of, largest_of
from dispatch.acts.shaping import known_list
from dispatch.acts.subscriber import normalised
from dispatch.compose.cohorts import posts_for
from dispatch.compose.own_words import own_words
from dispatch.context import Context
from dispatch.errors import StoreError
from dispatch.message.compile import compile_edition
from dispatch.message.splice import Splicer
from dispatch.model.delivery import Recipient
from dispatch.model.issue import Cohort, CompiledEdition, Cut, Issue, IssueState, MailingList, Need
from dispatch.model.post import Post
from dispatch.model.subscriber import Cadence, SubscriptionState
from dispatch.publish.composition import Composition, shape_of, window_end
from dispatch.publish.freezing import render_cohort
from dispatch.store import issues, posts, subscribers
from dispatch.store.connect import Tx
from dispatch.store.needs import need_of

SAMPLE = Recipient(
    0,
    "sample@example.org",
    "Sam Sample",
    unsubscribe="https://example.org/u/sample",
    message_id="sample@example.org",
    preferences="https://example.org/p/sample",
)
NOTHING = "There is nothing to show: no post that this list may mail is visible, or nobody waits for it."
NO_POST = (  # before the first pass, or after it
    "no pass has found a post that {list} may mail yet; "
    "`dispatch run --once --simulate` looks on a copy at what the next one would send, and mails nobody"
)
DIGEST = 10  # posts in the preview of a list that has nothing waiting


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom a preview is made; empty: for the largest cohort."""

    address: str = ""  # a subscriber's
    tags: tuple[str, ...] | None = None  # or of somebody with these
    language: str = ""  # and who reads this language


@dataclass(frozen=True, slots=True)
class Preview:
    """One edition, as one reader gets it."""

    name: str  # of the folder below the one asked for; empty: that one itself
    subject: str
    message: bytes  # RFC 5322
    html: str
    text: str
    people: int = 0  # who get the same
    posts: tuple[Post, ...] = ()  # that it shows
    intro: str = ""  # of its editor, in Markdown
    cut: Cut | None = None  # what found no room in it, where it was rendered for this

    def write(self, folder: Path) -> list[Path]:
        """Write edition.html, edition.txt and message.eml. Raises StoreError if the folder refuses."""
        folder = folder / self.name
        files = {"edition.html": self.html.encode(), "edition.txt": self.text.encode(), "message.eml": self.message}
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for name, data in files.items():
                (folder / name).write_bytes(data)
        except OSError as error:
            raise StoreError(f"{folder} cannot be written: {error.strerror}.") from None
        return [folder / name for name in files]


@dataclass(frozen=True, slots=True)
class _Drawn:
    """An edition, and what it was made of."""

    compiled: CompiledEdition
    issue: Issue
    posts: tuple[Post, ...]
    language: str  # BCP 47
    cut: Cut | None = None

    @property
    def intro(self) -> str:
        """What its editor says to its readers, in Markdown."""
        return own_words(self.issue.words, self.language).intro


async def preview_issue(desk: Desk, number: int, reader: Reader) -> list[Preview]:
    """An issue as it was sent or would be: the largest cohort, one of each other language, the smallest."""
    if reader != Reader():
        return [_preview("", await _drawn_for(desk, number, reader), 0, await _as(desk, reader))]
    async with desk.context.store.read() as tx:
        issue = await known_issue(tx, number)
        if issue.frozen:
            return await _all_sent(tx, issue)
        chosen = list(_worth_a_look(await composition_of(tx, desk.context, issue)))
    if not chosen:
        raise ActError(NOTHING)
    return [_preview(name, await _render(desk, issue, cohort), people) for name, cohort, people in chosen]


async def edition_for(desk: Desk, number: int, reader: Reader) -> CompiledEdition:
    """The edition of an issue that one reader gets; without one, what most people get."""
    return (await _drawn_for(desk, number, reader)).compiled


async def _drawn_for(desk: Desk, number: int, reader: Reader) -> _Drawn:
    async with desk.context.store.read() as tx:
        issue = await known_issue(tx, number)
        if issue.frozen:
            return await _sent(tx, issue, reader)
        composition = await composition_of(tx, desk.context, issue)
        named = reader != Reader()
        cohort = await _cohort_for(tx, desk, issue, composition, reader) if named else largest_of(composition)
    return await _render(desk, issue, cohort)


async def _all_sent(tx: Tx, issue: Issue) -> list[Preview]:
    """What the readers of each language were sent."""
    languages = list(dict.fromkeys(row.language for row in await issues.cohorts_of(tx, issue.number))) or [""]
    names = ["", *languages[1:]]
    drawn = [await _sent(tx, issue, Reader(language=one)) for one in languages]
    return [_preview(name, one, 0) for name, one in zip(names, drawn, strict=True)]


async def _sent(tx: Tx, issue: Issue, reader: Reader) -> _Drawn:
    """What somebody was sent, with its posts as they are now."""
    compiled = await _compiled(tx, issue, reader)
    rows = await issues.cohorts_of(tx, issue.number)
    row = next((row for row in rows if row.edition == compiled.digest), rows[0])
    known = await posts.many(tx, row.posts)
    return _Drawn(compiled, issue, tuple(known[one] for one in row.posts if one in known), row.language)


async def _compiled(tx: Tx, issue: Issue, reader: Reader) -> CompiledEdition:
    """What somebody was sent: a named subscriber, or whoever reads the issue's first edition."""
    rows = await issues.cohorts_of(tx, issue.number)
    if not rows:
        raise ActError(f"Issue {issue.number} has nothing to show: {issue.note}.")
    if not reader.address:
        fitting = [row for row in rows if not reader.language or row.language == reader.language]
        return await issues.compiled(tx, (fitting or rows)[0].edition)
    digest = await issues.edition_to(tx, issue.number, normalised(reader.address))
    if digest is None:
        raise ActError(f"Issue {issue.number} did not go to {reader.address}.")
    return await issues.compiled(tx, digest)


def _worth_a_look(composition: Composition) -> Iterator[tuple[str, Cohort, int]]:
    """The largest cohort, that of each other language, and the smallest, by the folder each is written to."""
    largest = largest_of(composition)
    if largest is None:
        return
    by_size = sorted(composition.cohorts, key=composition.people, reverse=True)
    shown = {largest.language: largest}
    for cohort in by_size:
        shown.setdefault(cohort.language, cohort)
    for language, cohort in shown.items():
        yield "" if cohort is largest else language, cohort, composition.people(cohort)
    if all(by_size[-1] is not one for one in shown.values()):
        yield "smallest", by_size[-1], composition.people(by_size[-1])


async def _cohort_for(tx: Tx, desk: Desk, issue: Issue, composition: Composition, reader: Reader) -> Cohort | None:
    """What one reader gets: a subscriber, by what they have had; or somebody with such tags, by what is new."""
    if reader.address:
        need = await _need_of(tx, desk, issue, composition, reader.address)
    else:
        need = Need(reader.tags or (), reader.language, issue.first_arrival - 1)
    found = next((one for one in composition.cohorts if need in one.needs), None)
    if found or reader.address:
        return found
    shape = await shape_of(tx, desk.context, issue)
    chosen, language = posts_for(need, composition.content, shape), need.language or shape.language
    is_letter = shape.by_hand and bool(own_words(shape.words, language).intro)
    return Cohort(chosen, language, ()) if chosen or is_letter else None


async def _need_of(tx: Tx, desk: Desk, issue: Issue, composition: Composition, address: str) -> Need:
    one, email = desk.context.lists[issue.list_slug], normalised(address)
    mine = [found for found in await subscribers.of_address(tx, email) if found.list_slug == one.slug]
    active = next((found for found in mine if found.state is SubscriptionState.ACTIVE), None)
    if active is None:
        raise ActError(f"{email} is not on {one.slug}.")
    if issue.cadence not in (Cadence.BY_HAND, active.cadence):
        raise ActError(
            f"{email} gets {one.slug} {active.cadence.value}, and issue {issue.number} is {issue.cadence.value}."
        )
    last = await window_end(tx, desk.context, issue, desk.context.clock())
    need = await need_of(tx, composition.audience, active.subscriber.id, last)
    if need is None:
        raise ActError(
            f"{email} gets nothing with issue {issue.number}: they have had its posts, or are away or suppressed."
        )
    return need


async def preview_list(desk: Desk, slug: str, cadence: str, reader: Reader) -> list[Preview]:
    """What a list looks like: its next digest or, where nothing waits, its newest posts, mailed or not."""
    one = known_list(desk, slug)
    chosen = _offered(one, cadence)
    now = desk.context.clock()
    issue = Issue(0, slug, chosen, IssueState.HELD, 0, 0, now, now)
    async with desk.context.store.read() as tx:
        language = reader.language or desk.context.publication.language
        cohort = await _newest(tx, one, chosen, reader.tags or (), language)
    if cohort is None:
        raise ActError(NOTHING if reader.tags else f"There is nothing to show: {NO_POST.format(list=slug)}.")
    return [await preview_cohort(desk, issue, cohort)]


async def preview_cohort(desk: Desk, issue: Issue, cohort: Cohort) -> Preview:
    """What some readers of an issue would get; it need not be in the store. Raises TemplateError or ContentError."""
    return _preview("", await _render(desk, issue, cohort), 0)


def _offered(one: MailingList, cadence: str) -> Cadence:
    if cadence and cadence not in [offered.value for offered in one.cadences]:
        raise ActError(f"{one.slug} does not offer {cadence!r}; its cadences are: {', '.join(one.cadences)}.")
    return Cadence(cadence) if cadence else one.cadence


async def _newest(tx: Tx, one: MailingList, cadence: Cadence, tags: Sequence[str], language: str) -> Cohort | None:
    count = 1 if cadence is Cadence.IMMEDIATE else DIGEST
    chosen = await posts.newest(tx, count, one.sources, tuple(tags) or one.tags)
    return Cohort(tuple(chosen), language, ()) if chosen else None


async def _render(desk: Desk, issue: Issue, cohort: Cohort | None) -> _Drawn:
    if cohort is None:
        raise ActError(NOTHING)
    dated = replace(issue, frozen=issue.frozen or desk.context.clock())
    return await asyncio.to_thread(_drawn, desk.context, dated, cohort)


def _drawn(context: Context, issue: Issue, cohort: Cohort) -> _Drawn:
    edition = render_cohort(context, issue, cohort)
    return _Drawn(compile_edition(edition), issue, cohort.posts, cohort.language, edition.cut)


async def _as(desk: Desk, reader: Reader) -> Recipient:
    """The sample, by the name and address of a subscriber where one is named; their links stay theirs alone."""
    if not reader.address:
        return SAMPLE
    email = normalised(reader.address)
    async with desk.context.store.read() as tx:
        mine = await subscribers.of_address(tx, email)
    return replace(SAMPLE, email=email, name=mine[0].subscriber.name if mine else "")


def _preview(name: str, drawn: _Drawn, people: int, reader: Recipient = SAMPLE) -> Preview:
    message = Splicer(drawn.compiled).splice(reader)
    html, text = bodies(message)
    return Preview(name, drawn.compiled.subject, message, html, text, people, drawn.posts, drawn.intro, drawn.cut)


def bodies(message: bytes) -> tuple[str, str]:
    """HTML and text of a message of ours."""
    parsed = message_from_bytes(message, EmailMessage, policy=policy.default)
    parts = {part.get_content_type(): str(part.get_content()) for part in parsed.walk() if not part.is_multipart()}
    return parts["text/html"], parts["text/plain"]
