"""The HTML part as a tree whose elements know their lines.

What the inliner wrote closes every element, so the standard library's tokenizer and a stack give the exact tree.
"""

import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser

from lxml.etree import Element, SubElement, _Element, iterwalk

VOID = frozenset(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"])
# Between the words of two of these stands no blank.
RUNNING = frozenset(
    ["a", "abbr", "b", "code", "del", "em", "font", "i", "ins", "kbd", "mark", "q", "s", "samp", "small"]
)
RUNNING |= frozenset(["span", "strong", "sub", "sup", "u", "var"])
UNSEEN = frozenset(["head", "style", "script", "title", "template"])
_NO_LETTER = re.compile(r"[^A-Za-z0-9-]")
_NAME = re.compile(r"[A-Za-z_][\w.-]*").fullmatch


def read_page(html: str) -> _Element:
    """The `html` element of a page that closes all its elements; `sourceline` counts from 1."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.root


def own_words(element: _Element) -> str:
    """The words that stand right in an element, not in one of its children, as one line."""
    pieces = [element.text or "", *(child.tail or "" for child in element)]
    return " ".join("".join(pieces).split())


def all_words(element: _Element) -> str:
    """All words in an element, as one line."""
    return " ".join("".join(str(piece) for piece in element.itertext()).split())


def seen_words(root: _Element, is_shown: Callable[[_Element], bool]) -> str:
    """All words that a reader sees below an element, as one line; hidden elements are left out with all in them."""
    return " ".join("".join(_pieces(root, is_shown)).split())


def _pieces(root: _Element, is_shown: Callable[[_Element], bool]) -> Iterator[str]:
    for event, element in iterwalk(root, events=("start", "end")):
        yield "" if element.tag in RUNNING else " "
        if event == "start" and is_shown(element):
            yield element.text or ""
        parent = element.getparent()
        if event == "end" and parent is not None and is_shown(parent):
            yield element.tail or ""


class _Reader(HTMLParser):
    """Builds the tree of one page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("html")
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element."""
        element = self.root if tag == "html" else SubElement(self._open[-1], _NO_LETTER.sub("-", tag))
        for name, value in attrs:
            if _NAME(name):
                element.set(name, value or "")
        element.sourceline = self.getpos()[0]  # type: ignore[assignment]  # the stubs know no setter
        if tag != "html" and tag not in VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        """Close the innermost open element of this name."""
        name = _NO_LETTER.sub("-", tag)
        if name in [element.tag for element in self._open[1:]]:
            while self._open.pop().tag != name:
                pass

    def parse_marked_section(self, i: int, report: bool = True) -> int:
        """Read `<![…>` as the bogus comment that it is in HTML (section 13.2.5.42); the base class would raise."""
        return self.parse_bogus_comment(i, report)

    def handle_data(self, data: str) -> None:
        """Add text where the page has come to."""
        inside = self._open[-1]
        if len(inside):
            inside[-1].tail = (inside[-1].tail or "") + data
        else:
            inside.text = (inside.text or "") + data
