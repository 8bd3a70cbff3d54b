"""What sorts of posts there are: what a subscriber can choose among."""

from dataclasses import dataclass

from sqlalchemy import func, select

from dispatch.model.post import PostState
from dispatch.store.connect import Tx
from dispatch.store.schema import post


@dataclass(frozen=True, slots=True)
class Sort:
    """Live posts that have source, language and tags in common."""

    source: str
    language: str
    tags: tuple[str, ...]
    count: int


async def sorts(tx: Tx) -> list[Sort]:
    """All of them, in order."""
    alike = (post.c.source, post.c.language, post.c.tags)
    statement = select(*alike, func.count()).where(post.c.state == PostState.LIVE).group_by(*alike).order_by(*alike)
    return [Sort(*row) for row in await tx.execute(statement)]


async def authors_in_use(tx: Tx) -> list[str]:
    """Every author of a live post, in order."""
    rows = (await tx.execute(select(post.c.authors).where(post.c.state == PostState.LIVE).distinct())).scalars()
    return sorted({author for authors in rows for author in authors})
