"""What a language is called."""

import re

_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*").fullmatch


def language_tag(value: str) -> str:
    """The value, if it has the form of a language tag (RFC 5646). Raises ValueError, to stand after its name."""
    if not _TAG(value):
        raise ValueError("must be a language tag, such as en, de or pt-BR")
    return value
