"""Addresses, checked and normalised: the only importer of email_validator."""

from email_validator import EmailNotValidError, validate_email


def normalise(address: str) -> str:
    """The one way to write an address: lower case, its domain in ASCII.

    Raises ValueError saying what is wrong. Letters outside ASCII before the @ need SMTPUTF8 (RFC 6531), which
    few receivers take; they are refused here rather than lost later.
    """
    try:
        found = validate_email(address.strip(), check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError as error:
        raise ValueError(str(error)) from None
    return (found.ascii_email or found.normalized).lower()
