"""caniemail: what the clients that people read mail with do not support."""

import json
import re
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from .editions import HERE, Complaint, Mail

# Those of which caniemail's tables say nearly everything. Of Thunderbird's and GMX's features they leave out dozens.
CLIENTS = (
    "apple-mail.ios",
    "apple-mail.macos",
    "gmail.android",
    "gmail.desktop-webmail",
    "gmail.ios",
    "gmail.mobile-webmail",
    "outlook.android",
    "outlook.ios",
    "outlook.macos",
    "outlook.outlook-com",
    "outlook.windows",
    "protonmail.desktop-webmail",
    "samsung-email.android",
    "yahoo.android",
    "yahoo.desktop-webmail",
    "yahoo.ios",
)


@dataclass(frozen=True, slots=True)
class Harmless:
    """A feature that some clients lack, where a mail may use it all the same."""

    feature: str  # caniemail's title
    elements: str  # a pattern that the element's opening tag matches
    reason: str


ALLOWED = (
    Harmless("color-scheme meta tag", "<meta", "Whoever does not know it shows the light colours."),
    Harmless("<body> element", "<t?body", "It becomes a div; its colours stand on the table below it as well."),
    Harmless(
        "display:none",
        '<div class="preheader"',
        "Gmail in a telephone's browser shows above the mail the line that others show in the list: it reads well.",
    ),
    Harmless("table-layout", "<table", "Outlook for Windows gets a table of fixed width around it, by a comment."),
    Harmless("word-wrap", "<", "Only lets words break that are longer than a line; else such a line is long."),
    Harmless("white-space", "<pre", "A `pre` keeps its lines without it; only very long ones are not broken."),
    Harmless("border-radius", "<", "Outlook for Windows draws corners square."),
    Harmless("height property", "<img", "Yahoo takes `auto` for a least height: the attributes give the size there."),
    Harmless("aria-label attribute", "<", "Yahoo drops it: the text of the element is read instead, as it stands."),
    Harmless("<abbr> element", "<abbr", "The short form stays as text."),
)


@dataclass(frozen=True, slots=True)
class Finding:
    """A feature that an element of a mail has, and a client has not."""

    page: int  # which mail
    feature: str  # caniemail's title
    client: str
    element: str  # its opening tag

    def is_allowed(self, by: Harmless) -> bool:
        """Whether it is one of those."""
        return self.feature == by.feature and bool(re.match(by.elements, self.element))


def findings(mails: Sequence[Mail]) -> list[Finding]:
    """All that caniemail finds."""
    asked = json.dumps({"clients": CLIENTS, "pages": [mail.html for mail in mails]})
    answer = subprocess.run(
        ["node", HERE / "caniemail.mjs"], input=asked, capture_output=True, text=True, check=False, timeout=120
    )
    assert answer.returncode == 0, answer.stderr
    return [Finding(**one) for one in json.loads(answer.stdout)]


def complaints(found: Iterable[Finding], mails: Sequence[Mail]) -> Iterator[Complaint]:
    """What is not harmless, once for all clients that lack it."""
    clients: dict[tuple[int, str, str], set[str]] = {}
    for one in found:
        if not any(one.is_allowed(by) for by in ALLOWED):
            clients.setdefault((one.page, one.feature, one.element), set()).add(one.client)
    for (page, feature, element), lacking in clients.items():
        said = f"{feature} is not supported by {', '.join(sorted(lacking))}: {element[:120]}"
        yield Complaint(mails[page].name, said)


def unneeded(found: Sequence[Finding]) -> list[Harmless]:
    """Exceptions that nothing makes use of."""
    return [by for by in ALLOWED if not any(one.is_allowed(by) for one in found)]
