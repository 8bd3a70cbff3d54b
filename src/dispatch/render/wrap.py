"""Lines of plain text, measured in columns as a terminal shows them: the only importer of wcwidth."""

import re
from collections.abc import Iterator

from wcwidth import wcswidth, wcwidth

WIDTH = 76

_CJK = "\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff01-\uff60\U00020000-\U0003fffd"
# Japanese and Chinese line breaking (JIS X 4051, 6.1): what no line begins with, and what none ends with.
_CLOSING = "、。，．！？：；」』】）〉》〕｝ー々…ぁぃぅぇぉっゃゅょァィゥェォッャュョ"
_OPENING = "「『【（〈《〔｛"
# Between two ideographs a line may end.
_PIECES = re.compile(f"[{_OPENING}]*(?:[{_CJK}]|[^{_CJK}]+)[{_CLOSING}]*")
_RUN = re.compile(f"([^{_CJK}]+)")  # an address within ideographs ends where they go on
_ADDRESS = re.compile("://.|mailto:.|tel:.|www[.].", re.I)
# A zero width space and <wbr> allow a break, a soft hyphen would ask for one; none of them is seen.
_MAY_BREAK = re.compile("[\u200b\u00ad]")
_JOINER = "\u200d"  # of emoji
_EMOJI = "\ufe0f"  # makes an emoji, two columns wide, of a sign that is one


def columns(text: str) -> int:
    """How many columns a text takes: ideographs and emoji take two, what combines with others none."""
    if text.isascii() and text.isprintable():
        return len(text)
    whole = wcswidth(text)
    return whole if whole >= 0 else wcswidth("".join(sign for sign in text if wcwidth(sign) >= 0))


def wrap(text: str, width: int = WIDTH) -> list[str]:
    """`text` as lines of at most `width` columns. Blanks part words; a word too long for a line is cut.

    An address is never cut: it stands alone, however long it is.
    """
    lines: list[str] = []
    line, filled = "", 0
    for glue, piece in _pieces(text, width):
        size = columns(piece)
        if line and filled + len(glue) + size > width:
            lines.append(line)
            line, filled = piece, size
        else:
            line, filled = line + (glue if line else "") + piece, filled + (len(glue) if line else 0) + size
    return [*lines, line] if line else lines


def longest_word(text: str) -> int:
    """How many columns the longest of those words takes that no line breaks."""
    return max((columns(piece) for _, piece in _pieces(" ".join(text.split()), len(text) + 1)), default=0)


def pad(text: str, width: int, align: str = "left") -> str:
    """`text` filled up with blanks to `width` columns; `align` is left, right or center."""
    blanks = max(width - columns(text), 0)
    before = {"right": blanks, "center": blanks // 2}.get(align, 0)
    return " " * before + text + " " * (blanks - before)


def _pieces(text: str, width: int) -> Iterator[tuple[str, str]]:
    """What a line may end behind, each with the blank before it."""
    for word in text.split(" "):
        glue = " "
        for part in _RUN.split(word) if _ADDRESS.search(word) else [word]:
            for piece in [part] if _ADDRESS.search(part) else _unbroken(part, width):
                yield glue, piece
                glue = ""


def _unbroken(part: str, width: int) -> Iterator[str]:
    for whole in _MAY_BREAK.split(part):
        for piece in _PIECES.findall(whole) or [whole]:
            yield from _cut(piece, width) if columns(piece) > width else [piece] if piece else []


def _cut(piece: str, width: int) -> Iterator[str]:
    """A piece in parts of at most `width` columns, what combines left with what it combines with."""
    part, filled = "", 0
    for character in piece:
        size = 1 if character == _EMOJI else max(wcwidth(character), 0)
        if part and size and filled + size > width and not part.endswith(_JOINER) and character != _EMOJI:
            yield part
            part, filled = "", 0
        part, filled = part + character, filled + size
    yield part
