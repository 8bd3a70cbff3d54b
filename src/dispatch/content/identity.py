"""Which post is which: identity is given once and kept, whatever the author renames. Pure.

A post found is matched to one known by its explicit id, then its explicit slug, then its path, then its bytes among
the files that vanished in the same pass. Titles never count.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TypeAlias

from dispatch.model.post import CleanPost, Problem

Key: TypeAlias = str | None


@dataclass(frozen=True, slots=True)
class KnownPost:
    """What the store remembers of a post, of this source."""

    id: int
    ref: str
    where: str
    slug: str
    explicit_slug: bool
    explicit_id: str | None
    content_hash: str
    live: bool  # not withdrawn
    shown: bool = True  # readers have seen it: no draft, and its date has come


@dataclass(frozen=True, slots=True)
class Identified:
    """What one pass means for the posts known."""

    pairs: tuple[tuple[CleanPost, int | None], ...]  # each post with its final slug, and the id it has; None: new
    vanished: tuple[int, ...]  # ids to withdraw
    problems: tuple[Problem, ...]


def identify(
    found: Sequence[CleanPost],
    known: Sequence[KnownPost],
    present: frozenset[str],
    whole: bool,
    elsewhere: Mapping[str, str] = MappingProxyType({}),
) -> Identified:
    """Match posts to those known of the same source; name those to withdraw.

    `found` holds what changed, `present` the refs of all that is there, `whole` whether the source lists all it has,
    `elsewhere` the slugs that posts of other sources have, each with where that post is.
    """
    posts, problems = _without_rivals(found, known, present)
    gone = [post for post in known if post.live and post.ref not in present] if whole else []
    matches = _match(posts, known, gone)
    pairs, collisions = _name(posts, matches, known, elsewhere)
    vanished, warning = _vanished(known, gone, set(matches.values()))
    return Identified(pairs, vanished, (*problems, *collisions, *warning))


def _without_rivals(
    found: Sequence[CleanPost], known: Sequence[KnownPost], present: frozenset[str]
) -> tuple[list[CleanPost], list[Problem]]:
    """Leave out each post that claims an explicit id or slug which another file, still there, already has."""
    changed = {post.ref for post in found}
    still = [post for post in known if post.ref in present and post.ref not in changed]
    holders: dict[tuple[str, Key], str] = {("id", post.explicit_id): post.where for post in still if post.explicit_id}
    holders |= {("slug", post.slug): post.where for post in still if post.explicit_slug}
    known_refs = {post.ref for post in known}
    kept, problems = [], []
    for post in sorted(found, key=lambda post: (post.ref not in known_refs, post.ref)):
        rivals = [(claim, holders[claim]) for claim in _claims(post) if claim in holders]
        if rivals:
            (kind, value), other = rivals[0]
            problems.append(
                Problem(post.where, f"has the {kind} {value!r}, and so has {other}. Change one; this was left out.")
            )
        else:
            holders |= dict.fromkeys(_claims(post), post.where)
            kept.append(post)
    return kept, problems


def _claims(post: CleanPost) -> list[tuple[str, Key]]:
    slug: list[tuple[str, Key]] = [("slug", post.slug)] if post.explicit_slug else []
    return [("id", post.explicit_id), *slug] if post.explicit_id else slug


def _match(posts: Sequence[CleanPost], known: Sequence[KnownPost], gone: Sequence[KnownPost]) -> dict[str, int]:
    """Refs of found posts → ids; each known post is matched once, the surest sign first.

    `gone` are the live ones whose refs this pass misses: none of a source that does not list all it has.
    """
    rounds: Iterable[tuple[Callable[[CleanPost], Key], Callable[[KnownPost], Key], Sequence[KnownPost]]] = (
        (lambda post: post.explicit_id, lambda old: old.explicit_id, known),
        (
            lambda post: post.slug if post.explicit_slug else None,
            lambda old: old.slug if old.explicit_slug else None,
            known,
        ),
        (lambda post: post.ref, lambda old: old.ref, known),
        (lambda post: post.content_hash, lambda old: old.content_hash, gone),
    )
    matches: dict[str, int] = {}
    for of_post, of_known, candidates in rounds:
        _match_round(posts, matches, of_post, _free(candidates, matches, of_known))
    return matches


def _free(
    candidates: Sequence[KnownPost], matches: Mapping[str, int], of_known: Callable[[KnownPost], Key]
) -> dict[str, KnownPost]:
    """Known posts not yet matched, by a key; of two with one key, the one that readers see, then the elder."""
    taken = set(matches.values())
    order = sorted(candidates, key=lambda old: (old.live, -old.id))
    return {key: old for old in order if old.id not in taken and (key := of_known(old))}


def _match_round(
    posts: Sequence[CleanPost], matches: dict[str, int], of_post: Callable[[CleanPost], Key], free: dict[str, KnownPost]
) -> None:
    for post in posts:
        key = of_post(post)
        if post.ref in matches or key is None or key not in free:
            continue
        if not _contradicts(post, free[key]):
            matches[post.ref] = free.pop(key).id


def _contradicts(post: CleanPost, old: KnownPost) -> bool:
    """Two different explicit ids are two posts, whatever else is alike."""
    return bool(post.explicit_id and old.explicit_id and post.explicit_id != old.explicit_id)


def _name(
    posts: Sequence[CleanPost], matches: Mapping[str, int], known: Sequence[KnownPost], elsewhere: Mapping[str, str]
) -> tuple[tuple[tuple[CleanPost, int | None], ...], list[Problem]]:
    """Give each post its slug: the new explicit one, else the stored one, else the derived one, made unique."""
    stored = {old.id: old for old in known}
    taken: dict[str, tuple[str, int | str]] = {slug: (where, "another source") for slug, where in elsewhere.items()}
    taken |= {old.slug: (old.where, old.id) for old in known}
    slugs: dict[str, str] = {}
    problems = []
    for post in sorted(posts, key=lambda post: (not post.explicit_slug, post.ref not in matches)):
        id_ = matches.get(post.ref)
        owner = post.ref if id_ is None else id_
        wanted = post.slug if post.explicit_slug or id_ is None else stored[id_].slug
        slug = slugs[post.ref] = _unique(wanted, owner, taken)
        if slug != wanted:
            problems.append(_collision(post, wanted, slug, taken[wanted][0]))
        taken[slug] = (post.where, owner)
    return tuple((replace(post, slug=slugs[post.ref]), matches.get(post.ref)) for post in posts), problems


def _unique(slug: str, owner: int | str, taken: Mapping[str, tuple[str, int | str]]) -> str:
    """The slug, or with -2, -3 … the first that no other post has."""
    candidate, number = slug, 2
    while candidate in taken and taken[candidate][1] != owner:
        candidate, number = f"{slug}-{number}", number + 1
    return candidate


def _collision(post: CleanPost, wanted: str, slug: str, other: str) -> Problem:
    message = (
        f"would have the slug {wanted!r}, which {other} has; it got {slug!r}. Choose another by a `slug` of its own."
    )
    return Problem(post.where, message, fatal=False)


def _vanished(
    known: Sequence[KnownPost], gone: Sequence[KnownPost], matched: set[int]
) -> tuple[tuple[int, ...], tuple[Problem, ...]]:
    """The posts to withdraw; none that readers have seen where more than a third of those is gone at once."""
    live = [post for post in known if post.live and post.shown]
    away = sorted((post for post in gone if post.id not in matched), key=lambda post: post.id)
    lost = [post for post in away if post.shown]
    if len(lost) * 3 <= len(live):
        return tuple(post.id for post in away), ()
    ids = " ".join(str(post.id) for post in lost[:5]) + (" …" if len(lost) > 5 else "")
    message = (
        f"{len(lost)} of {len(live)} posts are gone at once, so none was withdrawn. "
        f"If they are meant to go, run `dispatch post withdraw ID` for each of: {ids}."
    )
    return tuple(post.id for post in away if not post.shown), (Problem(lost[0].where, message, fatal=False),)
