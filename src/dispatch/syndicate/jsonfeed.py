"""JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/)."""

import json
from datetime import datetime
from typing import Any

from dispatch.model.feed import JSON_FEED, Entry, Feed
from dispatch.model.post import Enclosure

VERSION = "https://jsonfeed.org/version/1.1"


def json_feed(feed: Feed) -> bytes:
    """The feed as JSON in UTF-8; members that would be empty are left out."""
    document = {
        "version": VERSION,
        "title": feed.title,
        "home_page_url": feed.home,
        "feed_url": f"{feed.base}/{JSON_FEED.name}",
        "next_url": f"{feed.older}/{JSON_FEED.name}" if feed.older else "",
        "description": feed.description,
        "icon": feed.logo,
        "language": feed.language,
        "authors": [{"name": feed.author}] if feed.author else [],
        "hubs": [{"type": "WebSub", "url": hub} for hub in feed.hubs],
        "items": [_item(entry, feed) for entry in feed.entries],
    }
    kept = {key: value for key, value in document.items() if value or key == "items"}
    return (json.dumps(kept, ensure_ascii=False, indent=1) + "\n").encode()


def _item(entry: Entry, feed: Feed) -> dict[str, Any]:
    item = {
        "id": entry.uid,
        "url": entry.url,
        "title": entry.title,
        "content_html": entry.html,
        "content_text": "" if entry.html else entry.summary or entry.title,
        "summary": entry.summary,
        "image": entry.image.url if entry.image else "",
        "date_published": _rfc3339(entry.published),
        "date_modified": _rfc3339(entry.updated),
        "authors": [{"name": name} for name in entry.authors],
        "tags": list(entry.tags),
        "language": entry.language if entry.language != feed.language else "",
        "attachments": [_attachment(one) for one in entry.enclosures],
    }
    return {key: value for key, value in item.items() if value}


def _attachment(one: Enclosure) -> dict[str, Any]:
    attachment = {
        "url": one.url,
        "mime_type": one.media_type,
        "size_in_bytes": one.length,
        "duration_in_seconds": one.seconds,
    }
    return {key: value for key, value in attachment.items() if value}


def _rfc3339(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
