"""How each element of a page looks: its own inline style, what it inherits, and what a style sheet lays over it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from lxml.etree import _Element

from dispatch.render.preflight.page import UNSEEN
from dispatch.render.styles import declarations, shade

Declarations = Mapping[str, str]
_KEEPING = frozenset(["", "inherit", "none", "unset", "initial", "revert", "currentcolor"])  # they set no colour
_PICTURED = re.compile(r"(?:url|gradient|image-set)\(").search
_LENGTH = re.compile(r"([0-9.]+)(px|pt|em|rem|%)?").fullmatch
_PIXELS = {"px": 1.0, "pt": 4 / 3, "rem": 16.0, None: 1.0}
_SCALE = {"h1": 2.0, "h2": 1.5, "h3": 1.17, "small": 0.83, "sub": 0.83, "sup": 0.83}  # HTML, section 15.3
_BOLD = frozenset(["b", "strong", "th", "h1", "h2", "h3", "h4", "h5", "h6"])


@dataclass(frozen=True, slots=True)
class Look:
    """An element as it is drawn."""

    colour: str | None = "#000000"  # #rrggbb; None: nobody can tell from here
    ground: str | None = "#ffffff"
    size: float = 16.0  # pixels
    bold: bool = False
    shown: bool = True


NIGHT = Look(colour="#ffffff", ground="#121212")  # of what says nothing, where a mail says that it knows dark mode
KNOWS_NIGHT = re.compile(r"(?<!prefers-)color-scheme\s*:[^;}]*\bdark\b").search  # CSS Color Adjustment 1, section 2.1


def looks(root: _Element, over: Mapping[_Element, Declarations], paper: Look = Look()) -> dict[_Element, Look]:
    """The look of every element on `paper`, in document order; `over` holds what wins against inline styles."""
    found: dict[_Element, Look] = {}
    for element in root.iter("*"):
        parent = element.getparent()
        before = found[parent] if parent is not None else paper
        found[element] = _look(element, before, {**declarations(element.get("style", "")), **over.get(element, {})})
    return found


def _look(element: _Element, before: Look, style: Declarations) -> Look:
    tag = str(element.tag)
    ground = _ground(element, before, style)
    return replace(
        before,
        colour=_colour(element, replace(before, ground=ground), style),
        ground=ground,
        size=_size(style.get("font-size", ""), before.size, _SCALE.get(tag, 1.0)),
        bold=_is_bold(style.get("font-weight", ""), before.bold or tag in _BOLD),
        shown=before.shown and tag not in UNSEEN and not _hides(style),
    )


def _colour(element: _Element, before: Look, style: Declarations) -> str | None:
    said = style.get("color") or str((element.get("color") if element.tag == "font" else "") or "")
    if said.strip().lower() in _KEEPING:
        return before.colour
    found = shade(said)
    return found.on(before.ground) if found else None


def _ground(element: _Element, before: Look, style: Declarations) -> str | None:
    if _PICTURED(style.get("background", "") + style.get("background-image", "")):
        return None
    said = style.get("background-color") or style.get("background") or str(element.get("bgcolor") or "")
    if said.strip().lower() in _KEEPING:
        return before.ground
    found = shade(said)
    return found.on(before.ground) if found else None


def _size(said: str, inherited: float, scale: float) -> float:
    match = _LENGTH(said)
    if not match:
        return inherited * scale
    number, unit = float(match[1]), match[2]
    return number * _PIXELS[unit] if unit in _PIXELS else inherited * number / (100 if unit == "%" else 1)


def _is_bold(said: str, inherited: bool) -> bool:
    if said.isdigit():
        return int(said) >= 600
    return {"bold": True, "bolder": True, "normal": False, "lighter": False}.get(said, inherited)


def _hides(style: Declarations) -> bool:
    return style.get("display") == "none" or style.get("visibility") == "hidden" or style.get("opacity") in ("0", "0.0")
