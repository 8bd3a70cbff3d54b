"""Whether a reader has the file already, and in which packing it wants it (RFC 9110, sections 12.5.3 and 13)."""

import re
from email.utils import parsedate_to_datetime

TAG = re.compile(r'(?:W/)?"([^"]*)"')


def is_known(if_none_match: str | None, if_modified_since: str | None, tags: frozenset[str], modified: int) -> bool:
    """Whether to answer 304; `tags` are those of all packings, without quotes, `modified` is in Unix seconds.

    If-None-Match is compared weakly, and where it is given If-Modified-Since does not count.
    """
    if if_none_match is not None:
        return if_none_match.strip() == "*" or not tags.isdisjoint(TAG.findall(if_none_match))
    if if_modified_since is None:
        return False
    try:
        return modified <= parsedate_to_datetime(if_modified_since).timestamp()
    except (ValueError, TypeError, OverflowError):
        return False


def takes_gzip(accept_encoding: str) -> bool:
    """Whether gzip may be sent; a weight of nought forbids it."""
    weights = dict(map(_weight, accept_encoding.lower().split(",")))
    return weights.get("gzip", weights.get("x-gzip", weights.get("*", 0.0))) > 0


def _weight(item: str) -> tuple[str, float]:
    coding, _, parameter = item.partition(";")
    match = re.fullmatch(r"\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*", parameter)
    return coding.strip(), float(match[1]) if match else 1.0
