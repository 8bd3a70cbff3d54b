"""Plain text from a clean post's HTML, never from the mail's."""

import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from lxml.etree import _Element

from dispatch.render.pictures import is_drawn
from dispatch.render.text_table import table_lines
from dispatch.render.tree import parse_piece
from dispatch.render.wrap import WIDTH, columns, wrap

_BLANKS = re.compile(r"[ \t\n\r\f]+")
_UNDERLINES = {"h1": "=", "h2": "-"}
_FLOWS = {"address", "article", "aside", "details", "div", "fieldset", "figcaption", "figure", "footer", "header", "li"}
_FLOWS |= {"dd", "dt", "main", "nav", "p", "section", "summary"}
_LEAVE_OUT = frozenset({"script", "style", "template"})


def plain_text(html: str, width: int = WIDTH, picture_word: str = "Picture") -> str:
    """The post as lines of at most `width` columns, its links numbered in the text and listed at the end."""
    walk = _Walk(picture_word)
    lines = walk.flow(parse_piece(html), width)
    listed = [f"[{number}] {url}" for number, url in enumerate(walk.links, 1)]
    return "\n".join([*lines, *([""] if lines and listed else []), *listed])


class _Walk:
    """One walk over a tree, collecting its links."""

    def __init__(self, picture_word: str) -> None:
        self.links: list[str] = []
        self._picture_word = picture_word

    def flow(self, element: _Element, width: int) -> list[str]:
        """The lines of an element's children, an empty line between two blocks."""
        blocks = [lines for lines in self._blocks(element, width) if lines]
        return _joined(blocks)

    def _blocks(self, element: _Element, width: int) -> Iterator[list[str]]:
        loose = element.text or ""
        for child in element:
            if child.tag in _BLOCKS or _holds_blocks(child):
                yield _paragraph(loose, width)
                yield self._block(child, width)
                loose = child.tail or ""
            else:
                loose += self._inline(child) + _space(child.tail)
        yield _paragraph(loose, width)

    def _block(self, element: _Element, width: int) -> list[str]:
        write = _WRITERS.get(str(element.tag))
        return write(self, element, width) if write else self.flow(element, width)

    def heading(self, element: _Element, width: int) -> list[str]:
        """A heading, underlined down to the second level."""
        lines = _paragraph(self.inside(element), width)
        underline = _UNDERLINES.get(str(element.tag))
        return [*lines, underline * max(map(columns, lines))] if underline and lines else lines

    def quotation(self, element: _Element, width: int) -> list[str]:
        """A quotation, `> ` before each line."""
        return [f"> {line}".rstrip() for line in self.flow(element, max(width - 2, 20))]

    def code(self, element: _Element, _width: int) -> list[str]:
        """Code as it stands, indented by four."""
        text = "".join(str(piece) for piece in element.itertext()).strip("\n").expandtabs(4)
        return [f"    {line}".rstrip() for line in text.split("\n")]

    def bullets(self, element: _Element, width: int) -> list[str]:
        """A list without numbers."""
        return _joined([self._item(item, "- ", width) for item in element.iterchildren("li")], tight=True)

    def numbers(self, element: _Element, width: int) -> list[str]:
        """A list with numbers, from its `start` on."""
        items = list(element.iterchildren("li"))
        start = _number(element.get("start"), 1)
        gap = len(f"{start + len(items)}. ") - 1
        return _joined(
            [self._item(item, f"{number}.".ljust(gap) + " ", width) for number, item in enumerate(items, start)],
            tight=True,
        )

    def _item(self, item: _Element, bullet: str, width: int) -> list[str]:
        blocks = [lines for lines in self._blocks(item, max(width - len(bullet), 20)) if lines]
        lines = _joined(blocks, tight=not any(child.tag == "p" for child in item)) or [""]
        rest = [" " * len(bullet) + line if line else "" for line in lines[1:]]
        return [(bullet + lines[0]).rstrip(), *rest]

    def definitions(self, element: _Element, width: int) -> list[str]:
        """Terms, what they mean indented by four."""
        lines: list[str] = []
        for child in element:
            if child.tag == "dd":
                lines += [f"    {line}".rstrip() for line in self.flow(child, max(width - 4, 20))]
            else:
                lines += self.flow(child, width)
        return lines

    def table(self, element: _Element, width: int) -> list[str]:
        """A table in aligned columns."""
        rows = [[_line(self.inside(cell)) for cell in row.iterchildren("td", "th")] for row in element.iter("tr")]
        first = next(element.iter("tr"), None)
        headed = first is not None and all(cell.tag == "th" for cell in first)
        return table_lines(rows, headed, width)

    def rule(self, _element: _Element, _width: int) -> list[str]:
        """A break between two parts."""
        return ["* * *"]

    def inside(self, element: _Element) -> str:
        """The running text of an element's children."""
        pieces = [_space(element.text)]
        for child in element:
            pieces += [self._inline(child), _space(child.tail)]
        return "".join(pieces)

    def _inline(self, element: _Element) -> str:
        tag = element.tag
        if not isinstance(tag, str) or tag in _LEAVE_OUT:
            return ""
        if tag == "br":
            return "\v"
        if tag == "img":
            return self._picture(element)
        return self._marked(tag, element, self.inside(element))

    def _marked(self, tag: str, element: _Element, words: str) -> str:
        if tag == "a":
            return self._link(words, str(element.get("href") or ""))
        if tag == "sup":
            return f"^{words.strip('[] ')}"
        return words

    def _link(self, words: str, url: str) -> str:
        if url.startswith("#") or not url:  # within the post: nothing to follow in plain text
            return "" if "↩" in words else words
        if words.strip() == url and url.isascii():
            return words
        return f"{words.rstrip()} [{self._number(url)}]" + " " * words.endswith(" ")

    def _picture(self, element: _Element) -> str:
        words, source = element.get("alt") or "", str(element.get("src") or "")
        linked = next(element.iterancestors("a"), None) is not None
        if is_drawn(source) or linked or not source.startswith(("http://", "https://")):
            return f"[{words}]" if words else ""
        return f"[{words or self._picture_word}] [{self._number(source)}]"

    def _number(self, url: str) -> int:
        if url not in self.links:
            self.links.append(url)
        return self.links.index(url) + 1


_Writer = Callable[[_Walk, _Element, int], list[str]]
_WRITERS: Mapping[str, _Writer] = MappingProxyType(
    {
        **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), _Walk.heading),
        "blockquote": _Walk.quotation,
        "pre": _Walk.code,
        "ul": _Walk.bullets,
        "ol": _Walk.numbers,
        "dl": _Walk.definitions,
        "table": _Walk.table,
        "hr": _Walk.rule,
    }
)

_BLOCKS = _FLOWS | _WRITERS.keys()


def _space(text: str | None) -> str:
    """Running text, its line ends and tabs as blanks."""
    return _BLANKS.sub(" ", text or "")


def _line(text: str) -> str:
    return " ".join(text.split())


def _paragraph(text: str, width: int) -> list[str]:
    """Running text as lines; a vertical tab stands for a forced break."""
    lines: list[str] = []
    for part in text.strip().split("\v"):
        lines += wrap(_BLANKS.sub(" ", part).strip(), width)
    return lines


def _holds_blocks(element: _Element) -> bool:
    """Whether an inline element, such as a link around a heading, has blocks in it."""
    return element.tag != "a" and any(inner.tag in _BLOCKS for inner in element.iterdescendants())


def _joined(blocks: list[list[str]], tight: bool = False) -> list[str]:
    """The blocks one below the other: an empty line between two, or none between short list items."""
    close = tight and all("" not in lines for lines in blocks)
    joined: list[str] = []
    for lines in blocks:
        joined += [*([""] if joined and not close else []), *lines]
    return joined


def _number(value: object, default: int) -> int:
    text = str(value or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else default
