"""Addresses that dispatch.toml names: the pattern of posts' pages, and old addresses that lead to new ones."""

import re
from collections.abc import Mapping
from typing import Annotated
from urllib.parse import quote, unquote, urlsplit

from pydantic import AfterValidator

from dispatch.model.permalink import checked, is_taken

_UNFIT = re.compile(r"[\s\x00-\x1f\x7f\\?#*<>\"]").search
_TARGET = re.compile(r"[^\s\x00-\x1f\x7f\\<>\"]+").fullmatch

Permalink = Annotated[str, AfterValidator(checked)]


def _redirects(value: Mapping[str, str]) -> dict[str, str]:
    """Old paths, unquoted and without slashes around them, each with the place where it leads in the end."""
    found = {_old(old): _new(old, new) for old, new in value.items()}
    return {old: _end(old, found) for old in sorted(found)}


def _old(address: str) -> str:
    path = unquote(address).strip("/")
    if not re.match("/[^/]", address) or _UNFIT(path) or any(part in ("", ".", "..") for part in path.split("/")):
        raise ValueError(f'{address!r} must be a path of this site, such as "/rss.xml" or "/old/page.html"')
    path = path.removesuffix("/index.html")
    if is_taken(path):
        raise ValueError(
            f"{address!r} is an address that the site itself uses, and cannot lead elsewhere; leave it out"
        )
    return path


def _new(old: str, address: str) -> str:
    parts = urlsplit(address)
    ours = address.startswith("/") and not address.startswith("//")
    theirs = parts.scheme == "https" and bool(parts.hostname) and parts.netloc.isascii()
    if not (ours or theirs) or not _TARGET(address):
        raise ValueError(
            f'{old!r} leads to {address!r}; write a path, such as "/feed.xml", or an address that begins with https://'
        )
    return quote(address, safe="/%:?#[]@!$&'()*+,;=~")


def _end(old: str, redirects: Mapping[str, str]) -> str:
    """Where one who follows the redirects ends up."""
    seen, target = [old], redirects[old]
    while (path := unquote(target).strip("/")) in redirects and target.startswith("/"):
        if path in seen:
            way = " → ".join(f"/{one}" for one in (*seen, path))
            raise ValueError(f"lead in a circle: {way}; let the last of them lead to a page that is there")
        seen.append(path)
        target = redirects[path]
    return target


Redirects = Annotated[dict[str, str], AfterValidator(_redirects)]
