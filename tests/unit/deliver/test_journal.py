"""What is known of a message when the process that sent it is dead."""

import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.deliver import journal
from dispatch.deliver.journal import STATE_OF, Journal, Mark

NAME = journal.name_of(12, 3, "abc")


def written(folder: Path, entries: list[tuple[int, Mark]]) -> None:
    """A journal whose writer has died."""
    book = Journal.create(folder, NAME)
    people = sorted({subscriber for subscriber, _ in entries})
    if people:
        book.begin(people)
    for subscriber, mark in entries:
        book.mark(people.index(subscriber), mark)
    del book  # its file closes, its lock is free


entries = st.lists(st.tuples(st.integers(1, 2**40), st.sampled_from(Mark)), max_size=20)


@given(entries)
def test_the_last_mark_counts(entries: list[tuple[int, Mark]]) -> None:
    """Of each recipient the last mark is believed; who has none was not handed over."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        written(folder, entries)
        found = journal.read(folder, journal.place(NAME))
    assert found is not None
    assert {who: receipt.state for who, receipt in found.items()} == {who: STATE_OF[mark] for who, mark in entries}


@given(entries.filter(bool), st.integers(1, 30))
def test_a_journal_of_another_form_proves_nothing(entries: list[tuple[int, Mark]], length: int) -> None:
    """A file that is cut short, or was written by another version, says of nobody that they were not handed over."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        written(folder, entries)
        whole = (folder / NAME).read_bytes()
        (folder / NAME).write_bytes(whole[: min(length, len(whole) - 1)])
        assert journal.read(folder, journal.place(NAME)) is None


def test_an_intent_without_an_answer_is_unknown(tmp_path: Path) -> None:
    """Who was being handed over is in doubt; who was answered is not."""
    written(tmp_path, [(1, Mark.INTENT), (1, Mark.ACCEPTED), (2, Mark.INTENT)])
    found = journal.read(tmp_path, journal.place(NAME))
    assert found is not None
    assert [found[1].state.value, found[2].state.value] == ["accepted", "unknown"]


def test_a_mark_outlives_a_kill(tmp_path: Path) -> None:
    """What was marked is there for the next reader, although the process was killed at once."""
    with other_process(tmp_path, MARK + HOLD_ON) as process:
        process.kill()
        process.wait()
    found = journal.read(tmp_path, journal.place(NAME))
    assert found is not None
    assert [(who, receipt.state.value) for who, receipt in found.items()] == [(7, "accepted"), (9, "unknown")]


@pytest.mark.parametrize(
    "place",
    [
        f"other-machine/{journal.boot()}/{NAME}",
        f"{journal.machine()}/other-boot/{NAME}",
        f"{journal.machine()}//{NAME}",
    ],
)
def test_another_boots_or_machines_journal_is_not_trusted(place: str, tmp_path: Path) -> None:
    """After a power cut, or from elsewhere, the file proves nothing."""
    written(tmp_path, [(1, Mark.ACCEPTED)])
    assert journal.read(tmp_path, place) is None


def test_a_lost_journal_is_not_an_empty_one(tmp_path: Path) -> None:
    """Without the file nothing is known; an empty file says that nobody was handed over."""
    assert journal.read(tmp_path, journal.place(NAME)) is None
    written(tmp_path, [])
    assert journal.read(tmp_path, journal.place(NAME)) == {}


HOLD = """
import sys
from pathlib import Path
from dispatch.deliver.journal import Journal
book = Journal.create(Path(sys.argv[1]), sys.argv[2])
"""
MARK = """
book.begin([7, 8, 9])
book.mark(0, 2)
book.mark(2, 1)
"""
HOLD_ON = """
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def other_process(folder: Path, then: str = HOLD_ON) -> Iterator["subprocess.Popen[str]"]:
    """A second process that has made the journal and holds it."""
    command = [sys.executable, "-c", HOLD + then, str(folder), NAME]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            assert process.stdout.readline() == "held\n"
            yield process
        finally:
            process.kill()


def test_a_living_holder_is_seen_and_so_is_its_death(tmp_path: Path) -> None:
    """While another process holds its journal it lives; killed, its lock is free at once."""
    where = journal.place(NAME)
    with other_process(tmp_path) as process:
        assert journal.is_held(tmp_path, where) is True
        process.kill()
        process.wait()
        assert journal.is_held(tmp_path, where) is False


def test_another_machines_holder_cannot_be_seen(tmp_path: Path) -> None:
    """From here nobody knows whether it lives."""
    assert journal.is_held(tmp_path, f"other-machine/boot/{NAME}") is None


def test_looking_does_not_take_the_lock(tmp_path: Path) -> None:
    """Whoever asks whether a holder lives is not mistaken for one."""
    written(tmp_path, [])
    assert journal.is_held(tmp_path, journal.place(NAME)) is False
    with (tmp_path / NAME).open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_a_closed_journal_is_free_although_it_was_begun(tmp_path: Path) -> None:
    """Closing lets go of the lock at once, whoever still holds the object; and no late mark is made."""
    book = Journal.create(tmp_path, NAME)
    book.begin([1, 2])
    assert journal.is_held(tmp_path, journal.place(NAME)) is True
    book.close()
    assert journal.is_held(tmp_path, journal.place(NAME)) is False
    with pytest.raises(ValueError, match="closed"):
        book.mark(0, Mark.INTENT)


def test_no_claim_writes_into_anothers_journal(tmp_path: Path) -> None:
    """A name that is taken is refused."""
    written(tmp_path, [(1, Mark.ACCEPTED)])
    with pytest.raises(FileExistsError):
        Journal.create(tmp_path, NAME)


def test_a_dropped_journal_leaves_nothing(tmp_path: Path) -> None:
    """What the ledger knows needs no file any more."""
    book = Journal.create(tmp_path, NAME)
    book.drop()
    assert os.listdir(tmp_path) == []
    journal.forget(tmp_path, journal.place(NAME))
