"""The publication and its oracle through a year, side by side: all that happens is done to both."""

import os
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from dispatch.acts import change as changes
from dispatch.acts import issue as issue_acts
from dispatch.acts import pausing, people, report, shaping, timing
from dispatch.acts.act import Desk
from dispatch.acts.moment import Moment
from dispatch.acts.subscriber import unsubscribe
from dispatch.app import open_app
from dispatch.config import read_config
from dispatch.context import Context
from dispatch.deliver.rescue import rescue
from dispatch.deliver.run import run_chunk
from dispatch.engine.local import LocalEngine
from dispatch.model.issue import Issue, IssueState
from dispatch.model.subscriber import Cadence
from dispatch.publish import run_pass
from dispatch.store import chunks, drafts, issues, ledger, posts

from .notebook import Notebook
from .oracle import ACT, IMMEDIATE, LATE, SENT, Oracle, Target
from .reader import Mail, Reader, Story
from .script import AT_ONCE, RETURNS, START, Entry, Event, Plan, Script

Mails = Counter[Mail]
MANY = 100_000


@dataclass
class Desktop:
    """A publication that is opened and closed again while its clock is turned."""

    folder: Path
    now: datetime = START
    notebook: Notebook = field(default_factory=Notebook)
    said: list[str] = field(default_factory=list)
    kinds: dict[int, tuple[str, str]] = field(default_factory=dict)
    _open: AsyncExitStack | None = None

    async def open(self) -> None:
        """Start, as the service does."""
        self._open = AsyncExitStack()
        opening = open_app(read_config(self.folder), tell=self.said.append, clock=lambda: self.now)
        app = await self._open.enter_async_context(opening)
        self.context: Context = replace(app.context, provider=self.notebook)
        self.desk = Desk(self.context, "editor")
        self.engine = LocalEngine(self._ready, self._handle, self._take_over)

    async def close(self) -> None:
        """Stop."""
        assert self._open
        await self._open.aclose()

    async def _ready(self, limit: int) -> list[tuple[int, int]]:
        async with self.context.store.read() as tx:
            return await chunks.ready(tx, self.now, limit)

    async def _handle(self, issue: int, chunk: int) -> float:
        return await run_chunk(self.context, issue, chunk)

    async def _take_over(self) -> int:
        return await rescue(self.context)

    async def mails(self) -> Mails:
        """What was mailed since it was last asked for."""
        taken = self.notebook.take()
        for number in {number for number, _, _ in taken} - self.kinds.keys():
            async with self.context.store.read() as tx:
                found = await issues.get(tx, number)
            assert found
            self.kinds[number] = found.list_slug, found.cadence.value
        return Counter(Mail(who, *self.kinds[number], what.titles, what.more) for number, who, what in taken)


@dataclass
class Stage:
    """One year of both."""

    desktop: Desktop
    oracle: Oracle
    script: Script
    waiting: list[Plan] = field(default_factory=list)  # written, and not looked at yet
    scheduled: list[Plan] = field(default_factory=list)  # looked at, and of a date to come
    known: dict[str, Reader] = field(default_factory=dict)
    resuming: str = ""
    mailed: Mails = field(default_factory=Counter)
    newcomers: int = 0

    async def live(self) -> None:
        """Go through the year, from one moment at which something happens to the next."""
        await self.begin()
        events = iter(self.script.events)
        event = next(events, None)
        while event:
            found = self.oracle.next_moment(self.desktop.now)
            due = min([found, *((plan.date, ACT) for plan in self.scheduled if plan.date)] if found else [])
            if due[0] < event.at:
                if self.script.is_out(due[0]):
                    self.desktop.now = due[0]
                    continue
                await self.check_waking(due[0])
                self.desktop.now = due[0]
                await self.turn(only_leaving=due[1] != ACT)
                continue
            self.desktop.now = max(self.desktop.now, event.at)
            await self.happen(event)
            event = next(events, None)
        await self.check_sums()

    async def begin(self) -> None:
        """The first pass: everybody is there, and no post."""
        for slug in self.oracle.lists:
            rows = [one for one in self.script.entries if one.list == slug]
            lines = [f"{one.who}@example.org,{one.cadence},{';'.join(sorted(one.tags))},{one.zone},{one.hour}" for one in rows]
            text = "\n".join(["email,cadence,tags,timezone,hour", *lines, ""])
            (self.desktop.folder / "subscribers" / f"{slug}.csv").write_text(text)
        for entry in self.script.entries:
            self.oracle.join(self.reader(entry))
        await self.desktop.open()
        await self.turn(look=True)

    def reader(self, entry: Entry) -> Reader:
        """The oracle's idea of somebody."""
        found = Reader(entry.who, entry.list, entry.cadence, entry.tags, entry.zone, entry.hour)
        self.known[f"{entry.list} {entry.who}"] = found
        return found

    async def happen(self, event: Event) -> None:
        """One event of the script; what needs somebody at work waits while nobody is."""
        out = self.script.is_out(event.at)
        if out and event.what not in ("write", "withdraw", "people"):
            return
        look = await getattr(self, event.what)(*event.given)
        if not out and look is not None:
            await self.turn(look=look)

    async def turn(self, *, look: bool = False, only_leaving: bool = False) -> None:
        """A pass and its deliveries; everybody gets what the oracle says, and nothing else."""
        desktop = self.desktop
        if not only_leaving:
            self.collect(look=look)
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
        lines = [f"seed {self.script.seed}, {self.desktop.now}: {len(wrong)} wrong, {len(missed)} missing"]
        lines += [f"  got  {mail}" for mail in wrong[:6]] + [f"  owed {mail}" for mail in missed[:6]]
        for mail in [*wrong[:2], *missed[:2]]:
            reader = self.known[f"{mail.list} {mail.who}"]
            lines.append(f"  {reader}"[:1500])
        return "\n".join(lines)

    async def check_waking(self, due: datetime) -> None:
        """The publication knows by itself when it has to do something next."""
        if self.script.random.random() < 0.05:
            coming = [one for one in await report.wakeups(self.desktop.context) if one.at > self.desktop.now]
            assert coming and coming[0].at <= due, (self.script.seed, self.desktop.now, due, coming[:3])

    async def check_sums(self) -> None:
        """Law 1: of each issue that has ended, the sum is the audience."""
        async with self.desktop.context.store.read() as tx:
            for one in await issues.recent(tx, MANY):
                if one.frozen:
                    sums = await ledger.tally(tx, one.number)
                    assert sums.balances or one.state is IssueState.SENDING, (one, sums)
        for mail, count in self.mailed.items():
            assert count == 1 or mail.kind == "by hand", mail

    # posts

    async def write(self, plan: Plan) -> bool:
        """An author saves a post."""
        story, front = plan.story, {"title": plan.story.title, "tags": f"[{', '.join(sorted(plan.story.tags))}]"}
        front |= {"canonical": plan.canonical} if plan.canonical else {}
        front |= {"date": plan.date.isoformat()} if plan.date else {}
        lines = [f"{key}: {value}" for key, value in front.items()]
        path = self.path(story)
        path.write_text("\n".join(["---", *lines, "---", "", f"Of {story.title}.", ""]))
        os.utime(path, (self.desktop.now.timestamp(),) * 2)
        self.waiting.append(plan)
        return True

    def path(self, story: Story) -> Path:
        """The file of a post."""
        return self.desktop.folder / story.source / f"{story.title}.md"

    def collect(self, *, look: bool) -> None:
        """What the oracle sees of posts in a pass."""
        now, fresh = self.desktop.now, self.waiting if look else []
        old = sorted((one for one in self.scheduled if one.date and one.date <= now), key=lambda one: one.date)
        self.scheduled = [one for one in self.scheduled if one not in old]
        for plan in sorted(fresh, key=lambda one: (one.story.source, one.date or now, one.story.title)):
            plan.story.published = plan.date or now
            if plan.date and plan.date > now:
                self.scheduled.append(plan)
            else:
                self.oracle.appear(plan.story, now)
        for plan in old:
            self.oracle.appear(plan.story, now)
        if look:
            self.waiting = []

    async def withdraw(self, story: Story) -> bool | None:
        """An author deletes a post."""
        if len(self.oracle.posts) < 9:
            return None
        self.path(story).unlink(missing_ok=True)
        story.live = False
        self.waiting = [one for one in self.waiting if one.story is not story]
        self.scheduled = [one for one in self.scheduled if one.story is not story]
        return True

    # people

    async def people(self) -> bool | None:
        """Some people change their minds."""
        if self.pair_is_open():
            return None
        for _ in range(AT_ONCE):
            reader = self.script.random.choice(list(self.known.values()))
            acts = (self.cadence, self.tags, self.zone, self.hour, self.leave, self.pause, self.join)
            act = self.script.random.choice(acts)
            await (act(reader) if reader.there else self.come_back(reader))
        return False

    def pair_is_open(self) -> bool:
        """Whether a copy of a post is about to appear: for whoever changes between them it is a matter of taste."""
        written = {one.story.tale for one in self.waiting} | {one.tale for one in self.oracle.posts[-3:]}
        soon = self.desktop.now + timedelta(hours=6)
        coming = [one.given[0] for one in self.script.events if self.desktop.now < one.at < soon and one.what == "write"]
        return any(plan.canonical and plan.story.tale in written for plan in coming) or any(
            plan.canonical for plan in self.waiting
        )

    async def change(self, reader: Reader, **cells: str) -> None:
        """As an editor does it."""
        await changes.change(self.desktop.desk, f"{reader.who}@example.org", changes.Change(cells, reader.list))

    async def cadence(self, reader: Reader) -> None:
        """Another pace."""
        reader.cadence = self.script.pace(reader.list)
        await self.change(reader, cadence=reader.cadence)

    async def tags(self, reader: Reader) -> None:
        """Other tags."""
        reader.choose(self.script.tags())
        await self.change(reader, tags=";".join(sorted(reader.tags)))

    async def zone(self, reader: Reader) -> None:
        """Another place: of the person, on all their lists."""
        zone = self.script.random.choice(("Europe/Berlin", "America/New_York", "Australia/Lord_Howe"))
        for one in self.known.values():
            if one.who == reader.who:
                one.zone = zone
        await self.change(reader, timezone=zone)

    async def hour(self, reader: Reader) -> None:
        """Another hour."""
        if self.oracle.lists[reader.list].local_time:
            reader.hour = self.script.random.choice(("", "07:00", "02:15"))
            await self.change(reader, hour=reader.hour)

    async def leave(self, reader: Reader) -> None:
        """They unsubscribe."""
        reader.there = False
        await unsubscribe(self.desktop.desk, f"{reader.who}@example.org", reader.list)

    async def come_back(self, reader: Reader) -> None:
        """They join again, with other wishes perhaps."""
        if reader.under_way:
            return
        await self.add(self.script.wish(reader.who, reader.list, reader.zone))

    async def join(self, reader: Reader) -> None:
        """Somebody new."""
        self.newcomers += 1
        for entry in self.script.somebody(f"new{self.newcomers}"):
            await self.add(entry)

    async def add(self, entry: Entry) -> None:
        """Somebody joins a list."""
        cells = {"email": f"{entry.who}@example.org", "lists": entry.list, "cadence": entry.cadence}
        cells |= {"tags": ";".join(sorted(entry.tags)), "timezone": entry.zone, "hour": entry.hour}
        await people.add(self.desktop.desk, cells, again=True)
        self.oracle.join(self.reader(entry))

    async def pause(self, reader: Reader) -> None:
        """They rest for a while, or do so no longer."""
        if reader.away_until:
            reader.away_until = self.desktop.now
            await pausing.come_back(self.desktop.desk, f"{reader.who}@example.org", reader.list)
            return
        days = self.script.random.randrange(1, 40)
        until = self.desktop.now.replace(minute=RETURNS) + timedelta(days=days, hours=self.script.random.randrange(24))
        reader.away_until = until
        moment = Moment(until, until.replace(tzinfo=None), "UTC")
        await pausing.stay_away(self.desktop.desk, f"{reader.who}@example.org", moment, reader.list)

    # editors

    def some_list(self) -> Target:
        """Any list that is not paused."""
        return self.script.random.choice([one for one in self.oracle.lists.values() if not one.paused])

    async def by_hand(self) -> bool | None:
        """An editor makes an issue from some recent posts."""
        one = self.some_list()
        recent = [post for post in self.oracle.posts[-8:] if post.live and post.tale == post.title]
        if not recent:
            return None
        chosen = self.script.random.sample(recent, min(len(recent), self.script.random.choice((1, 2))))
        async with self.desktop.context.store.read() as tx:
            ids = {post.title: post.id for post in await posts.everything(tx, MANY)}
        wish = shaping.Wish(posts=tuple(ids[post.title] for post in chosen))
        number = await shaping.make(self.desktop.desk, one.slug, wish)
        await timing.send(self.desktop.desk, number)
        self.oracle.by_hand.append((one, tuple(chosen)))
        return False

    async def draft(self) -> tuple[Target, str, Issue | None]:
        """The next issue of some list and cadence."""
        one = self.some_list()
        cadence = self.script.random.choice(list(one.rules))
        async with self.desktop.context.store.read() as tx:
            return one, cadence, await drafts.open_on(tx, self.desktop.context.lists[one.slug].id, Cadence(cadence))

    async def cancel_draft(self) -> bool | None:
        """An editor cancels the next issue."""
        one, cadence, draft = await self.draft()
        if draft is None:
            return None
        await issue_acts.cancel(self.desktop.desk, draft.number)
        self.oracle.cancel_draft(one.slug, cadence, self.desktop.now)
        return False

    async def send_draft(self) -> bool | None:
        """An editor lets the next issue go at once."""
        one, cadence, draft = await self.draft()
        if draft is None:
            return None
        await timing.send(self.desktop.desk, draft.number)
        self.oracle.send_draft(one.slug, cadence, self.desktop.now)
        return False

    async def leave_out(self) -> bool | None:
        """An editor leaves a post out of the next issue."""
        one, cadence, draft = await self.draft()
        copied = Counter(post.tale for post in self.oracle.posts)
        recent = [post for post in self.oracle.posts[-4:] if post.live and copied[post.tale] == 1 and one.takes(post)]
        if draft is None or not recent or self.pair_is_open():
            return None
        post = self.script.random.choice(recent)
        async with self.desktop.context.store.read() as tx:
            known = {each.title: each.id for each in await posts.everything(tx, MANY)}
        await shaping.shape(self.desktop.desk, draft.number, shaping.Wish(leave_out=(known[post.title],)))
        one.slots[cadence].dropped.add(post)
        return False

    async def decide(self) -> bool | None:
        """An editor says what becomes of issues that are late."""
        for one in self.oracle.lists.values():
            for cadence, slot in one.slots.items():
                if slot.state == LATE and not one.paused:
                    await self.settle(one, cadence)
        return False

    async def settle(self, one: Target, cadence: str) -> None:
        """Send it, cancel it, or leave it to the next one."""
        async with self.desktop.context.store.read() as tx:
            draft = await drafts.open_on(tx, self.desktop.context.lists[one.slug].id, Cadence(cadence))
        assert draft and draft.late, (self.script.seed, self.desktop.now, one.slug, cadence, draft)
        wanted = self.script.random.choice(("send", "cancel", "neither"))
        if wanted == "send":
            await timing.send(self.desktop.desk, draft.number)
            self.oracle.send_draft(one.slug, cadence, self.desktop.now)
        elif wanted == "cancel":
            await issue_acts.cancel(self.desktop.desk, draft.number)
            self.oracle.cancel_draft(one.slug, cadence, self.desktop.now)

    async def stop(self) -> bool | None:
        """An editor cancels an issue of which some have not had theirs."""
        under_way = sorted(key for key in self.oracle.on_the_way if key[1] != "by hand")
        if not under_way or self.script.random.random() < 0.5:
            return None
        slug, kind, begun = self.script.random.choice(under_way)
        async with self.desktop.context.store.read() as tx:
            found = await issues.in_states(tx, [IssueState.SENDING])
        (number,) = [one.number for one in found if (one.list_slug, one.cadence, one.frozen) == (slug, kind, begun)]
        await issue_acts.cancel(self.desktop.desk, number)
        self.oracle.stop((slug, kind, begun))
        return False

    async def pause_list(self) -> bool | None:
        """A list is paused, or goes on."""
        one = self.oracle.lists[self.resuming] if self.resuming else self.some_list()
        act = pausing.resume_list if self.resuming else pausing.pause_list
        await act(self.desktop.desk, one.slug)
        one.paused = not self.resuming
        self.resuming = "" if self.resuming else one.slug
        return False

    # the service

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
            found[mail.who, mail.list] = tuple(sorted([*found.get((mail.who, mail.list), ()), *mail.titles]))
        else:
            rest[mail] = count
    return rest + Counter(Mail(who, slug, IMMEDIATE, titles) for (who, slug), titles in found.items())
