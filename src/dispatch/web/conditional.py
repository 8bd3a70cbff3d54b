"""Whether a reader has the file already (RFC 9110, section 13)."""

import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

TAG = re.compile(rb'(?:W/)?("[^"]*")')

Asked = Mapping[bytes, bytes]  # a request's headers, their names in lower case


def known_tag(asked: Asked, tags: Mapping[bytes, object], modified: int) -> bytes:
    """The tag of what the reader has, the first of `tags` where it is known by a star or a date; empty for a stranger.

    `tags` are those of all packings, in quotes; `modified` is in Unix seconds. If-None-Match is compared weakly, and
    where it is given If-Modified-Since does not count (section 13.1.3).
    """
    if_none_match = asked.get(b"if-none-match")
    if if_none_match is None:
        return next(iter(tags)) if _not_since(asked.get(b"if-modified-since"), modified) else b""
    if if_none_match in tags:
        return if_none_match
    if if_none_match.strip() == b"*":
        return next(iter(tags))
    return next((tag for tag in TAG.findall(if_none_match) if tag in tags), b"")


def still_whole(if_range: bytes | None, tag: bytes, modified: bytes) -> bool:
    """Whether a part may be sent: by If-Range the reader has the beginning of these very bytes (section 13.1.5).

    Tags are compared strongly, a date is ours to the letter.
    """
    return if_range is None or if_range.strip() in (tag, modified)


def _not_since(if_modified_since: bytes | None, modified: int) -> bool:
    if if_modified_since is None:
        return False
    try:
        return modified <= parsedate_to_datetime(if_modified_since.decode("latin-1")).timestamp()
    except (ValueError, TypeError, OverflowError):
        return False
