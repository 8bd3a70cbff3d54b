"""Addresses that dispatch.toml names: the pattern of posts' pages, and old addresses that lead to new ones."""

import re
from collections.abc import Mapping
from typing import Annotated
from urllib.parse import quote, unquote, urlsplit

from pydantic import AfterValidator

from dispatch.config.places import WrongKey
from dispatch.model.permalink import checked, is_taken, is_too_long

_UNFIT = re.compile(r"[\s\x00-\x1f\x7f\\?#*<>\"]").search
_TARGET = re.compile(r"[^\s\x00-\x1f\x7f\\<>\"]+").fullmatch

Permalink = Annotated[str, AfterValidator(checked)]


def _redirects(value: Mapping[str, str]) -> dict[str, str]:
    """Old paths, unquoted and without slashes around them, each with the place where it leads in the end."""
    keys: dict[str, str] = {}  # path: the key that names it
    for key in value:
        path = _old(key)
        if path in keys:
            raise WrongKey(key, f"names the same address as {keys[path]!r}; take one of them out")
        keys[path] = key
    found = {path: _new(key, value[key]) for path, key in keys.items()}
    return {path: _end(path, keys[path], found) for path in sorted(found)}


def _old(key: str) -> str:
    path = unquote(key).strip("/")
    if "*" in key:
        raise WrongKey(key, "has a *, and no redirect stands for others; name each address by itself")
    if not re.match("/[^/]", key) or _UNFIT(path) or any(part in ("", ".", "..") for part in path.split("/")):
        raise WrongKey(key, 'must be a path of this site, such as "/rss.xml" or "/old/page.html"')
    path = path.removesuffix("/index.html")
    if is_too_long(path):
        raise WrongKey(key, "is longer than a path of this site can be; take it out")
    if is_taken(path):
        raise WrongKey(key, "is an address that the site itself uses, and cannot lead elsewhere; take it out")
    return path


def _new(key: str, address: str) -> str:
    parts = urlsplit(address)
    ours = address.startswith("/") and not address.startswith("//")
    theirs = parts.scheme == "https" and bool(parts.hostname) and parts.netloc.isascii()
    if not (ours or theirs) or not _TARGET(address):
        raise WrongKey(
            key, f'leads to {address!r}; write a path, such as "/feed.xml", or an address that begins with https://'
        )
    return quote(address, safe="/%:?#[]@!$&'()*+,;=~")


def _end(old: str, key: str, redirects: Mapping[str, str]) -> str:
    """Where one who follows the redirects ends up."""
    seen, target = [old], redirects[old]
    while (path := unquote(target).strip("/")) in redirects and target.startswith("/"):
        if path in seen:
            way = " → ".join(f"/{one}" for one in (*seen, path))
            raise WrongKey(key, f"leads in a circle, {way}; let one of them lead to a page that is there")
        seen.append(path)
        target = redirects[path]
    return target


Redirects = Annotated[dict[str, str], AfterValidator(_redirects)]
