"""Characters that no feed, header or page may hold are taken out; all that a reader can see stays."""

import re
import unicodedata

# XML 1.0, section 2.2 (Char): what stands outside it kills a whole feed. DEL and what is left of C1 print nothing,
# and the byte order mark belongs at a file's start only. Zero width joiners stay: emoji and Indic scripts need them.
FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufeff\ufffe\uffff"
    + "".join(chr(plane * 0x10000 + 0xFFFE) + chr(plane * 0x10000 + 0xFFFF) for plane in range(1, 17))
    + "]"
)
# Marks that turn the text around them: harmless in a paragraph of their own, a disguise in a title or a tag.
TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")
# What people mean by U+0080 to U+009F is what Windows-1252 has there (HTML Standard, 13.2.5.80, has the same table);
# U+0085 ends lines.
MEANT = {
    code: text for code in range(0x80, 0xA0) if code != 0x85 and (text := bytes([code]).decode("cp1252", "ignore"))
}
LINE_ENDS = re.compile("\r\n?|[\x85\u2028\u2029]")


def clean_text(text: str) -> str:
    """The text in NFC with \\n line ends, without control characters, lone surrogates and non-characters."""
    return unicodedata.normalize("NFC", FORBIDDEN.sub("", LINE_ENDS.sub("\n", text).translate(MEANT)))


def one_line(text: str) -> str:
    """The text as one line: any run of white space is one space, none at the ends."""
    return " ".join(TURNS.sub("", clean_text(text)).split())
