"""One entry of somebody else's feed, whatever its format, and the raw post it becomes."""

import hashlib
import html
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from dispatch.model.post import MediaType, RawPost

MARKUP = re.compile(r"<[^<>]*>")


@dataclass(frozen=True, slots=True)
class FeedItem:
    """What a format's reader found; empty where the feed says nothing."""

    guid: str
    link: str
    title: str  # plain text
    html: str
    text: str  # used where there is no html
    summary: str  # plain text
    date: str  # ISO 8601
    updated: str  # ISO 8601
    authors: tuple[str, ...]
    tags: tuple[str, ...]
    image: str  # address
    language: str  # BCP 47
    enclosures: tuple[Mapping[str, str], ...] = ()  # each by the names of front matter: url, type, length, duration


def raw_post(item: FeedItem, url: str) -> RawPost | None:
    """The item as a raw post of the feed at `url`; None if nothing identifies it."""
    item = replace(item, link=_web_address(item.link), image=_web_address(item.image))
    ref = item.guid or item.link
    if not ref:
        return None
    plain = not item.html and bool(item.text)
    data = (item.html or item.text).encode(errors="replace")
    meta = _meta(item, ref)
    return RawPost(
        ref=ref,
        stamp=hashlib.sha256(json.dumps(meta, sort_keys=True).encode() + b"\0" + data).hexdigest(),
        media_type=MediaType.PLAIN if plain else MediaType.HTML,
        data=data,
        where=item.link or url,
        meta=meta,
        link=item.link or None,
    )


def plain_text(markup: str) -> str:
    """Text out of HTML, on one line."""
    return " ".join(html.unescape(MARKUP.sub(" ", markup)).split())


def distinct(words: Iterable[str]) -> tuple[str, ...]:
    """The words that are not empty, each once, in order."""
    return tuple(dict.fromkeys(word.strip() for word in words if word.strip()))


def _web_address(text: str) -> str:
    """The address, or nothing where it is of another kind: a link of `javascript:` must never become a post's."""
    return text if text.startswith(("http://", "https://")) else ""


def _meta(item: FeedItem, ref: str) -> dict[str, Any]:
    """The item in front matter's words, without those it has nothing for."""
    values = {
        "title": item.title,
        "date": item.date,
        "updated": item.updated,
        "authors": list(item.authors),
        "tags": list(item.tags),
        "guid": ref,
        "link": item.link,
        "summary": item.summary,
        "image": item.image,
        "language": item.language,
        "enclosures": [dict(one) for one in item.enclosures if _web_address(one["url"]) and one["url"] != item.image],
    }
    return {key: value for key, value in values.items() if value}
