"""HTML as a tree and back: the only importer of lxml here. All that changes a post's body works on this tree."""

from collections.abc import Iterator
from html import escape
from typing import Any, TypeAlias

from lxml import etree, html

from dispatch.content.limits import flatten

Element: TypeAlias = Any  # an lxml.html.HtmlElement, which the stubs do not know
INLINE = frozenset(
    [
        "a",
        "abbr",
        "b",
        "code",
        "del",
        "em",
        "i",
        "ins",
        "kbd",
        "mark",
        "q",
        "s",
        "small",
        "span",
        "strong",
        "sub",
        "sup",
        "u",
        "var",
    ]
)


def parse(source: str) -> Element:
    """A fragment of HTML as one <div>, after its depth was limited."""
    return parse_flat(flatten(source))


def parse_flat(source: str) -> Element:
    """The same for HTML that `flatten` made."""
    return html.fragment_fromstring(f"<div>{source}</div>", create_parent=False) if source.strip() else make("div")


def parse_document(source: str) -> Element:
    """A whole page, after its depth was limited: <html> with <head> and <body>."""
    return html.document_fromstring(flatten(source) or "<p></p>", ensure_head_body=True)


def serialise(tree: Element) -> str:
    """The content of the tree's root as HTML."""
    parts = [escape(tree.text or "", quote=False)]
    parts += [etree.tostring(child, encoding="unicode", method="html") for child in tree]
    return "".join(parts)


def outer(element: Element) -> str:
    """One element with its content, without what follows it, as HTML."""
    return str(etree.tostring(element, encoding="unicode", method="html", with_tail=False))


def elements(tree: Element, *names: str) -> list[Element]:
    """All elements of these names below the root, in document order, safe against changes meanwhile."""
    return [element for element in tree.iter(*names) if element is not tree]


def comments(tree: Element) -> Iterator[Element]:
    """All comments, in document order."""
    yield from tree.iter(etree.Comment)


def make(name: str, text: str = "", **attributes: str) -> Element:
    """A new element with text and attributes."""
    element = html.Element(name, attributes)
    element.text = text
    return element


def classes(element: Element) -> frozenset[str]:
    """The classes of an element."""
    return frozenset((element.get("class") or "").split())


def text_of(element: Element) -> str:
    """The element's text as one line."""
    return " ".join(element.text_content().split())


def text_before(tree: Element, mark: Element) -> str:
    """All text that stands before a node, as one line."""
    texts: list[str] = []
    for event, node in etree.iterwalk(tree, events=("start", "end", "comment")):
        if node is mark:
            break
        space = "" if node.tag in INLINE else " "
        texts.append(node.text or "" if event == "start" else space + (node.tail or ""))
    return " ".join("".join(texts).split())


def replace(element: Element, other: Element) -> None:
    """Put another where the element is; the text after it stays."""
    other.tail, element.tail = element.tail, None
    element.getparent().replace(element, other)


def replace_by_text(element: Element, text: str) -> None:
    """Put text where the element and all its content is."""
    element.clear(keep_tail=True)
    element.text = text
    unwrap(element)


def unwrap(element: Element) -> None:
    """Leave the element's content only: sanitising takes out a tag that it does not know."""
    element.attrib.clear()
    element.tag = "x-unwrapped"


def insert_after(element: Element, text: str, others: list[Element]) -> None:
    """Put text and then others right after the element, in place of the text that was there."""
    element.tail = None
    for other in reversed(others):
        element.addnext(other)
    element.tail = text
