"""Addresses made absolute, for mail and feeds are read far from the page; what could run or spy is taken out."""

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote, urljoin

from dispatch.content.files import MAX_BYTES, find_file, make_asset
from dispatch.content.notes import Notes
from dispatch.content.own_page import address_in
from dispatch.content.renditions import Renditions
from dispatch.content.running import AS_WRITTEN, put, running_text
from dispatch.content.slug import EXTENSION
from dispatch.content.tree import Element, elements, make, unwrap
from dispatch.model.media_types import BROUGHT
from dispatch.model.permalink import Permalink
from dispatch.model.post import Asset

SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*):")
LONGEST = 2_000  # characters of an address
SCHEMES = frozenset({"http", "https", "mailto", "tel"})
INVISIBLE = re.compile(r"[\x00-\x1f]+")  # the URL Standard, 4.4: taken out before an address is read
# Files that a post may offer for reading; all else beside it stays private.
OFFERED = frozenset(BROUGHT)
BARE = re.compile(r"https?://[^\s<>\"'“”‘’（）「」]*[^\s<>\"'“”‘’（）「」.,;:!?)\]}*_。、，]")
NOT_LINKED = AS_WRITTEN | {"a"}


@dataclass(frozen=True, slots=True)
class Home:
    """Where a post lives: what its addresses and its files are found by."""

    slug: str
    site_url: str  # the publication's, without a trailing slash
    address: str  # what relative addresses start from
    path: Path | None  # the file
    root: Path | None  # nothing outside is read
    ref: str
    renditions: Renditions | None = None  # the pictures made for mail; None: none are made
    permalink: Permalink | None = None  # how its posts' pages are addressed; None: as they usually are
    language: str = "en"  # of posts that name none

    def public(self, asset: Asset) -> str:
        """The address of an asset."""
        return f"{self.site_url}/{asset.target}"


def absolute(address: str, home: Home) -> str | None:
    """The address, absolute; a fragment stays as it is. None for one that no reader may follow."""
    address = INVISIBLE.sub("", address.strip())
    if address.startswith("#"):
        return address
    scheme = SCHEME.match(address)
    if scheme:
        return encoded(address) if scheme[1].lower() in SCHEMES else None
    try:
        return encoded(urljoin(home.address, address))
    except ValueError:
        return None


def fits(address: str) -> bool:
    """Whether every browser and mail program takes an address of this length."""
    return len(address) <= LONGEST


def encoded(address: str) -> str:
    """An address without blanks, tabs and line ends; a backslash is the slash that browsers take it for."""
    return re.sub(r"\s", lambda blank: quote(blank[0]), address.strip()).replace("\\", "/")


def is_local(address: str) -> bool:
    """Whether the address names something of this site: neither a scheme nor a host."""
    return not SCHEME.match(address) and not address.startswith(("//", "#", "\\"))


def resolve_links(tree: Element, home: Home, notes: Notes) -> list[Asset]:
    """Make all links absolute; answers the files beside the post that they offer.

    A link that may not stay keeps its text.
    """
    assets = []
    pages: dict[str, str] = {}  # of the posts linked to: each file is read once
    for link in elements(tree, "a", "area"):
        href = link.get("href", "").strip()
        if asset := _offered(href, home):
            assets.append(asset)
        address = (
            home.public(asset) if asset else absolute(_other_post(href, home, pages, notes), home) if href else None
        )
        if address is None:
            _unlink(link, href, notes)
        else:
            link.set("href", address)
    for quoted in elements(tree, "blockquote", "q", "del", "ins"):
        if cite := quoted.attrib.pop("cite", None):
            quoted.set("cite", absolute(cite, home) or "")
    return assets


def _unlink(link: Element, href: str, notes: Notes) -> None:
    if href:
        notes.add(
            f"The link to {href[:60]!r} was taken out: links may start with http, https, mailto or tel.", about=href
        )
    link.attrib.pop("href", None)
    if not link.get("id"):
        unwrap(link)


def _offered(href: str, home: Home) -> Asset | None:
    if not is_local(href) or Path(href.partition("#")[0].partition("?")[0]).suffix.lower() not in OFFERED:
        return None
    file = find_file(href, home.path, home.root)
    if file is None or file.stat().st_size > MAX_BYTES:
        return None
    return make_asset(file, file.read_bytes(), file.suffix.lower())


def _other_post(href: str, home: Home, pages: dict[str, str], notes: Notes) -> str:
    """A link to another post's file leads to that post's page, as its front matter or else its file's name gives it."""
    name, mark, fragment = href.partition("#")
    if (
        home.path is None
        or not is_local(name)
        or not EXTENSION.search(name)
        or name.lower().endswith((".html", ".htm", ".txt"))
    ):
        return href
    ref = urljoin(f"/{home.ref}", unquote(name)).lstrip("/")
    if ref not in pages:
        file = find_file(quote(f"/{ref}"), home.path, home.root)
        pages[ref], dated = address_in(file, ref, home.permalink or Permalink(home.site_url), home.language)
        if file is None:
            notes.add(
                f"There is no post {href[:60]!r} to link to. Mend the path, or the link leads nowhere.", about=href
            )
        elif not dated:
            notes.add(f"{href[:60]!r} has no date, which its address needs. Give it a `date`.", about=href)
    return f"{pages[ref]}{mark}{fragment}"


def autolink(tree: Element) -> None:
    """Make links of bare addresses in running text."""
    for element, is_tail, text in list(running_text(tree, "://", outside=NOT_LINKED)):
        put(element, is_tail, _cut(text))


def _cut(text: str) -> list[str | Element]:
    """Text and links in turns."""
    pieces: list[str | Element] = []
    position = 0
    for match in BARE.finditer(text):
        pieces += [text[position : match.start()], make("a", match[0], href=match[0])]
        position = match.end()
    return [*pieces, text[position:]]
