"""Whether a reader has the file already (RFC 9110, section 13)."""

import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

TAG = re.compile(rb'(?:W/)?("[^"]*")')

UNCHANGED = (b"if-match", b"if-unmodified-since")  # what asks for this state of a file, and for no other

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


def still_same(asked: Asked, tags: Mapping[bytes, object], modified: int) -> bool:
    """Whether a reader who asks for one state of the file alone may have what it is now; else 412.

    If-Match is compared strongly, and where it is given If-Unmodified-Since does not count (sections 13.1.1, 13.1.4).
    """
    if_match = asked.get(b"if-match")
    if if_match is not None:
        return if_match.strip() == b"*" or any(one.strip() in tags for one in if_match.split(b","))
    moment = _moment(asked.get(b"if-unmodified-since"))
    return moment is None or modified <= moment


def still_whole(if_range: bytes | None, tag: bytes, modified: bytes) -> bool:
    """Whether a part may be sent: by If-Range the reader has the beginning of these very bytes (section 13.1.5).

    Tags are compared strongly, a date is ours to the letter.
    """
    return if_range is None or if_range.strip() in (tag, modified)


def _not_since(if_modified_since: bytes | None, modified: int) -> bool:
    moment = _moment(if_modified_since)
    return moment is not None and modified <= moment


def _moment(date: bytes | None) -> float | None:
    """A date in Unix seconds; None if there is none, or it is not one."""
    if date is None:
        return None
    try:
        return parsedate_to_datetime(date.decode("latin-1")).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None
