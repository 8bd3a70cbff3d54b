"""The numbers of a list as its author wants them: digits, letters or Roman numerals (HTML Standard, 4.4.5)."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from lxml.etree import _Element

_ROMAN = (
    *((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x")),
    *((9, "ix"), (5, "v"), (4, "iv"), (1, "i")),
)
_MOST = 3999  # beyond it there are no Roman numerals (CSS Counter Styles 3, section 6.1)
_LETTERS = 26


def ordinals(numbered: _Element, items: list[_Element]) -> list[str]:
    """The number of each item of a list, as it is shown."""
    write = _WRITERS.get(str(numbered.get("type") or ""), str)
    backwards = numbered.get("reversed") is not None
    number = _number(numbered.get("start"), len(items) if backwards else 1)
    shown = []
    for item in items:
        number = _number(item.get("value"), number)
        shown.append(write(number))
        number += -1 if backwards else 1
    return shown


def _number(value: object, default: int) -> int:
    text = str(value or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else default


def _letters(number: int) -> str:
    letters, left = "", number
    while left > 0:
        left, letter = divmod(left - 1, _LETTERS)
        letters = chr(ord("a") + letter) + letters
    return letters or str(number)


def _roman(number: int) -> str:
    if not 0 < number <= _MOST:
        return str(number)
    numeral = ""
    for value, sign in _ROMAN:
        count, number = divmod(number, value)
        numeral += sign * count
    return numeral


_WRITERS: Mapping[str, Callable[[int], str]] = MappingProxyType(
    {
        "a": _letters,
        "A": lambda number: _letters(number).upper(),
        "i": _roman,
        "I": lambda number: _roman(number).upper(),
    }
)
