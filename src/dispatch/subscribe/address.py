"""Addresses, checked and normalised: the only importer of email_validator."""

import re

from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email

# What most addresses look like, in lower case: RFC 5322's dot-atom before the @, LDH labels after it (RFC 1123), a last
# label of letters. email-validator accepts these as they are; it takes sixty times as long to say so.
ATOM = r"[a-z0-9_!#$%&'*+\-/=?^`{|}~]+"
LABEL = r"[a-z0-9](?:[a-z0-9\-]{0,61}[a-z0-9])?"
PLAIN = re.compile(rf"{ATOM}(?:\.{ATOM})*@(?:{LABEL}\.)+[a-z]{{2,63}}")
LONGEST = 254  # RFC 5321, 4.5.3.1.3
RESERVED = tuple(f"{mark}{name}" for name in SPECIAL_USE_DOMAIN_NAMES for mark in ".@")


def normalise(address: str) -> str:
    """The one way to write an address: lower case, its domain in ASCII.

    Raises ValueError saying what is wrong. Letters outside ASCII before the @ are taken; whether their mail can go
    out is for the mail server to say, which must offer SMTPUTF8 (RFC 6531).
    """
    text = address.strip()
    lower = text.lower()
    return lower if text.isascii() and _is_plain(lower) else _examined(text)


def _is_plain(lower: str) -> bool:
    """Whether an ASCII address in lower case is right beyond doubt; two hyphens together may be Punycode."""
    return (
        PLAIN.fullmatch(lower) is not None
        and len(lower) <= LONGEST
        and "--" not in lower
        and not lower.endswith(RESERVED)
    )


def _examined(text: str) -> str:
    try:
        found = validate_email(text, check_deliverability=False, allow_smtputf8=True)
    except EmailNotValidError as error:
        raise ValueError(str(error)) from None
    return f"{found.local_part}@{found.ascii_domain}".lower()
