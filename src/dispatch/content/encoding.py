"""Bytes of unknown origin become text."""

import codecs

from dispatch.errors import ContentError

# Longest mark first: that of UTF-32 begins like that of UTF-16.
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
NOT_TEXT = "is not text (a picture or another binary file?). Save it as UTF-8 text, or give it its right extension."


def decode(data: bytes) -> tuple[str, str | None]:
    """The text in `data` and, where its encoding had to be guessed, a warning.

    UTF-8 with or without a mark, UTF-16 and UTF-32 with one, else Windows-1252. Raises ContentError for what is
    no text.
    """
    for mark, encoding in BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return _strict(data[len(mark) :], encoding), None
    if b"\0" in data:
        raise ContentError(NOT_TEXT)
    try:
        return data.decode("utf-8"), None
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return _strict(data, "cp1252"), f"is not UTF-8 (line {line}); read as Windows-1252. Save it as UTF-8."


def _strict(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise ContentError(NOT_TEXT) from None
