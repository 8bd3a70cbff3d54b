"""Addresses as they are compared, to tell a story that several sources bring. The only importer of w3lib."""

import re
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from w3lib.url import canonicalize_url

# What counts clicks and says nothing of where an address leads: names of campaign parameters by those who add them.
TRACKING = re.compile(
    r"utm_\w+|mtm_\w+|matomo_\w+|pk_\w+|piwik_\w+|at_campaign|wt_\w*mc|"  # Google, Matomo, AT Internet, Webtrekk
    r"fbclid|gclid|gclsrc|gbraid|wbraid|dclid|msclkid|yclid|ysclid|twclid|ttclid|igshid|li_fat_id|srsltid|"  # networks
    r"mc_[ce]id|_hsenc|_hsmi|mkt_tok|vero_id|vero_conv|_ke|ck_subscriber_id",  # senders of mail
    re.IGNORECASE,
)
USUAL = (None, 80, 443)  # ports that go without saying


def canonical_address(address: str) -> str:
    """An address in the one form that all its spellings have, for comparison; not necessarily one that opens.

    http is https, www. is nothing, and so are a default port, a login, a fragment, a slash at the end, tracking
    parameters and the order of the others. What RFC 3986, section 6.2, calls equivalent is made the same. What is no
    web address stays as it is.
    """
    return _settled(_settled(address))  # once more, for what a stray dot kept from being read as a host name


def _settled(address: str) -> str:
    try:
        parts = urlsplit(canonicalize_url(address.strip(), keep_blank_values=True))
        port = parts.port
    except ValueError:
        return address
    host = (parts.hostname or "").removeprefix("www.").strip(".")
    if parts.scheme not in ("http", "https") or not host:
        return address
    host = f"[{host}]" if ":" in host else host
    place = host if port in USUAL else f"{host}:{port}"
    return urlunsplit(("https", place, parts.path.rstrip("/"), _telling(parts.query), ""))


def _telling(query: str) -> str:
    """The parameters that may say what an address leads to."""
    pairs = parse_qsl(query, keep_blank_values=True)
    return urlencode([(name, value) for name, value in pairs if not TRACKING.fullmatch(name)])
