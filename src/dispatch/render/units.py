"""Where a post may be cut: between two paragraphs, or two items of a list or a quotation."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import takewhile
from typing import TypeAlias

from dispatch.content.tree import Element, make, outer, parse_flat

CONTAINERS = frozenset({"ul", "ol", "blockquote", "div", "section"})
HEADINGS = frozenset({"h2", "h3", "h4", "h5", "h6"})


Around: TypeAlias = tuple[tuple[int, str], ...]  # containers, outermost first: each one's number and opening tag


@dataclass(frozen=True, slots=True)
class Unit:
    """A piece of a clean post that stays whole."""

    html: str
    tag: str
    around: Around = ()  # what it stands in

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self.html.encode())


def units_of(html: str) -> list[Unit]:
    """A clean post's units in order; loose text becomes a paragraph.

    Read by content's parser, not by html5lib: that one needs the square of the time for a run of character references,
    and a post may hold two megabytes of them. What then goes into the mail is short.
    """
    return list(_units(parse_flat(html), (), iter(range(len(html) + 1))))


def joined(units: Iterable[Unit]) -> str:
    """The units as HTML again, each in its containers."""
    parts: list[str] = []
    open_: Around = ()
    for unit in units:
        same = _in_common(open_, unit.around)
        parts += [_closing(tag) for _, tag in reversed(open_[same:])]
        parts += [tag for _, tag in unit.around[same:]]
        parts.append(unit.html)
        open_ = unit.around
    return "".join(parts + [_closing(tag) for _, tag in reversed(open_)])


def without_heading_last(units: Sequence[Unit], kept: int) -> int:
    """A cut moved up so that no heading and no rule stands last, what it opens cut off."""
    while kept and kept < len(units) and (units[kept - 1].tag in HEADINGS or units[kept - 1].tag == "hr"):
        kept -= 1
    return kept


def _units(element: Element, around: Around, numbers: Iterator[int]) -> Iterator[Unit]:
    yield from _loose(element.text, around)
    for child in element:
        if child.tag in CONTAINERS and len(child) > 1 and not _has_loose_text(child):
            yield from _units(child, (*around, (next(numbers), _opening(child))), numbers)
        elif isinstance(child.tag, str):
            yield Unit(outer(child), child.tag, around)
        yield from _loose(child.tail, around)


def _loose(text: str | None, around: Around) -> Iterator[Unit]:
    if text and text.strip():
        yield Unit(f"<p>{escape(text.strip(), quote=False)}</p>", "p", around)


def _has_loose_text(element: Element) -> bool:
    return any(text and text.strip() for text in (element.text, *(child.tail for child in element)))


def _opening(element: Element) -> str:
    """The element's start tag, for which an empty twin of it is written out."""
    return outer(make(element.tag, **element.attrib)).removesuffix(f"</{element.tag}>")


def _closing(tag: str) -> str:
    return f"</{tag[1:].partition(' ')[0].partition('>')[0]}>"


def _in_common(one: Sequence[object], other: Sequence[object]) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
