"""A subscription's tags, and since when each of them counts.

A tag that somebody adds later starts at the moment they add it, while those they had go on. So a tag is kept as its
name or, where it began after the subscription's mark, as `name;arrival`: only posts that arrived later count for it.
The name is empty for "everything". People separate tags by semicolons, so that no name holds one.
"""

from collections.abc import Collection, Iterable, Mapping

SINCE = ";"
EVERYTHING = ""

Words = tuple[str, ...]  # as a subscription keeps them: sorted; empty: everything


def names(words: Words) -> Words:
    """The tags as a person reads them; empty: everything."""
    starts = _starts(words)
    return () if EVERYTHING in starts else tuple(sorted(starts))


def wants(words: Words, tags: Iterable[str], arrival: int) -> bool:
    """Whether a post with these tags that arrived then is one for this subscription; letters' case does not count."""
    carried = {EVERYTHING, *(tag.casefold() for tag in tags)}
    return any(name.casefold() in carried and arrival > start for name, start in _starts(words).items())


def changed(words: Words, wanted: Collection[str], head: int) -> Words:
    """The words after somebody chose other tags when `head` was the last arrival; what they had goes on as it was."""
    had = {name.casefold(): start for name, start in _starts(words).items()}
    otherwise = had.get(EVERYTHING, head)
    starts = {name: min(had.get(name.casefold(), head), otherwise) for name in wanted or (EVERYTHING,)}
    if not wanted:
        starts |= {name: start for name, start in _starts(words).items() if start < starts[EVERYTHING]}
    return _words(starts)


def settled(words: Words, mark: int) -> Words:
    """The words for a subscription that was served up to `mark`: what began before needs no beginning any more."""
    starts = {name: start if start > mark else 0 for name, start in _starts(words).items()}
    return () if starts.get(EVERYTHING) == 0 else _words(starts)


def last_start(words: Words) -> int:
    """The latest arrival from which one of the words counts; 0 where all of them always did."""
    return max(_starts(words).values())


def _starts(words: Words) -> Mapping[str, int]:
    parts = (word.partition(SINCE) for word in words or (EVERYTHING,))
    return {name: int(start or 0) for name, _, start in parts}


def _words(starts: Mapping[str, int]) -> Words:
    words = sorted(f"{name}{SINCE}{start}" if start else name for name, start in starts.items())
    return () if words == [EVERYTHING] else tuple(words)
