"""`dispatch subscriber import`: counts first, everybody once, whatever happens in the middle; on both databases."""

import re
from typing import Any

import pytest

from ..conftest import DATABASES


@pytest.fixture(params=sorted(DATABASES))
def stored(request: pytest.FixtureRequest, publication: Any) -> Any:
    """The publication, with its store on each database in turn."""
    url = DATABASES[request.param](request, publication.folder)
    return publication.settings(more=f'[store]\nurl = "{url}"')


def crowd(publication: Any, size: int) -> Any:
    """A file of so many people, beside the publication's own."""
    rows = "".join(f"p{number}@example.org,Ada {number}\n" for number in range(size))
    return publication.write("fair/news.csv", "email,name\n" + rows)


def count(publication: Any) -> int:
    """How many subscriptions there are, each address once."""
    done = publication.run("subscriber", "export", "-")
    assert done.returncode == 0, done.stderr
    said = done.stdout.splitlines()[1:]
    assert len({row.partition(",")[0] for row in said}) == len(said)
    return len(said)


def test_an_export_is_whole_however_slowly_it_is_read(publication: Any) -> None:
    """A pipe holds 64 KB, and what has no room waits."""
    publication.run("subscriber", "import", str(crowd(publication, 9000)), "--yes")
    rows = publication.slowly_read("subscriber", "export", "-").splitlines()
    assert len(rows) == 9001
    assert rows[-1].endswith("active")


def test_counts_come_first_and_bad_rows_are_named(stored: Any) -> None:
    """Without a terminal and without --yes nobody joins; with it all good rows do, once."""
    file = stored.write("fair/news.csv", "email,name\nada@example.org,Ada\nnobody,Bob\nAda@example.org,Again\n")
    asked = stored.run("subscriber", "import", str(file))
    assert asked.returncode == 2
    assert "2 good rows, 1 bad ones" in asked.stdout
    assert f"{file}:3" in asked.stdout
    assert count(stored) == 0
    assert "1 joined" in stored.run("subscriber", "import", str(file), "--yes").stdout
    assert "0 joined" in stored.run("subscriber", "import", str(file), "--yes").stdout
    assert count(stored) == 1


def test_a_file_with_nothing_but_mistakes_is_no_flood(stored: Any) -> None:
    """A thousand are named, the others counted; a file that is not UTF-8 brings nobody in."""
    said = stored.run("subscriber", "import", str(stored.write("news.csv", "email\n" + "x\n" * 3000)), "--yes").stdout
    assert len(re.findall("left out", said)) == 1001
    assert "2000 more rows" in said
    latin = stored.write("news.csv", b"email,name\nada@example.org,Ada\nzoe@example.org,Zo\xeb\n")
    refused = stored.run("subscriber", "import", str(latin), "--yes")
    assert refused.returncode == 1
    assert "news.csv:3: not UTF-8" in refused.stderr
    assert count(stored) == 0


def test_killed_in_the_middle_and_started_again_nobody_is_lost_or_doubled(stored: Any, tools: Any) -> None:
    """kill -9 while people come in: the same command once more brings in exactly the rest."""
    size = 60_000
    file = crowd(stored, size)
    process = stored.start("subscriber", "import", str(file), "--yes")
    log = stored.folder / "log.txt"
    assert tools.until(lambda: "good rows" in log.read_text())
    tools.until(lambda: process.poll() is not None, 0.4)
    process.kill()
    process.wait(10)
    there = count(stored)
    assert there % 10_000 == 0, "slices are whole"
    said = stored.run("subscriber", "import", str(file), "--yes").stdout
    assert f"{size - there} joined" in said
    assert count(stored) == size
