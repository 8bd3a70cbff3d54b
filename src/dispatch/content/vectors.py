"""Pictures made of lines (SVG 2): measured, and told whether they are nothing but pictures.

An SVG may hold scripts, pages and addresses to fetch. In an `<img>` browsers leave all that alone, but whoever opens
the file itself gets it, and a static host sends no header against it. So a file with any of that is never published:
a picture in pixels of its harmless part takes its place.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from lxml import etree

MAX_BYTES = 5 * 1024 * 1024
LONGEST = 1200  # pixels: a vector picture that calls itself larger is shown so
SVG = "http://www.w3.org/2000/svg"
XHTML = "http://www.w3.org/1999/xhtml"
# Of SVG 2 and Filter Effects, all that draws or describes. Not script and what plays.
DRAWING_IN_WORDS = (
    "a animate animateMotion animateTransform circle clipPath defs desc ellipse filter foreignObject g image line "
    "linearGradient marker mask metadata mpath path pattern polygon polyline radialGradient rect set stop style svg "
    "switch symbol text textPath title tspan use view"
)
DRAWING = frozenset(DRAWING_IN_WORDS.split())
# Of HTML, what drawing programs write labels with.
LABELS_IN_WORDS = (
    "b br center code div em font h1 h2 h3 h4 h5 h6 hr i label li ol p pre s section small span strong sub sup table "
    "tbody td th thead tr u ul"
)
LABELS = frozenset(LABELS_IN_WORDS.split())
PIXELS = {"": 1.0, "px": 1.0, "pt": 4 / 3, "pc": 16.0, "in": 96.0, "cm": 96 / 2.54, "mm": 96 / 25.4, "em": 16.0}
LENGTH = re.compile(r"\s*\+?(\d{1,9}(?:\.\d*)?|\.\d+)(?:e([+-]?\d))?([a-z]*)\s*", re.IGNORECASE)
# A backslash, too: it can write any of these so that only a browser reads it (CSS Syntax 3, section 4.3.7).
OUTSIDE = re.compile(
    r"url\(\s*+['\"]?+\s*+(?!#|data:(?:image|font|application)/)|(?:image-set|image|src)\(|@import|javascript:|\\",
    re.IGNORECASE,
)
WITHIN = re.compile(r"\s*(?:#|data:image/(?:png|jpe?g|gif|webp)[;,])", re.IGNORECASE)
LEADS_OUT = re.compile(r"\s*(?:https?:|mailto:)", re.IGNORECASE)
ENCODINGS = ("UTF-8", "US-ASCII", "ASCII", "ISO-8859-1")  # those whose bytes say what browsers read
# What the tree does not show: instructions, and a document type that gives elements attributes (XML 1.0, section 3.3).
UNSEEN = {"an instruction": re.compile(rb"<\?(?!xml[\s?])"), "a document type": re.compile(rb"<!DOCTYPE[^>]*\[")}


@dataclass(frozen=True, slots=True)
class Vector:
    """What an SVG file is."""

    width: int  # pixels, as shown
    height: int
    drawing: bytes  # its harmless part as XML, to be drawn
    taken_out: str  # the first thing in it that is no picture; empty: the file may be published as it is
    labels: bool  # whether it holds text as HTML, which browsers show and the drawing lacks


def read_vector(data: bytes) -> Vector | str | None:
    """Read an SVG file. None for what is none; a reason, to follow the file's name, where it cannot be used."""
    head = data[:65536].removeprefix(b"\xef\xbb\xbf").lstrip()
    if not head.startswith(b"<") or b"svg" not in head:
        return None
    if len(data) > MAX_BYTES:
        return "is an SVG of over 5 MB; simplify it, or save it as PNG"
    if b"<!ENTITY" in data:
        return "is an SVG that declares entities; save it as plain SVG"
    try:
        root = etree.fromstring(data, _parser())
    except (etree.XMLSyntaxError, ValueError) as error:
        return f"is no well-formed SVG ({error})" if b"<svg" in head else None
    if root.tag != f"{{{SVG}}}svg":
        return None
    if str(root.getroottree().docinfo.encoding or "UTF-8").upper() not in ENCODINGS:
        return "is an SVG in an uncommon encoding; save it as UTF-8"
    return _read(root, data)


def _parser() -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


def _read(root: etree._Element, data: bytes) -> Vector | str:
    size = _size(root)
    if size is None:
        return "is an SVG without a size; give it a width and a height, or a viewBox"
    taken_out = [*(name for name, mark in UNSEEN.items() if mark.search(data)), *_clean(root)]
    labels = _without_html(root)
    scale = min(1.0, LONGEST / max(size))
    width, height = max(1, round(size[0] * scale)), max(1, round(size[1] * scale))
    if not root.get("viewBox"):
        root.set("viewBox", f"0 0 {size[0]:g} {size[1]:g}")
    root.set("width", str(width))
    root.set("height", str(height))
    return Vector(width, height, etree.tostring(root, encoding="utf-8"), next(iter(taken_out), ""), labels)


def _size(root: etree._Element) -> tuple[float, float] | None:
    """Width and height in CSS pixels: its own, else the viewBox's (CSS Images 3, section 5.1)."""
    width, height = _length(root.get("width")), _length(root.get("height"))
    box = [_length(number) for number in re.split(r"[\s,]+", str(root.get("viewBox") or "").strip())[2:4]]
    wide, high = box if len(box) == 2 else (None, None)
    if wide and high:
        width, height = width or (height * wide / high if height else wide), height
        height = height or width * high / wide
    return (width, height) if width and height else None


def _length(text: str | None) -> float | None:
    """A length in pixels; None for a share of something, or no length."""
    match = LENGTH.fullmatch(str(text or ""))
    if match is None or match[3].lower() not in PIXELS:
        return None
    value = float(match[1]) * 10.0 ** int(match[2] or 0) * PIXELS[match[3].lower()]
    return value if 0.001 <= value <= 1e8 else None


def _clean(root: etree._Element) -> list[str]:
    """Take out all that is no picture; names what that was, in the order of the file."""
    found = []
    for element in list(root.iter()):
        if name := _forbidden(element):
            found.append(name)
            _remove(element)
        else:
            found += _clean_attributes(element)
    return found


def _forbidden(element: etree._Element) -> str:
    """The element's name where it may not stay. Elements of editors' own namespaces draw nothing and may."""
    if not isinstance(element.tag, str):
        return "an entity"
    tag = etree.QName(element)
    if not KNOWN.get(tag.namespace or "", str)(tag.localname):
        return f"<{tag.localname}>"
    if tag.localname in ("set", "animate") and _moves_an_address(element):
        return f"<{tag.localname}> of an address"
    return "a style sheet that fetches" if tag.localname == "style" and OUTSIDE.search(_text(element)) else ""


def _draws(name: str) -> bool:
    return name in DRAWING or (name.startswith("fe") and name.isalpha())


KNOWN: Mapping[str, Callable[[str], object]] = {SVG: _draws, XHTML: LABELS.__contains__, "": lambda _name: False}


def _moves_an_address(element: etree._Element) -> bool:
    name = str(element.get("attributeName") or "").rpartition(":")[2].strip().lower()
    return name == "href" or name.startswith("on")


def _without_html(root: etree._Element) -> bool:
    """Take out HTML, which only browsers draw; tells whether there was any text in it."""
    frames = list(root.iter(f"{{{SVG}}}foreignObject"))
    labels = any(_text(frame).strip() for frame in frames)
    for frame in frames:
        _remove(frame)
    return labels


def _text(element: etree._Element) -> str:
    return "".join(str(piece) for piece in element.itertext())


def _clean_attributes(element: etree._Element) -> Iterator[str]:
    for full_name, value in list(element.attrib.items()):
        name = etree.QName(full_name).localname.lower()
        styles = not etree.QName(full_name).namespace  # those of editors' own namespaces do nothing
        if name.startswith("on") or (styles and OUTSIDE.search(str(value))) or _leads_out(element, name, str(value)):
            del element.attrib[full_name]
            yield f"{name}={str(value)[:30]!r}"


def _leads_out(element: etree._Element, name: str, value: str) -> bool:
    """Whether an attribute names anything outside of the file; links are followed by people alone, so they may."""
    if name not in ("href", "src", "base"):
        return False
    is_link = etree.QName(element).localname == "a"
    return not (WITHIN.match(value) or (is_link and LEADS_OUT.match(value)))


def _remove(element: etree._Element) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)
