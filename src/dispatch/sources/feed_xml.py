"""Reads RSS and Atom: the only importer of feedparser."""

import io
import re
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import feedparser
from feedparser.exceptions import CharacterEncodingOverride, NonXMLContentType

from dispatch.client import Fetched
from dispatch.errors import SourceError
from dispatch.sources.feed_item import FeedItem, distinct, plain_text

CLOCK = re.compile(r"(\d+:)?(\d+:)?\d+")
HARMLESS = (CharacterEncodingOverride, NonXMLContentType)  # wrong labels on a feed that reads well


def read_xml(fetched: Fetched) -> tuple[list[FeedItem], str]:
    """The entries of a feed and, where it is not well-formed, why.

    Raises SourceError, naming the address, if it is no feed at all.
    """
    headers = {"content-type": fetched.headers.get("content-type", "application/xml"), "content-location": fetched.url}
    # Posts are cleaned in one place, later. A file object, for a text that looks like a path would be opened.
    parsed = feedparser.parse(io.BytesIO(fetched.body), response_headers=headers, sanitize_html=False)
    if not parsed.get("version") and not parsed.entries:
        raise SourceError(f"{fetched.url} is no feed: neither RSS, Atom nor JSON Feed. Give the feed's own address.")
    flaw = parsed.get("bozo_exception")
    language = parsed.feed.get("language", "")
    reason = "" if flaw is None or isinstance(flaw, HARMLESS) else str(flaw)
    return [_item(entry, language) for entry in parsed.entries], reason


def _item(entry: Any, language: str) -> FeedItem:
    content, title = _fullest(entry), entry.get("title_detail", {})
    value, is_text = content.get("value", ""), _is_text(content)
    published = entry.get("published_parsed")
    updated = dict.get(entry, "updated_parsed")  # its own get() would answer with the other
    return FeedItem(
        guid=entry.get("id", "").strip(),
        link=entry.get("link", ""),
        title=title.get("value", "") if _is_text(title) else plain_text(title.get("value", "")),
        html="" if is_text else value,
        text=value if is_text else "",
        summary=_summary(entry, value),
        date=_iso(published or updated),
        updated=_iso(updated),
        authors=distinct(author.get("name", "") for author in entry.get("authors", ())),
        tags=distinct(tag.get("label") or tag.get("term") or "" for tag in entry.get("tags", ())),
        image=_picture(entry),
        language=content.get("language") or title.get("language") or language,
        enclosures=_enclosures(entry),
    )


def _is_text(detail: Mapping[str, Any]) -> bool:
    return detail.get("type") == "text/plain"


def _fullest(entry: Any) -> Mapping[str, Any]:
    """The entry's whole text: the longest content, or else the summary."""
    summary: Mapping[str, Any] = entry.get("summary_detail", {})
    return max(entry.get("content", ()), key=lambda item: len(item.get("value", "")), default=summary)


def _summary(entry: Any, whole: str) -> str:
    """What the entry gives beside its whole text; where it gives nothing, feedparser repeats the text."""
    said = entry.get("summary", "") if entry.get("content") else ""
    return "" if said == whole else plain_text(said)


def _picture(entry: Any) -> str:
    pictures = [
        *filter(_is_picture, entry.get("media_content", ())),
        *entry.get("media_thumbnail", ()),
        *filter(_is_picture, entry.get("enclosures", ())),
    ]
    return next((str(url) for item in pictures if (url := item.get("url") or item.get("href"))), "")


def _enclosures(entry: Any) -> tuple[dict[str, str], ...]:
    """The entry's enclosures, and what Media RSS says of sound and films, each address once."""
    media = [item for item in entry.get("media_content", ()) if _kind(item) in ("audio", "video")]
    told: dict[str, dict[str, str]] = {}
    for item in (*entry.get("enclosures", ()), *media):
        url = str(item.get("href") or item.get("url") or "")
        said = {"url": url, "type": _kind(item) and item["type"], **_figures(item)}
        told[url] = {**{name: value for name, value in said.items() if value}, **told.get(url, {})}
    listen = str(entry.get("itunes_duration", "")).strip()
    first = next(iter(told), "")
    if first and CLOCK.fullmatch(listen):
        told[first].setdefault("duration", listen)
    return tuple(one for url, one in told.items() if url)


def _figures(item: Mapping[str, Any]) -> dict[str, str]:
    """How long a file is, and how long it plays; nothing for what is no number or nought."""
    found = {"length": item.get("length") or item.get("filesize"), "duration": item.get("duration")}
    return {name: str(value) for name, value in found.items() if str(value).strip("0").isdecimal()}


def _kind(item: Mapping[str, Any]) -> str:
    return str(item.get("type") or "").partition("/")[0]


def _is_picture(item: Mapping[str, Any]) -> bool:
    return item.get("medium") == "image" or str(item.get("type", "")).startswith("image/")


def _iso(moment: time.struct_time | None) -> str:
    """feedparser's dates are in UTC. One that no calendar holds is none."""
    try:
        return datetime(*moment[:6], tzinfo=UTC).isoformat() if moment else ""
    except ValueError:
        return ""
