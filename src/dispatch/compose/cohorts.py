"""Equal needs share one edition: the number of renders is the number of distinct digests."""

from collections.abc import Iterable, Sequence

from dispatch.model.issue import Cohort, Need
from dispatch.model.post import Post
from dispatch.model.tags import wants


def cohorts(needs: Iterable[Need], posts: Sequence[Post], language: str) -> tuple[Cohort, ...]:
    """Group needs by what they come to; a need for which there is no post is in no cohort.

    `posts` are those of the issue's window that pass its gate; `language` is the publication's own.
    """
    groups: dict[tuple[tuple[int, ...], str], tuple[tuple[Post, ...], list[Need]]] = {}
    for need in sorted(needs, key=lambda one: (one.mark, one.language, one.tags, one.served)):
        chosen = posts_for(need, posts, language)
        if chosen:
            key = (tuple(post.id for post in chosen), need.language or language)
            groups.setdefault(key, (chosen, []))[1].append(need)
    return tuple(Cohort(chosen, key[1], tuple(members)) for key, (chosen, members) in groups.items())


def posts_for(need: Need, posts: Iterable[Post], language: str) -> tuple[Post, ...]:
    """What one need gets, newest first: after its mark, with its tags, each story in one language."""
    due = [post for post in posts if _is_due(post, need)]
    chosen = one_translation_each(due, (need.language or language, language))
    return tuple(sorted(chosen, key=lambda post: (post.published, post.arrival or 0), reverse=True))


def _is_due(post: Post, need: Need) -> bool:
    arrival = post.arrival or 0
    return need.is_owed(arrival) and wants(need.tags, post.tags, arrival)


def one_translation_each(posts: Iterable[Post], preferred: Sequence[str]) -> list[Post]:
    """Of posts that translate each other keep the one in the best language; others stay.

    Posts of one source translate each other if they share a key and differ in language.
    """
    stories: dict[tuple[str, str], list[Post]] = {}
    for post in posts:
        stories.setdefault((post.source, post.translation or f"post {post.id}"), []).append(post)
    return [post for story in stories.values() for post in _best(story, preferred)]


def _best(story: Sequence[Post], preferred: Sequence[str]) -> list[Post]:
    spoken = [_primary(language) for language in preferred]
    ranked = sorted({_primary(post.language) for post in story}, key=lambda one: (_place(one, spoken), one))
    return [post for post in story if _primary(post.language) == ranked[0]]


def _place(language: str, preferred: Sequence[str]) -> int:
    return preferred.index(language) if language in preferred else len(preferred)


def _primary(language: str) -> str:
    return language.partition("-")[0].lower()
