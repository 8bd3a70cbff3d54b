"""What filters take for a spammer's wiles, though it was meant well."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from dispatch.render.preflight.page import all_words
from dispatch.render.preflight.proof import HTML, Proof, line_in_html
from dispatch.render.preflight.remark import Remark, Severity

SMALLEST = 8  # pixels; letters of size 0 are rspamd's ZERO_FONT and SpamAssassin's HTML_FONT_TINY
MOST_HIDDEN = 300  # characters of an element that is not displayed; a preheader has half of that
LEAST_WORDS = 0.002  # characters a pixel of pictures (SpamAssassin's HTML_IMAGE_RATIO_02)
PIXELS = 200 * 200  # of a picture whose size nobody said
CRIES = re.compile(r"[!！](?:\s*[!！]){2}")
REFUSED = ("script", "iframe", "form", "input", "button", "object", "embed", "video", "audio")
# Words that a reader takes for an address: `www.`, a scheme, or one of the endings that everybody knows. Others are as
# often the name of a file or of a piece of code.
ADDRESS = re.compile(
    r"(?:https?://|(?=www\.)|(?=[a-z0-9.-]+\.(?:com|net|org|edu|gov|info|eu|at|ch|de|fr|jp|uk)(?:[/:?#]|$)))"
    r"((?:[a-z0-9-]+\.)+[a-z]{2,24})(?:[/:?#]\S*)?"
).fullmatch
# Blocklists know these hosts, for nobody sees where they lead (rspamd's URL_REDIRECTOR_NESTED and others).
SHORTENERS = frozenset(
    [
        "adf.ly",
        "bit.ly",
        "buff.ly",
        "cutt.ly",
        "goo.gl",
        "is.gd",
        "lnkd.in",
        "ow.ly",
        "rb.gy",
        "rebrand.ly",
        "shorturl.at",
        "t.co",
        "t.ly",
        "tiny.cc",
        "tinyurl.com",
        "v.gd",
    ]
)


def wiles(proof: Proof) -> Iterator[Remark]:
    """Tiny and hidden words, pictures instead of words, disguised links, and elements that mail may not have."""
    yield from _elements(proof)
    yield from _small_and_hidden(proof)
    yield from _disguised(proof)
    yield from _pictures_instead(proof)
    body = proof.seen.replace(proof.subject, "")  # which has a check of its own
    if found := CRIES.search(body):
        about = body[max(0, found.start() - 30) : found.end()]
        said = "several exclamation marks stand in a row, which filters count"
        yield Remark(Severity.NOTE, HTML, said, "One is enough.", f"“…{about}”")


def _elements(proof: Proof) -> Iterator[Remark]:
    for element in proof.page.iter(*REFUSED):
        said, cure = f"<{element.tag}> does not work in mail, and filters refuse it", "Link to a page that holds it."
        yield Remark(Severity.FAULT, line_in_html(element), said, cure)


def _small_and_hidden(proof: Proof) -> Iterator[Remark]:
    for element, words, look in proof.passages(proof.light):
        if look.shown and look.size < SMALLEST:
            said = f"words are {look.size:.0f} pixels high, which filters take for hidden"
            where, cure = proof.place_of_words(element, words), f"Let them be at least {SMALLEST} pixels, better 13."
            yield Remark(Severity.WARNING, where, said, cure, f"“{words[:40]}”")
    for element, look in proof.light.items():
        parent = element.getparent()
        hides = not look.shown and parent is not None and proof.light[parent].shown
        if hides and element.tag != "head" and len(all_words(element)) > MOST_HIDDEN:
            said = f"more than {MOST_HIDDEN} characters are hidden, which filters count"
            yield Remark(Severity.WARNING, line_in_html(element), said, "Take them out, or show them.")


def _disguised(proof: Proof) -> Iterator[Remark]:
    for link, url in proof.links():
        host, named = _host(url), ADDRESS(all_words(link))
        if host in SHORTENERS:
            said, cure = "a link hides where it leads behind a shortener", "Link to the page itself."
            yield Remark(Severity.WARNING, proof.place_of_link(link), said, cure, url)
        if host and named and not _is_kin(host, named[1]):
            said = "a link names one site and leads to another, as those of swindlers do"
            about, cure = f"{all_words(link)} leads to {host}", "Write words, or the address that it leads to."
            yield Remark(Severity.WARNING, proof.place_of_link(link), said, cure, about)


def _pictures_instead(proof: Proof) -> Iterator[Remark]:
    sizes = [(picture.get("width") or "", picture.get("height") or "") for picture, _ in proof.pictures()]
    area = sum(int(width) * int(height) if width.isdigit() and height.isdigit() else PIXELS for width, height in sizes)
    if area and len(proof.seen) < area * LEAST_WORDS:
        said = "there are many pictures and few words, as in spam; who sees no pictures gets next to nothing"
        yield Remark(Severity.WARNING, HTML, said, "Say in words what the pictures show.")


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "") if url.startswith(("http://", "https://")) else ""
    except ValueError:
        return ""


def _is_kin(host: str, named: str) -> bool:
    """Whether two hosts belong together: one below the other, or neighbours with the same last two labels."""
    ends = [one.removeprefix("www.").split(".")[-2:] for one in (host, named)]
    return ends[0] == ends[1]
