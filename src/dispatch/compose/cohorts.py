"""Equal needs share one edition: the number of renders is the number of distinct digests."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from dispatch.compose.choice import Choice, shown_order
from dispatch.compose.own_words import own_words
from dispatch.model.issue import Cohort, Need, Shape
from dispatch.model.post import Post


@dataclass(frozen=True, slots=True)
class Grouped:
    """Who gets what; a need for which there is no post at all is in neither."""

    cohorts: tuple[Cohort, ...]
    waiting: tuple[Need, ...]  # what is due to them is less than the list's `min_posts`


def cohorts(needs: Iterable[Need], posts: Iterable[Post], shape: Shape, earlier: Iterable[Post] = ()) -> Grouped:
    """Group needs by what they come to.

    `posts` are those of the issue's window that pass its gate, or by hand the picked ones; `earlier` are live posts
    from outside the window that pass it and tell a story of one in it.
    """
    choice = Choice(posts, shape, earlier)
    groups: dict[tuple[int, str], list[Need]] = {}
    for need in sorted(needs, key=lambda one: (one.mark, one.language, one.tags, one.served)):
        groups.setdefault((choice.bits(need), need.language or shape.language), []).append(need)
    made: dict[tuple[tuple[int, ...], str, int], tuple[tuple[Post, ...], list[Need]]] = {}
    waiting: list[Need] = []
    for (bits, language), members in groups.items():
        chosen = choice.posts(bits)
        if len(chosen) < _fewest(shape, language):
            waiting += members if chosen else ()
            continue
        shown = chosen if shape.by_hand else chosen[: shape.max_posts]
        key = (tuple(post.id for post in shown), language, len(chosen) - len(shown))
        made.setdefault(key, (shown, []))[1].extend(members)
    found = (Cohort(shown, key[1], tuple(members), key[2]) for key, (shown, members) in made.items())
    return Grouped(tuple(found), tuple(waiting))


def largest_first(cohorts: Iterable[Cohort], people: Mapping[Need, int]) -> tuple[Cohort, ...]:
    """The cohorts by how many people they have, numbered from 0; those of equal size stay in their order."""
    ordered = sorted(cohorts, key=lambda one: -sum(people[need] for need in one.needs))
    return tuple(replace(one, number=number) for number, one in enumerate(ordered))


def _fewest(shape: Shape, language: str) -> int:
    """How many posts there must be for a mail: none at all where an editor says something to these by hand."""
    if shape.by_hand:
        return 0 if own_words(shape.words, language).intro else 1
    return max(shape.min_posts, 1)


def posts_for(need: Need, posts: Iterable[Post], shape: Shape, earlier: Iterable[Post] = ()) -> tuple[Post, ...]:
    """What one need has coming, in the order in which it is shown, whatever the list's limits: see `cohorts`."""
    choice = Choice(posts, shape, earlier)
    return choice.posts(choice.bits(need))


def in_order(posts: Iterable[Post], shape: Shape) -> tuple[Post, ...]:
    """The posts that an issue may hold, as its editor sees them: all versions, none that was left out."""
    held = [post for post in posts if not shape.by_hand or post.id in shape.picked]
    return tuple(shown_order([post for post in held if post.id not in shape.left_out], shape.picked))
