"""What a language is called."""

import re

LONGEST = 35  # characters: RFC 5646, section 4.4.1, lets nobody need more
_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*").fullmatch


def language_tag(value: str) -> str:
    """The value, if it has the form of a language tag (RFC 5646). Raises ValueError, to stand after its name."""
    if len(value) > LONGEST or not _TAG(value):
        raise ValueError("must be a language tag, such as en, de or pt-BR")
    return value
