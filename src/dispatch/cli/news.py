"""What the running service shows: each thing that happens, once, as it happens."""

from datetime import datetime
from zoneinfo import ZoneInfo

from dispatch.acts.act import Desk
from dispatch.acts.issue import prospect
from dispatch.acts.report import wakeups
from dispatch.cli.session import Session, when
from dispatch.context import Context, Tell
from dispatch.publish import Pass


def stamped(session: Session, zone: str) -> Tell:
    """Say lines with the wall-clock time before them."""
    place = ZoneInfo(zone)
    return lambda line: session.say(f"{datetime.now(place):%H:%M:%S} {line}")


class Newsreader:
    """Reads passes aloud."""

    def __init__(self, session: Session, context: Context) -> None:
        self._session, self._context = session, context
        self._known_problems: frozenset[str] = frozenset()

    def greet(self, host: str, port: int) -> None:
        """Say what runs where."""
        self._session.say(f"{self._context.publication.title} is running: http://{host}:{port}/")
        if not self._context.provider.capabilities.mails:
            self._session.say("Nobody receives mail: the provider is the outbox.")
        self._session.say("Ctrl-C stops it; nothing gets lost.")

    async def read(self, done: Pass) -> None:
        """Say what a pass did; nothing if it did nothing."""
        for line in _lines(done):
            self._context.tell(line)
        problems = frozenset(str(problem) for problem in done.problems)
        for problem in sorted(problems - self._known_problems):
            self._context.tell(f"to mend: {problem}")
        self._known_problems = problems
        if done.composed or done.started:
            await self._tell_issues(done)

    async def _tell_issues(self, done: Pass) -> None:
        zone = self._context.publication.timezone
        for number in sorted({*done.composed, *done.started}):
            self._context.tell(await self._issue_in_words(number, zone))
        for coming in (await wakeups(self._context))[:1]:
            self._context.tell(f"next: {coming.what}, {when(coming.at, zone)}")

    async def _issue_in_words(self, number: int, zone: str) -> str:
        one = await prospect(Desk(self._context, "service"), number)
        what = f"issue {number} {one.subject!r}"
        if one.issue.frozen:
            return f"{what} is being sent to {one.audience} of {one.issue.list_slug}"
        return (
            f"{what} goes to {one.audience} of {one.issue.list_slug} at {when(one.issue.due, zone)}; "
            f"stop it: dispatch issue cancel {number}; send it now: dispatch issue send {number}"
        )


def _lines(done: Pass) -> list[str]:
    collected, lines = done.collected, []
    if done.joined.people:
        lines.append(f"{done.joined.people} people joined")
    changes = {"new": collected.new, "changed": collected.changed, "withdrawn": collected.withdrawn}
    changes["whose time has come"] = collected.appeared
    words = ", ".join(f"{count} {word}" for word, count in changes.items() if count)
    if words:
        lines.append(f"posts: {words}")
    if done.syndicated.written:
        lines.append(f"feeds and pages: {len(done.syndicated.written)} files written")
    return lines
