"""What would fail, and how to mend it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from dispatch.acts.act import Desk
from dispatch.acts.preview import preview_list
from dispatch.errors import DispatchError
from dispatch.model.subscriber import Cadence
from dispatch.store import posts, subscribers


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at."""

    ok: bool
    what: str
    said: str  # what was found and, where it is not well, what to do


async def check(desk: Desk) -> AsyncIterator[Finding]:
    """Look at everything that a send depends on. That the publication opened proves settings, store and keys."""
    context = desk.context
    yield Finding(True, "settings", str(context.config.path))
    yield Finding(True, "store", f"{context.store.place} is up to date")
    yield await _provider(desk)
    yield _web(desk)
    yield _address(desk)
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
    return Finding(not mails or config.web.allow_insecure_web, "web", said)


def _address(desk: Desk) -> Finding:
    if desk.context.publication.address:
        return Finding(True, "address", "the footer has a postal address")
    said = "[publication] address is empty: many countries ask for a postal address in every newsletter"
    return Finding(not desk.context.provider.capabilities.mails, "address", said)


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
    return Finding(True, f"list {slug}", f"{sum(counts.values())} active subscribers")
