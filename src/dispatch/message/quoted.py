"""Quoted-printable (RFC 2045, section 6.7) whose lines are at most 76 bytes and never begin with a dot.

So dot-stuffing (RFC 5321, section 4.5.2) has nothing to do, whatever a slot is filled with.
"""

import re
from collections.abc import Iterator

LINE = 75  # bytes of a line before the `=` of a soft break
TOKEN = 3  # bytes of the longest token, such as =C3
SOFT = "=\r\n"

_TOKENS = [chr(byte) if 32 <= byte <= 126 and byte != 61 else f"={byte:02X}" for byte in range(256)]
_SHORT = re.compile(r"(?!From )[!-\-/-<>-~](?:[ -<>-~]{0,72}[!-<>-~])?").fullmatch


def quoted_value(value: str) -> bytes:
    """One value that begins on a line of its own and may be followed by a soft break."""
    if _SHORT(value):
        return value.encode("ascii")
    return SOFT.join(_lines(value)).encode("ascii")


def quoted_line(line: str) -> str:
    """One line of text, without its end, over as many lines as it needs."""
    return SOFT.join(_lines(line))


def _lines(text: str) -> Iterator[str]:
    tokens = [_TOKENS[byte] for byte in text.encode("utf-8")]
    if tokens and tokens[-1] == " ":
        tokens[-1] = "=20"
    while tokens:
        tokens[0] = _first(tokens)
        end = _fitting(tokens)
        yield "".join(tokens[:end])
        tokens = tokens[end:]


def _first(tokens: list[str]) -> str:
    """A first token that neither SMTP nor a mailbox in mbox form reads as something else."""
    risky = tokens[0] == "." or tokens[:5] == ["F", "r", "o", "m", " "]
    return f"={ord(tokens[0]):02X}" if risky else tokens[0]


def _fitting(tokens: list[str]) -> int:
    """How many tokens one line holds."""
    if len(tokens) * TOKEN <= LINE:
        return len(tokens)
    width = 0
    for index, token in enumerate(tokens):
        width += len(token)
        if width > LINE:
            return index
    return len(tokens)
