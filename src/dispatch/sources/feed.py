"""Another site's feed as a source: RSS, Atom and JSON Feed.

The feed is asked for with the ETag and the date of the last look (RFC 9110, section 13), so that an unchanged
one costs next to nothing. A feed lists its newest entries only: what is no longer in it is not withdrawn.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Annotated, Any
from urllib.parse import urlsplit, urlunsplit

from pydantic import AfterValidator, BeforeValidator

from dispatch.client import Fetched
from dispatch.config.values import Duration
from dispatch.errors import ClientError, SourceError
from dispatch.model.post import Problem, RawPost, SourcePass
from dispatch.sources.base import SourceOptions, SourceSetting
from dispatch.sources.feed_item import FeedItem, raw_post
from dispatch.sources.feed_json import read_json
from dispatch.sources.feed_xml import read_xml

ACCEPT = "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5"
BLANK = b"\xef\xbb\xbf \t\r\n"  # what may stand before a document begins


def _web_address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be a web address, such as https://blog.example.org/feed.xml")
    return value


def _minutes(value: Any) -> Any:
    """A bare number is a number of minutes."""
    return timedelta(minutes=value) if isinstance(value, int) and not isinstance(value, bool) else value


def _unhurried(value: timedelta) -> timedelta:
    if value < timedelta(minutes=1):
        raise ValueError("must be at least one minute, such as 15 or '1 h'")
    return value


class FeedOptions(SourceOptions):
    """[sources.NAME] with type = "feed"."""

    url: Annotated[str, AfterValidator(_web_address)]
    every: Annotated[Duration, BeforeValidator(_minutes), AfterValidator(_unhurried)] = timedelta(minutes=15)


class RemoteFeed:
    """Reads somebody else's feed."""

    Options = FeedOptions

    def __init__(self, setting: SourceSetting, options: FeedOptions) -> None:
        self.name = setting.name
        self.url = options.url
        self.every: timedelta | None = options.every
        self.authors = options.everyone
        self.tags = options.tags
        self.language = options.language
        self._client = setting.client
        self._shown = without_login(options.url)

    async def collect(self, known: Mapping[str, str], state: Mapping[str, Any]) -> SourcePass:
        """Ask for the feed once. Raises SourceError if it cannot be fetched or is no feed."""
        refs = frozenset(state.get("refs", ()))
        usable = state.get("url") == self.url and refs <= known.keys()
        fetched = await self._fetch(state if usable else {})
        if fetched.status == 304:
            return SourcePass(self.name, (), refs, whole=False, state=state)
        items, flaw = await asyncio.to_thread(_read, fetched)
        return self._pass(fetched, items, flaw, known)

    async def changes(self) -> AsyncIterator[None]:
        """Wait for ever: a feed has no news of its own, `every` sets the pace."""
        await asyncio.Event().wait()
        yield

    async def _fetch(self, state: Mapping[str, Any]) -> Fetched:
        headers = {"Accept": ACCEPT}
        for name, key in (("If-None-Match", "etag"), ("If-Modified-Since", "modified")):
            if state.get(key):
                headers[name] = str(state[key])
        try:
            fetched = await self._client.get(self.url, headers)
        except ClientError as error:
            raise SourceError(f"[sources.{self.name}]: {error}") from error
        if fetched.status == 304 and state.get("url") == self.url:
            return fetched
        if fetched.status != 200:
            raise SourceError(f"[sources.{self.name}]: {self._shown} answers {fetched.status} instead of a feed.")
        return fetched

    def _pass(self, fetched: Fetched, items: list[FeedItem], flaw: str, known: Mapping[str, str]) -> SourcePass:
        posts: dict[str, RawPost] = {}
        problems = (
            [Problem(self._shown, f"is not well-formed ({flaw}); what could be read is used.", fatal=False)]
            if flaw
            else []
        )
        for number, item in enumerate(items, 1):
            if post := raw_post(item, self._shown):
                posts.setdefault(post.ref, post)
            else:
                problems.append(Problem(self._shown, f"entry {number} has neither an id nor a link and is left out."))
        return SourcePass(
            self.name,
            tuple(post for post in posts.values() if known.get(post.ref) != post.stamp),
            frozenset(posts),
            tuple(problems),
            whole=False,
            state={
                "url": self.url,
                "etag": fetched.headers.get("etag", ""),
                "modified": fetched.headers.get("last-modified", ""),
                "refs": sorted(posts),
            },
        )


def without_login(url: str) -> str:
    """The address as messages and stored posts may show it."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def _read(fetched: Fetched) -> tuple[list[FeedItem], str]:
    """The feed's items and what is wrong with its form, if anything is."""
    if fetched.body.lstrip(BLANK).startswith(b"{"):
        return read_json(fetched), ""
    return read_xml(fetched)
