"""An issue as a subscriber would see it. Composes for a sample subscriber and touches no state."""

import asyncio
from dataclasses import dataclass, replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from dispatch.acts.act import ActError, Desk, known_issue
from dispatch.errors import StoreError
from dispatch.message.splice import Splicer
from dispatch.model.delivery import Recipient
from dispatch.model.issue import Cohort, CompiledEdition, Issue, IssueState, MailingList
from dispatch.model.subscriber import Cadence
from dispatch.publish.freezing import compile_cohort, compose_issue
from dispatch.store import issues, posts
from dispatch.store.connect import Tx

SAMPLE = Recipient(0, "sample@example.org", "Sam Sample", "https://example.org/u/sample", "sample@example.org")
DIGEST = 10  # posts in the preview of a digest that has not been composed yet


@dataclass(frozen=True, slots=True)
class Preview:
    """One edition, as the sample subscriber gets it."""

    subject: str
    message: bytes  # RFC 5322
    html: str
    text: str

    def write(self, folder: Path) -> list[Path]:
        """Write edition.html, edition.txt and message.eml. Raises StoreError if the folder refuses."""
        files = {"edition.html": self.html.encode(), "edition.txt": self.text.encode(), "message.eml": self.message}
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for name, data in files.items():
                (folder / name).write_bytes(data)
        except OSError as error:
            raise StoreError(f"{folder} cannot be written: {error.strerror}.") from None
        return [folder / name for name in files]


async def preview_issue(desk: Desk, number: int) -> Preview:
    """What an issue was sent as or, before it starts, what its largest cohort would get."""
    async with desk.context.store.read() as tx:
        issue = await known_issue(tx, number)
        if issue.frozen:
            rows = await issues.cohorts_of(tx, number)
            if not rows:
                raise ActError(f"Issue {number} has nothing to show: {issue.note}.")
            return _preview(await issues.compiled(tx, rows[0].edition))
        composition = await compose_issue(tx, desk.context, issue)
    sizes = dict(composition.needs)
    largest = max(composition.cohorts, key=lambda one: sum(sizes[need] for need in one.needs), default=None)
    return await _render(desk, issue, largest)


async def preview_list(desk: Desk, slug: str) -> Preview:
    """What a list looks like, from its newest posts, whether they were mailed or not."""
    one = desk.context.lists.get(slug)
    if one is None:
        raise ActError(f"There is no list {slug!r}; known are: {', '.join(desk.context.lists) or 'none'}.")
    now = desk.context.clock()
    issue = Issue(0, slug, one.cadence, IssueState.HELD, 0, 0, now, now)
    async with desk.context.store.read() as tx:
        return await _render(desk, issue, await _newest(tx, one, desk.context.publication.language))


async def _newest(tx: Tx, one: MailingList, language: str) -> Cohort | None:
    count = 1 if one.cadence is Cadence.IMMEDIATE else DIGEST
    chosen = await posts.newest(tx, count, one.sources, one.tags)
    return Cohort(tuple(chosen), language, ()) if chosen else None


async def _render(desk: Desk, issue: Issue, cohort: Cohort | None) -> Preview:
    if cohort is None:
        raise ActError("There is nothing to show: no post that this list may mail is visible, or nobody waits for it.")
    dated = replace(issue, frozen=issue.frozen or desk.context.clock())
    return _preview(await asyncio.to_thread(compile_cohort, desk.context, dated, cohort))


def _preview(compiled: CompiledEdition) -> Preview:
    message = Splicer(compiled).splice(SAMPLE)
    parsed = message_from_bytes(message, EmailMessage, policy=policy.default)
    parts = {part.get_content_type(): str(part.get_content()) for part in parsed.walk() if not part.is_multipart()}
    return Preview(compiled.subject, message, parts["text/html"], parts["text/plain"])
