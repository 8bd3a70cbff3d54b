"""What editors do with posts."""

from dispatch.acts.act import ActError, Desk
from dispatch.model.post import Post, PostState
from dispatch.store import posts


async def known_post(desk: Desk, post_id: int) -> Post:
    """A post by its id. Raises ActError if there is none."""
    async with desk.context.store.read() as tx:
        post = await posts.get(tx, post_id)
    if post is None:
        raise ActError(f"There is no post {post_id}; `dispatch post list` shows those there are.")
    return post


async def withdraw(desk: Desk, post_id: int) -> Post:
    """Take a post out of feeds and pages for good; its file does not bring it back."""
    post = await known_post(desk, post_id)
    values = {"state": PostState.WITHDRAWN, "barred": True, "changed": desk.context.clock()}
    async with desk.context.store.write() as tx:
        await posts.change(tx, post_id, values)
        await desk.note(tx, "post withdraw", str(post_id), post.title)
    return post
