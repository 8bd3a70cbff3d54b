"""What would fail, and how to mend it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from email.utils import parseaddr
from urllib.parse import urlsplit

from dispatch.acts.act import Desk
from dispatch.acts.preview import preview_list
from dispatch.errors import DispatchError
from dispatch.model.subscriber import Cadence
from dispatch.store import posts, subscribers

PLACEHOLDERS = (".example.org", ".example.com", ".example.net", ".example")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at."""

    ok: bool  # False: a send would fail, or should not be made
    what: str
    said: str  # what was found and, where it is not well, what to do
    note: bool = False  # nothing fails yet, but a person should read it


async def check(desk: Desk) -> AsyncIterator[Finding]:
    """Look at everything that a send depends on. That the publication opened proves settings, store and keys."""
    context = desk.context
    yield Finding(True, "settings", str(context.config.path))
    yield Finding(True, "store", f"{context.store.place} is up to date")
    yield await _provider(desk)
    yield _web(desk)
    yield _address(desk)
    yield _placeholders(desk)
    for slug in context.lists:
        yield await _template(desk, slug)
        yield await _people(desk, slug)


async def _provider(desk: Desk) -> Finding:
    try:
        return Finding(True, "provider", await desk.context.provider.check())
    except DispatchError as error:
        return Finding(False, "provider", str(error))


def _web(desk: Desk) -> Finding:
    config, mails = desk.context.config, desk.context.provider.capabilities.mails
    if not config.web_is_insecure:
        return Finding(True, "web", f"links that act begin with {config.web_url}")
    said = f"[web] url is {config.web_url}: one-click unsubscribing needs https and a host that subscribers reach"
    return Finding(not mails or config.web.allow_insecure_web, "web", said, note=True)


def _address(desk: Desk) -> Finding:
    if desk.context.publication.address:
        return Finding(True, "address", "the footer has a postal address")
    said = "[publication] address is empty: many countries ask for a postal address in every newsletter"
    return Finding(not desk.context.provider.capabilities.mails, "address", said, note=True)


def _placeholders(desk: Desk) -> Finding:
    """The addresses that `init` writes belong to nobody (RFC 2606, section 3)."""
    context = desk.context
    senders = [parseaddr(one.sender)[1] for one in context.lists.values()]
    hosts = [address.rpartition("@")[2] for address in senders]
    hosts += [urlsplit(url).hostname or "" for url in (context.publication.url, context.publication.web_url)]
    left = sorted({host for host in hosts if f".{host}".endswith(PLACEHOLDERS)})
    if not left:
        return Finding(
            True, "sender", f"mail comes from {', '.join(sorted(set(senders))) or 'nobody: there is no list'}"
        )
    said = f"{', '.join(left)} belongs to nobody: write your own [publication] email and url, and each list's from"
    return Finding(True, "sender", said, note=True)


async def _template(desk: Desk, slug: str) -> Finding:
    async with desk.context.store.read() as tx:
        if not await posts.newest(tx, 1, desk.context.lists[slug].sources, desk.context.lists[slug].tags):
            return Finding(True, f"list {slug}", "has no post to try its templates on yet")
    try:
        shown = await preview_list(desk, slug)
    except DispatchError as error:
        return Finding(False, f"list {slug}", str(error))
    return Finding(True, f"list {slug}", f"renders: {len(shown.html.encode()):,} bytes of HTML")


async def _people(desk: Desk, slug: str) -> Finding:
    one = desk.context.lists[slug]
    async with desk.context.store.read() as tx:
        counts = {cadence: await subscribers.active(tx, one.id, cadence) for cadence in Cadence}
    stranded = [
        f"{count} get it {cadence.value}" for cadence, count in counts.items() if cadence not in one.cadences and count
    ]
    if stranded:
        said = f"{', '.join(stranded)}, which [lists.{slug}] cadences does not offer any more: they get nothing"
        return Finding(False, f"list {slug}", said)
    active = sum(counts.values())
    return Finding(True, f"list {slug}", f"active subscribers: {active}", note=active == 0)
