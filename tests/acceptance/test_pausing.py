"""Hours of one's own, and pausing people and lists, through the command line."""

import csv
import io
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

ADA, BO = "ada@example.org", "bo@example.org"
OFFER = 'since = 2026-01-01\nlocal_time = true\ncadences = ["daily"]'


def said(publication: Any, *arguments: str) -> str:
    """What a command says, which must succeed."""
    done = publication.run(*arguments)
    assert done.returncode == 0, done.stderr
    return str(done.stdout)


def shown(publication: Any, address: str) -> Any:
    """A person's only subscription."""
    (one,) = json.loads(said(publication, "--json", "subscriber", "show", address))
    return one


def day(days: int) -> str:
    """The date in so many days, where the publication is."""
    return (datetime.now(ZoneInfo("Europe/Berlin")) + timedelta(days)).date().isoformat()


def mailed_later(publication: Any, tools: Any, moment: str) -> list[str]:
    """Whom a pass at a moment to come would mail, one address a mail."""
    said(publication, "run", "--once", "--simulate", "--now", moment)
    outbox = Path(publication.folder) / "simulated" / "outbox" / "new"
    return sorted(tools.address_of(tools.parsed(path.read_bytes())["To"]) for path in outbox.glob("*.eml"))


@pytest.fixture
def reader(publication: Any) -> Any:
    """A publication with local time that one person reads daily, at an hour of their own."""
    publication.settings(since=OFFER)
    publication.write("subscribers/news.csv", f"email,cadence,hour\n{ADA},daily,6:00\n{BO},daily,\n")
    publication.once()
    return publication


def test_each_gets_the_digest_at_their_own_hour(reader: Any, tools: Any) -> None:
    """Between the one's hour and the list's only the one has it; a changed hour counts."""
    reader.post("one.md", "First")
    assert mailed_later(reader, tools, f"{day(3)}T06:30") == [ADA]
    assert "changed hour" in said(reader, "subscriber", "change", ADA, "--hour", "8:15")
    assert mailed_later(reader, tools, f"{day(3)}T08:00") == [BO]


def test_an_hour_travels_with_export_and_import(reader: Any) -> None:
    """It is kept as HH:MM, and given up by an empty one."""
    said(reader, "subscriber", "add", "cy@example.org", "--list", "news", "--hour", "19:05")
    exported = said(reader, "subscriber", "export", "-")
    assert [row["hour"] for row in csv.DictReader(io.StringIO(exported))] == ["06:00", "", "19:05"]
    said(reader, "subscriber", "change", ADA, "--hour", "")
    table = said(reader, "subscriber", "list")
    assert ("06:00" in table, "19:05" in table) == (False, True)


def test_an_hour_that_cannot_count_is_refused(reader: Any) -> None:
    """One that no clock shows; and any where the list has one hour for everybody, though a file may bring it."""
    done = reader.run("subscriber", "change", ADA, "--hour", "25:00")
    assert (done.returncode, "hour '25:00'" in done.stderr) == (1, True)
    reader.settings(since=OFFER.replace("true", "false"))
    for act in (["change", ADA, "--hour", "7:00"], ["add", "cy@example.org", "--list", "news", "--hour", "7:00"]):
        done = reader.run("subscriber", *act)
        assert (done.returncode, "local_time = true in [lists.news]" in done.stderr) == (1, True)
    assert shown(reader, ADA)["hour"] == "06:00"


def test_who_is_paused_gets_what_they_missed_when_they_are_back(publication: Any, tools: Any) -> None:
    """By themselves at their moment, or as soon as somebody says so; the others are not kept waiting."""
    before, back = day(1), day(2)
    publication.people(ADA, BO)
    publication.once()
    assert f"{ADA} is paused on news until" in said(publication, "subscriber", "pause", ADA, "--until", back)
    publication.post("one.md", "First")
    publication.once()
    assert publication.mailed() == [BO]
    assert mailed_later(publication, tools, f"{before}T23:59") == []
    assert mailed_later(publication, tools, f"{back}T00:00") == [ADA]
    said(publication, "subscriber", "resume", ADA)
    publication.once()
    assert publication.mailed() == [ADA, BO]


def test_a_pause_says_until_when_and_the_next_one_takes_its_place(publication: Any) -> None:
    """In the list's zone and in UTC; a day alone begins at midnight; an export does not know of it."""
    publication.people(ADA)
    publication.once()
    said(publication, "subscriber", "pause", ADA, "--until", "2030-12-24")
    words = "until Tue 24 Dec 2030 00:00 Europe/Berlin (23:00 UTC)"
    assert f"paused {words}" in said(publication, "subscriber", "show", ADA)
    again = said(publication, "subscriber", "pause", ADA, "--list", "news", "--until", "2030-12-01T08:00")
    assert "until Sun 01 Dec 2030 08:00 Europe/Berlin (07:00 UTC), no longer " + words in again
    assert shown(publication, ADA)["away_until"] == datetime(2030, 12, 1, 7, tzinfo=UTC).isoformat()
    (row,) = csv.DictReader(io.StringIO(said(publication, "subscriber", "export", "-")))
    assert row["state"] == "active"


REFUSALS = [
    (["subscriber", "pause", ADA, "--until", "2020-01-01"], 1, "past"),
    (["subscriber", "pause", BO, "--until", "2030-12-24"], 1, f"{BO} is no subscriber"),
    (["subscriber", "pause", ADA, "--list", "nope", "--until", "2030-12-24"], 1, "no list 'nope'"),
    (["subscriber", "resume", ADA], 1, "is not paused"),
    (["list", "resume", "news"], 1, "news is not paused"),
]


def test_what_cannot_be_paused_is_said(publication: Any) -> None:
    """The reason is named, and nothing is changed."""
    publication.people(ADA)
    publication.once()
    for arguments, code, words in REFUSALS:
        done = publication.run(*arguments)
        assert (done.returncode, words in done.stderr) == (code, True), (arguments, done.stderr)
    assert shown(publication, ADA)["away_until"] is None


def test_a_paused_list_mails_nobody_until_it_goes_on(publication: Any) -> None:
    """What has waited comes once; `list show` says how it stands and what comes next."""
    publication.settings(since=OFFER.replace("local_time = true", ""))
    publication.people(ADA, BO)
    publication.once()
    said(publication, "list", "pause", "news")
    publication.post("one.md", "First")
    publication.once()
    assert publication.mailed() == []
    (one,) = json.loads(said(publication, "--json", "list", "show"))
    assert (one["paused"], one["active"], [row["cadence"] for row in one["next"]]) == (True, 2, ["daily"])
    table = said(publication, "list", "show")
    assert "paused" in table
    assert re.search(r"next +news daily: .* 08:00 Europe/Berlin \(\d\d:00 UTC\)", table)
    said(publication, "list", "resume", "news")
    publication.once()
    assert publication.mailed() == [ADA, BO]
