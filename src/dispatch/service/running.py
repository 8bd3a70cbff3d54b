"""One running service: the socket, the signals, and the settings that are in force."""

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, contextmanager, suppress
from dataclasses import dataclass
from socket import socket

from dispatch.acts.joining import JoiningByForm
from dispatch.acts.offering import Offerings
from dispatch.acts.preferences import ChoosingByLink
from dispatch.acts.private_reading import PrivateReading
from dispatch.acts.subscriber import LeavingByLink
from dispatch.app import App, publication_of
from dispatch.config import Config
from dispatch.config.hubs import hubs_of
from dispatch.errors import ConfigError
from dispatch.publish.asking import AskingOfHub
from dispatch.service.front import FrontDoor, WebServer, listen
from dispatch.service.news import News, in_words
from dispatch.service.settings import SettingsFile
from dispatch.service.shift import PATIENCE, Shift
from dispatch.theme import Theme
from dispatch.web.app import Acts, Site, make_app
from dispatch.web.notices import Notices

Opening = Callable[[Config], AbstractAsyncContextManager[App]]
SIGNALS = (signal.SIGTERM, signal.SIGINT)
GOES_ON = "dispatch.toml is not taken: the service goes on with the settings it has"
STANDS = "nothing is collected or sent until this is mended; pages and feeds are served as they are"


@dataclass(frozen=True, slots=True)
class InForce:
    """All that depends on one set of settings."""

    app: App
    shift: Shift
    application: Site
    resources: AsyncExitStack  # what to close when other settings take over

    @property
    def config(self) -> Config:
        """The settings themselves."""
        return self.app.context.config


async def serve(config: Config, opening: Opening, news: News, host: str, port: int) -> None:
    """Work until SIGTERM or SIGINT; then finish what is in hand.

    Raises ConfigError if the port is taken, and whatever forbids these settings.
    """
    with listen(host, port) as listening:
        await Service(await _opened(config, opening, news), opening, news).serve(host, listening)


class Service:
    """`serve` returns when a signal ends it; until then it follows dispatch.toml."""

    def __init__(self, present: InForce, opening: Opening, news: News) -> None:
        """Begin with settings that are open already, and close them at the end; `opening` opens those that follow."""
        self._present, self._opening, self._news = present, opening, news
        self._door = FrontDoor(present.application)
        self._file = SettingsFile(present.config.path)
        self._complaint = ""
        self._retiring: set[asyncio.Task[None]] = set()

    async def serve(self, host: str, listening: socket) -> None:
        """Answer on this socket and work until a signal comes. Raises StoreError where it cannot even begin."""
        server = WebServer(self._door)
        with _signals_to(server.end):
            try:
                await self._news.greet(self._present.app.context, host, listening.getsockname()[1])
                await self._present.shift.begin()
                await self._answer(server, listening)
            finally:
                await self._end()

    async def _answer(self, server: WebServer, listening: socket) -> None:
        following = asyncio.create_task(self._follow_settings())
        try:
            await server.serve(sockets=[listening])
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)

    async def _end(self) -> None:
        await self._present.shift.break_off()
        await asyncio.gather(*self._retiring, return_exceptions=True)
        await _close(self._present)

    async def _follow_settings(self) -> None:
        while True:
            try:
                await self._take(await self._file.saved())
                self._complaint = ""
            except Exception as error:  # settings that cannot be used are no reason to stop
                self._complain(error, GOES_ON)

    async def _take(self, wanted: Config) -> None:
        """Let settings come into force, if they are others than those that are. Raises what forbids it."""
        former = self._present.config
        if wanted.text != former.text:
            await self._change(wanted)
            await self._news.changed(self._present.app.context)
            self._name_what_stays(former)
        elif self._complaint:
            self._tell("dispatch.toml says again what is in force")

    def _complain(self, error: Exception, consequence: str) -> None:
        self._complaint = in_words(error)
        for line in self._complaint.splitlines():
            self._tell(f"to mend: {line}")
        self._tell(consequence)

    async def _change(self, wanted: Config) -> None:
        """Finish what is in hand under the present settings, then let others take over. Raises what forbids it.

        Nothing is opened before the work has stopped: opening writes into the store what the new settings say of lists.
        """
        former = self._present
        _check_pages(wanted)
        await former.shift.finish()
        refusal = await self._replace(former.config, wanted)
        retiring = asyncio.create_task(self._retire(former))
        self._retiring.add(retiring)
        retiring.add_done_callback(self._retiring.discard)
        await self._present.shift.begin()
        if refusal:
            raise refusal

    async def _replace(self, former: Config, wanted: Config) -> Exception | None:
        """Open the wanted settings, else the former ones again; returns what is wrong with the wanted ones.

        While neither can be opened, as when the store is away, both are tried for as long as it takes.
        """
        while True:
            refusal = await self._open(wanted)
            if refusal is None or await self._open(former) is None:
                return refusal
            if self._complaint != in_words(refusal):
                self._complain(refusal, STANDS)
            await asyncio.sleep(PATIENCE)
            with suppress(ConfigError):
                wanted = await self._file.read()

    async def _open(self, config: Config) -> Exception | None:
        """Open settings and put them in force; returns what forbids it."""
        try:
            self._present = await _opened(config, self._opening, self._news)
        except Exception as error:  # whatever it is, the service goes on with other settings
            return error
        return None

    async def _retire(self, former: InForce) -> None:
        """Let requests that the former settings are answering end, then take all apart that belongs to them."""
        await self._door.lead_to(self._present.application)
        await _close(former)

    def _name_what_stays(self, former: Config) -> None:
        """Say what a process cannot change while it runs."""
        present = self._present.config
        for key in ("host", "port"):
            if getattr(former.web, key) != getattr(present.web, key):
                self._tell(present.place(("web", key), "has changed: restart the service for that."))

    def _tell(self, line: str) -> None:
        self._present.app.context.tell(line)


@contextmanager
def _signals_to(end: Callable[[], None]) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    for number in SIGNALS:
        loop.add_signal_handler(number, end)
    try:
        yield
    finally:
        for number in SIGNALS:
            loop.remove_signal_handler(number)


async def _opened(config: Config, opening: Opening, news: News) -> InForce:
    """All that these settings need, ready to begin. Raises whatever forbids them."""
    async with AsyncExitStack() as resources:
        app = await resources.enter_async_context(opening(config))
        return InForce(app, Shift(app, news), _application(app), resources.pop_all())


def _check_pages(config: Config) -> None:
    """Raise TemplateError for pages that no settings could be opened with, these or the present ones."""
    Notices(publication_of(config), Theme(config.folder / "templates")).not_found()


def _application(app: App) -> Site:
    """The pages of these settings. Raises TemplateError."""
    context = app.context
    offerings = Offerings(context)
    acts = Acts(
        leaving=LeavingByLink(context),
        joining=JoiningByForm(context, offerings),
        choosing=ChoosingByLink(context, offerings),
        private=PrivateReading(context),
        clock=context.clock,
        tell=context.tell,
        hub=AskingOfHub(context) if context.config.feeds.hub else None,
    )
    return make_app(context.public, context.publication, context.theme, acts, hubs_of(context.config))


async def _close(one: InForce) -> None:
    await one.shift.leave()
    await one.resources.aclose()
