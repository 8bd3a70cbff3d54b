"""`dispatch run`: the clock, the watchers, the deliveries and the web server, in one process, until told to stop."""

import asyncio
import os
import signal
import socket
import uuid
from collections.abc import Callable, Coroutine, Generator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import uvicorn

from dispatch.acts.report import wakeups
from dispatch.acts.subscriber import LeavingByLink
from dispatch.app import App
from dispatch.context import Context
from dispatch.errors import ConfigError, DispatchError, StoreError
from dispatch.publish import Pass, run_pass
from dispatch.schedule import AlarmClock
from dispatch.store import audit, services
from dispatch.web.app import make_app

BEAT_EVERY = 5  # seconds
LOOK_AT_PEOPLE_EVERY = 1  # seconds
LOOK_AT_ACTS_EVERY = 0.1  # seconds: how soon what another process did is noticed
PATIENCE = 5  # seconds until an error's next try
LAST_WORDS = 4  # seconds for the message in hand; after that its chunk is taken over at the next start
EVERYTHING = "*"


class News(Protocol):
    """Whoever is told what happens."""

    def greet(self, host: str, port: int) -> None:
        """The service listens."""

    async def read(self, done: Pass) -> None:
        """A pass is done."""


class WebServer(uvicorn.Server):
    """A server that leaves signals to the service: uvicorn's own would kill the process before it has wound down."""

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Catch none."""
        yield

    def end(self) -> None:
        """Answer what has been asked, then return from `serve`."""
        self.should_exit = True


class Service:
    """One running service; `serve` returns when a signal ends it."""

    def __init__(self, app: App, news: News) -> None:
        self._app, self._news = app, news
        self._context: Context = app.context
        self._id = f"{socket.gethostname()} {os.getpid()} {uuid.uuid4().hex[:8]}"
        self._stale: set[str] = {EVERYTHING}  # names of sources worth a look
        self._something_to_do = asyncio.Event()
        self._something_to_send = asyncio.Event()
        self._people_seen: object = None
        self._settings_seen: object = None
        self._seen_up_to = app.context.clock()

    async def serve(self, host: str, port: int) -> None:
        """Work until SIGTERM or SIGINT; then finish what is in hand. Raises ConfigError if the port is taken."""
        listening = _listen(host, port)
        self._news.greet(host, listening.getsockname()[1])
        server = WebServer(self._web_config())
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, server.end)
        alarm = AlarmClock(self._next_due, self._ring)
        tasks = [asyncio.create_task(work) for work in self._works()]
        alarm.start()
        alarm.every(BEAT_EVERY, self._beat)
        alarm.every(LOOK_AT_PEOPLE_EVERY, self._look_at_people)
        await self._look_at_people()
        self._ring()
        try:
            await server.serve(sockets=[listening])
        finally:
            await alarm.stop()
            await self._wind_down(tasks)

    def _works(self) -> list[Coroutine[Any, Any, None]]:
        watchers = [self._watch(source.name, source.changes) for source in self._context.sources]
        polls = [
            self._poll(source.name, source.every.total_seconds()) for source in self._context.sources if source.every
        ]
        return [self._deliveries(), self._passes(), self._acts(), *watchers, *polls]

    async def _wind_down(self, tasks: list[asyncio.Task[None]]) -> None:
        """Let the message in hand go out and its chunk be written; begin nothing more."""
        self._context.stopping.set()
        self._app.engine.stop()
        self._something_to_send.set()
        delivering = tasks[0]
        await asyncio.wait([delivering], timeout=LAST_WORDS)
        if not delivering.done():
            self._context.tell("A message is still in hand; the next start finds out what became of it.")
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        async with self._context.store.write() as tx:
            await services.leave(tx, self._id)

    def _ring(self) -> None:
        self._something_to_do.set()
        self._something_to_send.set()

    async def _next_due(self) -> datetime | None:
        """The first thing that the last pass could not see yet; what lies before was that pass's to do."""
        coming = await wakeups(self._context)
        return next((wakeup.at for wakeup in coming if wakeup.at > self._seen_up_to), None)

    async def _beat(self) -> None:
        async with self._context.store.write() as tx:
            await services.beat(tx, self._id, self._context.clock())
        await self._app.engine.housekeeping()
        self._something_to_send.set()

    async def _look_at_people(self) -> None:
        """Subscribers' files are few: their sizes and times are looked at, not watched."""
        seen = await asyncio.to_thread(_stamps, self._context.config.folder / "subscribers")
        settings = _stamp(self._context.config.path)
        if self._settings_seen not in (None, settings):
            self._context.tell("dispatch.toml has changed: restart the service to use it")
        self._settings_seen = settings
        if self._people_seen not in (None, seen):
            self._something_to_do.set()
        self._people_seen = seen

    async def _watch(self, name: str, changes: Callable[[], Any]) -> None:
        async for _ in changes():
            self._look_at(name)

    async def _poll(self, name: str, seconds: float) -> None:
        while True:
            await asyncio.sleep(seconds)
            self._look_at(name)

    async def _acts(self) -> None:
        """Whatever an editor does by another process leaves a line in the audit: a reason to look at everything."""
        seen = None
        while True:
            with suppress(StoreError):
                async with self._context.store.read() as tx:
                    head = await audit.head(tx)
                if seen not in (None, head):
                    self._ring()
                seen = head
            await asyncio.sleep(LOOK_AT_ACTS_EVERY)

    def _look_at(self, name: str) -> None:
        self._stale.add(name)
        self._something_to_do.set()

    async def _passes(self) -> None:
        """One pass at a time, whenever there may be something to do."""
        while True:
            await self._something_to_do.wait()
            self._something_to_do.clear()
            stale, self._stale = self._stale, set()
            try:
                sources = None if EVERYTHING in stale else stale
                self._seen_up_to = self._context.clock()
                done = await run_pass(self._context, self._seen_up_to, sources=sources)
                self._something_to_send.set()
                await self._news.read(done)
            except Exception as error:  # a service goes on: it says what is wrong, waits and tries again
                self._context.tell(_in_words(error))
                self._stale |= stale
                await asyncio.sleep(PATIENCE)
                self._something_to_do.set()

    async def _deliveries(self) -> None:
        while not self._context.stopping.is_set():
            await self._something_to_send.wait()
            self._something_to_send.clear()
            try:
                await self._app.engine.drain()
            except Exception as error:
                self._context.tell(_in_words(error))
                await asyncio.sleep(PATIENCE)

    def _web_config(self) -> uvicorn.Config:
        context = self._context
        application = make_app(context.public, context.publication, context.theme, LeavingByLink(context))
        return uvicorn.Config(
            application,
            log_level="warning",
            access_log=False,
            server_header=False,
            lifespan="off",
            timeout_graceful_shutdown=2,
        )


def _in_words(error: Exception) -> str:
    return str(error) if isinstance(error, DispatchError) else f"a fault of ours: {type(error).__name__}: {error}"


def _stamps(folder: Path) -> list[tuple[str, int, int]]:
    """Name, size and time of every subscribers' file."""
    return [(path.name, *_stamp(path)) for path in sorted(folder.glob("*.csv"))]


def _stamp(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return (0, 0)
    return (found.st_size, found.st_mtime_ns)


def _listen(host: str, port: int) -> socket.socket:
    """A listening socket, made before anything else so that a taken port is said at once."""
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise ConfigError(
            f"{host}:{port} cannot be listened on: {error.strerror}. Name another by --port, or [web] port."
        ) from None
