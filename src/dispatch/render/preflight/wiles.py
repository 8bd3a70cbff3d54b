"""What filters take for a spammer's wiles, though it was meant well."""

import re
from collections.abc import Iterator

from dispatch.render.preflight.hosts import are_kin, has_login, host_of, hosts_named, is_shortener
from dispatch.render.preflight.page import all_words
from dispatch.render.preflight.proof import HTML, Proof, line_in_html
from dispatch.render.preflight.remark import Remark, Severity

SMALLEST = 8  # pixels; letters of size 0 are rspamd's ZERO_FONT and SpamAssassin's HTML_FONT_TINY
MOST_HIDDEN = 300  # characters of an element that is not displayed; a preheader has half of that
# A mail is of pictures alone for both filters: fewer characters a pixel than in SpamAssassin's HTML_IMAGE_RATIO_02, and
# fewer in all than in rspamd's HTML_SHORT_LINK_IMG_1. A long text beside many pictures meets the first alone, for which
# SpamAssassin 4 counts next to nothing.
LEAST_SHARE, LEAST_WORDS = 0.002, 1024
PIXELS = 200 * 200  # of a picture whose size nobody said
CRIES = re.compile(r"[!！](?:\s*[!！]){2}")
REFUSED = ("script", "iframe", "form", "input", "button", "object", "embed", "video", "audio")


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
            yield Remark(Severity.WARNING, where, said, cure, f"“{words[:40]}”", alike=True)
    for element, look in proof.light.items():
        parent = element.getparent()
        hides = not look.shown and parent is not None and proof.light[parent].shown
        if hides and element.tag != "head" and len(all_words(element)) > MOST_HIDDEN:
            said = f"more than {MOST_HIDDEN} characters are hidden, which filters count"
            yield Remark(Severity.WARNING, line_in_html(element), said, "Take them out, or show them.")


def _disguised(proof: Proof) -> Iterator[Remark]:
    for link, url in proof.links():
        if host := host_of(url):
            for about, said, cure in _disguises(url, host, all_words(link)):
                yield Remark(Severity.WARNING, proof.place_of_link(link), said, cure, about)


def _disguises(url: str, host: str, words: str) -> Iterator[tuple[str, str, str]]:
    if is_shortener(host):
        yield url, "a link hides where it leads behind a shortener", "Link to the page itself."
    if has_login(url):
        yield url, "an address has a name and an @ before its site, as those of swindlers do", "Leave them out."
    if not all(are_kin(host, one) for one in hosts_named(words)):
        said = "a link names one site and leads to another, as those of swindlers do"
        yield f"{words} leads to {host}", said, "Write words, or the address that it leads to."


def _pictures_instead(proof: Proof) -> Iterator[Remark]:
    sizes = [(picture.get("width") or "", picture.get("height") or "") for picture, _ in proof.pictures()]
    area = sum(int(width) * int(height) if width.isdigit() and height.isdigit() else PIXELS for width, height in sizes)
    if len(proof.seen) < min(area * LEAST_SHARE, LEAST_WORDS):
        said = "there are many pictures and few words, as in spam; who sees no pictures gets next to nothing"
        yield Remark(Severity.WARNING, HTML, said, "Say in words what the pictures show.")
