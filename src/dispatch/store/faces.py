"""What the site shows of posts, and what of them it does not show yet."""

import json
from collections.abc import Iterable

from sqlalchemy import Text, bindparam, case, cast, select, update

from dispatch.model.post import Post, PostState
from dispatch.store.connect import Tx
from dispatch.store.posts import FIELDS, post_of
from dispatch.store.schema import post

# What the site should show of a post: one revision, under its tags, at one address; or nothing.
FACE = case(
    (post.c.state == PostState.LIVE, post.c.revision + "\n" + cast(post.c.tags, Text) + "\n" + post.c.url), else_=""
)


async def unwritten(tx: Tx, limit: int) -> list[Post]:
    """Posts that the site does not show as they are now, by id; at most `limit`."""
    rows = await tx.execute(select(*FIELDS).where(post.c.written != FACE).order_by(post.c.id).limit(limit))
    return [post_of(row._mapping) for row in rows]


async def shown_files(tx: Tx, targets: Iterable[str]) -> set[str]:
    """Which of these files below public/ a live post shows."""
    shown = set()
    for target in targets:
        quoted = json.dumps(target, ensure_ascii=False)
        where = (post.c.state == PostState.LIVE, cast(post.c.assets, Text).contains(quoted, autoescape=True))
        if (await tx.execute(select(post.c.id).where(*where).limit(1))).first():
            shown.add(target)
    return shown


async def mark_written(tx: Tx, posts: Iterable[Post]) -> None:
    """The site now shows these posts as they are given here; one that has changed since stays unwritten."""
    shown = [{"i": one.id, "r": one.revision, "s": one.state.value, "u": one.url} for one in posts]
    where = (
        post.c.id == bindparam("i"),
        post.c.revision == bindparam("r"),
        post.c.state == bindparam("s"),
        post.c.url == bindparam("u"),
    )
    if shown:
        await tx.execute(update(post).where(*where).values(written=FACE), shown)


async def forget_written(tx: Tx) -> None:
    """The whole site is to be written again."""
    await tx.execute(update(post).where(post.c.state == PostState.LIVE).values(written=""))
