"""Sending again, settling by hand, and the report that proves it, through the command line."""

import csv
import io
import json
from typing import Any

import pytest

PEOPLE = ["ada@example.org", "bo@example.org", "cy@example.org"]
ADA, BO, CY = PEOPLE
REFUSED = "550 5.1.1 no such user"


@pytest.fixture
def one_refused(by_smtp: Any, inbox: Any) -> Any:
    """An issue that reached all but bo."""
    by_smtp.people(*PEOPLE)
    by_smtp.post("one.md", "High tide")
    inbox.refusals[BO] = REFUSED
    with inbox.open():
        by_smtp.once()
    assert by_smtp.report(1) == {ADA: "accepted", BO: "rejected", CY: "accepted"}
    inbox.refusals.clear()
    return by_smtp


def test_only_those_who_were_refused_get_it_again(one_refused: Any, inbox: Any) -> None:
    """It shows whom and asks; without a terminal it wants --yes; the sum balances again."""
    asked = one_refused.run("issue", "resend", "1", "--state", "rejected")
    assert asked.returncode == 2
    assert "to 1 of 3 again" in asked.stdout
    assert "from editors@tide.example.org" in asked.stdout
    assert "--yes" in asked.stderr
    with inbox.open():
        done = one_refused.run("issue", "resend", "1", "--state", "rejected,expired", "--yes")
    assert done.returncode == 0, done.stderr
    assert sorted(inbox.recipients) == PEOPLE
    assert set(one_refused.report(1).values()) == {"accepted"}
    assert "balances" in one_refused.run("issue", "report", "1").stdout


def test_who_has_it_gets_it_again_where_somebody_insists(one_refused: Any, inbox: Any) -> None:
    """With --again those named who accepted it get a second one, and nobody else."""
    with inbox.open():
        assert one_refused.run("issue", "resend", "1", "--to", f"{ADA},{BO}", "--again", "--yes").returncode == 0
    assert sorted(inbox.recipients) == [ADA, ADA, BO, CY]


REFUSALS = [
    ([], 2, "either --state or --to"),
    (["--state", "lost"], 2, "no state 'lost'"),
    (["--to", ADA], 1, "--again"),
]


def test_what_cannot_be_is_said(one_refused: Any, inbox: Any) -> None:
    """Wrong calls are exit 2, what cannot be done is exit 1, and nobody is mailed."""
    for options, code, said in REFUSALS:
        done = one_refused.run("issue", "resend", "1", *options, "--yes")
        assert (done.returncode, said in done.stderr) == (code, True), (options, done.stderr)
    assert len(inbox.recipients) == 2


def test_a_mended_address_gets_what_the_old_one_refused(one_refused: Any, inbox: Any) -> None:
    """A typo is corrected and the issue sent again: to the new address, and no file brings back the old one."""
    changed = one_refused.run("subscriber", "change", BO, "--email", "Bob@Example.org")
    assert changed.returncode == 0, changed.stderr
    with inbox.open():
        assert one_refused.run("issue", "resend", "1", "--to", "bob@example.org", "--yes").returncode == 0
        one_refused.people(*PEOPLE, "bob@example.org")
        one_refused.once()
    assert sorted(inbox.recipients) == [ADA, "bob@example.org", CY]
    assert one_refused.run("subscriber", "show", BO).returncode == 1


def test_the_report_tells_who_refused_and_why(one_refused: Any) -> None:
    """Domains, the server's words, addresses by state; as CSV and JSON as well."""
    report = one_refused.run("issue", "report", "1", "--state", "rejected").stdout
    assert "1 at example.org" in report
    assert "1 × rejected: " in report
    assert "no such user" in report
    assert BO in report
    assert ADA not in report
    table = one_refused.run("issue", "report", "1", "--csv", "--state", "rejected", "--state", "accepted").stdout
    assert {row["email"] for row in csv.DictReader(io.StringIO(table))} == set(PEOPLE)
    answer = json.loads(one_refused.run("--json", "issue", "report", "1").stdout)
    assert answer["tally"]["counts"] == {"accepted": 2, "rejected": 1}


def test_the_report_says_what_is_missing(by_smtp: Any) -> None:
    """While a server is down: how many wait, for which try, when, and what was said; paused: until somebody resumes."""
    by_smtp.people(*PEOPLE)
    by_smtp.post("one.md", "High tide")
    assert by_smtp.run("run", "--once").returncode == 1
    report = by_smtp.run("issue", "report", "1").stdout
    assert "3 wait for another try at " in report
    assert "cannot be reached" in report
    assert by_smtp.run("issue", "pause", "1").returncode == 0
    assert "dispatch issue resume 1" in by_smtp.run("issue", "report", "1").stdout
    status = by_smtp.run("status")
    assert status.returncode == 1
    assert "paused by" in status.stdout


def test_a_bounce_that_an_editor_reads_suppresses_the_address(one_refused: Any, inbox: Any) -> None:
    """`resolve` takes later news too: the report counts it, and the address is not mailed again."""
    done = one_refused.run("issue", "resolve", "1", "--address", CY, "--as-state", "bounced")
    assert done.returncode == 0, done.stderr
    assert "1 bounced" in one_refused.run("issue", "report", "1").stdout
    again = one_refused.run("issue", "resolve", "1", "--address", CY, "--as-state", "delivered")
    assert again.returncode == 1
    assert "graver news" in again.stderr
    one_refused.post("two.md", "Low tide", date="2026-06-02")
    with inbox.open():
        one_refused.once()
    assert inbox.recipients.count(CY) == 1
    assert inbox.recipients.count(ADA) == 2
