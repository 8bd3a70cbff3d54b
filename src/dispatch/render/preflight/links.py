"""Links that lead nowhere, or of which nobody can tell where they lead."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from lxml.etree import _Element

from dispatch.render.preflight.page import all_words
from dispatch.render.preflight.proof import Proof
from dispatch.render.preflight.remark import Remark, Severity

FOLLOWED = frozenset(["http", "https", "mailto", "tel"])
SAYS_NOTHING = frozenset(
    [
        "click",
        "click here",
        "here",
        "link",
        "this",
        "this link",
        "hier",
        "hier klicken",
        "klick hier",
        "dieser link",
        "cliquez ici",
        "ici",
        "ce lien",
        "こちら",
        "ここ",
        "ここをクリック",
        "リンク",
    ]
)


def links(proof: Proof) -> Iterator[Remark]:
    """Empty, relative, dead, unspeakable, or without words."""
    names = {element.get("id") or element.get("name") for element in proof.page.iter("*")}
    for link, url in proof.links():
        if link.get("href") is None and not all_words(link):
            continue  # a mark to jump to
        if found := _address(url, proof, names) or _words(link):
            severity, said, cure = found
            about = all_words(link) if severity is Severity.NOTE or not url else url
            yield Remark(severity, proof.place_of_link(link), said, cure, about)


def _address(url: str, proof: Proof, names: set[str | None]) -> tuple[Severity, str, str] | None:
    """What is wrong with an address, the worst first."""
    scheme = _scheme(url)
    if scheme is None:
        return Severity.FAULT, "the address of a link cannot be read", _WHOLE
    if not url or url == "#":
        return Severity.FAULT, "a link leads nowhere", "Give it an address, or take the link away."
    if url.startswith("#"):
        known = url[1:] in names
        return None if known else (Severity.WARNING, "a link leads to a place that the mail does not have", _WHOLE)
    if not scheme:
        return Severity.FAULT, "a link is relative, and mail has no page to start from", _WHOLE
    if scheme not in FOLLOWED:
        return Severity.FAULT, f"no mail program follows a link with {scheme}:", _WHOLE
    return _ours(url, proof)


def _ours(url: str, proof: Proof) -> tuple[Severity, str, str] | None:
    """Links to the site itself: pages that are not there, and its address without https."""
    ours, theirs = urlsplit(proof.scene.site), urlsplit(url)
    if ours.netloc == theirs.netloc and (ours.scheme, theirs.scheme) == ("https", "http"):
        return Severity.WARNING, "a link to the site goes without encryption", "Write https instead of http."
    if not proof.is_dead(url):
        return None
    if proof.is_in_our_care(url):
        return Severity.FAULT, "a link leads to a page that is not there", "Mend the address, or publish what it names."
    cure = "Mend it, unless somebody else puts that page there."
    return Severity.WARNING, "a link leads to a page of the site that Dispatch does not write", cure


def _words(link: _Element) -> tuple[Severity, str, str] | None:
    """What is wrong with what stands in a link."""
    words = all_words(link)
    if not words and not any((picture.get("alt") or "").strip() for picture in link.iter("img")):
        return Severity.WARNING, "a link has no words to be read out", "Write where it leads."
    if words.casefold().strip(" .:!→»>") in SAYS_NOTHING:
        return Severity.NOTE, "a link does not say where it leads", "Link the words that name what is there."
    return None


def _scheme(url: str) -> str | None:
    """The scheme of an address, empty for a relative one; None: it is no address."""
    try:
        return urlsplit(url).scheme
    except ValueError:
        return None


_WHOLE = "Write the whole address, with https."
