"""Reads a subscribers' file: a CSV with a header row, each bad row reported by its line, the good ones taken."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dispatch.errors import SubscribersError
from dispatch.model.post import Problem
from dispatch.model.subscriber import Cadence, PersonRow, SubscriptionState
from dispatch.subscribe.address import normalise

E = TypeVar("E", Cadence, SubscriptionState)
COLUMNS = ("email", "name", "lists", "cadence", "tags", "timezone", "language", "state")
LONGEST_NAME = 300


@dataclass(frozen=True, slots=True)
class CsvReading:
    """What a file holds."""

    rows: tuple[PersonRow, ...]
    problems: tuple[Problem, ...]


def read_csv(data: bytes, where: str, own_list: str, offered: Mapping[str, tuple[Cadence, ...]]) -> CsvReading:
    """Read a whole file. `offered` says which cadences each list has; `own_list` is for rows that name none.

    Raises SubscribersError if the file is no table of subscribers at all.
    """
    lines = _Lines(_decode(data))
    columns = _columns(lines)
    rows: list[PersonRow] = []
    problems: list[Problem] = []
    for line, cells in lines.rows(where, problems):
        try:
            rows.append(person_row(_by_column(columns, cells), where, line, own_list, offered))
        except ValueError as error:
            problems.append(Problem(where, str(error), line))
    return CsvReading(tuple(rows), tuple(problems))


def _decode(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise SubscribersError("not UTF-8; save the file as UTF-8 (CSV).", line) from None


class _Lines:
    """The rows of a CSV text, each with the line that it begins on."""

    def __init__(self, text: str) -> None:
        self._reader = csv.reader(io.StringIO(text, newline=""), strict=True)

    def header(self) -> list[str]:
        """The first row that is not blank; empty if there is none or it is no CSV."""
        try:
            return next((cells for cells in self._reader if cells), [])
        except csv.Error:
            return []

    def rows(self, where: str, problems: list[Problem]) -> Iterator[tuple[int, list[str]]]:
        """The rows after the header; one that is no CSV is reported and left out."""
        while True:
            line = self._reader.line_num + 1
            try:
                cells = next(self._reader)
            except StopIteration:
                return
            except csv.Error as error:
                problems.append(Problem(where, f"not readable as CSV ({error}); check the quotation marks.", line))
                continue
            if any(cell.strip() for cell in cells):
                yield line, cells


def _columns(lines: _Lines) -> list[str]:
    found = [name.strip().lower() for name in lines.header()]
    if "email" not in found:
        raise SubscribersError("the first row must name the columns, with `email` among them.", 1)
    unknown = [name for name in found if name not in COLUMNS]
    if unknown:
        raise SubscribersError(f"unknown column {unknown[0]!r}; known are: {', '.join(COLUMNS)}.", 1)
    twice = [name for name in found if found.count(name) > 1]
    if twice:
        raise SubscribersError(f"the column {twice[0]!r} is there twice; keep one of them.", 1)
    return found


def _by_column(columns: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    if len(cells) > len(columns):
        raise ValueError("more cells than columns; put cells with commas in quotation marks.")
    return dict(zip_longest(columns, (cell.strip() for cell in cells), fillvalue=""))


def person_row(
    cells: Mapping[str, str], where: str, line: int, own_list: str, offered: Mapping[str, tuple[Cadence, ...]]
) -> PersonRow:
    """One person as a row describes them. Raises ValueError saying which cell is wrong and what is allowed."""
    if not cells["email"]:
        raise ValueError("email is empty.")
    lists = _several(cells.get("lists", "")) or (own_list,)
    cadence = _one_of(Cadence, cells.get("cadence", ""), "cadence")
    for slug in lists:
        _check_list(slug, cadence, offered)
    return PersonRow(
        where=where,
        line=line,
        email=_email(cells["email"]),
        name=_name(cells.get("name", "")),
        lists=lists,
        cadence=cadence,
        tags=tuple(sorted(set(_several(cells.get("tags", ""))))),
        timezone=_zone(cells.get("timezone", "")),
        language=cells.get("language", ""),
        state=_one_of(SubscriptionState, cells.get("state", ""), "state") or SubscriptionState.ACTIVE,
    )


def _check_list(slug: str, cadence: Cadence | None, offered: Mapping[str, tuple[Cadence, ...]]) -> None:
    if slug not in offered:
        raise ValueError(f"there is no list {slug!r}; known are: {', '.join(offered) or 'none'}.")
    if cadence and cadence not in offered[slug]:
        known = ", ".join(offered[slug])
        raise ValueError(f"the list {slug!r} has no cadence {cadence.value!r}; it offers: {known}.")


def _email(value: str) -> str:
    try:
        return normalise(value)
    except ValueError as error:
        raise ValueError(f"email {value[:80]!r}: {error}") from None


def _name(value: str) -> str:
    name = " ".join("".join(char for char in value if char.isprintable() or char.isspace()).split())
    if len(name) > LONGEST_NAME:
        raise ValueError(f"name is longer than {LONGEST_NAME} characters.")
    return name


def _zone(value: str) -> str:
    try:
        return value and ZoneInfo(value).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"timezone {value!r} is none of the IANA's; write one such as Europe/Berlin.") from None


def _one_of(kind: type[E], value: str, column: str) -> E | None:
    if not value:
        return None
    try:
        return kind(value.lower())
    except ValueError:
        raise ValueError(f"{column} {value!r} is none of: {', '.join(kind)}.") from None


def _several(value: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split(";") if part.strip())
