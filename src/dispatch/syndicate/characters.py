"""Addresses in the characters that every feed reader takes."""

from urllib.parse import quote

from dispatch.content.text_clean import one_line

URI_CHARACTERS = "%/:=&?~#+!$,;'@()*[]"


def uri(address: str) -> str:
    """An address in ASCII (RFC 3987, section 3.1); what is escaped already stays as it is."""
    return quote(one_line(address), safe=URI_CHARACTERS)
