"""What can be said of the tags and authors that the settings choose for feeds of their own."""

from collections.abc import Sequence
from difflib import get_close_matches

from dispatch.acts.act import Desk
from dispatch.acts.finding import Finding, note
from dispatch.store import posts
from dispatch.store.sorts import authors_in_use


async def judge_choices(desk: Desk) -> list[Finding]:
    """Each name that [feeds] chooses and no post has; nothing before there are posts."""
    feeds = desk.context.config.feeds
    async with desk.context.store.read() as tx:
        if not (await posts.counts(tx)).get("live"):
            return []
        found = [
            *_strange("tags", feeds.tags, await posts.tags_in_use(tx)),
            *_strange("authors", feeds.authors, await authors_in_use(tx)),
        ]
    return [note("feeds", one) for one in found]


def _strange(key: str, chosen: Sequence[str], used: Sequence[str]) -> list[str]:
    """Chosen names that nobody uses, each with the one that may be meant."""
    known = {one.casefold(): one for one in used}
    names = () if isinstance(chosen, str) else chosen
    return [
        f"[feeds] {key} names {name!r}, which no post has: it gets no page and no feed{_meant(name, known)}"
        for name in names
        if name.casefold() not in known
    ]


def _meant(name: str, known: dict[str, str]) -> str:
    near = get_close_matches(name.casefold(), known, n=1)
    return f". Is it {known[near[0]]!r}?" if near else ""
