"""Editors on the command line: their own issues, the next digest, approval, times, and what is refused."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ADA, BOB = "ada@example.org", "bob@example.org"
WEEKLY = 'at = "mon 08:00"\n'


@pytest.fixture
def weekly(publication: Any) -> Any:
    """A weekly list with two readers and three posts that wait."""
    publication.settings()
    text = (publication.folder / "dispatch.toml").read_text()
    publication.write("dispatch.toml", text.replace('cadence = "immediate"', f'cadence = "weekly"\n{WEEKLY}'))
    publication.people(ADA, BOB)
    publication.once()
    for name in ("Ebb", "Flood", "Slack"):
        publication.post(f"{name}.md", name)
    publication.once()
    return publication


def ids(publication: Any) -> dict[str, int]:
    """The numbers of posts by title."""
    return {post["title"]: post["id"] for post in json.loads(publication.run("post", "list", "--json").stdout)}


def done(publication: Any, *arguments: str, code: int = 0) -> str:
    """What a command said, which must end with this code."""
    ended = publication.run(*arguments)
    assert ended.returncode == code, ended.stdout + ended.stderr
    return str(ended.stdout + ended.stderr)


def test_an_issue_by_hand_from_draft_to_inbox(weekly: Any) -> None:
    """Made from posts with an intro, previewed, tested, sent, and reported."""
    known = ids(weekly)
    intro = weekly.write("intro.md", "Dear *reader*, this is [ours](/about).\n")
    posts = f"{known['Slack']},{known['Ebb']}"
    said = done(weekly, "issue", "new", "--list", "news", "--post", posts, "--intro", str(intro), "--subject", "Mine")
    number = said.split()[1]
    shown = done(weekly, "issue", "show", number)
    assert shown.index("Slack") < shown.index("Ebb")
    assert "Flood" not in shown
    out = weekly.folder / "look"
    done(weekly, "issue", "preview", number, "--out", str(out), "--for", BOB)
    assert "Dear" in (out / "edition.txt").read_text()
    assert "https://tide.example.org/about" in (out / "edition.html").read_text()
    done(weekly, "issue", "test", number, "--to", "me@example.org")
    assert weekly.mailed() == ["me@example.org"]
    done(weekly, "issue", "send", number, "--yes")
    assert weekly.mailed() == [ADA, BOB, "me@example.org"]
    assert set(weekly.report(int(number)).values()) == {"accepted"}


def test_the_next_digest_is_shaped_and_goes_with_its_slot(weekly: Any) -> None:
    """It has a number at once; what an editor says is what a pass at the slot mails, and the plan says so before."""
    known = ids(weekly)
    drafts = json.loads(done(weekly, "issue", "list", "--json"))
    (number,) = [str(one["issue"]["number"]) for one in drafts]
    done(weekly, "issue", "edit", number, "--subject", "The week", "--leave-out", str(known["Flood"]))
    planned = json.loads(done(weekly, "plan", "--json"))[0]
    assert (planned["number"], planned["people"]) == (int(number), 2)
    assert sorted(planned["posts"]) == ["Ebb", "Slack"]
    said = done(weekly, "run", "--once", "--simulate", "--now", planned["at"])
    assert "accepted 2 of 2" in said
    mails = [path.read_text() for path in (weekly.folder / "simulated" / "outbox" / "new").glob("*.eml")]
    assert all("Subject: The week" in mail for mail in mails)


def test_a_second_person_approves(weekly: Any) -> None:
    """Nobody approves what they shaped themselves; an edit voids the approval; status tells that one is waited for."""
    text = (weekly.folder / "dispatch.toml").read_text()
    weekly.write("dispatch.toml", text.replace(WEEKLY, f"{WEEKLY}approval = true\n"))
    said = done(weekly, "issue", "new", "--list", "news", "--post", str(ids(weekly)["Ebb"]), "--as", "imke")
    number = said.split()[1]
    assert "approval" in done(weekly, "issue", "send", number, "--yes", code=1)
    assert "Imke" in done(weekly, "issue", "approve", number, "--as", "Imke", code=1)
    done(weekly, "issue", "approve", number, "--as", "jonas")
    said = done(weekly, "issue", "edit", number, "--subject", "New", "--as", "imke")
    assert "approval by jonas is void" in said
    assert "approval" in done(weekly, "issue", "send", number, "--yes", code=1)
    done(weekly, "issue", "approve", number, "--as", "jonas")
    done(weekly, "issue", "send", number, "--yes")
    assert weekly.mailed() == [ADA, BOB]
    history = done(weekly, "issue", "show", number)
    assert [word for word in ("new by imke", "approve by jonas", "edit by imke") if word not in history] == []


def test_a_time_is_echoed_in_the_lists_zone_and_in_utc_and_taken_back(weekly: Any) -> None:
    """Schedule says when it goes, in both; undo makes it a draft again."""
    number = done(weekly, "issue", "new", "--list", "news", "--post", str(ids(weekly)["Ebb"])).split()[1]
    said = done(weekly, "issue", "schedule", number, "--at", "2027-01-11T08:00")
    assert "Mon 11 Jan 2027 08:00 Europe/Berlin (07:00 UTC)" in said
    assert "a draft again" in done(weekly, "issue", "undo", number)
    assert "nothing to undo" in done(weekly, "issue", "undo", number, code=1)


REFUSED = {
    "a time in the past": (["schedule", "{n}", "--at", "2020-01-01T08:00"], 1, "past"),
    "no time at all": (["schedule", "{n}", "--at", "banana"], 1, "banana"),
    "an hour that the night leaves out": (["schedule", "{n}", "--at", "2027-03-28T02:30"], 1, "02:30"),
    "a post that is none": (["edit", "{n}", "--post", "x"], 2, "no post's number"),
    "an unknown post": (["edit", "{n}", "--post", "99"], 1, "no post 99"),
    "a subject of two lines": (["edit", "{n}", "--subject", "one\ntwo"], 1, "one line"),
    "an intro that is not there": (["edit", "{n}", "--intro", "nowhere.md"], 2, "nowhere.md"),
    "no wish, and nobody at a terminal": (["edit", "{n}"], 2, "--intro"),
    "an older version": (["edit", "{n}", "--subject", "x", "--version", "0"], 1, "changed"),
    "a version to come": (["edit", "{n}", "--subject", "x", "--version", "7"], 1, "no version 7"),
    "who got issue nought": (["new", "--list", "news", "--intro", "-", "--to-recipients-of", "0"], 2, "equal to 1"),
    "a revision of nothing": (["new", "--list", "news", "--intro", "-", "--revision", "2"], 2, "--to-recipients-of"),
    "a language that is none": (["edit", "{n}", "--subject", "x", "--language", "klingon!"], 1, "language"),
    "an unknown issue": (["approve", "99"], 1, "no issue 99"),
    "an unknown list": (["new", "--list", "nowhere", "--intro", "-"], 1, "nowhere"),
    "a cadence that is none": (["new", "--list", "news", "--cadence", "hourly"], 2, "hourly"),
    "a cadence that the list does not offer": (["new", "--list", "news", "--cadence", "daily"], 1, "weekly"),
    "an issue of nothing": (["new", "--list", "news"], 1, "--post"),
    "who got what has not begun": (["new", "--list", "news", "--intro", "-", "--to-recipients-of", "{n}"], 1, "edit"),
    "a preview for a stranger": (["preview", "{n}", "--out", "x", "--for", "eve@example.org"], 1, "eve@example.org"),
    "a test to nobody": (["test", "{n}", "--to", "nonsense"], 1, "nonsense"),
}  # fmt: skip


def test_what_cannot_be_is_refused_in_words(weekly: Any) -> None:
    """Each with its exit code and what is meant; and nothing has been sent or changed."""
    number = done(weekly, "issue", "new", "--list", "news", "--post", str(ids(weekly)["Ebb"])).split()[1]
    before = done(weekly, "issue", "show", number)
    for case, (words, code, said) in REFUSED.items():
        arguments = [word.replace("{n}", number) for word in words]
        ended = subprocess.run(
            weekly._command("issue", *arguments), input="Hello.", capture_output=True, text=True, cwd=weekly.folder
        )
        assert (ended.returncode, "Traceback" in ended.stderr) == (code, False), (case, ended.stdout, ended.stderr)
        assert said in ended.stderr, (case, ended.stderr)
    assert done(weekly, "issue", "show", number) == before
    assert weekly.mails() == []


def test_an_issue_is_not_sent_twice(weekly: Any) -> None:
    """The second `send` is refused, and nobody gets a second mail."""
    number = done(weekly, "issue", "new", "--list", "news", "--post", str(ids(weekly)["Ebb"])).split()[1]
    done(weekly, "issue", "send", number, "--yes")
    assert "is sent" in done(weekly, "issue", "send", number, "--yes", code=1)
    assert weekly.mailed() == [ADA, BOB]


def test_an_editor_writes_in_their_own_text_editor(weekly: Any, tmp_path: Path) -> None:
    """`issue edit N` opens $EDITOR on a sheet; what is saved there is what the issue says."""
    number = str(json.loads(done(weekly, "issue", "list", "--json"))[0]["issue"]["number"])
    script = tmp_path / "editor.py"
    script.write_text(
        "import pathlib, re, sys\n"
        "path = pathlib.Path(sys.argv[1])\n"
        "text = path.read_text().replace('subject: \"\"', 'subject: \"From my editor\"')\n"
        "text = re.sub(r'  - \\d+  # Flood\\n', '', text)\n"
        "path.write_text(text + 'Good morning.\\n')\n"
    )
    weekly.env["EDITOR"] = f"{sys.executable} {script}"
    master, terminal = pty.openpty()
    command = weekly._command("issue", "edit", number)
    ended = subprocess.run(command, stdin=terminal, stdout=terminal, stderr=terminal, env=weekly._env, timeout=60)
    os.close(terminal)
    said = os.read(master, 10_000).decode()
    os.close(master)
    assert ended.returncode == 0, said
    shown = done(weekly, "issue", "show", number)
    assert [word for word in ("From my editor", "Good morning.", "left out") if word not in shown] == [], shown


def test_a_sheet_that_lost_its_posts_changes_nothing(weekly: Any) -> None:
    """Whoever deletes the head of the sheet by mistake leaves no post out."""
    sheet = weekly.write("sheet.py", "import pathlib, sys\npathlib.Path(sys.argv[1]).write_text('Only an intro.\\n')\n")
    weekly.env["EDITOR"] = f"{sys.executable} {sheet}"
    master, terminal = pty.openpty()
    command = weekly._command("issue", "edit", "1")
    ended = subprocess.run(
        command, stdin=terminal, stdout=terminal, stderr=terminal, env=weekly._env, cwd=weekly.folder, timeout=60
    )
    os.close(terminal)
    os.close(master)
    assert ended.returncode == 1
    assert (weekly.folder / "issue-1-yours.md").read_text() == "Only an intro.\n"
    assert "left out" not in done(weekly, "issue", "show", "1")


def test_the_grace_time_lets_ctrl_c_take_a_send_back(weekly: Any, tools: Any) -> None:
    """Without a service the command waits; an interrupt undoes the send, and nobody is mailed."""
    text = (weekly.folder / "dispatch.toml").read_text()
    weekly.write("dispatch.toml", text.replace(WEEKLY, f'{WEEKLY}grace = "1 hour"\n'))
    number = done(weekly, "issue", "new", "--list", "news", "--post", str(ids(weekly)["Ebb"])).split()[1]
    process = weekly.start("issue", "send", number, "--yes")
    log = weekly.folder / "log.txt"
    assert tools.until(lambda: "take it back" in log.read_text()), log.read_text()
    process.send_signal(2)
    assert process.wait(10) == 0, log.read_text()
    assert "taken back" in log.read_text()
    assert "no time yet" in done(weekly, "issue", "show", number)
    assert weekly.mails() == []
