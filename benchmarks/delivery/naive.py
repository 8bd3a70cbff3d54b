"""The common way to mail a list: an EmailMessage built for each recipient, sent by smtplib or aiosmtplib.

naive.py smtplib|aiosmtplib COUNT PORT FOLDER      FOLDER holds edition.html and edition.txt
"""

import asyncio
import smtplib
import sys
import threading
from collections.abc import Iterator
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import aiosmtplib

CONNECTIONS = 50
SENDER = "news@harbour.example"
SAMPLE = ("sample@example.org", "https://example.org/u/sample")  # what a preview shows in place of a person's values


class Texts:
    """The two texts of an edition, as they are before a person's values are filled in."""

    def __init__(self, folder: Path) -> None:
        self.html = (folder / "edition.html").read_text(encoding="utf-8")
        self.text = (folder / "edition.txt").read_text(encoding="utf-8")

    def build(self, number: int) -> tuple[str, bytes]:
        """One recipient's address and message."""
        email, link = f"reader.{number}@mail.example", f"http://127.0.0.1:8000/u/k.{number}.1.abcdefghijklmnopqrstuv"
        message = EmailMessage(policy=SMTP)
        message["From"] = f"The Harbour Log <{SENDER}>"
        message["To"] = Address("Zoë Müller", addr_spec=email)
        message["Subject"] = "The tides of January"
        message["Date"] = "Sun, 22 Nov 2026 08:00:00 +0000"
        message["Message-ID"] = f"<1.{number}@harbour.example>"
        message["List-Unsubscribe"] = f"<{link}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        message.set_content(_filled(self.text, email, link), cte="quoted-printable")
        message.add_alternative(_filled(self.html, email, link), subtype="html", cte="quoted-printable")
        return email, message.as_bytes()


def _filled(text: str, email: str, link: str) -> str:
    return text.replace(SAMPLE[1], link).replace(SAMPLE[0], email)


def by_smtplib(texts: Texts, numbers: Iterator[int], port: int) -> None:
    """Fifty threads, a connection each."""
    lock = threading.Lock()

    def work() -> None:
        with smtplib.SMTP("127.0.0.1", port, local_hostname="harbour.example") as server:
            while True:
                with lock:
                    number = next(numbers, None)
                if number is None:
                    return
                email, message = texts.build(number)
                server.sendmail(SENDER, [email], message)

    threads = [threading.Thread(target=work) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


async def by_aiosmtplib(texts: Texts, numbers: Iterator[int], port: int) -> None:
    """Fifty tasks, a connection each."""

    async def work() -> None:
        server = aiosmtplib.SMTP(hostname="127.0.0.1", port=port, local_hostname="harbour.example", start_tls=False)
        async with server:
            for number in numbers:
                email, message = texts.build(number)
                await server.sendmail(SENDER, [email], message)

    await asyncio.gather(*(work() for _ in range(CONNECTIONS)))


def main() -> None:
    """Send as the command line says."""
    way, count, port, folder = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4])
    texts, numbers = Texts(folder), iter(range(count))
    if way == "smtplib":
        by_smtplib(texts, numbers, port)
    else:
        asyncio.run(by_aiosmtplib(texts, numbers, port))


if __name__ == "__main__":
    main()
