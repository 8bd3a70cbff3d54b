"""The running words of a post as plain text: links by number, pictures by their alt, marks where they carry meaning."""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from lxml.etree import _Element

from dispatch.content.scripts import lowered, raised
from dispatch.render.pictures import is_drawn, is_named_beside

BREAK = "\v"  # a forced line break, until lines are made
RETURNS = "↩"  # what a footnote's way back is marked by
_BLANKS = re.compile(r"[ \t\n\r\f]+")
_LEFT_OUT = frozenset({"script", "style", "template"})
_ALONE = frozenset({"p", "div", "li", "dt", "dd", "td", "th", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre"})
_ORDINAL = re.compile(r"(?:[^\W\d_]{2,4}|[eao])\.?", re.I)  # 10th, 2e, 1o
_SHORT = re.compile(r"[\w.+−-]+")


class Words:
    """The words of elements, and the links met on the way."""

    def __init__(self, picture_word: str) -> None:
        self._numbers: dict[str, int] = {}
        self._picture_word = picture_word

    @property
    def listed(self) -> list[str]:
        """The links, a line each, in the order of their numbers."""
        return [f"[{number}] {url}" for url, number in self._numbers.items()]

    def inside(self, element: _Element) -> str:
        """The running text of an element's children."""
        pieces = [spaced(element.text)]
        for child in element:
            pieces += [self.of(child), spaced(child.tail)]
        return "".join(pieces)

    def of(self, element: _Element) -> str:
        """The running text of an element."""
        tag = element.tag
        if not isinstance(tag, str) or tag in _LEFT_OUT:
            return ""
        if tag == "img":
            return self._picture(element)
        words = self.inside(element)
        if tag == "a":
            return self._link(words, str(element.get("href") or ""))
        mark = _MARKS.get(tag)
        return mark(element, words) if mark else f" {words} " if tag in _ALONE else words

    def mark(self, url: str) -> str:
        """What stands for a link in the text; empty for one that leads nowhere else."""
        if not url or url.startswith("#"):  # within the post: nothing to follow in plain text
            return ""
        return f"[{self._numbers.setdefault(url, len(self._numbers) + 1)}]"

    def _link(self, words: str, url: str) -> str:
        said = words.strip()
        mark = self.mark(url) if said and (said != url or not url.isascii()) else ""
        if not mark:
            return "" if RETURNS in words and url.startswith("#") else words
        return f"{words.rstrip()} {mark}" + " " * words.endswith(" ")

    def _picture(self, element: _Element) -> str:
        if is_named_beside(element):
            return ""
        words, source = spaced(element.get("alt")).strip(), str(element.get("src") or "")
        linked = next(element.iterancestors("a"), None) is not None
        if is_drawn(source) or linked or not source.startswith(("http://", "https://")):
            return f"[{words or self._picture_word}]" if words or linked else ""
        return f"[{words or self._picture_word}] {self.mark(source)}"


def spaced(text: str | None) -> str:
    """Running text, its line ends and tabs as blanks."""
    return _BLANKS.sub(" ", text or "")


def _raised(element: _Element, words: str) -> str:
    text = words.strip("[] ")
    if next(element.iter("a"), None) is not None:  # a note's number; `1:2` is the second place that refers to it
        return f"^{text.partition(':')[0]}" if text else ""
    if _ORDINAL.fullmatch(text) and (len(text) > 1 or _stem(element).isdigit()):
        return text
    short = raised(text) if text.isdecimal() or text in ("n", "i") else None
    return short or _script("^", text)


def _stem(element: _Element) -> str:
    """The character before an element."""
    before, parent = element.getprevious(), element.getparent()
    text = before.tail if before is not None else parent.text if parent is not None else ""
    return (text or "")[-1:]


def _lowered(_element: _Element, words: str) -> str:
    text = words.strip()
    return (lowered(text) if text.isdecimal() else None) or _script("_", text)


def _script(sign: str, text: str) -> str:
    return f"{sign}{text}" if _SHORT.fullmatch(text) else f"{sign}({text})" if text else ""


def _code(element: _Element, words: str) -> str:
    """Words between backticks, more of them than stand in the words."""
    if not words.strip() or element.find(".//img") is not None:
        return words
    fence = "`" * (max(map(len, re.findall("`+", words)), default=0) + 1)
    inner = f" {words} " if len(fence) > 1 else words
    return f"{fence}{inner}{fence}"


def _reading(element: _Element, words: str) -> str:
    """How a word is read, in brackets; where its author wrote brackets for old browsers, those."""
    before = element.getprevious()
    return words if before is not None and before.tag == "rp" else f"({words})"


def _around(opening: str, closing: str) -> "_Mark":
    return lambda _element, words: f"{opening}{words}{closing}" if words.strip() else words


_Mark = Callable[[_Element, str], str]
_MARKS: Mapping[str, _Mark] = MappingProxyType(
    {
        "br": lambda _element, _words: BREAK,
        "wbr": lambda _element, _words: "\u200b",
        "sup": _raised,
        "sub": _lowered,
        "code": _code,
        "rt": _reading,
        "q": _around("“", "”"),
        "del": _around("~~", "~~"),
        "s": _around("~~", "~~"),
    }
)
