"""Characters that no feed may hold: one of them in one post would end the whole document."""

import re
from urllib.parse import quote

# XML 1.0, production Char, and the C1 controls, which are valid but warned of and always an accident.
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
URI_CHARACTERS = "%/:=&?~#+!$,;'@()*[]"


def clean(text: str) -> str:
    """The text without what XML cannot hold: controls, lone surrogates, U+FFFE and U+FFFF."""
    return FORBIDDEN.sub("", text)


def one_line(text: str) -> str:
    """Clean text with every run of white space made one space."""
    return " ".join(clean(text).split())


def uri(address: str) -> str:
    """An address in ASCII (RFC 3987, section 3.1); what is escaped already stays as it is."""
    return quote(one_line(address), safe=URI_CHARACTERS)
