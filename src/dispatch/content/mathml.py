"""A formula in MathML as text that reads (MathML Core: token elements, scripts, fractions, radicals, tables)."""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from dispatch.content.scripts import fraction, lowered, raised
from dispatch.content.tree import Element

NOT_SHOWN = ("annotation", "annotation-xml", "none", "mprescripts", "mphantom")
INVISIBLE = re.compile("[\u2061-\u2064\u200b]")  # invisible times and their like
RELATION = re.compile(r"^[=≤≥≈≠≡∼→⇒⇔∈+−±<>-]$")
SIMPLE = re.compile("(?:[\\w.]|\\([^()]*\\))+")


def tex_of(element: Element) -> str:
    """The TeX that a formula was made from, where it says so; empty otherwise."""
    for inner in element.iter("annotation"):
        if "tex" in (inner.get("encoding") or "").lower():
            return (inner.text or "").strip()
    return (element.get("alttext") or "").strip()


def spoken(element: Element) -> str:
    """The formula in one line; empty where it has no text."""
    return " ".join(INVISIBLE.sub("", _said(element)).split())


def _said(element: Element) -> str:
    tag = str(element.tag)
    if tag in NOT_SHOWN:
        return ""
    write = WRITERS.get(tag)
    if write:
        return write([_said(child) for child in element if isinstance(child.tag, str)])
    if len(element) == 0:
        text = " ".join((element.text or "").split())
        return f" {text} " if tag == "mo" and RELATION.match(text) else text
    return (element.text or "").strip() + "".join(_said(child) + (child.tail or "").strip() for child in element)


def _part(parts: list[str], index: int) -> str:
    return parts[index].strip() if index < len(parts) else ""


def _above(text: str) -> str:
    text = text.replace(" ", "")
    return raised(text) or (f"^{text}" if len(text) == 1 else f"^({text})" if text else "")


def _below(text: str) -> str:
    text = text.replace(" ", "")
    return lowered(text) or (f"_{text}" if len(text) == 1 else f"_({text})" if text else "")


def _operand(text: str) -> str:
    return text if SIMPLE.fullmatch(text) else f"({text})"


def _fraction(above: str, below: str) -> str:
    return fraction(above, below) or f"{_operand(above)}/{_operand(below)} "


def _both(parts: list[str]) -> str:
    return _part(parts, 0) + _below(_part(parts, 1)) + _above(_part(parts, 2))


WRITERS: Mapping[str, Callable[[list[str]], str]] = MappingProxyType(
    {
        "msup": lambda parts: _part(parts, 0) + _above(_part(parts, 1)),
        "mover": lambda parts: _part(parts, 0) + _above(_part(parts, 1)),
        "msub": lambda parts: _part(parts, 0) + _below(_part(parts, 1)),
        "munder": lambda parts: _part(parts, 0) + _below(_part(parts, 1)),
        "msubsup": _both,
        "munderover": _both,
        "mfrac": lambda parts: _fraction(_part(parts, 0), _part(parts, 1)),
        "msqrt": lambda parts: f"√{_operand(''.join(parts).strip())}",
        "mroot": lambda parts: f"{_above(_part(parts, 1))}√{_operand(_part(parts, 0))}",
        "mtable": lambda parts: f"[{'; '.join(part.strip() for part in parts)}]",
        "mtr": lambda parts: ", ".join(part.strip() for part in parts),
    }
)
