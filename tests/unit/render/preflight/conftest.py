"""A mail that no check has anything to say of, to be spoilt in one way at a time."""

from collections.abc import Callable
from email.message import EmailMessage
from html import unescape

import pytest

from dispatch.render.preflight.proof import Scene

SITE = "https://news.example.org"
ADDRESS = "1 Quay, 24103 Kiel"
LEAVE = f"{SITE}/u/sample"
WORDS = "What the tide left on the sand this morning, and who came to fetch it before noon."
PAGE = (
    '<!DOCTYPE html><html lang="en" dir="ltr"><head><title>{subject}</title>{style}</head>'
    '<body style="background-color:#ffffff; color:#222222">\n'
    '<div style="display:none; mso-hide:all">{preheader}</div>\n'
    "<p>{words}</p>\n{body}\n"
    '<p>{address}</p><p><a href="{leave}">Unsubscribe</a></p>\n'
    "</body></html>"
)
TEXT = "{words}\n\n{body}\n\n{address}\nUnsubscribe: {leave}\n"
HEADERS = {
    "From": "Harbour News <desk@news.example.org>",
    "To": "sample@example.org",
    "Date": "Mon, 23 Nov 2026 08:00:00 +0000",
    "Message-ID": "<1@news.example.org>",
    "List-Id": "<weekly.news.example.org>",
    "List-Unsubscribe": f"<{LEAVE}>",
    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    "List-Archive": f"<{SITE}/lists/weekly/>",
}


def _mail(
    body: str = "",
    text: str | None = None,
    subject: str = "Low water at the pier",
    preheader: str = "And a wreck.",
    style: str = "",
    address: str = ADDRESS,
    leave: str = LEAVE,
    **headers: str | None,
) -> bytes:
    values = {"words": WORDS, "address": address, "leave": leave, "subject": subject}
    message = EmailMessage()
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    for name, value in {**HEADERS, "Subject": subject, **given}.items():
        if value is not None:
            message[name] = value
    message.set_content(TEXT.format(body=unescape(text or ""), **values))
    message.add_alternative(PAGE.format(body=body, preheader=preheader, style=style, **values), subtype="html")
    return message.as_bytes()


@pytest.fixture(scope="session")
def mail() -> Callable[..., bytes]:
    """A mail whose parts and headers may be given."""
    return _mail


@pytest.fixture(scope="session")
def scene() -> Scene:
    """A site on which one page is not there."""
    return Scene(SITE, ADDRESS, is_known_page=lambda url: "gone" not in url and "about" not in url)
