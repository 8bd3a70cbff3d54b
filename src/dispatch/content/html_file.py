"""A saved or hand-written HTML page: what its head says, and the part of its body that is the post."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from dispatch.content.tree import Element, elements, parse, parse_document, text_of

PAGE = re.compile(r"<(?:!doctype|html|head|body)\b", re.I)
# What pages call the fields of front matter; the first found counts.
META_NAMES: Mapping[str, tuple[str, ...]] = {
    "title": ("og:title", "dc.title"),
    "description": ("description", "og:description", "dc.description"),
    "author": ("author", "article:author", "dc.creator"),
    "date": ("date", "article:published_time", "dc.date", "dcterms.created", "pubdate"),
    "updated": ("article:modified_time", "dcterms.modified", "last-modified"),
    "tags": ("keywords",),
    "image": ("og:image",),
    "language": ("content-language",),
}
FURNITURE = ("nav", "header", "footer", "aside")


@dataclass(frozen=True, slots=True)
class HtmlPage:
    """A page taken apart."""

    tree: Element  # the post's body
    meta: Mapping[str, str]  # in front matter's words


def read_page(html: str) -> HtmlPage:
    """Take a page, or a fragment of one, apart."""
    if not PAGE.search(html[:2000]):
        return HtmlPage(parse(html), {})
    page = parse_document(html)
    return HtmlPage(_body(page), _meta(page))


def _meta(page: Element) -> dict[str, str]:
    given: dict[str, str] = {}
    for element in elements(page, "meta"):
        name = (element.get("name") or element.get("property") or element.get("http-equiv") or "").lower()
        given.setdefault(name, element.get("content", "").strip())
    found = {
        field: text for field, names in META_NAMES.items() if (text := next(filter(None, map(given.get, names)), ""))
    }
    title = next((text_of(element) for element in elements(page, "title")), "")
    language = page.get("lang", "")
    return found | ({"title": title} if title else {}) | ({"language": language} if language else {})


def _body(page: Element) -> Element:
    """The one article, else main, else the body; a page's own furniture is left out where it stands beside the text."""
    body: Element = page.find("body")
    articles = [
        element for element in elements(body, "article") if not any(p.tag == "article" for p in element.iterancestors())
    ]
    chosen = articles[0] if len(articles) == 1 else next(iter(elements(body, "main")), body)
    for element in elements(chosen, *FURNITURE):
        if element.getparent() is chosen and not (element.tag == "header" and element.find(".//h1") is not None):
            element.drop_tree()
    chosen.tag, chosen.tail = "div", None
    return chosen
