"""Plain text from a clean post's HTML, never from the mail's."""

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from types import MappingProxyType

from lxml.etree import _Element

from dispatch.render.ordinals import ordinals
from dispatch.render.text_grid import cells_of, grid, heads_of, is_layout, rows_of
from dispatch.render.text_table import table_lines
from dispatch.render.text_words import BREAK, RETURNS, Words, spaced
from dispatch.render.tree import parse_piece
from dispatch.render.wrap import WIDTH, columns, wrap

NARROWEST = 20  # columns: what is nested so deep that less were left is not set in any further
_UNDERLINES = {"h1": "=", "h2": "-"}
_FLOWS = {"address", "article", "aside", "caption", "details", "div", "fieldset", "figcaption", "figure", "footer"}
_ITEMS = frozenset({"li"})
_TERMS = frozenset({"dt", "dd"})
_FLOWS |= {"dd", "dt", "header", "li", "main", "nav", "p", "section", "summary"}


def plain_text(html: str, width: int = WIDTH, picture_word: str = "Picture") -> str:
    """The post as lines of at most `width` columns, its links numbered in the text and listed at the end.

    Longer are only lines of code, which stand between fences as they are, and lines with an address, which is never
    broken.
    """
    walk = _Walk(picture_word)
    lines = walk.flow(parse_piece(html), width)
    listed = walk.words.listed
    return "\n".join([*lines, *([""] if lines and listed else []), *listed])


class _Walk:
    """One walk over a tree, collecting its links."""

    def __init__(self, picture_word: str) -> None:
        self.words = Words(picture_word)

    def flow(self, element: _Element, width: int) -> list[str]:
        """The lines of an element's children, an empty line between two blocks."""
        return _joined([lines for lines in self._blocks(element, width) if lines])

    def _blocks(self, element: _Element, width: int) -> Iterator[list[str]]:
        loose = spaced(element.text)
        for child in element:
            if child.tag in _BLOCKS or _holds_blocks(child):
                yield _paragraph(loose, width)
                yield self._block(child, width)
                loose = spaced(child.tail)
            else:
                loose += self.words.of(child) + spaced(child.tail)
        yield _paragraph(loose, width)

    def _block(self, element: _Element, width: int) -> list[str]:
        write = _WRITERS.get(str(element.tag))
        return write(self, element, width) if write else self.flow(element, width)

    def link(self, element: _Element, width: int) -> list[str]:
        """A link around blocks: its number stands behind the words of the first of them."""
        mark = self.words.mark(str(element.get("href") or ""))
        first = next((inner for inner in element.iter() if inner is not element and _is_leaf(inner)), element)
        if mark and len(first):
            first[-1].tail = f"{(first[-1].tail or '').rstrip()} {mark}"
        elif mark:
            first.text = f"{(first.text or '').rstrip()} {mark}"
        return self.flow(element, width)

    def heading(self, element: _Element, width: int) -> list[str]:
        """A heading: underlined down to the second level, deeper ones behind their level in `#`."""
        underline = _UNDERLINES.get(str(element.tag))
        if not underline:
            sign = "#" * int(str(element.tag)[1])
            return _behind(f"{sign} ", _paragraph(self.words.inside(element), width - len(sign) - 1))
        lines = _paragraph(self.words.inside(element), width)
        return [*lines, underline * max(map(columns, lines))] if lines else []

    def quotation(self, element: _Element, width: int) -> list[str]:
        """A quotation, `> ` before each line."""
        mark = _mark("> ", width)
        return [f"{mark}{line}".rstrip() for line in self.flow(element, width - len(mark))]

    def code(self, element: _Element, _width: int) -> list[str]:
        """Code as it stands, between fences that name its language."""
        for line_end in element.iter("br"):
            line_end.text = "\n"
        text = "".join(str(piece) for piece in element.itertext()).strip("\n")
        fence = "`" * max(3, *(len(run) + 1 for run in re.findall("`+", text)), 0)
        marks = [mark for link in element.iter("a") if (mark := self.words.mark(str(link.get("href") or "")))]
        return [
            f"{fence}{_language(element)}",
            *map(str.rstrip, text.split("\n")),
            fence,
            *[" ".join(marks)] * any(marks),
        ]

    def bullets(self, element: _Element, width: int) -> list[str]:
        """A list without numbers."""
        return _joined([*self._parts(element, width, lambda item: self._item(item, "- ", width))], tight=True)

    def numbers(self, element: _Element, width: int) -> list[str]:
        """A list with numbers; one of footnotes has the marks that stand in the text."""
        items = list(element.iterchildren("li"))
        marks = dict(zip(items, _marks(element, items), strict=True))
        gap = max(map(len, marks.values()), default=0)
        written = self._parts(element, width, lambda item: self._item(item, marks[item].ljust(gap) + " ", width))
        return _joined([*written], tight=True)

    def _parts(
        self, element: _Element, width: int, write: Callable[[_Element], list[str]], names: frozenset[str] = _ITEMS
    ) -> Iterator[list[str]]:
        """The parts of a list, and whatever else its author put between them."""
        yield _paragraph(spaced(element.text), width)
        for child in element:
            if child.tag in names:
                yield write(child)
            elif child.tag in _BLOCKS or _holds_blocks(child):
                yield self._block(child, width)
            else:
                yield _paragraph(self.words.of(child), width)
            yield _paragraph(spaced(child.tail), width)

    def _item(self, item: _Element, bullet: str, width: int) -> list[str]:
        mark = _mark(bullet, width)
        blocks = [lines for lines in self._blocks(item, width - len(mark)) if lines]
        lines = _joined(blocks, tight=not any(child.tag == "p" for child in item)) or [""]
        return _behind(mark, lines)

    def definitions(self, element: _Element, width: int) -> list[str]:
        """Terms, what they mean indented by four."""
        return [*chain.from_iterable(self._parts(element, width, lambda part: self._definition(part, width), _TERMS))]

    def _definition(self, part: _Element, width: int) -> list[str]:
        indent = _mark("    ", width) if part.tag == "dd" else ""
        return [f"{indent}{line}".rstrip() for line in self.flow(part, width - len(indent))]

    def table(self, element: _Element, width: int) -> list[str]:
        """A table in aligned columns below its caption; one that lays out a page, cell by cell."""
        captions = [self.flow(caption, width) for caption in element.iterchildren("caption")]
        if is_layout(element):
            cells = [self.flow(cell, width) for row in rows_of(element) for cell in cells_of(row)]
        else:
            cells = [table_lines(grid(element, self._cell), heads_of(element), width)]
        return _joined([lines for lines in (*captions, *cells) if lines])

    def _cell(self, element: _Element) -> str:
        return " ".join(self.words.inside(element).split())

    def rule(self, _element: _Element, _width: int) -> list[str]:
        """A break between two parts."""
        return ["* * *"]


_Writer = Callable[[_Walk, _Element, int], list[str]]
_WRITERS: Mapping[str, _Writer] = MappingProxyType(
    {
        **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), _Walk.heading),
        "a": _Walk.link,
        "blockquote": _Walk.quotation,
        "pre": _Walk.code,
        "ul": _Walk.bullets,
        "ol": _Walk.numbers,
        "dl": _Walk.definitions,
        "table": _Walk.table,
        "hr": _Walk.rule,
    }
)

_BLOCKS = (_FLOWS | _WRITERS.keys()) - {"a"}
_PLACES = _BLOCKS | {"td", "th"}  # where words stand


def _paragraph(text: str, width: int) -> list[str]:
    """Running text as lines."""
    lines: list[str] = []
    for part in text.strip().split(BREAK):
        lines += wrap(" ".join(filter(None, part.split(" "))), width)
    return lines


def _holds_blocks(element: _Element) -> bool:
    """Whether an inline element, such as a link around a heading, has blocks in it."""
    return any(inner.tag in _BLOCKS for inner in element.iterdescendants())


def _is_leaf(element: _Element) -> bool:
    """Whether a block holds words, and no other block."""
    inner = (inner.tag for inner in element.iterdescendants())
    return element.tag in _PLACES and _PLACES.isdisjoint(inner) and bool("".join(map(str, element.itertext())).strip())


def _mark(mark: str, width: int) -> str:
    """What stands before the lines of a block, empty where too little would be left for them."""
    return mark if width - len(mark) >= NARROWEST else ""


def _behind(mark: str, lines: list[str]) -> list[str]:
    """Lines behind a mark, those below the first set in as far."""
    rest = [" " * len(mark) + line if line else "" for line in lines[1:]]
    return [(mark + lines[0]).rstrip(), *rest] if lines else []


def _marks(element: _Element, items: list[_Element]) -> Iterator[str]:
    """What stands before each item of a numbered list."""
    notes = all(_is_note(item) for item in items)
    yield from (f"^{number}" if notes else f"{number}." for number in ordinals(element, items))


def _is_note(item: _Element) -> bool:
    """Whether a list's item leads back to where it is referred to."""
    links = (link for link in item.iter("a") if str(link.get("href") or "").startswith("#"))
    return any(RETURNS in "".join(map(str, link.itertext())) for link in links)


def _language(element: _Element) -> str:
    names = (str(code.get("class") or "") for code in element.iter("code"))
    return next((name.removeprefix("language-") for name in names if name.startswith("language-")), "")


def _joined(blocks: list[list[str]], tight: bool = False) -> list[str]:
    """The blocks one below the other: an empty line between two, or none between short list items."""
    close = tight and all("" not in lines for lines in blocks)
    joined: list[str] = []
    for lines in filter(None, blocks):
        joined += [*([""] if joined and not close else []), *lines]
    return joined
