"""HTML as a tree and back: html5lib at both ends, for lxml's own HTML parser is not fit for mail (see inline)."""

import warnings
from typing import Any, cast

import html5lib
from lxml.etree import Element, _Element, _ElementTree

_OPTIONS: dict[str, Any] = {
    "tree": "lxml",
    "omit_optional_tags": False,
    "quote_attr_values": "always",
    "resolve_entities": False,
    "alphabetical_attributes": False,
    "strip_whitespace": False,
    "escape_lt_in_attrs": True,
}


def parse_page(page: str) -> _ElementTree:
    """A whole document."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of names that XML could not hold; none is ours
        return cast(_ElementTree, html5lib.parse(page, treebuilder="lxml", namespaceHTMLElements=False))


def parse_piece(html: str) -> _Element:
    """The `body` of a document that holds this piece of HTML alone."""
    body = parse_page(f"<!DOCTYPE html><body>{html}").getroot().find("body")
    assert body is not None, "html5lib always makes a body"  # noqa: S101
    return body


def serialise(tree: _ElementTree) -> str:
    """A whole document as HTML."""
    return cast(str, html5lib.serialize(tree, **_OPTIONS))


def serialise_children(element: _Element) -> str:
    """What stands inside an element, as HTML. The element is left empty."""
    around = Element("div")
    around.text = element.text
    around.extend(list(element))
    whole: str = html5lib.serialize(around, **_OPTIONS)
    return whole.removeprefix("<div>").removesuffix("</div>")
