"""The HTML of a clean post, made fit for mail clients."""

import re

from lxml.etree import _Element

from dispatch.render.pictures import fitted, is_drawn
from dispatch.render.tree import parse_piece, serialise_children

_PIXELS = re.compile(r"([1-9][0-9]{0,5})(?:px)?").fullmatch
_ALIGNMENTS = frozenset({"left", "right", "center"})


def mail_html(html: str, picture_word: str = "Picture") -> str:
    """A clean post's HTML, code already coloured, as the inside of a mail's `.post` element.

    Pictures fit the column and have integer sizes, those that clients do not draw become links, data tables are
    marked as such, figures become `div`s. Classes and styles are ours alone, but for the colours of code.
    """
    body = parse_piece(html)
    elements = [element for element in body.iter() if isinstance(element.tag, str) and element is not body]
    for element in elements:
        _strip(element)
    for element in elements:
        _fit(element, picture_word)
    return serialise_children(body)


def _strip(element: _Element) -> None:
    style = element.attrib.pop("style", "")
    element.attrib.pop("class", "")
    if element.tag in ("td", "th"):
        _align(element, str(style))
    elif style and _is_code(element):
        element.set("style", str(style))


def _is_code(element: _Element) -> bool:
    return element.tag == "span" and next(element.iterancestors("pre"), None) is not None


def _align(cell: _Element, style: str) -> None:
    value = style.replace(" ", "").partition("text-align:")[2].partition(";")[0]
    if value in _ALIGNMENTS or cell.tag == "th":  # heads would be centred
        cell.set("align", value if value in _ALIGNMENTS else "left")


def _fit(element: _Element, picture_word: str) -> None:
    tag = str(element.tag)
    if tag == "img":
        _fit_picture(element, picture_word)
    elif tag in ("figure", "figcaption"):
        element.tag = "div"
        element.set("class", tag)
    elif tag == "table":
        element.set("class", "data")
        _scope(element)


def _scope(table: _Element) -> None:
    for cell in table.iter("th"):
        row = cell.getparent()
        heads_row = row is not None and any(other.tag == "td" for other in row)
        cell.set("scope", cell.get("scope") or ("row" if heads_row else "col"))
        if heads_row:
            cell.set("class", "side")


def _fit_picture(picture: _Element, picture_word: str) -> None:
    for name in ("srcset", "sizes", "loading", "decoding"):
        picture.attrib.pop(name, "")
    alt = picture.get("alt") or ""
    picture.set("alt", alt)
    if not is_drawn(picture.get("src") or ""):
        _to_link(picture, alt or picture_word)
        return
    width, height = fitted(_pixels(picture, "width"), _pixels(picture, "height"))
    if _pixels(picture, "width") is None:  # the attribute is for Outlook; others draw the true size
        picture.set("style", "width:auto")
    picture.set("width", str(width))
    picture.attrib.pop("height", "")
    if height:
        picture.set("height", str(height))


def _pixels(picture: _Element, name: str) -> int | None:
    match = _PIXELS(str(picture.get(name) or ""))
    return int(match[1]) if match else None


def _to_link(picture: _Element, words: str) -> None:
    """Put the picture's words in its place, linked to it where no link stands around it and its address is one."""
    source = str(picture.get("src") or "")
    linked = any(True for _ in picture.iterancestors("a")) or not source.startswith(("http://", "https://"))
    tail = picture.tail
    picture.clear()
    picture.tail = tail
    picture.tag = "span" if linked else "a"
    picture.text = words
    if not linked:
        picture.set("href", source)
