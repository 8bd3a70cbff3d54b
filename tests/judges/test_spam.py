"""Filters take our mail for what it is."""

from collections.abc import Sequence
from email import policy
from email.message import EmailMessage
from pathlib import Path

from .conftest import Edited
from .editions import DOMAIN, NOW, READER, Complaint, Mail, listed
from .spam import Verdict, by_rspamd, by_spamassassin, without

SAID = "The tide comes in twice a day, and the harbour master writes it down. " * 3
OTHERWISE = "Completely other things stand here: buy some cheap watches from us tonight! " * 3


def objections(mails: Sequence[Mail], verdicts: Sequence[Verdict], most: float) -> list[Complaint]:
    """What a filter has against each mail."""
    return [
        Complaint(mail.name, said)
        for mail, verdict in zip(mails, verdicts, strict=True)
        for said in verdict.objections(most)
    ]


def test_rspamd_has_nothing_against_any_mail(edited: Edited) -> None:
    """Its score stays below 1, and it finds our signature true."""
    verdicts = by_rspamd([mail.message for mail in edited.mails], edited.record)
    found = listed(objections(edited.mails, verdicts, most=1.0))
    assert not found, found
    assert all("R_DKIM_ALLOW" in verdict.symbols for verdict in verdicts)


def test_spamassassin_has_nothing_against_any_mail(mails: Sequence[Mail], tmp_path: Path) -> None:
    """Its score is 0 or less; it gives tenths."""
    verdicts = by_spamassassin([mail.message for mail in mails], tmp_path)
    found = listed(objections(mails, verdicts, most=0.1))
    assert not found, found


def made_of(text: str, html: str) -> bytes:
    """A plain message of two parts."""
    message = EmailMessage(policy=policy.SMTP)
    message["From"] = f"editors@{DOMAIN}"
    message["To"] = READER.email
    message["Subject"] = "Tides"
    message["Date"] = NOW
    message["Message-ID"] = f"<1@{DOMAIN}>"
    message.set_content(text)
    message.add_alternative(html, subtype="html")
    return message.as_bytes()


def worse(message: bytes) -> dict[str, bytes]:
    """A message with something wrong, by the rule that both filters should see broken."""
    return {
        "MISSING_DATE": without(message, "Date"),
        "MISSING_SUBJECT": without(message, "Subject"),
        "MISSING_MID": without(message, "Message-ID"),
        "MIME_HTML_ONLY": message.replace(b"multipart/alternative", b"text/html", 1),
    }


def test_rspamd_notices_what_is_wrong(edited: Edited) -> None:
    """Headers that are missing, a text part that is, hidden words; and that a message was changed after its signing."""
    message = edited.mails[0].message
    hidden = f'<html><body><p>{SAID}</p><p style="font-size:0">{OTHERWISE}</p></body></html>'
    bad = worse(message) | {"ZERO_FONT": made_of(SAID, hidden)}
    wrong = bad | {"R_DKIM_REJECT": message.replace(b"</html>", b"</html>.")}
    found = dict(zip(wrong, by_rspamd(list(wrong.values()), edited.record), strict=True))
    assert [name for name, verdict in found.items() if name not in verdict.symbols] == []
    assert [name for name in bad if not list(found[name].objections(1.0))] == []


def test_spamassassin_notices_what_is_wrong(mails: Sequence[Mail], tmp_path: Path) -> None:
    """The same, and parts that say different things."""
    bad = worse(mails[0].message) | {"MPART_ALT_DIFF": made_of(SAID, f"<html><body><p>{OTHERWISE}</p></body></html>")}
    found = dict(zip(bad, by_spamassassin(list(bad.values()), tmp_path), strict=True))
    assert [name for name, verdict in found.items() if name not in verdict.symbols] == []
    assert [name for name, verdict in found.items() if not list(verdict.objections(0.1))] == []
