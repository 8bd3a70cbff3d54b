"""Posts move together when settings change where their pages are: the pattern, the site's address, a source's pages."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from dispatch.content.aliases import read_alias
from dispatch.context import Context
from dispatch.model.permalink import Permalink, page_path
from dispatch.model.post import Problem
from dispatch.publish.addressing import give_aliases
from dispatch.publish.canonical import canonical_address
from dispatch.publish.placing import Claim, permalink_of, place
from dispatch.store import addresses, facts
from dispatch.store.addresses import Named, Placed
from dispatch.store.connect import Tx

ADDRESSES = "addresses digest"
AT_ONCE = 500  # posts a transaction


async def move(context: Context) -> tuple[Problem, ...]:
    """Bring all posts to where settings say that they are, if these have changed; what had to give way is reported.

    A move that is cut off begins again: whoever is there already stays.
    """
    digest = _digest(context)
    async with context.store.read() as tx:
        known = await facts.get(tx, ADDRESSES)
    if known == digest:
        return ()
    problems = [] if known else await _first_time(context)
    last: int | None = 0
    while last is not None:
        async with context.store.write() as tx:
            some = await addresses.placed(tx, last, AT_ONCE)
            problems += await _move_some(tx, context, some)
            last = some[-1].id if some else None
    async with context.store.write() as tx:
        await facts.put(tx, ADDRESSES, digest)
    return tuple(problems)


def _digest(context: Context) -> str:
    publication = context.publication
    sources = [(name, table.permalink, table.pages) for name, table in sorted(context.config.sources.items())]
    parts = (publication.url, publication.permalink, publication.timezone, repr(sources))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


async def _first_time(context: Context) -> list[Problem]:
    """A store of an older version learns which posts have their homes elsewhere, and their aliases."""
    async with context.store.write() as tx:
        await addresses.find_homes(tx)
    problems: list[Problem] = []
    last: int | None = 0
    while last is not None:
        async with context.store.write() as tx:
            some = await addresses.aliases(tx, last, AT_ONCE)
            problems += await give_aliases(tx, context.publication.url, [_fit(one, context) for one in some])
            last = some[-1].id if some else None
    return problems


def _fit(named: Named, context: Context) -> Named:
    """The same without what cannot be an address of the site."""
    paths = (read_alias(one, context.publication.url)[0] for one in named.aliases)
    return replace(named, aliases=tuple(path for path in paths if path))


async def _move_some(tx: Tx, context: Context, some: Sequence[Placed]) -> Sequence[Problem]:
    permalinks = {name: permalink_of(context, name) for name in {one.source for one in some}}
    claims = [
        Claim(str(one.id), one.id, one.where, one.slug, one.language, one.published, permalinks[one.source])
        for one in some
        if permalinks[one.source].own or not one.home
    ]
    slugs, problems = await place(tx, claims)
    after = [_moved(one, slugs.get(str(one.id), one.slug), permalinks[one.source]) for one in some]
    changed = [(old, new) for old, new in zip(some, after, strict=True) if old != new]
    await addresses.move(tx, [new for _, new in changed])
    site = context.publication.url
    left = [(old.id, path) for old, _ in changed if old.arrived and (path := page_path(old.url, site, old.home))]
    await addresses.leave(tx, left)
    known = [page_path(new.url, site, new.home) for new in after if new.arrived]
    await addresses.take_over(tx, {path for path in known if path})
    return problems


def _moved(one: Placed, slug: str, permalink: Permalink) -> Placed:
    """The same post where it is to be. A story that was known by its own page is known by that where it is now."""
    url = permalink.url(permalink.path(slug, one.language, one.published), one.home)
    own = one.canonical == canonical_address(one.url) and not one.home
    return replace(one, slug=slug, url=url, canonical=canonical_address(url) if own else one.canonical)
