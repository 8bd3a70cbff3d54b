"""The work under one set of settings: passes, deliveries and all that may be a reason for them."""

import asyncio
import math
import os
import socket
import uuid
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any

from dispatch.acts.report import wakeups
from dispatch.app import App
from dispatch.errors import DispatchError, StoreError
from dispatch.publish import run_pass
from dispatch.publish.pushing import Pushing
from dispatch.publish.receipts import send_receipts
from dispatch.publish.service_mails import send_service_mails
from dispatch.publish.tidying import tidy
from dispatch.schedule import AlarmClock
from dispatch.service.complaints import Complaints
from dispatch.service.memory import give_back
from dispatch.service.news import News, in_words
from dispatch.service.stamps import Stamp, stamps
from dispatch.store import audit, services

BEAT_EVERY = 5  # seconds
LOOK_AT_PEOPLE_EVERY = 1  # seconds
LOOK_AT_SERVICE_MAILS_EVERY = 1  # seconds: somebody sits there and waits for them
LOOK_AT_WHAT_IS_OVER_EVERY = 600  # seconds: where nothing is published for days, there is no pass
LOOK_AT_ACTS_EVERY = 0.1  # seconds: how soon what another process did is noticed
PATIENCE = 5  # seconds until an error's next try
LAST_ANSWER = 2.0  # seconds that a provider has to answer for it
LAST_WORDS = 4  # seconds for the message in hand; after that its chunk is taken over at the next start
EVERYTHING = "*"


class Shift:
    """The work on one opened App, from `begin` until it is finished or broken off."""

    def __init__(self, app: App, news: News) -> None:
        self._app, self._news, self._context = app, news, app.context
        self._with_complaints = replace(app.context, tell=Complaints(app.context.tell))
        self._id = f"{socket.gethostname()} {os.getpid()} {uuid.uuid4().hex[:8]}"
        self._alarm = AlarmClock(app.context.clock, self._next_due, self._ring, self._fault)
        self._stale: set[str] = {EVERYTHING}  # names of sources worth a look
        self._something_to_do = asyncio.Event()
        self._something_to_send = asyncio.Event()
        self._ending = asyncio.Event()
        self._people_seen: list[tuple[str, Stamp]] | None = None
        self._seen_up_to = app.context.clock()
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def begin(self) -> None:
        """Begin all the work, with one pass over everything."""
        self._tasks = {name: asyncio.create_task(work) for name, work in self._works()}
        self._alarm.start()
        self._alarm.every(BEAT_EVERY, self._beat)
        self._alarm.every(LOOK_AT_PEOPLE_EVERY, self._look_at_people)
        self._alarm.every(LOOK_AT_WHAT_IS_OVER_EVERY, self._tidy)
        with suppress(DispatchError):  # the first pass says what is wrong with the store
            await self._beat()
        await self._look_at_people()
        self._ring()

    def _works(self) -> list[tuple[str, Coroutine[Any, Any, None]]]:
        sources = self._context.sources
        watchers = [(f"watch {one.name}", self._watch(one.name, one.changes)) for one in sources]
        polls = [(f"poll {one.name}", self._poll(one.name, one.every.total_seconds())) for one in sources if one.every]
        own = [("passes", self._passes()), ("acts", self._look_at_acts())]
        sending = [("deliveries", self._deliveries()), ("service mails", self._service_mails())]
        sending += [("pushes", Pushing(self._with_complaints).serve())]
        return [*own, *sending, *watchers, *polls]

    async def finish(self) -> None:
        """Let the pass in hand end, then the message in hand, however long they take; begin nothing more."""
        self._end()
        await self._alarm.stop(patience=None)
        await self._outlast("acts", "a look into the store")
        await self._outlast("passes", "a pass")
        self._context.stopping.patience = math.inf  # the provider's own time-outs bound it: nobody becomes unknown
        self._stop_deliveries()
        await self._outlast("deliveries", "a message")
        await self._outlast("service mails", "a service mail")
        await self._outlast("pushes", "a push to a follower")
        await self._stop_all()

    async def break_off(self) -> None:
        """Let the message in hand go out and its chunk be written; begin nothing more. Takes seconds at most."""
        if not self._tasks:
            return
        self._end()
        await self._alarm.stop()
        self._context.stopping.patience = LAST_ANSWER
        self._stop_deliveries()
        if not await self._ends("deliveries", "service mails"):
            self._context.tell("A message is still in hand; the next start finds out what became of it.")
        await self._ends("pushes")
        await self._stop_all()

    async def leave(self) -> None:
        """Say in the store that nobody works here any more; where that fails, silence says it after a while."""
        with suppress(StoreError):
            async with self._context.store.write() as tx:
                await services.leave(tx, self._id)

    def _end(self) -> None:
        self._ending.set()
        self._something_to_do.set()

    def _stop_deliveries(self) -> None:
        self._context.stopping.set()
        self._app.engine.stop()
        self._something_to_send.set()

    async def _ends(self, *works: str) -> bool:
        """Whether this work ends by itself while one may wait for it."""
        _, running = await asyncio.wait([self._tasks[work] for work in works], timeout=LAST_WORDS)
        return not running

    async def _outlast(self, work: str, what: str) -> None:
        """Wait until this work has ended by itself; say so where that takes long."""
        if not await self._ends(work):
            self._context.tell(f"{what} is still in hand: the new settings wait for it")
            await asyncio.wait([self._tasks[work]])

    async def _stop_all(self) -> None:
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    def _ring(self) -> None:
        self._something_to_do.set()
        self._something_to_send.set()
        self._context.published.set()

    def _fault(self, error: Exception) -> None:
        self._context.tell(in_words(error))

    async def _next_due(self) -> datetime | None:
        """The first thing that the last pass could not see yet; what lies before was that pass's to do."""
        seen = min(self._seen_up_to, self._context.clock())  # the clock may have been put back since
        return next((wakeup.at for wakeup in await wakeups(self._context) if wakeup.at > seen), None)

    async def _beat(self) -> None:
        async with self._context.store.write() as tx:
            await services.beat(tx, self._id, self._context.clock())
        await self._app.engine.housekeeping()
        self._something_to_send.set()

    async def _look_at_people(self) -> None:
        """Subscribers' files are few: how they look is compared, not watched."""
        seen = await asyncio.to_thread(stamps, self._context.config.folder / "subscribers", "*.csv")
        if self._people_seen not in (None, seen):
            self._something_to_do.set()
        self._people_seen = seen

    async def _tidy(self) -> None:
        await tidy(self._context, self._context.clock())

    async def _watch(self, name: str, changes: Callable[[], AsyncIterator[None]]) -> None:
        async for _ in changes():
            self._look_at(name)

    async def _poll(self, name: str, seconds: float) -> None:
        while True:
            await asyncio.sleep(seconds)
            self._look_at(name)

    async def _look_at_acts(self) -> None:
        """Whatever an editor does by another process leaves a line in the audit: a reason to look at everything."""
        seen = None
        while not self._ending.is_set():
            with suppress(StoreError):
                async with self._context.store.read() as tx:
                    head = await audit.head(tx)
                if seen not in (None, head):
                    self._ring()
                seen = head
            await _rest(LOOK_AT_ACTS_EVERY, self._ending)

    def _look_at(self, name: str) -> None:
        self._stale.add(name)
        self._something_to_do.set()

    async def _passes(self) -> None:
        """One pass at a time, whenever there may be something to do."""
        while True:
            await self._something_to_do.wait()
            if self._ending.is_set():
                return
            self._something_to_do.clear()
            await self._pass()
            await asyncio.to_thread(give_back)

    async def _pass(self) -> None:
        stale, self._stale = self._stale, set()
        try:
            sources = None if EVERYTHING in stale else stale
            self._seen_up_to = self._context.clock()
            done = await run_pass(self._context, self._seen_up_to, sources=sources)
            self._something_to_send.set()
            await self._news.read(self._context, done)
        except Exception as error:  # a service goes on: it says what is wrong, waits and tries again
            self._fault(error)
            self._stale |= stale
            await _rest(PATIENCE, self._ending)
            self._something_to_do.set()

    async def _deliveries(self) -> None:
        while not self._context.stopping.is_set():
            await self._something_to_send.wait()
            self._something_to_send.clear()
            try:
                await self._app.engine.drain()
            except Exception as error:
                self._fault(error)
                await _rest(PATIENCE, self._context.stopping)
            else:
                await self._tell_editors()

    async def _service_mails(self) -> None:
        """By themselves, so that nobody waits for their mail until an issue is out."""
        context = self._with_complaints
        while not context.stopping.is_set():
            try:
                await send_service_mails(context, context.clock())
            except Exception as error:
                context.tell(in_words(error))
            await _rest(LOOK_AT_SERVICE_MAILS_EVERY, context.stopping)

    async def _tell_editors(self) -> None:
        """Receipts of what has ended; whatever keeps them from going out is no reason to hold up a delivery."""
        context = self._with_complaints
        try:
            await send_receipts(context, context.clock())
        except Exception as error:
            context.tell(in_words(error))


async def _rest(seconds: float, end: asyncio.Event) -> None:
    """Wait so long, but not past the end."""
    with suppress(TimeoutError):
        await asyncio.wait_for(end.wait(), seconds)
