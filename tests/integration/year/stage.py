"""The publication and its oracle through a year, side by side: all that happens is done to both."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from dispatch.acts import report
from dispatch.model.issue import IssueState
from dispatch.publish import run_pass
from dispatch.store import issues, ledger

from .authors import Authors
from .crowd import Crowd
from .desktop import Desktop, Mails
from .newsroom import MANY, Newsroom
from .oracle import ACT, BY_HAND, IMMEDIATE, Oracle
from .reader import Mail
from .script import COLUMNS, Event, Script, tale_of

UNATTENDED = ("write", "withdraw", "people")  # what goes on while Dispatch does not run
LOOKS = 0.05  # how often it is asked what it will do next


@dataclass
class Stage:
    """One year of both."""

    desktop: Desktop
    oracle: Oracle
    script: Script
    mailed: Mails = field(default_factory=Counter)

    def __post_init__(self) -> None:
        both = (self.desktop, self.oracle, self.script)
        self.authors = Authors(*both)
        self.crowd = Crowd(*both, self.authors)
        self.newsroom = Newsroom(*both, self.authors)

    async def live(self) -> None:
        """Go through the year, from one moment at which something happens to the next."""
        await self.begin()
        events = iter(self.script.events)
        event = next(events, None)
        while event:
            due, what = self.next_moment()
            if due < event.at and not self.script.is_out(due):
                await self.check_waking(due)
                self.desktop.now = due
                await self.turn(only_leaving=what != ACT)
            else:
                self.desktop.now = max(self.desktop.now, event.at)
                await self.happen(event)
                event = next(events, None)
        await self.check_sums()
        self.check_tales()

    def next_moment(self) -> tuple[datetime, str]:
        """When time does something next, as far as the oracle knows."""
        found = self.oracle.next_moment(self.desktop.now)
        appearing = [(one.date, ACT) for one in self.authors.scheduled if one.date and one.date > self.desktop.now]
        return min([found, *appearing]) if found else min(appearing, default=(self.script.end, ACT))

    async def begin(self) -> None:
        """The first pass: everybody is there, and no post."""
        for slug in self.oracle.lists:
            rows = [one.cells for one in self.script.entries if one.list == slug]
            text = "\n".join([",".join(COLUMNS), *(",".join(row) for row in rows), ""])
            (self.desktop.folder / "subscribers" / f"{slug}.csv").write_text(text)
        for entry in self.script.entries:
            self.oracle.join(self.crowd.reader(entry))
        await self.desktop.open()
        await self.turn(look=True)

    async def happen(self, event: Event) -> None:
        """One event of the script; what needs somebody at work waits while nobody is."""
        out = self.script.is_out(event.at)
        if out and event.what not in UNATTENDED:
            return
        whose = next(one for one in (self, self.authors, self.crowd, self.newsroom) if hasattr(one, event.what))
        look = await getattr(whose, event.what)(*event.given)
        if not out and look is not None:
            await self.turn(look=look)

    async def turn(self, *, look: bool = False, only_leaving: bool = False) -> None:
        """A pass and its deliveries; everybody gets what the oracle says, and nothing else."""
        desktop = self.desktop
        if not only_leaving:
            self.authors.collect(look=look)
            done = await run_pass(desktop.context, desktop.now, hold=False, sources=None if look else ())
            assert not done.problems, done.problems
        await desktop.engine.drain()
        got, owed = _together(await desktop.mails()), _together(Counter(self.oracle.turn(desktop.now)))
        if got != owed:
            raise AssertionError(self.difference(got, owed))
        self.mailed += got

    def difference(self, got: Mails, owed: Mails) -> str:
        """Who got something else, for a person to read."""
        wrong, missed = sorted((got - owed).elements(), key=repr), sorted((owed - got).elements(), key=repr)
        lines = [
            f"DISPATCH_YEAR_SEED={self.script.seed}, {self.desktop.now}: {len(wrong)} wrong, {len(missed)} missing"
        ]
        lines += [f"  got  {mail}" for mail in wrong[:6]] + [f"  owed {mail}" for mail in missed[:6]]
        for mail in [*wrong[:2], *missed[:2]]:
            reader = self.crowd.known[f"{mail.slug} {mail.who}"]
            lines.append(f"  {reader}"[:1500])
        return "\n".join(lines)

    async def check_waking(self, due: datetime) -> None:
        """The publication knows by itself when it has to do something next.

        No pass is made here for the return of somebody who has nothing to get then: until the next one they seem away.
        """
        if self.script.random.random() < LOOKS and not self.oracle.has_returned(self.desktop.now):
            coming = [one for one in await report.wakeups(self.desktop.context) if one.at > self.desktop.now]
            said = (self.script.seed, self.desktop.now, due, coming[:3])
            assert coming, said
            assert coming[0].at <= due, said

    async def check_sums(self) -> None:
        """Law 1: of each issue that has ended, the sum is the audience."""
        async with self.desktop.context.store.read() as tx:
            for one in await issues.recent(tx, MANY):
                if one.frozen:
                    sums = await ledger.tally(tx, one.number)
                    assert sums.balances or one.state is IssueState.SENDING, (one, sums)

    def check_tales(self) -> None:
        """Law 2: nobody is told a story twice, but by an editor's own hand; its copy is the same story."""
        heard: set[tuple[str, str, str]] = set()
        for mail in self.mailed:
            tales = [(mail.who, mail.slug, tale_of(title)) for title in mail.titles if mail.kind != BY_HAND]
            assert self.mailed[mail] == 1 or mail.kind == BY_HAND, mail
            assert heard.isdisjoint(tales), mail
            heard.update(tales)

    async def restart(self) -> bool:
        """The service stops and starts again."""
        await self.desktop.close()
        await self.desktop.open()
        return True

    async def return_to_work(self) -> bool:
        """An outage is over."""
        return await self.restart()


def _together(mails: Mails) -> Mails:
    """Immediate issues of one pass count as one."""
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    rest: Mails = Counter()
    for mail, count in mails.items():
        if mail.kind == IMMEDIATE:
            found[mail.who, mail.slug] = tuple(sorted([*found.get((mail.who, mail.slug), ()), *mail.titles]))
        else:
            rest[mail] = count
    return rest + Counter(Mail(who, slug, IMMEDIATE, titles) for (who, slug), titles in found.items())
