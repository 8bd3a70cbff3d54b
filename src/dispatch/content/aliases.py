"""Old addresses that an author gives a post: paths of this site, from which readers are led on. Pure."""

import re
import unicodedata
from collections.abc import Iterable
from urllib.parse import unquote, urlsplit

from dispatch.content.notes import Notes
from dispatch.model.permalink import is_taken, is_too_long

UNFIT = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})  # Unicode categories: controls, marks nobody sees, lone surrogates
PAGE = re.compile(r"\.html?$", re.IGNORECASE)
MOST = 100


def read_aliases(given: Iterable[str], site: str, notes: Notes, line: int | None = None) -> tuple[str, ...]:
    """The paths that are fit, unquoted and without slashes around them; each other one is noted and left out.

    `site` is the publication's address, without a trailing slash, which may stand before a path; `line` is where the
    first of them is given, if that is known.
    """
    found: dict[str, None] = {}
    for alias in given:
        path, flaw = read_alias(alias, site)
        if flaw:
            notes.add(f"aliases: {alias[:60]!r} {flaw}; it was left out.", line=line, about=alias)
        elif len(found) < MOST:
            found[path] = None
        else:
            notes.add(
                f"aliases: a post may have {MOST}; those from {alias[:60]!r} on were left out.", line=line, about=alias
            )
            break
    return tuple(found)


def read_alias(alias: str, site: str) -> tuple[str, str]:
    """The path, or else what is wrong with it."""
    text = alias.removeprefix(site) if alias.startswith(f"{site}/") else alias
    flaw = _flaw_of_address(text)
    if flaw:
        return "", flaw
    path = unquote(text).strip("/").removesuffix("index.html").rstrip("/")
    flaw = _flaw_of_path(path)
    return ("", flaw) if flaw else (path, "")


def _flaw_of_address(text: str) -> str:
    if text.startswith("//") or re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", text):
        return 'names another site; write a path of this one, such as "/old/page/"'
    if scheme := re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", text):
        return f"begins with {scheme[0]!r}, as no path of this site does; write one that begins with a slash"
    try:
        parts = urlsplit(text if text.startswith("/") else f"/{text}")
    except ValueError:
        return 'is no address; write a path, such as "/old/page/"'
    if parts.query or parts.fragment:
        return "has a ? or a #, and no redirect can go by what follows; write the path alone"
    return ""


def _flaw_of_path(path: str) -> str:
    parts = path.split("/")
    if any(unicodedata.category(sign) in UNFIT or sign in '\\<>"' for sign in path) or "�" in path:
        return "holds a character that no address has; write a path of letters, digits and dashes"
    if any(part in ("", ".", "..") or part.startswith(".") for part in parts):
        return 'is no path of a page; write one such as "/old/page/"'
    if any(PAGE.search(part) for part in parts[:-1]):
        return "goes on behind the name of a file; write the path of a page"
    if is_too_long(path):
        return "is longer than the path of a page can be; write a shorter one"
    if is_taken(path):
        return "is an address that the site itself uses; take it out"
    return ""
