"""The headers that mail programs and filters expect, and a sender that may be who it says."""

from collections.abc import Iterator
from email.utils import parseaddr

from dispatch.render.preflight.proof import Proof
from dispatch.render.preflight.remark import Remark, Severity

# Beside the subject, which has a check of its own. RFC 5322, section 3.6; RFC 2045, section 4. SpamAssassin counts each
# that is missing (MISSING_DATE, MISSING_MID, ...).
EVERY = ("From", "To", "Date", "Message-ID", "MIME-Version", "Content-Type")
# RFC 2919, 2369 and 8058: without these Gmail and Yahoo refuse mail to many.
OF_LISTS = ("List-Id", "List-Unsubscribe", "List-Unsubscribe-Post")
WANTED = ("List-Archive",)
# Mail in the name of these domains may be sent by their own servers alone: their DMARC policies or their habits say so.
FREE_MAIL = frozenset(
    [
        "163.com",
        "aol.com",
        "free.fr",
        "gmail.com",
        "gmx.at",
        "gmx.ch",
        "gmx.com",
        "gmx.de",
        "gmx.net",
        "googlemail.com",
        "hotmail.com",
        "hotmail.de",
        "hotmail.fr",
        "icloud.com",
        "live.com",
        "mac.com",
        "mail.ru",
        "me.com",
        "msn.com",
        "orange.fr",
        "outlook.com",
        "outlook.de",
        "outlook.fr",
        "proton.me",
        "protonmail.com",
        "qq.com",
        "t-online.de",
        "web.de",
        "yahoo.co.jp",
        "yahoo.co.uk",
        "yahoo.com",
        "yahoo.de",
        "yahoo.fr",
        "yandex.com",
        "yandex.ru",
        "ymail.com",
    ]
)


def headers(proof: Proof) -> Iterator[Remark]:
    """Those that are missing, and a From that only a mail company may use."""
    for name in (*EVERY, *(OF_LISTS if proof.of_list else ())):
        if not proof.headers.get(name.lower()):
            yield _missing(Severity.FAULT, name)
    for name in WANTED if proof.of_list else ():
        if not proof.headers.get(name.lower()):
            yield _missing(Severity.WARNING, name)
    domain = parseaddr(proof.headers.get("from", ""))[1].rpartition("@")[2].lower()
    if domain in FREE_MAIL:
        said = f"only {domain} itself may send mail in its name; other servers' mail is refused or lands in spam"
        yield Remark(Severity.WARNING, "header From", said, "Send from a domain of your own: `from` of the list.")


def _missing(severity: Severity, name: str) -> Remark:
    cure = "Write `email` in [publication], or `from` in the list's table." if name == "From" else _OURS
    return Remark(severity, f"header {name}", "is missing", cure)


_OURS = "Dispatch writes it: if a plugin has taken it out, let it stay."
