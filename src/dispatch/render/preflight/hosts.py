"""The hosts that links lead to, and those that their words name."""

import re
from urllib.parse import urlsplit

# Words that a reader takes for an address: `www.`, a scheme, or one of the endings that everybody knows. Others are as
# often the name of a file or of a piece of code.
ADDRESS = re.compile(
    r"(?:https?://|(?=www\.)|(?=[a-z0-9.-]+\.(?:com|net|org|edu|gov|info|eu|at|ch|de|fr|jp|uk)(?:[/:?#]|$)))"
    r"((?:[a-z0-9-]+\.)+[a-z]{2,24})(?:[/:?#]\S*)?"
).fullmatch
# Blocklists know these hosts, for nobody sees where they lead (rspamd's URL_REDIRECTOR_NESTED and others).
SHORTENERS = frozenset(
    [
        "adf.ly",
        "bit.ly",
        "buff.ly",
        "cutt.ly",
        "goo.gl",
        "is.gd",
        "lnkd.in",
        "ow.ly",
        "rb.gy",
        "rebrand.ly",
        "shorturl.at",
        "t.co",
        "t.ly",
        "tiny.cc",
        "tinyurl.com",
        "v.gd",
    ]
)
# Whoever registers does so below two labels under these second ones of a country, as in co.uk, ...
SECOND = frozenset(["ac", "co", "com", "edu", "gov", "gv", "ne", "net", "or", "org"])
# ... and with these hosts of many people's sites.
SHARED = frozenset(
    [
        "blogspot.com",
        "github.io",
        "gitlab.io",
        "herokuapp.com",
        "netlify.app",
        "pages.dev",
        "substack.com",
        "vercel.app",
        "web.app",
        "wordpress.com",
        "workers.dev",
    ]
)


def host_of(url: str) -> str:
    """The host that an address leads to; empty where it leads to none on the web."""
    try:
        return (urlsplit(url).hostname or "") if url.startswith(("http://", "https://")) else ""
    except ValueError:
        return ""


def has_login(url: str) -> bool:
    """Whether something stands before the host, which readers take for it (RFC 3986, section 7.6)."""
    return "@" in urlsplit(url).netloc


def is_shortener(host: str) -> bool:
    """Whether nobody sees where its links lead."""
    return host.removeprefix("www.") in SHORTENERS


def hosts_named(words: str) -> list[str]:
    """The hosts of the addresses among a link's words; an address without a scheme counts where it stands alone."""
    pieces = words.split() if " " in words else [words]
    clear = [one for one in pieces if len(pieces) == 1 or one.startswith(("http:", "https:", "www."))]
    found = (ADDRESS(one.strip("().,;:!?<>\"'“”").lower()) for one in clear)
    return [match[1] for match in found if match]


def are_kin(host: str, named: str) -> bool:
    """Whether two hosts belong to the same people, as far as their names tell."""
    return _registered(host) == _registered(named)


def _registered(host: str) -> list[str]:
    labels = host.removeprefix("www.").split(".")
    last = labels[-2:]
    of_many = ".".join(last) in SHARED or (last[0] in SECOND and len(last[-1]) == 2)
    return labels[-3:] if of_many else last
