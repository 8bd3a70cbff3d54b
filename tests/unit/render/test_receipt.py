"""A receipt says all that an editor has to know of an issue that has ended."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.message.compile import compile_edition
from dispatch.model.delivery import FINAL_STATES, SendState, Tally
from dispatch.model.issue import Edition, Issue, IssueState, Publication
from dispatch.model.subscriber import Cadence
from dispatch.render.receipt import CADENCES, STATES, SUBJECT, Coming, Ended, render_receipt
from dispatch.theme import Theme

BEGAN = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
LATER = BEGAN + timedelta(hours=1, minutes=24)
ISSUE = Issue(12, "news", Cadence.WEEKLY, IssueState.SENT, 1, 2, BEGAN, BEGAN, frozen=BEGAN, ended=LATER)
COUNTS = {SendState.ACCEPTED: 38_120, SendState.REJECTED: 1_830, SendState.UNKNOWN: 62}
ENDED = Ended(
    issue=replace(ISSUE, editor="ada", approved_by="grace"),
    title="Ebb and flood",
    list_title="Tide News",
    zone="Europe/Berlin",
    tally=Tally(40_012, COUNTS),
    unknown=[("Hedy <b>Lamarr</b>", "hedy@example.org"), ("", "joan@example.org")],
    refusals=[("mail.example", 1_830)],
    coming=Coming(Cadence.WEEKLY, datetime(2026, 11, 30, 7, 0, tzinfo=UTC)),
)


def receipt(ended: Ended = ENDED, language: str = "en", own: Path | None = None) -> Edition:
    """The receipt in a language, perhaps by a template of the publication's own."""
    publication = Publication(
        title="The Tide Table",
        url="https://tide.example.org",
        web_url="https://tide.example.org",
        description="",
        language=language,
        timezone="Europe/Berlin",
        author="",
        email="editors@tide.example.org",
        address="",
        logo="",
        accent="#0b5cad",
    )
    return render_receipt(ended, "Tide <e@tide.example.org>", publication, Theme(own), LATER)


def words_of(text: str) -> str:
    """A text on one line."""
    return " ".join(text.split())


def test_text_says_all_of_it() -> None:
    """The sum, state by state, who and how long, the unknown by name, the refusals, what to type, what comes next."""
    assert receipt().subject == "Sent: issue 12 “Ebb and flood” to 38,120 of 40,012"
    text = words_of(receipt().text)
    for said in [
        "Accepted 38,120",
        "Rejected 1,830",
        "Unknown 62",
        "All together 40,012",
        "Began November 23, 2026, 08:00 Europe/Berlin (07:00 UTC), took 1 h 24 min.",
        "Edited by ada. Approved by grace.",
        "Hedy <b>Lamarr</b> <hedy@example.org> joan@example.org",
        "and 60 more: dispatch issue report 12 --state unknown",
        "mail.example 1,830",
        "Weekly: November 30, 2026, 08:00 Europe/Berlin (07:00 UTC)",
        "The whole report: dispatch issue report 12",
    ]:
        assert said in text


def test_html_says_the_same_and_escapes_what_people_wrote() -> None:
    """A name is text, whatever is in it."""
    html = receipt().html
    assert "Hedy &lt;b&gt;Lamarr&lt;/b&gt; &lt;hedy@example.org&gt;" in html
    assert "38,120" in html
    assert "dispatch issue report 12" in html


def test_what_did_not_happen_is_not_mentioned() -> None:
    """No unknowns, no refusals, no editor, no next issue: a short mail."""
    quiet = replace(ENDED, issue=ISSUE, tally=Tally(3, {SendState.ACCEPTED: 3}), unknown=[], refusals=[], coming=None)
    text = receipt(quiet).text
    for word in ("Rejected", "Unknown", "Nobody knows", "Refused", "by ada", "resolve"):
        assert word not in text
    assert "None is planned." in text


def test_a_cancelled_issue_says_how_far_it_came() -> None:
    """In the subject and in the heading."""
    stopped = receipt(replace(ENDED, issue=replace(ISSUE, state=IssueState.CANCELLED)))
    assert stopped.subject == "Cancelled: issue 12 “Ebb and flood”, after 38,120 of 40,012"
    assert "Cancelled after 38,120 of 40,012" in stopped.text


def test_with_local_time_the_next_issue_has_a_first_and_a_last_hour() -> None:
    """Both in the list's zone and in UTC."""
    coming = Coming(Cadence.DAILY, BEGAN, BEGAN + timedelta(hours=6))
    text = words_of(receipt(replace(ENDED, coming=coming)).text)
    assert "Daily: from November 23, 2026, 08:00 Europe/Berlin (07:00 UTC) to November 23, 2026, 14:00" in text


@pytest.mark.parametrize(("span", "said"), [(4, "4 s"), (119, "119 s"), (150, "2 min"), (3600, "1 h 0 min")])
def test_a_span_is_said_in_units_that_fit_it(span: int, said: str) -> None:
    """Seconds, minutes, hours."""
    ended = replace(ISSUE, ended=BEGAN + timedelta(seconds=span))
    assert f"took {said}." in words_of(receipt(replace(ENDED, issue=ended)).text)


@pytest.mark.parametrize(
    ("language", "subject"),
    [
        ("de-AT", "Verschickt: Ausgabe 12 „Ebb and flood“ an 38.120 von 40.012"),
        ("fr", "Envoyé\u00a0: numéro 12 «\u202fEbb and flood\u202f» à 38\u202f120 sur 40\u202f012"),
        ("ja", "配信済み：第12号「Ebb and flood」 40,012件中38,120件"),
        ("tlh", "Sent: issue 12 “Ebb and flood” to 38,120 of 40,012"),
    ],
)
def test_a_receipt_speaks_the_publications_language(language: str, subject: str) -> None:
    """Or English, where there are no words for it."""
    assert receipt(language=language).subject == subject


def test_every_state_and_cadence_has_a_word() -> None:
    """Whatever a sum is made of, and however a list comes."""
    assert set(STATES) == set(FINAL_STATES)
    assert set(CADENCES) == set(Cadence)


@settings(max_examples=20)
@given(title=st.text(max_size=200))
def test_whatever_an_issue_was_called_its_receipt_is_a_message(title: str) -> None:
    """Its subject is one line that is not too long, and it compiles."""
    made = receipt(replace(ENDED, title=title))
    assert len(made.subject) <= SUBJECT
    assert compile_edition(made).data.startswith(b"From: Tide <e@tide.example.org>\r\n")


def test_a_publication_may_write_its_own_receipt(tmp_path: Path) -> None:
    """As any template."""
    (tmp_path / "email").mkdir()
    (tmp_path / "email" / "receipt.txt").write_text("{{ heading }}, ahoy!\n")
    assert receipt(own=tmp_path).text == "Sent to 38,120 of 40,012, ahoy!\n"
