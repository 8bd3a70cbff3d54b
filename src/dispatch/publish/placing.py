"""Each post's page finds a place of its own: none that the site itself uses, none that another post has."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from dispatch.context import Context
from dispatch.model.permalink import Permalink, is_taken, page_url
from dispatch.model.post import Problem
from dispatch.store import addresses
from dispatch.store.connect import Tx

OURS = "the site itself"


@dataclass(frozen=True, slots=True)
class Claim:
    """A post that is to have a page."""

    key: str  # tells it from the others
    id: int | None  # None: it is new
    where: str  # the author's file
    slug: str
    language: str
    published: datetime
    permalink: Permalink

    def path(self, slug: str) -> str:
        """The page's folder with this slug."""
        return self.permalink.path(slug, self.language, self.published)


def permalink_of(context: Context, source: str) -> Permalink:
    """How the pages of a source's posts are addressed, be it one that dispatch.toml names no more."""
    publication, table = context.publication, context.config.sources.get(source)
    return Permalink(
        site=publication.url,
        pattern=(table.permalink if table else None) or publication.permalink,
        zone=publication.timezone,
        source=source,
        own=table is not None and table.pages == "own",
    )


async def place(tx: Tx, claims: Sequence[Claim]) -> tuple[dict[str, str], tuple[Problem, ...]]:
    """The slug of each post, by its key, with which its page has a place; what had to give way is reported.

    Posts that are known keep their places before new ones take any.
    """
    slugs: dict[str, str] = {}
    taken: dict[str, str] = {}  # path: where its post is
    problems = []
    held = await _held(tx, claims)
    for claim in sorted(claims, key=lambda one: (one.id is None, one.key)):
        rival = _rival(claim, claim.slug, taken, held)
        slug = await _other_slug(tx, claim, taken, slugs.values()) if rival else claim.slug
        if rival:
            problems.append(_collision(claim, slug, rival))
        slugs[claim.key] = slug
        taken[claim.path(slug)] = claim.where
    return slugs, tuple(problems)


async def _held(tx: Tx, claims: Iterable[Claim]) -> Mapping[str, tuple[int, str]]:
    """Which of the pages wanted are there already, by address: the post's id, and where it is."""
    return await addresses.pages_at(tx, {page_url(one.path(one.slug), one.permalink.site) for one in claims})


def _rival(claim: Claim, slug: str, taken: Mapping[str, str], held: Mapping[str, tuple[int, str]]) -> str:
    """Who has the page that a post would have with this slug; empty: nobody."""
    path = claim.path(slug)
    if is_taken(path):
        return OURS
    holder = held.get(page_url(path, claim.permalink.site))
    return taken.get(path, "") or (holder[1] if holder and holder[0] != claim.id else "")


async def _other_slug(tx: Tx, claim: Claim, taken: Mapping[str, str], used: Collection[str]) -> str:
    """The first slug of its kind that nobody has, with which the page has a place."""
    number = 2
    while not await _fits(tx, claim, slug := _numbered(claim, number), taken, used):
        number += 1
    return slug


async def _fits(tx: Tx, claim: Claim, slug: str, taken: Mapping[str, str], used: Collection[str]) -> bool:
    owner = (await addresses.ids_of(tx, [slug])).get(slug, claim.id)
    held = await addresses.pages_at(tx, [page_url(claim.path(slug), claim.permalink.site)])
    return slug not in used and owner == claim.id and not _rival(claim, slug, taken, held)


def _numbered(claim: Claim, number: int) -> str:
    """With -2, -3 … at the end, or behind the first part, where it is this that cannot stay."""
    first, slash, rest = claim.slug.partition("/")
    if is_taken(claim.path(claim.slug)):
        return f"{first}-{number}{slash}{rest}"
    return f"{claim.slug}-{number}"


def _collision(claim: Claim, slug: str, rival: str) -> Problem:
    message = (
        f"would be at /{claim.path(claim.slug)}/, which {rival} uses; it got /{claim.path(slug)}/. "
        "Choose another address by a `slug` of its own."
    )
    return Problem(claim.where, message, fatal=False)
