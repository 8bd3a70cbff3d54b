"""What people change about their subscriptions."""

from dataclasses import dataclass, field
from datetime import timedelta

from dispatch.acts import change as changes
from dispatch.acts import pausing, people
from dispatch.acts.moment import Moment
from dispatch.acts.subscriber import unsubscribe

from .authors import Authors
from .desktop import Desktop
from .oracle import Oracle
from .reader import Reader
from .script import AT_ONCE, COLUMNS, RETURNS, Entry, Script


@dataclass
class Crowd:
    """All readers, by list and name, and what comes to their minds."""

    desktop: Desktop
    oracle: Oracle
    script: Script
    authors: Authors
    known: dict[str, Reader] = field(default_factory=dict)
    newcomers: int = 0

    def reader(self, entry: Entry) -> Reader:
        """The oracle's idea of somebody."""
        found = Reader(entry.who, entry.list, entry.cadence, entry.tags, entry.zone, entry.hour)
        self.known[f"{entry.list} {entry.who}"] = found
        return found

    async def people(self) -> bool | None:
        """Some people change their minds."""
        if self.authors.pair_is_open():
            return None
        for _ in range(AT_ONCE):
            reader = self.script.random.choice(list(self.known.values()))
            acts = (self.cadence, self.tags, self.zone, self.hour, self.leave, self.pause, self.join)
            act = self.script.random.choice(acts)
            await (act(reader) if reader.there else self.come_back(reader))
        return False

    async def change(self, reader: Reader, **cells: str) -> None:
        """As an editor does it."""
        await changes.change(self.desktop.desk, f"{reader.who}@example.org", changes.Change(cells, reader.slug))

    async def cadence(self, reader: Reader) -> None:
        """Another pace."""
        reader.cadence = self.script.pace(reader.slug)
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
        if self.oracle.lists[reader.slug].local_time:
            reader.hour = self.script.random.choice(("", "07:00", "02:15"))
            await self.change(reader, hour=reader.hour)

    async def leave(self, reader: Reader) -> None:
        """They unsubscribe."""
        reader.there = False
        await unsubscribe(self.desktop.desk, f"{reader.who}@example.org", reader.slug)

    async def come_back(self, reader: Reader) -> None:
        """They join again, with other wishes perhaps."""
        if reader.under_way:
            return
        await self.add(self.script.wish(reader.who, reader.slug, reader.zone))

    async def join(self, reader: Reader) -> None:
        """Somebody new."""
        self.newcomers += 1
        for entry in self.script.somebody(f"new{self.newcomers}"):
            await self.add(entry)

    async def add(self, entry: Entry) -> None:
        """Somebody joins a list."""
        cells = dict(zip(COLUMNS, entry.cells, strict=True))
        await people.add(self.desktop.desk, {**cells, "lists": entry.list}, again=True)
        self.oracle.join(self.reader(entry))

    async def pause(self, reader: Reader) -> None:
        """They rest for a while, or do so no longer."""
        if reader.away_until and reader.away_until > self.desktop.now:
            reader.away_until = self.desktop.now
            await pausing.come_back(self.desktop.desk, f"{reader.who}@example.org", reader.slug)
            return
        days = self.script.random.randrange(1, 40)
        until = self.desktop.now.replace(minute=RETURNS) + timedelta(days=days, hours=self.script.random.randrange(24))
        reader.away_until = until
        moment = Moment(until, until.replace(tzinfo=None), "UTC")
        await pausing.stay_away(self.desktop.desk, f"{reader.who}@example.org", moment, reader.slug)
