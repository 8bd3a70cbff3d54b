"""Which posts tell the same story: copies of one piece in several sources, and its translations. Pure.

Copies share an address or a globally unique guid. Translations of each other are what one source gives the same key in
different languages. Whatever a copy translates, the others do: two posts tell the same story if they are copies of one
piece, or differ in language and are joined by any chain of copies and translations.
"""

import re
from collections.abc import Hashable, Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from itertools import combinations

from dispatch.model.post import Post

# Names something the world over (RFC 4151, RFC 8141, or an address), or is too long to be made twice: a hash, a UUID.
# "17" is a fine guid within a feed, and another's 17 is another post.
WORLDWIDE = re.compile(r"(?:https?|tag|urn):\S+|[0-9a-f-]{24,}", re.IGNORECASE)
NEARLY = 0.9  # in titles of some fifty letters: one word more, or spelled otherwise
Key = tuple[Hashable, ...]


def retellings(posts: Sequence[Post]) -> Mapping[int, frozenset[int]]:
    """For each post, by id, the ids of those that tell its story; posts that tell theirs alone are not in it."""
    pieces = _joined(_copy_keys(posts))
    told: dict[int, list[Post]] = {}
    for number, post in zip(story_numbers(posts), posts, strict=True):
        told.setdefault(number, []).append(post)
    found = {post.id: _others_of(post, story, pieces) for story in told.values() for post in story}
    return {post_id: others for post_id, others in found.items() if others}


def story_numbers(posts: Sequence[Post]) -> list[int]:
    """For each post, in turn, a number that it shares with all copies and translations of its piece."""
    keys = _copy_keys(posts)
    tales = _joined({post.id: [*keys[post.id], *_translation_key(post)] for post in posts})
    return [tales[post.id] for post in posts]


def near_equals(posts: Iterable[Post]) -> list[tuple[Post, Post]]:
    """Pairs of posts, of two sources, that seem to tell one story by their titles, but are not known to.

    They are for an editor to judge, in the order of the posts given; each is compared with each. Titles whose numbers
    differ are parts of a series.
    """
    listed = list(posts)
    known = retellings(listed)
    titles = {post.id: folded_title(post) for post in listed}
    return [
        (one, other)
        for one, other in combinations(listed, 2)
        if one.source != other.source
        and other.id not in known.get(one.id, ())
        and _are_near(titles[one.id], titles[other.id])
    ]


def folded_title(post: Post) -> str:
    """A title as titles are compared: letters' case, punctuation and spaces do not count."""
    return " ".join(re.findall(r"\w+", post.title.casefold())) or post.title


def _are_near(one: str, other: str) -> bool:
    if re.findall(r"\d+", one) != re.findall(r"\d+", other):
        return False
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    bounds = (matcher.real_quick_ratio, matcher.quick_ratio, matcher.ratio)  # each costs more and says more
    return all(bound() >= NEARLY for bound in bounds)


def _others_of(post: Post, tellings: Iterable[Post], pieces: Mapping[int, int]) -> frozenset[int]:
    return frozenset(
        other.id
        for other in tellings
        if other.id != post.id
        and (pieces[other.id] == pieces[post.id] or other.language.casefold() != post.language.casefold())
    )


def _copy_keys(posts: Sequence[Post]) -> dict[int, list[Key]]:
    """For each post, by id, what its copies have too.

    An address that one source gives to posts with different titles is no post's own, such as that of a podcast's page
    which all its episodes name: there, the title has to be the same as well.
    """
    titles: dict[tuple[str, str, str], set[str]] = {}
    for post in posts:
        titles.setdefault((_address(post), post.source, post.language), set()).add(folded_title(post))
    shared = {address for (address, _, _), found in titles.items() if len(found) > 1}
    return {post.id: [_address_key(post, shared), *_guid_key(post)] for post in posts}


def _address(post: Post) -> str:
    return post.canonical or post.url


def _address_key(post: Post, shared: set[str]) -> Key:
    address = _address(post)
    return ("address", address, folded_title(post) if address in shared else "")


def _guid_key(post: Post) -> list[Key]:
    return [("guid", post.guid)] if WORLDWIDE.fullmatch(post.guid) else []


def _translation_key(post: Post) -> list[Key]:
    return [("translation", post.source, post.translation)] if post.translation else []


def _joined(keys: Mapping[int, Sequence[Key]]) -> dict[int, int]:
    """For each id, a number that is the same for all that are joined by a chain of common keys."""
    chief = {one: one for one in keys}
    owner: dict[Key, int] = {}
    for one, own in keys.items():
        for key in own:
            chief[_chief(chief, one)] = _chief(chief, owner.setdefault(key, one))
    return {one: _chief(chief, one) for one in keys}


def _chief(chief: dict[int, int], one: int) -> int:
    while chief[one] != one:
        chief[one] = chief[chief[one]]
        one = chief[one]
    return one
