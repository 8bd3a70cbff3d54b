"""What one personalised message costs: spliced into a compiled edition, or built anew for each recipient."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from dispatch.message.compile import compile_edition
from dispatch.message.splice import Splicer
from dispatch.model.delivery import Recipient
from dispatch.model.issue import Edition

MARKER = "zqbench"
PARAGRAPH = (
    "<p>The tide comes in twice a day, and the harbour master writes it down: Ebbe und Flut, 潮の満ち引き.</p>\n"
)
HTML = (
    f"<p>{MARKER}namezq</p>{PARAGRAPH * 180}"
    f"<a href='{MARKER}preferenceszq'>Preferences</a> <a href='{MARKER}unsubscribezq'>Leave</a>"
)
TEXT = f"{MARKER}namezq\n\n{'The tide comes in twice a day. ' * 200}\n{MARKER}preferenceszq\n{MARKER}unsubscribezq\n"
DATE = datetime(2026, 11, 22, 8, tzinfo=UTC)
NAMES = ("Ada King", "Zoë", "山田 太郎", "O'Brien")


def main() -> None:
    """Print the table."""
    compiled = compile_edition(edition())
    splicer = Splicer(compiled)
    spliced = per_call(lambda number: splicer.splice(recipient(number)), 5000)
    built = per_call(lambda number: build(recipient(number)), 200)
    print(f"a message of {len(splicer.splice(recipient(0))):,} bytes")
    print(f"EmailMessage a recipient {built:8.1f} µs   1.000")
    print(f"spliced                  {spliced:8.1f} µs   {spliced / built:.4f}")


def edition() -> Edition:
    """One edition with a name and two links in both parts."""
    return Edition(
        issue=1,
        subject="Tides",
        preheader="Twice a day",
        html=HTML,
        text=TEXT,
        language="en",
        sender="Harbour <news@harbour.example>",
        reply_to="",
        list_id="Harbour <news.harbour.example>",
        archive="https://harbour.example/lists/news/",
        archived_at="https://harbour.example/posts/tides/",
        feedback_id="1:news:harbour.example",
        date=DATE,
        marker=MARKER,
    )


def recipient(number: int) -> Recipient:
    """A person with an ordinary or a less ordinary name, and two links."""
    token = f"k.{number}.1.abcdefghijklmnopqrstuv"
    return Recipient(
        number,
        f"p{number}@example.org",
        NAMES[number % 4],
        unsubscribe=f"https://harbour.example/u/{token}",
        message_id=f"1.{number}@harbour.example",
        preferences=f"https://harbour.example/p/{token}",
    )


def build(one: Recipient) -> bytes:
    """The common way: fill both texts and let the library encode them."""
    message = EmailMessage(policy=SMTP)
    message["From"] = "Harbour <news@harbour.example>"
    message["To"] = Address(one.name, addr_spec=one.email)
    message["Subject"] = "Tides"
    message["Date"] = DATE
    message["Message-ID"] = f"<{one.message_id}>"
    message["List-Unsubscribe"] = f"<{one.unsubscribe}>"
    message.set_content(fill(TEXT, one), cte="quoted-printable")
    message.add_alternative(fill(HTML, one), subtype="html", cte="quoted-printable")
    return message.as_bytes()


def fill(text: str, one: Recipient) -> str:
    """The text with this person's values."""
    values = {"name": one.name, "unsubscribe": one.unsubscribe, "preferences": one.preferences}
    for slot, value in values.items():
        text = text.replace(f"{MARKER}{slot}zq", value)
    return text


def per_call(work: Callable[[int], object], count: int) -> float:
    """Microseconds a call."""
    start = time.perf_counter()
    for number in range(count):
        work(number)
    return (time.perf_counter() - start) / count * 1e6


if __name__ == "__main__":
    main()
