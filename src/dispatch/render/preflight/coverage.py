"""Whether the text part says what the HTML part says: who reads the one misses nothing, and filters compare them."""

import re
from collections.abc import Iterator
from urllib.parse import unquote

from dispatch.render.preflight.proof import TEXT, Proof
from dispatch.render.preflight.remark import Remark, Severity

SHARE = 0.9  # of the words that one sees in HTML, also in the text
HALF = 0.5  # rspamd's R_PARTS_DIFFER begins about there
SHOWN = 5  # missing words that a remark names
# A word; of scripts that put no blanks between words, one sign.
_WORD = re.compile(r"[぀-ヿ㐀-䶿一-鿿豈-﫿가-힯]|[^\W_぀-ヿ㐀-䶿一-鿿豈-﫿가-힯]+")
_ADDRESS = re.compile(r"(?:https?://|mailto:)[^\s<>\[\]\"\u2066-\u2069]+")  # the last: UAX #9's isolates


def coverage(proof: Proof) -> Iterator[Remark]:
    """Words and links that one part has and the other has not."""
    yield from _words(proof)
    yield from _links(proof)


def _words(proof: Proof) -> Iterator[Remark]:
    known, wanted = set(words_in(proof.text)), words_in(proof.seen)
    missing = [word for word in wanted if word not in known]
    share = 1 - len(missing) / max(len(wanted), 1)
    if share < SHARE:
        severity = Severity.FAULT if share < HALF else Severity.WARNING
        said = f"the text part has only {share:.0%} of the words that the HTML shows"
        cure = "Show the same in email/issue.txt as in email/issue.html."
        yield Remark(severity, TEXT, said, cure, "without " + ", ".join(list(dict.fromkeys(missing))[:SHOWN]))


def _links(proof: Proof) -> Iterator[Remark]:
    told = list(dict.fromkeys(_bare(found) for found in _ADDRESS.findall(proof.text)))
    held = {_bare(url) for _, url in proof.links()}
    for link, url in proof.links():
        is_told = url in proof.text or _bare(url) in told  # the first alone finds one with a mark that ends addresses
        if url.startswith(("http:", "https:", "mailto:")) and not is_told and not _goes_without(url, proof):
            said, cure = "the text part lacks a link that the HTML has", "List it in email/issue.txt."
            yield Remark(Severity.WARNING, proof.place_of_link(link), said, cure, url, alike=True)
    for url in told:
        if not any(one.startswith(url) for one in held) and url not in proof.seen:
            said, cure = "the HTML lacks a link that the text part has", "Link to it in email/issue.html."
            yield Remark(Severity.NOTE, TEXT, said, cure, url, alike=True)


def _goes_without(url: str, proof: Proof) -> bool:
    """A text needs no link to write to an address that it names, or to do what every mail program has a button for."""
    if not url.startswith("mailto:"):
        return False
    person = unquote(url.removeprefix("mailto:").partition("?")[0]).casefold()
    senders = f"{proof.headers.get('from', '')} {proof.headers.get('reply-to', '')}".casefold()
    return person in proof.text.casefold() or person in senders


def words_in(text: str) -> list[str]:
    """The words of a text, in order, without regard to case; addresses count as none."""
    return _WORD.findall(_ADDRESS.sub(" ", text).casefold())


def _bare(url: str) -> str:
    """An address without the marks of the sentence or the code around it."""
    return url.rstrip(".,;:!?)`*'")
