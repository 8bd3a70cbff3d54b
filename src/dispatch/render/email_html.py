"""The HTML of a clean post, made fit for mail clients."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from lxml.etree import _Element

from dispatch.render.mail_tables import fit_table
from dispatch.render.pictures import COLUMN, fitted, is_drawn, is_named_beside
from dispatch.render.text_words import RETURNS
from dispatch.render.tree import parse_piece, serialise_children

_PIXELS = re.compile(r"([1-9][0-9]{0,5})(?:px)?").fullmatch
_ALIGNMENTS = frozenset({"left", "right", "center"})
_BOXES = ("☐", "☑")  # of a list of tasks


@dataclass(frozen=True, slots=True)
class MailSetting:
    """What a post's HTML has to fit."""

    picture_word: str = "Picture"  # names a picture that has no text of its own
    direction: str = "ltr"  # ltr or rtl, as the post is written
    column: int = COLUMN  # pixels that pictures may be wide


def mail_html(html: str, setting: MailSetting = MailSetting()) -> str:
    """A clean post's HTML, code already coloured, as the inside of a mail's `.post` element.

    Pictures fit the column and have integer sizes, those that clients do not draw become links, data tables are
    marked as such, figures become `div`s, links within the mail are words. Classes and styles are ours alone, but
    for the colours of code.
    """
    body = parse_piece(html)
    elements = [element for element in body.iter() if isinstance(element.tag, str) and element is not body]
    for element in elements:
        _strip(element)
    for element in elements:
        _fit(element, setting)
    return serialise_children(body)


def _strip(element: _Element) -> None:
    style = element.attrib.pop("style", "")
    element.attrib.pop("class", "")
    element.attrib.pop("id", "")
    if element.tag in ("td", "th"):
        _align(element, str(style))
    elif style and _is_code(element):
        element.set("style", str(style))


def _is_code(element: _Element) -> bool:
    return element.tag == "span" and next(element.iterancestors("pre"), None) is not None


def _align(cell: _Element, style: str) -> None:
    given = cell.attrib.pop("align", "")
    value = style.replace(" ", "").partition("text-align:")[2].partition(";")[0] or given
    if value in _ALIGNMENTS:
        cell.set("align", str(value))


def _fit(element: _Element, setting: MailSetting) -> None:
    tag = str(element.tag)
    if tag == "img":
        _fit_picture(element, setting)
    elif tag == "table":
        fit_table(element, setting.direction)
    elif tag in _CHANGES:
        _CHANGES[tag](element)


def _fit_figure(element: _Element) -> None:
    element.set("class", str(element.tag))
    element.tag = "div"


def _fit_item(item: _Element) -> None:
    """Mark a task, whose box stands in its margin; paragraphs below its first are no tasks."""
    paragraphs = list(item.iterchildren("p"))
    first = paragraphs[0] if paragraphs and not (item.text or "").strip() else item
    if not (first.text or "").lstrip().startswith(_BOXES):
        return
    item.set("class", "task")
    for paragraph in paragraphs:
        if paragraph is not first:
            paragraph.set("class", "on")


def _fit_link(link: _Element) -> None:
    """Take out empty links, and those within the mail: most phones follow none (caniemail: html-anchor-links)."""
    address, words = str(link.get("href") or ""), "".join(map(str, link.itertext()))
    shown = words.strip() or next(link.iter("img"), None) is not None
    if shown and address and not address.startswith("#"):
        return
    if RETURNS in words:
        for inner in list(link):
            link.remove(inner)
        link.text = None
    link.tag = "span"
    link.attrib.clear()


def _fit_ruby(ruby: _Element) -> None:
    """Show how a word is read in brackets: many clients know no ruby (caniemail: html-ruby)."""
    bare = [rt for rt in ruby.iter("rt") if (before := rt.getprevious()) is None or before.tag != "rp"]
    for rt in bare:
        rt.text = f"({rt.text or ''}"
        rt.tail = f"){rt.tail or ''}"
    for element in ruby.iter("ruby", "rt", "rp"):
        element.tag = "span"


_CHANGES: Mapping[str, Callable[[_Element], None]] = MappingProxyType(
    {
        **dict.fromkeys(("figure", "figcaption"), _fit_figure),
        "a": _fit_link,
        "li": _fit_item,
        "ruby": _fit_ruby,
    }
)


def _fit_picture(picture: _Element, setting: MailSetting) -> None:
    for name in ("srcset", "sizes", "loading", "decoding"):
        picture.attrib.pop(name, "")
    alt = picture.get("alt") or ""
    picture.set("alt", alt)
    if not is_drawn(picture.get("src") or ""):
        _to_link(picture, alt or ("" if is_named_beside(picture) else setting.picture_word))
        return
    width, height = fitted(_pixels(picture, "width"), _pixels(picture, "height"), setting.column)
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
    """Put the picture's words in its place, linked to it where no link stands around it and its address is one.

    Where there are none, for what stands below it says them, nothing is left of it.
    """
    source, below = str(picture.get("src") or ""), picture.getnext()
    if not words and below is not None and below.tag == "br":
        below.tag = "span"
    linked = any(True for _ in picture.iterancestors("a")) or not source.startswith(("http://", "https://"))
    tail = picture.tail
    picture.clear()
    picture.tail = tail
    picture.tag = "span" if linked else "a"
    picture.text = words
    if not linked:
        picture.set("href", source)
