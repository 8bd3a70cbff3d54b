"""A person's or an author's words, made fit to stand on one line of a mail."""

import re
import unicodedata

# Control characters that are no white space, lone surrogates, and the bidi embeddings, overrides and isolates
# that would turn round the text after them. Marks such as U+200F and the joiners of emoji stay, and so do pairs of
# U+2068 and U+2069 (first strong isolate), which change nothing outside themselves.
_UNWANTED = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff\u202a-\u202e\u2066\u2067]")
_ISOLATES = re.compile("(\u2068[^\u2068\u2069]*\u2069)|[\u2068\u2069]")
_NOT_IN_ADDRESS = re.compile("[\\s<>\u2068\u2069]+")
_BARE = re.compile(r"[!-;=?-~]*").fullmatch  # printable ASCII without blank, < or >: nearly every value there is


def one_line(value: str) -> str:
    """`value` without control characters, runs of white space folded to one blank, none at the ends."""
    return " ".join(_ISOLATES.sub(r"\1", _UNWANTED.sub("", value)).split())


def no_blanks(value: str) -> str:
    """`value` as an address, an id or a URL between angle brackets can hold it: no white space, control, < or >."""
    return value if _BARE(value) else _NOT_IN_ADDRESS.sub("", _UNWANTED.sub("", value))


def is_ordinary(value: str) -> bool:
    """Whether `one_line` would change nothing, for the many values that are printable ASCII."""
    return value.isascii() and value.isprintable() and "  " not in value and value == value.strip()


def ascii_host(host: str) -> str:
    """A host name in ASCII: IDNA (RFC 3490) where it holds other letters, unchanged where that cannot be."""
    try:
        return unicodedata.normalize("NFC", host).encode("idna").decode("ascii")
    except UnicodeError:
        return host
