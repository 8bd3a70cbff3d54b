"""Before it goes out: what is wrong with a mail is named with file, line and cure, and a fault is an exit code."""

import json
import random
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image

FAULTY = """\
---
title: "RE: LAST CHANCE FOR THE TIDE!!!"
date: 2026-06-01
---

Read the [old post](/posts/gone/), [ours](http://tide.example.org/about) and [the new one](ebb.md).

Click [here](https://example.org/a).

![](noise.png)

![IMG_1234](noise.png)

![A map](https://elsewhere.example.org/map.svg)

[https://bank.example.com](https://swindle.example.net/x) and [short](https://bit.ly/abc).

An [about](/about) page, and a ![boat](boat.jpg).

"""
WORDS = "The pier stands in water to its knees, twice a day, and nobody who walks on it asks how it came to be there.\n"
# What stands where in it: check → the line in the post, and a word of what is said.
FOUND = [
    ("fault", "links", 6, "not there"),
    ("fault", "pictures", 18, "not there"),
    ("warning", "subject", 2, "capitals"),
    ("warning", "subject", 2, "exclamation"),
    ("warning", "subject", 2, "answer"),
    ("warning", "links", 6, "without encryption"),
    ("warning", "links", 18, "does not write"),
    ("warning", "alt", 10, "no text"),
    ("warning", "alt", 12, "file's name"),
    ("warning", "weight", 10, "over 1.0 MB"),
    ("warning", "filters", 16, "names one site"),
    ("warning", "filters", 16, "shortener"),
    ("note", "links", 8, "does not say"),
    ("note", "pictures", 14, "shows no such picture"),
]


def heavy_png() -> bytes:
    """A picture that no packing makes small."""
    file = BytesIO()
    Image.frombytes("RGB", (640, 640), random.Random(7).randbytes(640 * 640 * 3)).save(file, "PNG")  # noqa: S311
    return file.getvalue()


def test_what_is_wrong_is_named_by_file_and_line(publication: Any) -> None:
    """Each seeded fault is found in its post, with what it is and what to do, and nothing else is.

    A preview that found something has not failed. A person reads a line a finding, after the files and the sums.
    """
    publication.settings()
    publication.post("ebb.md", "Ebb", summary="The water goes.", date="2026-05-01")
    publication.write("posts/faulty.md", FAULTY + WORDS * 10)
    publication.write("posts/noise.png", heavy_png())
    publication.once()
    command = ("issue", "preview", "--list", "news", "--out", str(publication.folder / "look"))
    answered, said = publication.run(*command, "--json"), publication.run(*command)
    assert (answered.returncode, said.returncode) == (0, 0)
    (one,) = json.loads(answered.stdout)
    expected = [(severity, check, f"posts/faulty.md:{line}") for severity, check, line, _ in FOUND]
    assert [(found["severity"], found["check"], found["where"]) for found in one["findings"]] == expected
    assert [
        found["said"] for found, (*_, words) in zip(one["findings"], FOUND, strict=True) if words not in found["said"]
    ] == []
    assert all(found["cure"].endswith(".") for found in one["findings"])
    assert [Path(file).name for file in one["files"]] == ["edition.html", "edition.txt", "message.eml"]
    lines = said.stdout.splitlines()
    assert lines[3] == f"{Path(one['files'][0]).stat().st_size:,} bytes of HTML; 2 faults, 10 warnings, 2 notes"
    assert lines[4].startswith("fault    links: posts/faulty.md:6: a link leads to a page that is not there: https://")
    assert len(lines) == 4 + len(FOUND)


def test_a_fault_fails_the_check_and_a_warning_does_not(publication: Any) -> None:
    """Exit code 1 only where a mail should not go out; mended, it is 0 again."""
    publication.settings()
    publication.post("flood.md", "Flood", "[Old](/posts/gone/)", summary="The water comes.")
    publication.once()
    done = publication.run("check", "--json")
    assert done.returncode == 1
    (broken,) = [one for one in json.loads(done.stdout) if not one["ok"]]
    assert broken["what"] == "list news, links"
    assert broken["said"].startswith("posts/flood.md:7: a link leads to a page that is not there")
    publication.post("flood.md", "Flood", "[About](/about) us", summary="The water comes.")
    publication.once()
    done = publication.run("check")
    assert done.returncode == 0, done.stdout
    assert "\nwarn  list news, links: posts/flood.md:7: a link leads to a page of the site that" in done.stdout


def test_the_first_issue_is_looked_at_before_it_goes(publication: Any) -> None:
    """Nothing is known of posts before the first pass; a pass on a copy says what it would send and what is wrong."""
    publication.settings()
    publication.people("ada@example.org")
    publication.post("flood.md", "Flood", "[Old](/posts/gone/) and [older](/posts/lost/)", summary="The water comes.")
    shown = publication.run("issue", "preview", "--list", "news", "--out", str(publication.folder / "look"))
    assert (shown.returncode, "`dispatch run --once --simulate`" in shown.stderr) == (1, True)
    assert "`dispatch run --once --simulate`" in publication.run("check").stdout
    simulated = publication.run("run", "--once", "--simulate")
    assert simulated.returncode == 0
    lines = [line.split() for line in simulated.stdout.splitlines() if "look  " in line or " fault " in line]
    page = publication.folder / "simulated/preview/1/edition.html"
    assert [line[:3] for line in lines] == [
        ["look", str(page), "(issue"],
        *[["fault", "links:", "posts/flood.md:7:"]] * 2,
    ]
    assert "Flood" in page.read_text()
    assert publication.mails() == []


def test_a_finding_is_said_once_for_all_editions(publication: Any) -> None:
    """With the names of those that have it, where not all have; a line of a hundred is a number like any other."""
    publication.settings()
    publication.write("subscribers/news.csv", "email,language\nada@example.org,\nbo@example.org,\ncy@example.org,de\n")
    publication.post("flood.md", "Flood", "\n" * 93 + "[Old](/posts/gone/)", summary="The water comes.")
    publication.once()
    intro = publication.write("moin.md", "[Alt](/posts/lost/)")
    publication.run("issue", "new", "--list", "news", "--post", "1")
    publication.run("issue", "edit", "2", "--language", "de", "--intro", str(intro))
    said = publication.run("issue", "preview", "2", "--out", str(publication.folder / "look")).stdout.splitlines()
    assert [line.partition(": a link")[0] for line in said if line.startswith("fault")] == [
        "fault    links: posts/flood.md:100",
        "fault    links (de): line 1 of the intro",
    ]
