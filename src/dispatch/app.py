"""The composition root: a Config becomes a wired Context and its engine."""

import asyncio
import shutil
import socket
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parseaddr
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from dispatch import plugins
from dispatch.client import Client
from dispatch.compose.cadence import parse_rule
from dispatch.config import Config, ListTable, Plugin, explain
from dispatch.context import Clock, Context, Stopping, Tell
from dispatch.deliver.rescue import rescue
from dispatch.deliver.run import run_chunk
from dispatch.engine.base import Engine
from dispatch.engine.local import LocalEngine
from dispatch.errors import ConfigError
from dispatch.message.address import split_sender
from dispatch.model.issue import MailingList, Publication
from dispatch.providers.base import Provider, ProviderSetting
from dispatch.providers.signing import read_signers
from dispatch.publish.hours import SLOTTED, keep_schedules
from dispatch.publish.overdue import hold_back
from dispatch.publish.pushing import push_due
from dispatch.publish.receipts import send_receipts
from dispatch.publish.service_mails import send_service_mails
from dispatch.sources.base import Source, SourceSetting
from dispatch.store import chunks, facts, highwater, lists
from dispatch.store.connect import Store, Tx
from dispatch.store.copying import snapshot
from dispatch.subscribe.address import normalise
from dispatch.theme import Theme
from dispatch.tokens import Keyring, first_keyring, read_key_file

ASK_AGAIN = timedelta(minutes=1)
KEY_FILE = Path("secrets") / "token.key"


@dataclass(frozen=True, slots=True)
class App:
    """A publication, ready to work."""

    context: Context
    engine: Engine

    async def deliver(self) -> None:
        """Hand over all that is ready, and beside it push to followers what has changed."""
        pushes = asyncio.create_task(push_due(self.context))
        try:
            await self._mail()
        finally:
            await pushes

    async def _mail(self) -> None:
        """What single people wait for first, then issues; then tell the editors of what has ended."""
        await send_service_mails(self.context, self.context.clock())
        await self.engine.drain()
        await send_receipts(self.context, self.context.clock())


def system_clock() -> datetime:
    """The present instant."""
    return datetime.now(UTC)


@asynccontextmanager
async def open_app(
    config: Config, *, tell: Tell, clock: Clock = system_clock, simulate: bool = False, to_mail: bool = False
) -> AsyncIterator[App]:
    """Wire a publication and take it apart again at the end.

    `simulate` works on a copy of the store and writes below `simulated/`: nothing real is touched, nobody mailed.
    `to_mail` refuses settings under which no real mail should go out (see `refuse_insecure_mailing`).
    All that can be said of the settings by themselves is said before the store hears of them.
    Raises ConfigError, StoreError or TemplateError.
    """
    _check_lists(config)
    workplace, url = await _simulation(config) if simulate else (config.folder, config.store.url)
    client = Client(config.web.allow_private_addresses)
    publication = publication_of(config)
    provider = _provider(config, workplace, simulate=simulate)
    if to_mail:
        _refuse_insecure(config, provider)
    sources = tuple(_source(config, name, table, client) for name, table in config.sources.items())
    store = await Store.open(url, config.folder)
    try:
        keyring, rows = await _introduce(store, config, workplace)
        own_lists = {slug: _list(config, slug, rows[slug]) for slug in config.lists}
        context = Context(
            config=config,
            publication=publication,
            lists=own_lists,
            store=store,
            sources=sources,
            provider=provider,
            theme=Theme(config.folder / "templates"),
            keyring=keyring,
            clock=clock,
            tell=tell,
            workplace=workplace,
            stopping=Stopping(),
        )
        async with store.write() as tx:
            await keep_schedules(tx, context, clock())
        yield App(context, _engine(context))
    finally:
        await provider.aclose()
        await client.aclose()
        await store.aclose()


def _engine(context: Context) -> Engine:
    looked: list[datetime] = []  # when it was last asked what stood still

    async def ready(limit: int) -> list[tuple[int, int]]:
        now = context.clock()
        if not looked or abs(now - looked[0]) >= ASK_AGAIN:
            looked[:] = [now]
            await hold_back(context, now)
        async with context.store.read() as tx:
            return await chunks.ready(tx, context.clock(), limit)

    async def handle(issue: int, chunk: int) -> float:
        return await run_chunk(context, issue, chunk)

    async def take_over() -> int:
        return await rescue(context)

    return LocalEngine(ready, handle, take_over)


def publication_of(config: Config) -> Publication:
    """What templates and feeds may say of this publication."""
    values = {**config.publication.model_dump(), "editors": _editors(config)}
    return Publication(web_url=config.web_url, **values)


def _editors(config: Config) -> tuple[str, ...]:
    """The editors' addresses, each once."""
    for editor in config.publication.editors:
        try:
            normalise(split_sender(editor)[1])
        except ValueError as error:
            place = ("publication", "editors")
            raise ConfigError(config.place(place, f"holds what is no address ({editor!r}): {error}")) from None
    return tuple(dict.fromkeys(config.publication.editors))


def _list(config: Config, slug: str, row: lists.ListRow) -> MailingList:
    table = config.lists[slug]
    return MailingList(
        id=row.id,
        slug=slug,
        title=table.title or slug,
        description=table.description,
        sources=table.sources,
        tags=table.tags,
        cadence=table.cadence,
        cadences=table.offered,
        sender=_sender(config, slug, table),
        reply_to=table.reply_to,
        zone=config.publication.timezone,
        timezone=table.timezone or config.publication.timezone,
        local_time=table.local_time,
        min_posts=table.min_posts,
        max_posts=table.max_posts,
        fallback=table.fallback,
        content=table.content,
        sign_up=table.sign_up,
        archive=table.sign_up if table.archive is None else table.archive,
        welcome=table.welcome,
        goodbye=table.goodbye,
        born=row.born,
        born_as=row.born_as,
        since=table.since,
    )


def _check_lists(config: Config) -> None:
    for slug, table in config.lists.items():
        _check_rules(config, slug, table)
        _sender(config, slug, table)


def _check_rules(config: Config, slug: str, table: ListTable) -> None:
    for cadence in table.offered:
        if cadence in SLOTTED:
            try:
                parse_rule(cadence, getattr(table.at, cadence.value))
            except ValueError as error:
                place = ("lists", slug, *table.at.key(cadence))
                raise ConfigError(config.place(place, f"{error}.")) from None


def _sender(config: Config, slug: str, table: ListTable) -> str:
    """The From of a list: its own, or the publication's title and address."""
    email = config.publication.email
    sender = table.sender or (email and f"{config.publication.title} <{email}>")
    if not sender:
        message = "is missing, and so is [publication] email, which would serve for it."
        raise ConfigError(config.place(("lists", slug, "from"), message))
    try:
        if not normalise(parseaddr(sender)[1]).isascii():
            raise ValueError("a sender's address must be in ASCII letters, for few servers take others.")
    except ValueError as error:
        place = ("lists", slug, "from") if table.sender else ("publication", "email")
        raise ConfigError(
            config.place(place, f"holds no address that can send (it says {sender!r}): {error}")
        ) from None
    return sender


async def _introduce(store: Store, config: Config, workplace: Path) -> tuple[Keyring, Mapping[str, lists.ListRow]]:
    """Make sure that store, key file and folder belong together; let the store know its lists."""
    async with store.write() as tx:
        if await facts.get(tx, "store id") is None:
            await facts.put(tx, "store id", uuid.uuid4().hex)
        keyring = await _keyring(tx, config.folder / KEY_FILE)
        await highwater.check(tx, workplace)
        for slug, table in config.lists.items():
            if table.formerly:
                await lists.rename(tx, table.formerly, slug)
        await lists.sync(tx, {slug: table.since is not None for slug, table in config.lists.items()})
        return keyring, await lists.every(tx)


async def _keyring(tx: Tx, path: Path) -> Keyring:
    """The keys; a first key is made only for a store that has never signed anything."""
    known = await facts.get(tx, "key id")
    keyring = read_key_file(path) if known else first_keyring(path)
    if known is None:
        await facts.put(tx, "key id", keyring.ids[-1])
    elif known not in keyring.ids:
        raise ConfigError(
            f"{path} lacks the key {known}, with which links already sent were signed. Restore the file from a backup."
        )
    return keyring


def _provider(config: Config, workplace: Path, *, simulate: bool) -> Provider:
    table = Plugin(type="outbox") if simulate else config.provider
    kind = _plugin(config, plugins.PROVIDERS, table, ("provider",))
    hostname = parseaddr(config.publication.email)[1].rpartition("@")[2] or socket.getfqdn()
    setting = ProviderSetting(table.type, workplace, hostname, read_signers(config))
    provider: Provider = kind(setting, _options(config, kind, table, ("provider",)))
    return provider


def _source(config: Config, name: str, table: Plugin, client: Client) -> Source:
    kind = _plugin(config, plugins.SOURCES, table, ("sources", name))
    options = _options(config, kind, table, ("sources", name))
    source: Source = kind(SourceSetting(name, config.folder, client), options)
    return source


def _plugin(config: Config, group: str, table: Plugin, place: tuple[str, ...]) -> Any:
    try:
        return plugins.load(group, table.type)
    except ConfigError as error:
        raise ConfigError(config.place((*place, "type"), str(error))) from None


def _options(config: Config, kind: Any, table: Plugin, prefix: tuple[str, ...]) -> Any:
    try:
        return kind.Options(**table.options)
    except ValidationError as error:
        raise ConfigError(explain(error, config.path, config.text, prefix)) from None


async def _simulation(config: Config) -> tuple[Path, str]:
    """A fresh `simulated/` with a copy of the store as it is now, and the address of that."""
    workplace = config.folder / "simulated"
    await asyncio.to_thread(shutil.rmtree, workplace, ignore_errors=True)
    workplace.mkdir()
    await snapshot(config.store.url, config.folder, workplace / "dispatch.db")
    return workplace, f"sqlite:///{workplace / 'dispatch.db'}"


def refuse_insecure_mailing(context: Context) -> None:
    """Raise ConfigError if real mail would carry links that its readers could not use."""
    _refuse_insecure(context.config, context.provider)


def _refuse_insecure(config: Config, provider: Provider) -> None:
    if provider.capabilities.mails and config.web_is_insecure and not config.web.allow_insecure_web:
        message = (
            f"is {config.web_url}: one-click unsubscribing (RFC 8058) needs an https address that subscribers "
            "can reach. Set it, or write allow_insecure_web = true below [web] for a trial."
        )
        raise ConfigError(config.place(("web", "url"), message))
