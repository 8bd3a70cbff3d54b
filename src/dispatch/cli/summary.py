"""What one pass did, which files to open, and what to type next."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from dispatch.acts.act import Desk
from dispatch.acts.prospect import Prospect, prospect
from dispatch.acts.report import Running, Wakeup, asking, wakeups
from dispatch.cli.session import Session, short, when
from dispatch.model.delivery import FINAL_STATES, OPEN_STATES, SendState, Tally
from dispatch.model.issue import IssueState
from dispatch.publish import Pass
from dispatch.render.preflight.remark import in_words
from dispatch.store import chunks, ledger, schedules, service_mails
from dispatch.store.service_mails import Standing

if TYPE_CHECKING:
    from dispatch.acts.rehearsal import Rehearsed


@dataclass(frozen=True, slots=True)
class Summary:
    """One pass, for whoever asked for it."""

    title: str
    zone: str
    done: Pass
    issues: tuple[Running, ...]
    coming: tuple[Wakeup, ...]
    asking: tuple[Prospect, ...]  # issues that wait for somebody's word
    public: Path
    outbox: tuple[Path, ...]  # a few of the messages written, where nobody receives mail
    mails: bool
    next_slot: datetime | None  # of a cadence with an hour
    simulated: bool  # all of it happened on a copy
    stuck_mails: tuple[Standing, ...] = ()  # about subscriptions, which the provider does not take now
    rehearsed: "tuple[Rehearsed, ...]" = ()  # what would have gone out

    @property
    def failed(self) -> bool:
        """Whether a send stands still: the provider is down or refuses us, or an issue cannot begin."""
        return bool(self.done.stuck or self.stuck_mails) or any(
            one.error or one.prospect.issue.state is IssueState.PAUSED for one in self.issues
        )

    def print(self, session: Session) -> None:
        """Say it in words."""
        session.say(self.title)
        session.say()
        self._print_work(session)
        for one in self.issues:
            print_issue(session, one)
        for waiting in self.asking:
            number = waiting.issue.number
            session.say(f"  waits     issue {number} for {waiting.waits_for}: {session.command} issue show {number}")
        for mail in self.stuck_mails:
            session.say(f"  mail      {standing_in_words(mail)}")
        self._print_problems(session)
        self._print_rehearsed(session)
        self._print_files(session)
        for wakeup in self.coming[:5]:
            session.say(f"  next      {when(wakeup.at, self.zone)}: {wakeup.what}")
        self._print_commands(session)

    def _print_work(self, session: Session) -> None:
        collected = self.done.collected
        session.say(f"  people    {self.done.joined.people} joined")
        words = [f"{collected.new} new", f"{collected.changed} changed", f"{collected.withdrawn} withdrawn"]
        if collected.hidden:
            words.append(f"{collected.hidden} of them not to be seen yet (drafts, or dated ahead)")
        if collected.archived:
            words.append(f"{collected.archived} of them the archive (mailed only where a list's `since` says so)")
        session.say(f"  posts     {', '.join(words)}")
        session.say(f"  site      {len(self.done.syndicated.written)} files written below {short(self.public)}")
        if not self.issues:
            session.say("  mail      nothing to send")

    def _print_problems(self, session: Session) -> None:
        for problem in self.done.problems:
            session.say(f"  {'left out ' if problem.fatal else 'note     '} {problem}")

    def _print_rehearsed(self, session: Session) -> None:
        for one in self.rehearsed:
            session.say(
                f"  look      {short(one.file)} (issue {one.issue}): {in_words(one.findings) or 'nothing to mend'}"
            )
            for found in one.findings:
                session.say(f"            {found.severity.value:<7}  {found.check}: {found}")

    def _print_files(self, session: Session) -> None:
        session.say()
        session.say(f"  open      {short(self.public / 'index.html')}")
        session.say(f"            {short(self.public / 'feed.xml')}, atom.xml, feed.json")
        for path in self.outbox:
            session.say(f"            {short(path)}")

    def _print_commands(self, session: Session) -> None:
        session.say()
        if not self.mails:
            session.say("Nobody received mail: the provider is the outbox. To send for real: docs/providers.md.")
        label = "Type next:"
        for command, why in self._commands(session):
            session.say(f"{label:<10} {command}   # {why}")
            label = ""

    def _commands(self, session: Session) -> list[tuple[str, str]]:
        dispatch = session.command
        found = []
        if self.issues and not self.simulated:
            number = self.issues[-1].prospect.issue.number
            found.append((f"{dispatch} issue report {number}", "the sum that proves it"))
        if self.next_slot:
            moment = f"{self.next_slot.astimezone(ZoneInfo(self.zone)):%Y-%m-%dT%H:%M}"
            found.append((f"{dispatch} run --once --simulate --now {moment}", "what the next slot brings, on a copy"))
        found.append((f"{dispatch} run", "the service: watches, serves, delivers"))
        return found


def print_issue(session: Session, one: Running) -> None:
    """One issue and its sum, in a few lines."""
    issue = one.prospect.issue
    session.say(f"  issue {issue.number:<4}'{one.prospect.subject}' ({issue.list_slug}, {issue.cadence.value})")
    session.say(f"            {issue.state.value}: {_standing(one)}")
    if one.tally.counts.get(SendState.UNKNOWN):
        session.say(f"            who: {session.command} issue report {issue.number} --state unknown")
    if one.error:
        session.say(f"            {one.error}")
    if one.prospect.waits_for and issue.state is not IssueState.PAUSED:
        session.say(f"            waits for {one.prospect.waits_for}: {session.command} issue show {issue.number}")
    if issue.note:
        session.say(f"            {issue.note}")
    if issue.state is IssueState.PAUSED:
        session.say(f"            to go on: {session.command} issue resume {issue.number}")


def standing_in_words(found: Standing) -> str:
    """2 about subscriptions: pending: the provider's last words."""
    words = f": {found.detail}" if found.detail else ""
    return f"{found.count} about subscriptions: {found.state.value}{words}"


def _standing(one: Running) -> str:
    if one.prospect.issue.frozen:
        return sum_in_words(one.tally)
    return f"goes to {one.prospect.audience} at {one.prospect.issue.due:%Y-%m-%d %H:%M} UTC"


def sum_in_words(tally: Tally) -> str:
    """accepted 3 of 4, unknown 1: the sum of law 1, non-zero terms only, its accepted term always."""
    counts = {state: tally.counts.get(state, 0) for state in (*FINAL_STATES, *OPEN_STATES)}
    accepted, *others = [(state.value, count) for state, count in counts.items()]
    words = [f"{accepted[0]} {accepted[1]} of {tally.audience}"]
    return ", ".join(words + [f"{state} {count}" for state, count in others if count])


async def summarise(desk: Desk, done: Pass, before: Collection[int]) -> Summary:
    """Gather what a person wants to know after a pass; `before` are the issues that were under way before it."""
    context = desk.context
    async with context.store.read() as tx:
        errors = {chunk.issue: chunk.error for chunk in await chunks.waiting(tx) if chunk.error}
        slots = await schedules.every(tx)
        numbers = sorted({*before, *done.started})
        tallies = {number: await ledger.tally(tx, number) for number in numbers}
        mails = await service_mails.standing(tx)
    sent = [Running(await prospect(desk, number), tallies[number], errors.get(number, "")) for number in numbers]
    outbox = context.workplace / "outbox" / "new"
    newest = sorted(outbox.glob("*.eml"), key=lambda path: (path.stat().st_mtime_ns, path.name))[-3:]
    files = newest if not context.provider.capabilities.mails else []
    return Summary(
        title=context.publication.title,
        zone=context.publication.timezone,
        done=done,
        issues=tuple(sent),
        coming=tuple(await wakeups(context)),
        asking=tuple(await asking(desk)),
        public=context.public,
        outbox=tuple(files),
        mails=context.provider.capabilities.mails,
        next_slot=slots[0].due if slots else None,
        simulated=context.workplace != context.config.folder,
        stuck_mails=tuple(one for one in mails if one.state is SendState.PENDING and one.detail),
    )
