"""Where a post may be cut: between two paragraphs, or two items of a list or a quotation."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import takewhile
from typing import TypeAlias

from dispatch.content.tree import Element, make, outer, parse_flat

CONTAINERS = frozenset({"ul", "ol", "blockquote", "div", "section"})
HEADINGS = frozenset({"h2", "h3", "h4", "h5", "h6"})
BLOCKS = CONTAINERS | HEADINGS | {"p", "pre", "table", "hr", "dl", "figure", "details", "li", "dt", "dd"}


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
    """A clean post's units in order; what runs between two blocks is a paragraph.

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


def top_level(html: str) -> list[str]:
    """The blocks of a clean post in order, lists and quotations whole; what runs between two of them is a paragraph."""
    return [block if isinstance(block, str) else outer(block) for block in _blocks(parse_flat(html))]


def _units(element: Element, around: Around, numbers: Iterator[int]) -> Iterator[Unit]:
    for block in _blocks(element):
        if isinstance(block, str):
            yield Unit(block, "p", around)
        elif _may_be_cut(block):
            yield from _units(block, (*around, (next(numbers), _opening(block))), numbers)
        else:
            yield Unit(outer(block), str(block.tag), around)


def _blocks(element: Element) -> Iterator[Element | str]:
    """The blocks in an element, and as HTML a paragraph of each run of words and inline elements between them."""
    run = [escape(element.text or "", quote=False)]
    for child in element:
        if _is_block(child):
            yield from _paragraph(run)
            yield child
            run = []
        else:
            run.append(outer(child))
        run.append(escape(child.tail or "", quote=False))
    yield from _paragraph(run)


def _is_block(element: Element) -> bool:
    return any(inner.tag in BLOCKS for inner in element.iter())


def _paragraph(run: list[str]) -> Iterator[str]:
    words = "".join(run).strip()
    if re.sub(r"<(?!img)[^>]*>", "", words).strip():  # not of empty elements alone
        yield f"<p>{words}</p>"


def _may_be_cut(element: Element) -> bool:
    """Whether an element is nothing but a sequence of blocks."""
    texts = (element.text, *(child.tail for child in element))
    loose = any(text and text.strip() for text in texts) or any(not _is_block(child) for child in element)
    return element.tag in CONTAINERS and len(element) > 1 and not loose


def _opening(element: Element) -> str:
    """The element's start tag, for which an empty twin of it is written out."""
    return outer(make(element.tag, **element.attrib)).removesuffix(f"</{element.tag}>")


def _closing(tag: str) -> str:
    return f"</{tag[1:].partition(' ')[0].partition('>')[0]}>"


def _in_common(one: Sequence[object], other: Sequence[object]) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
