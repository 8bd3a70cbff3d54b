"""Reads JSON Feed, version 1 and 1.1 (https://www.jsonfeed.org/version/1.1/)."""

import json
from collections.abc import Mapping
from typing import Any

from dispatch.client import Fetched
from dispatch.errors import SourceError
from dispatch.sources.feed_item import FeedItem, distinct


def read_json(fetched: Fetched) -> list[FeedItem]:
    """The items of a JSON Feed. Raises SourceError, naming the address, if it is none."""
    try:
        document = json.loads(fetched.body.decode("utf-8-sig"))
        items = document["items"]
        if "jsonfeed.org/version/" not in document["version"] or not isinstance(items, list):
            raise ValueError("it has no version of jsonfeed.org or no list of items")
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise SourceError(f"{fetched.url} is no JSON Feed: {_reason(error)}.") from error
    language, authors = _word(document.get("language")), _names(document)
    return [_item(item, language, authors) for item in items if isinstance(item, dict)]


def _reason(error: Exception) -> str:
    return f"{error} is missing" if isinstance(error, KeyError) else str(error)


def _item(item: Mapping[str, Any], language: str, authors: tuple[str, ...]) -> FeedItem:
    identifier, tags = item.get("id"), item.get("tags")
    return FeedItem(
        guid="" if identifier is None else str(identifier).strip(),
        link=_word(item.get("url")),
        title=_word(item.get("title")),
        html=_word(item.get("content_html")),
        text=_word(item.get("content_text")),
        summary=_word(item.get("summary")),
        date=_word(item.get("date_published") or item.get("date_modified")),
        updated=_word(item.get("date_modified")),
        authors=_names(item) or authors,
        tags=distinct(map(_word, tags)) if isinstance(tags, list) else (),
        image=_word(item.get("image") or item.get("banner_image")),
        language=_word(item.get("language")) or language,
        enclosures=_attachments(item.get("attachments")),
    )


def _attachments(given: Any) -> tuple[dict[str, str], ...]:
    found = [
        {
            "url": _word(one.get("url")),
            "type": _word(one.get("mime_type")),
            "length": _figure(one.get("size_in_bytes")),
            "duration": _figure(one.get("duration_in_seconds")),
        }
        for one in (given if isinstance(given, list) else [])
        if isinstance(one, dict)
    ]
    return tuple({name: value for name, value in one.items() if value} for one in found if one["url"])


def _figure(value: Any) -> str:
    """A whole number in digits; nothing for what is less than one, or none."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return str(round(value)) if is_number and 1 <= value < 10**15 else ""


def _names(thing: Mapping[str, Any]) -> tuple[str, ...]:
    """The authors of a feed or an item: a list in version 1.1, a single one in version 1."""
    authors = thing.get("authors")
    listed = authors if isinstance(authors, list) else [thing.get("author")]
    return distinct(_word(author.get("name")) for author in listed if isinstance(author, dict))


def _word(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""
