"""A clean post as a row of the store: what is decided once, and what an edit may change. Pure."""

from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime
from itertools import count
from typing import Any
from urllib.parse import quote, urlsplit

from dispatch.model.permalink import Permalink
from dispatch.model.post import CleanPost, Post, PostState
from dispatch.publish.canonical import canonical_address
from dispatch.store.posts import Known, asset_values, picture_value

PostRow = dict[str, Any]


def new_row(
    clean: CleanPost,
    permalink: Permalink,
    uids: Collection[str],
    now: datetime,
    *,
    first_pass: bool,
) -> PostRow:
    """The row of a post seen for the first time: its feed id is given here, once."""
    published = clean.published or now
    state = state_of(clean, published, now)
    tag_uri = f"tag:{urlsplit(permalink.site).hostname},{published:%Y-%m-%d}:{quote(clean.slug)}"
    return {
        **_face(clean, permalink, published),
        "source": permalink.source,
        "uid": clean.guid if clean.guid and clean.guid not in uids else free(tag_uri, uids),
        "guid_is_link": bool(clean.guid) and clean.guid == clean.link,
        "state": state,
        "published": published,
        "updated": max(clean.updated or published, published),
        "changed": now,
        "first_seen": now,
        "arrival": None,
        "arrived": None,
        "archive": first_pass and state is PostState.LIVE,  # what nobody could see yet is new when it appears
        "barred": False,
    }


def row_changes(
    clean: CleanPost, before: Post, known: Known, permalink: Permalink, now: datetime, *, mailed: bool
) -> PostRow:
    """What an edit, a move or a new title changes; identity, feed id and arrival stay.

    The key `appears` says whether the post takes an arrival now. One that its author hid before it was ever
    mailed arrives anew when it comes back.
    """
    published = clean.published or before.published
    state = PostState.WITHDRAWN if known.barred else state_of(clean, published, now)
    appears = state is PostState.LIVE and (before.arrival is None or (is_hidden(before) and not mailed))
    edited = clean.revision != before.revision or state != before.state
    return {
        **_face(clean, permalink, published),
        "state": state,
        "published": published,
        "updated": max(clean.updated or before.updated, published),
        "changed": now if edited else before.changed,
        "appears": appears,
    }


def _face(clean: CleanPost, permalink: Permalink, published: datetime) -> PostRow:
    home = clean.link or ""
    url = permalink.url(permalink.path(clean.slug, clean.language, published), home)
    return {
        "ref": clean.ref,
        "place": clean.where,
        "stamp": clean.stamp,
        "content_hash": clean.content_hash,
        "explicit_id": clean.explicit_id,
        "explicit_slug": clean.explicit_slug,
        "slug": clean.slug,
        "url": url,
        "home": home,
        "title": clean.title,
        "html": clean.html,
        "summary": clean.summary,
        "language": clean.language,
        "authors": clean.authors,
        "tags": clean.tags,
        "folded": tuple(sorted({tag.casefold() for tag in clean.tags})),
        "image": picture_value(clean.image),
        "assets": asset_values(clean.assets),
        "enclosures": [asdict(one) for one in clean.enclosures],
        "aliases": clean.aliases,
        "translation": clean.translation,
        "canonical": canonical_address(clean.canonical or home or url),
        "guid": clean.guid or "",
        "revision": clean.revision,
    }


def is_hidden(post: Post) -> bool:
    """Whether readers cannot see it: a draft, one whose time has not come, one whose file was away."""
    return post.state is not PostState.LIVE


def state_of(clean: CleanPost, published: datetime, now: datetime) -> PostState:
    """Whether readers may see it."""
    if clean.draft:
        return PostState.DRAFT
    return PostState.SCHEDULED if published > now else PostState.LIVE


def free(wanted: str, used: Collection[str]) -> str:
    """`wanted`, or with -2, -3 … the first that nobody uses."""
    candidates = (wanted if number == 1 else f"{wanted}-{number}" for number in count(1))
    return next(candidate for candidate in candidates if candidate not in used)
