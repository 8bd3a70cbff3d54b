"""What a person wants differently, through the command line."""

import json
from typing import Any

import pytest

ADA = "ada@example.org"
OFFER = 'since = 2026-01-01\ncadences = ["weekly"]'


@pytest.fixture
def reader(publication: Any) -> Any:
    """A publication that one person reads, as posts come."""
    publication.settings(since=OFFER)
    publication.people(ADA)
    publication.once()
    return publication


def shown(publication: Any, address: str) -> Any:
    """A person's only subscription."""
    done = publication.run("--json", "subscriber", "show", address)
    assert done.returncode == 0, done.stderr
    (one,) = json.loads(done.stdout)
    return one


def test_everything_about_a_person_can_be_changed(reader: Any) -> None:
    """What is named changes, what is not stays; the answer says what differs."""
    options = ["--name", "Ada King", "--language", "de", "--timezone", "Europe/Berlin", "--tags", "tide;sea"]
    done = reader.run("subscriber", "change", ADA, *options, "--cadence", "weekly")
    assert done.returncode == 0, done.stderr
    for word in ("name", "language", "timezone", "tags", "cadence"):
        assert word in done.stdout
    one = shown(reader, ADA)
    assert one["subscriber"] | {"id": 0} == {
        "id": 0,
        "email": ADA,
        "name": "Ada King",
        "language": "de",
        "timezone": "Europe/Berlin",
    }
    assert (one["cadence"], one["tags"]) == ("weekly", ["sea", "tide"])
    again = reader.run("subscriber", "change", ADA, *options)
    assert again.returncode == 0
    assert "like that already" in again.stdout
    assert reader.run("subscriber", "change", ADA, "--tags", "").returncode == 0
    assert shown(reader, ADA)["tags"] == []


REFUSALS = [
    ([], 2, "--cadence"),
    (["--cadence", "daily"], 1, "it offers: immediate, weekly"),
    (["--email", "bo@example.org"], 1, "another subscriber's"),
]


def test_what_cannot_be_changed_is_said(reader: Any) -> None:
    """The reason is named, and nothing is changed."""
    assert reader.run("subscriber", "add", "bo@example.org", "--list", "news").returncode == 0
    before = shown(reader, ADA)
    for options, code, said in REFUSALS:
        done = reader.run("subscriber", "change", ADA, *options)
        assert (done.returncode, said in done.stderr) == (code, True), (options, done.stderr)
    assert shown(reader, ADA) == before


def test_a_slower_pace_and_back_loses_and_repeats_nothing(reader: Any) -> None:
    """Posts of the weeks in between come with the first issue at the new pace, each once."""
    reader.post("one.md", "First")
    reader.once()
    assert reader.run("subscriber", "change", ADA, "--cadence", "weekly").returncode == 0
    reader.post("two.md", "Second")
    reader.once()
    assert len(reader.mails()) == 1
    assert reader.run("subscriber", "change", ADA, "--cadence", "immediate").returncode == 0
    reader.post("three.md", "Third")
    reader.once()
    texts = [mail.get_body(("plain",)).get_content() for mail in reader.mails()]
    assert [[title in text for title in ("First", "Second", "Third")] for text in texts] == [
        [True, False, False],
        [False, True, True],
    ]
