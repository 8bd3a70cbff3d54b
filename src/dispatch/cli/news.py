"""What the running service shows: each thing that happens, once, as it happens."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from dispatch.acts.act import Desk
from dispatch.acts.prospect import prospect
from dispatch.acts.report import Wakeup, wakeups
from dispatch.cli.session import Session, when
from dispatch.context import Context, Tell
from dispatch.publish import Pass

WAKEUPS = 5  # so many of what comes next are told


def stamped(session: Session, zone: str) -> Tell:
    """Say lines with the wall-clock time before them."""
    place = ZoneInfo(zone)
    return lambda line: session.say(f"{datetime.now(place):%H:%M:%S} {line}")


class Newsreader:
    """Reads passes aloud."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known_problems: frozenset[str] = frozenset()
        self._known_wakeups: Sequence[Wakeup] = ()
        self._warned = False

    async def greet(self, context: Context, host: str, port: int) -> None:
        """Say what runs where, and what will happen by itself."""
        self._session.say(f"{context.publication.title} is running: http://{host}:{port}/")
        self._warn(context)
        self._session.say("Ctrl-C stops it; nothing gets lost.")
        await self._tell_wakeups(context)

    async def changed(self, context: Context) -> None:
        """Say that dispatch.toml was taken, and what it changes of what will happen."""
        context.tell("dispatch.toml has changed: its new settings are in force")
        self._warn(context)
        await self._tell_wakeups(context)

    async def read(self, context: Context, done: Pass) -> None:
        """Say what a pass did, and what will happen now; nothing if it did nothing."""
        for line in _lines(done):
            context.tell(line)
        problems = frozenset(str(problem) for problem in done.problems)
        for problem in sorted(problems - self._known_problems):
            context.tell(f"to mend: {problem}")
        self._known_problems = problems
        for number in sorted({*done.composed, *done.started}):
            context.tell(await self._issue_in_words(context, number))
        await self._tell_wakeups(context)

    def _warn(self, context: Context) -> None:
        """Say that nobody receives mail, unless that has been said of this provider."""
        silent = not context.provider.capabilities.mails
        if silent and not self._warned:
            self._session.say("Nobody receives mail: the provider is the outbox.")
        self._warned = silent

    async def _tell_wakeups(self, context: Context) -> None:
        """Say what comes next, unless just that has been said."""
        now = context.clock()
        coming = [one for one in await wakeups(context) if one.at > now][:WAKEUPS]
        if coming != [one for one in self._known_wakeups if one.at > now]:
            zone = context.publication.timezone
            for line in [f"{one.what}, {when(one.at, zone)}" for one in coming] or ["nothing is planned"]:
                context.tell(f"next: {line}")
        self._known_wakeups = coming

    async def _issue_in_words(self, context: Context, number: int) -> str:
        one = await prospect(Desk(context, "service"), number)
        what = f"issue {number} '{one.subject}'"
        if one.issue.frozen:
            return f"{what} is being sent to {one.audience} of {one.issue.list_slug}"
        return (
            f"{what} goes to {one.audience} of {one.issue.list_slug} at "
            f"{when(one.issue.due, context.publication.timezone)}; "
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
