"""A subscribers' file: good rows are taken, bad ones named by their line."""

import csv
import io
from dataclasses import dataclass
from datetime import time
from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.errors import SubscribersError
from dispatch.model.post import Problem
from dispatch.model.subscriber import Cadence, FileRow, SubscriptionState
from dispatch.subscribe.csvfile import COLUMNS, person_row, read_csv

OFFERED = {"weekly": (Cadence.WEEKLY, Cadence.DAILY), "news": (Cadence.IMMEDIATE,)}

TURNING = {chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))}  # bidi embeddings and the like


@dataclass(frozen=True)
class Reading:
    """What a file holds."""

    rows: list[FileRow]
    problems: list[Problem]


def read(text: str | bytes) -> Reading:
    """The reading of a file named weekly.csv."""
    file = io.BytesIO(text if isinstance(text, bytes) else text.encode())
    found = list(read_csv(file, "subscribers/weekly.csv", "weekly", OFFERED))
    return Reading(
        [one for one in found if isinstance(one, FileRow)], [one for one in found if isinstance(one, Problem)]
    )


def problems(text: str) -> list[tuple[int | None, str]]:
    """Line and message of every problem."""
    return [(problem.line, problem.message) for problem in read(text).problems]


def test_a_row_with_an_address_is_enough() -> None:
    """All columns but email may be missing; the file's list, its default cadence and `active` are taken."""
    (row,) = read("email\nAda@Example.ORG\n").rows
    terms = row.terms
    assert (row.email, terms.lists, terms.cadence, terms.tags, terms.state, row.line) == (
        "ada@example.org",
        ("weekly",),
        None,
        (),
        SubscriptionState.ACTIVE,
        2,
    )


def test_every_column_is_read() -> None:
    """Columns may come in any order and case; cells are trimmed; several values are parted by semicolons."""
    (row,) = read(
        "Email, NAME ,lists,cadence,tags,timezone,Hour,language,state\n"
        'ada@example.org,"Lovelace, Ada",weekly ; weekly,Daily,sea; moon;sea,Europe/Berlin, 7:30 ,de,pending\n'
    ).rows
    assert (row.name, row.hour) == ("Lovelace, Ada", "07:30")
    terms = row.terms
    assert set(terms.lists) == {"weekly"}
    assert (terms.cadence, terms.tags, terms.timezone) == (Cadence.DAILY, ("moon", "sea"), "Europe/Berlin")
    assert (terms.language, terms.state) == ("de", SubscriptionState.PENDING)


BAD_ROWS = [
    ("nobody", "email 'nobody'"),
    (",Ada", "email is empty"),
    ("a@example.org,,other", "there is no list 'other'"),
    ("a@example.org,,,monthly", "has no cadence 'monthly'"),
    ("a@example.org,,,hourly", "cadence 'hourly'"),
    ("a@example.org,,,,,Europe/Bärlin", "timezone 'Europe/Bärlin'"),
    ("a@example.org,,,,,../../etc/passwd", "timezone"),
    ("a@example.org,,,,,,25:00", "hour '25:00'"),
    ("a@example.org,,,,,,08:60", "hour '08:60'"),
    ("a@example.org,,,,,,,,gone", "state 'gone'"),
    (f"a@example.org,{'x' * 301}", "name is longer"),
    ("a@example.org,,,,,,,,,too many", "more cells than columns"),
    ('"a@example.org" x,', "quotation marks"),
    ("a@example.org,,,,,,,d\0e", "NUL"),
]


@pytest.mark.parametrize(("row", "message"), BAD_ROWS)
def test_a_bad_row_is_named_by_its_line_and_the_others_are_taken(row: str, message: str) -> None:
    """One bad row costs nobody else their place, and says which line to mend."""
    reading = read(f"{','.join(COLUMNS)}\nfirst@example.org\n{row}\nlast@example.org\n")
    assert [(problem.line, problem.where) for problem in reading.problems] == [(3, "subscribers/weekly.csv")]
    assert message in reading.problems[0].message
    assert [(good.email, good.line) for good in reading.rows] == [("first@example.org", 2), ("last@example.org", 4)]


def test_blank_lines_do_not_shift_line_numbers() -> None:
    """A row is named by the line on which a person finds it, after blank lines too."""
    assert [line for line, _ in problems("email\n\n\nbad\n\nworse\n")] == [4, 6]
    assert [row.line for row in read("email\n\na@example.org\nb@example.org\n").rows] == [3, 4]


def test_a_cell_over_several_lines_does_not_shift_line_numbers() -> None:
    """A quoted cell may hold line breaks; a row is named by the line on which it begins."""
    text = 'email,name\na@example.org,"Ada\nLovelace"\nbad,x\n"worse\nthan",y\nb@example.org,Bob\n'
    reading = read(text)
    assert [(row.email, row.name, row.line) for row in reading.rows] == [
        ("a@example.org", "Ada Lovelace", 2),
        ("b@example.org", "Bob", 7),
    ]
    assert [problem.line for problem in reading.problems] == [4, 5]


def test_two_broken_rows_in_a_row_keep_their_lines() -> None:
    """A row that is no CSV does not shift the lines of those after it."""
    assert [line for line, _ in problems('email\n"a"x\n"b"y\nbad\n')] == [2, 3, 4]


def test_an_open_quotation_mark_is_reported() -> None:
    """A cell that never ends takes nobody silently away."""
    reading = read('email,name\na@example.org,Ada\nb@example.org,"Bob\nc@example.org,Cy\n')
    assert [row.email for row in reading.rows] == ["a@example.org"]
    assert [problem.line for problem in reading.problems] == [3]


@pytest.mark.parametrize("head", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_byte_order_mark_and_line_ends_do_not_matter(head: bytes, end: bytes) -> None:
    """What spreadsheets write is read alike."""
    rows = read(head + end.join([b"email,name", b"a@example.org,Ada", b"bad,x", b"b@example.org,Bob", b""])).rows
    assert [(row.email, row.name, row.line) for row in rows] == [
        ("a@example.org", "Ada", 2),
        ("b@example.org", "Bob", 4),
    ]


BAD_FILES = [
    (b"", "first row"),
    (b"name\nAda\n", "first row"),
    (b"a@example.org\n", "first row"),
    (b"email,phone\na@example.org,1\n", "'phone'"),
    (b'"email"x,name\na@example.org,1\n', "first row"),
    (b"email,name,email\na@example.org,Ada,b@example.org\n", "twice"),
]


@pytest.mark.parametrize(("data", "message"), BAD_FILES)
def test_a_file_that_is_no_table_of_subscribers_is_an_error(data: bytes, message: str) -> None:
    """Without a right header nobody is taken, and the first line is named."""
    with pytest.raises(SubscribersError, match=message) as caught:
        read(data)
    assert caught.value.line == 1


def test_a_file_in_another_encoding_is_an_error_with_its_line() -> None:
    """A name in Latin-1 is not guessed at."""
    with pytest.raises(SubscribersError, match="UTF-8") as caught:
        read("email,name\na@example.org,Ada\nb@example.org,Zoë\n".encode("latin-1"))
    assert caught.value.line == 3


def test_a_file_is_refused_whole_for_one_bad_byte_however_late() -> None:
    """The line is named though the file is read as it comes, far ahead of its rows."""
    rows = "".join(f"p{number}@example.org,Ada\n" for number in range(5000)).encode()
    with pytest.raises(SubscribersError, match="UTF-8") as caught:
        read(b"email,name\n" + rows + b"zoe@example.org,Zo\xeb\nlast@example.org,Bob\n")
    assert caught.value.line == 5002


HOURS = [("0:00", "00:00"), ("7:30", "07:30"), ("07:30", "07:30"), ("19:05", "19:05"), ("23:59", "23:59"), ("", "")]


@pytest.mark.parametrize(("written", "meant"), HOURS)
def test_an_hour_is_a_time_of_day_with_two_digits_each(written: str, meant: str) -> None:
    """However people write it, equal hours are equal; an empty one is the list's."""
    cells = {"email": "a@example.org", "hour": written}
    assert person_row(cells, "", 1, "weekly", OFFERED).hour == meant
    (row,) = read(f"email,hour\na@example.org,{written}\n").rows
    assert row.hour == meant


@given(st.text(max_size=6) | st.from_regex(r"\d{1,3}:\d{1,3}", fullmatch=True))
def test_every_hour_that_is_taken_is_one_that_a_clock_shows(written: str) -> None:
    """Whatever is written, it is HH:MM from 00:00 to 23:59, the list's, or refused."""
    try:
        hour = person_row({"email": "a@example.org", "hour": written}, "", 1, "weekly", OFFERED).hour
    except ValueError:
        return
    assert hour == "" or time.fromisoformat(hour).isoformat("minutes") == hour


@given(st.text(max_size=40))
def test_a_name_is_its_words_with_nothing_unseen_between_them(name: str) -> None:
    """Controls and what turns text round go, blanks become one; joiners stay, for words and emoji need them."""
    kept = "".join(char for char in name if char.isspace() or not (category(char) in ("Cc", "Cs") or char in TURNING))
    assert person_row({"email": "a@example.org", "name": name}, "", 1, "weekly", OFFERED).name == " ".join(kept.split())


@pytest.mark.parametrize("name", ["👨\u200d👩\u200d👧", "می\u200cخواهم", "क्\u200dष"])
def test_a_name_keeps_its_joiners(name: str) -> None:
    """A family stays one emoji, and Persian and Indic words keep their shape."""
    assert person_row({"email": "a@example.org", "name": name}, "", 1, "weekly", OFFERED).name == name


def test_a_name_cannot_hold_control_characters() -> None:
    """No cell can end a header line of a mail."""
    (row,) = read('email,name\na@example.org,"Ada\r\nBcc: all\x00\u2028x"\n').rows
    assert row.name == "Ada Bcc: all x"


@given(st.lists(st.lists(st.text(max_size=12), min_size=1, max_size=8), max_size=6))
def test_whatever_a_file_holds_no_row_disappears(cells: list[list[str]]) -> None:
    """Every row with something in it is either taken or reported."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([["email", "name", "tags"], *cells])
    reading = read(out.getvalue())
    said = [row for row in cells if any(cell.strip() for cell in row)]
    assert len(reading.rows) + len(reading.problems) == len(said)


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(data: bytes) -> None:
    """Any bytes are a reading or a SubscribersError."""
    try:
        read(b"email,name\n" + data)
    except SubscribersError:
        return
