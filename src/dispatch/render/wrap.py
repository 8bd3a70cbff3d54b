"""Lines of plain text, measured in columns as a terminal shows them: the only importer of wcwidth."""

import re
from collections.abc import Iterator

from wcwidth import wcswidth

WIDTH = 76

_CJK = "\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff01-\uff60\U00020000-\U0003fffd"
_CLOSING = "、。，．！？：；」』】）〉》〕｝"
# Between two ideographs a line may end; not before closing punctuation.
_PIECES = re.compile(f"(?:[{_CJK}]|[^{_CJK}]+)[{_CLOSING}]*")


def columns(text: str) -> int:
    """How many columns a line takes: ideographs and emoji take two."""
    return max(wcswidth(text), 0) if not text.isascii() else len(text)


def wrap(text: str, width: int = WIDTH) -> list[str]:
    """`text` as lines of at most `width` columns; what cannot be broken, such as an address, stands alone."""
    lines: list[str] = []
    line = ""
    for glue, piece in _pieces(text):
        if line and columns(line) + len(glue) + columns(piece) > width:
            lines.append(line)
            line = piece
        else:
            line += (glue if line else "") + piece
    return [*lines, line] if line else lines


def pad(text: str, width: int, right: bool = False) -> str:
    """`text` filled up with blanks to `width` columns."""
    blanks = " " * (width - columns(text))
    return blanks + text if right else text + blanks


def _pieces(text: str) -> Iterator[tuple[str, str]]:
    for word in text.split(" "):
        glue = " "
        for piece in _PIECES.findall(word):
            yield glue, piece
            glue = ""
