"""Which posts of a window each need gets, before any limit.

A set of posts is an integer, a bit for each, so that tens of thousands of needs take no longer than what they have in
common. The highest bit is the post that is shown first: the binary digits of a set stand in the order of the posts.
"""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import accumulate, compress

from dispatch.compose.stories import retellings
from dispatch.model.issue import Need, Shape
from dispatch.model.post import Post
from dispatch.model.tags import EVERYTHING, Words, last_start, names, wants

Bits = int
FOREIGN = 2  # a distance between languages
CHOSEN = bytes.maketrans(b"01", b"\0\1")  # binary digits as what is not and what is


class Choice:
    """What a window holds for whoever asks; keeps what several needs have in common."""

    def __init__(self, posts: Iterable[Post], shape: Shape, earlier: Iterable[Post] = ()) -> None:
        """`posts` may be given; `earlier` are others that tell a story of one of them."""
        window = [post for post in posts if not shape.by_hand or post.id in shape.picked]
        others = {} if shape.by_hand else {post.id: post for post in earlier}
        every = list((others | {post.id: post for post in window}).values())
        self._shape = shape
        self._posts = shown_order(every, shape.picked)
        self._bit = {post.id: 1 << place for place, post in enumerate(reversed(self._posts))}
        self._window = self._set(post.id for post in window)
        self._left_out = self._set(shape.left_out & self._bit.keys())
        self._arrivals = sorted(map(_arrival, every))
        bits = (self._bit[post.id] for post in sorted(every, key=_arrival, reverse=True))
        self._latest = list(accumulate(bits, int.__or__, initial=0))  # the latest none, one, two …
        same = retellings(every)
        self._same = {self._bit[post_id]: self._set(told) for post_id, told in same.items()}
        self._retold = self._set(same)
        self._asked: dict[str, Bits] = {}
        self._tagged: dict[Words, Bits] = {}
        self._spoken: dict[str, Bits] = {}
        self._better: dict[str, Mapping[Bits, Bits]] = {}
        self._once: dict[tuple[Bits, Bits, str], Bits] = {}

    def bits(self, need: Need) -> Bits:
        """The set of posts that a need gets."""
        language = need.language or self._shape.language
        due, had = (self._window, 0) if self._shape.by_hand else self._due_and_had(need)
        spoken = self._speaks(language)
        return self._each_story_once(due & spoken, had & spoken, language) & ~self._left_out

    def posts(self, bits: Bits) -> tuple[Post, ...]:
        """The posts of a set, in the order in which they are shown."""
        return tuple(compress(self._posts, f"{bits:0{len(self._posts)}b}".encode().translate(CHOSEN)))

    def _due_and_had(self, need: Need) -> tuple[Bits, Bits]:
        """What is owed by time and tags; and what this need was given before, of stories that are told again."""
        wanted, owed = 0, self._after(need.mark)
        for word in need.tags or (EVERYTHING,):
            wanted |= self._asked_for(word)
        given = 0
        for after, upto in need.served:
            came = self._after(after - (after == upto)) & ~self._after(upto)
            given |= came if after == upto else 0
            owed &= ~came
        return wanted & owed & self._window, (wanted & ~owed | given) & self._retold

    def _each_story_once(self, due: Bits, had: Bits, language: str) -> Bits:
        """What is due, without stories that were given before, and of each other story the best version."""
        key = (due & self._retold, had, language)
        if key not in self._once:
            fresh = key[0] & ~_touched(key[0], self._same, had)
            self._once[key] = fresh & ~_touched(fresh, self._preferred(language), fresh)
        return due & ~self._retold | self._once[key]

    def _preferred(self, language: str) -> Mapping[Bits, Bits]:
        """For each post of a story that is told again, what of its story a reader of this language would rather have.

        Their own language comes first, then the publication's; then what arrived or, by hand, was picked first.
        """
        if language not in self._better:
            ranked = [self._bit[post.id] for post in sorted(self._posts, key=lambda post: self._worth(post, language))]
            ahead = dict(zip(ranked, accumulate(ranked, int.__or__, initial=0), strict=False))
            self._better[language] = {bit: told & ahead[bit] for bit, told in self._same.items()}
        return self._better[language]

    def _worth(self, post: Post, language: str) -> tuple[int, ...]:
        came = -self._bit[post.id] if self._shape.by_hand else _arrival(post)
        return (_distance(post.language, language), _distance(post.language, self._shape.language), came, post.id)

    def _speaks(self, language: str) -> Bits:
        """The posts that a reader of this language takes."""
        if self._shape.fallback == "other":
            return -1
        if language not in self._spoken:
            self._spoken[language] = self._set(
                post.id for post in self._posts if _distance(post.language, language) < FOREIGN
            )
        return self._spoken[language]

    def _asked_for(self, word: str) -> Bits:
        """The posts that one word of a subscription's tags asks for."""
        if word not in self._asked:
            self._asked[word] = self._carrying(names((word,))) & self._after(last_start((word,)))
        return self._asked[word]

    def _carrying(self, tags: Words) -> Bits:
        if tags not in self._tagged:
            self._tagged[tags] = self._set(post.id for post in self._posts if wants(tags, post.tags, 1))
        return self._tagged[tags]

    def _after(self, arrival: int) -> Bits:
        """The posts that arrived later."""
        return self._latest[len(self._arrivals) - bisect_right(self._arrivals, arrival)]

    def _set(self, ids: Iterable[int]) -> Bits:
        return sum(self._bit[post_id] for post_id in ids)


def _distance(one: str, other: str) -> int:
    """How far apart two languages are: the same, the same but for the country or script, or foreign."""
    one, other = one.casefold(), other.casefold()
    if one == other:
        return 0
    return 1 if one.partition("-")[0] == other.partition("-")[0] else FOREIGN


def shown_order(posts: Collection[Post], picked: Sequence[int]) -> list[Post]:
    """Posts as an issue shows them: what an editor picked in that order, then the newest first.

    Another version of a picked post stands in its place.
    """
    newest = sorted(posts, key=lambda post: (post.published, _arrival(post), post.id), reverse=True)
    if not picked:
        return newest
    place = {post_id: number for number, post_id in enumerate(picked)}
    same = retellings(newest)

    def rank(post: Post) -> tuple[int, int]:
        versions = {post.id, *same.get(post.id, ())}
        return min(place.get(one, len(place)) for one in versions), place.get(post.id, len(place))

    return sorted(newest, key=rank)


def _arrival(post: Post) -> int:
    return post.arrival or 0


def _touched(bits: Bits, table: Mapping[Bits, Bits], others: Bits) -> Bits:
    """Those of a set for which the table holds one of the others."""
    touched = 0
    while bits and others:
        lowest = bits & -bits
        bits ^= lowest
        if table[lowest] & others:
            touched |= lowest
    return touched
