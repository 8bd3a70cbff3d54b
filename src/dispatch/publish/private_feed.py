"""Which posts somebody's own feed brings: those of their lists and tags, each story once, in their language.

A feed is fetched and not sent, so what mail goes by does not count here: neither the gate of what is new to a list, nor
marks, nor a pause. A tag that was chosen today brings older posts too.
"""

from collections.abc import Sequence

from dispatch.compose.cohorts import posts_for
from dispatch.compose.gate import folded, matches
from dispatch.context import Context
from dispatch.model.issue import MailingList, Need, Shape
from dispatch.model.post import Post, PostState
from dispatch.model.subscriber import Subscription
from dispatch.store import posts
from dispatch.store.connect import Tx

WIDER = 4  # times as many posts, where too few of those found are for this reader


async def private_posts(tx: Tx, context: Context, mine: Sequence[Subscription]) -> tuple[Post, ...]:
    """The newest live posts of these subscriptions of one person, as many as a feed holds, newest first.

    A list that is no longer in the settings brings none.
    """
    language, most = context.publication.language, context.config.feeds.entries
    wanted = [(context.lists[own.list_slug], own) for own in mine if own.list_slug in context.lists]
    found = [post for one, own in wanted for post in await _of_list(tx, one, own, language, most)]
    if not found:
        return ()
    every = {post.id: post for post in found}.values()
    return posts_for(Need((), mine[0].subscriber.language, 0), every, Shape(language))[:most]


async def _of_list(tx: Tx, one: MailingList, own: Subscription, language: str, most: int) -> tuple[Post, ...]:
    """What one list brings, of each story the telling that its mail would."""
    need, shape = Need(own.tags, own.subscriber.language, 0), Shape(language, one.fallback)
    spoken = (need.language or language) if one.fallback == "skip" else ""
    limit = most
    while True:
        newest = await posts.newest(tx, limit, one.sources, one.tags, chosen=own.tags, language=spoken)
        whole = len(newest) < limit
        older = [] if whole else [post for post in await posts.same_stories(tx, newest) if _belongs(post, one)]
        chosen = posts_for(need, [*newest, *older], shape)
        if whole or len({post.id for post in chosen} & {post.id for post in newest}) >= most:
            return chosen[:most]
        limit *= WIDER


def _belongs(post: Post, one: MailingList) -> bool:
    """Whether a list's feed shows this post."""
    of_source = not one.sources or post.source in one.sources
    return post.state is PostState.LIVE and of_source and matches(post, folded(one.tags))
