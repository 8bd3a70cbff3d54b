"""Reads a subscribers' file: a CSV with a header row, each bad row reported by its line, the good ones taken.

A file is read as it comes, so memory does not grow with it. What a row says beside address, name and hour is worked
out once for all rows that say the same.
"""

import csv
import io
import re
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import BinaryIO, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dispatch.errors import SubscribersError
from dispatch.message.plain import one_line
from dispatch.model.language import language_tag
from dispatch.model.post import Problem
from dispatch.model.subscriber import Cadence, FileRow, PersonRow, SubscriptionState, Terms
from dispatch.subscribe.address import normalise

E = TypeVar("E", Cadence, SubscriptionState)
COLUMNS = ("email", "name", "lists", "cadence", "tags", "timezone", "hour", "language", "state")
PERSONAL = ("email", "name", "hour")  # which few rows have in common
LONGEST_NAME = 300
REMEMBERED = 1000  # different wishes kept at hand
_CLOCK = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])").fullmatch
Offered = Mapping[str, tuple[Cadence, ...]]
Columns = Mapping[str, int]  # which cell of a row holds what


def read_csv(file: BinaryIO, where: str, own_list: str, offered: Offered) -> Generator[FileRow | Problem]:
    """Read a file row by row. `offered` says which cadences each list has; `own_list` is for rows that name none.

    Raises SubscribersError if the file is no table of subscribers at all, or not UTF-8 to its end.
    """
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    try:
        yield from _read(_Lines(text), where, own_list, offered)
    except UnicodeDecodeError:
        line = _undecodable(file)
        raise SubscribersError("not UTF-8; save the file as UTF-8 (CSV).", line) from None
    finally:
        text.detach()


def _undecodable(file: BinaryIO) -> int:
    """The first line that is not UTF-8."""
    file.seek(0)
    for number, line in enumerate(file, 1):
        try:
            line.decode()
        except UnicodeDecodeError:
            return number
    return 1


def _read(lines: "_Lines", where: str, own_list: str, offered: Offered) -> Iterator[FileRow | Problem]:
    columns = _columns(lines)
    wishes = [one for one in columns if one not in PERSONAL]
    positions = [columns[one] for one in wishes]

    @lru_cache(REMEMBERED)
    def agreed(cells: tuple[str, ...]) -> Terms:
        return _terms(dict(zip(wishes, (cell.strip() for cell in cells), strict=True)), own_list, offered)

    for found in lines.rows(where):
        if isinstance(found, Problem):
            yield found
            continue
        line, cells = found
        try:
            yield _row(line, _fitted(cells, len(columns)), columns, positions, agreed)
        except ValueError as error:
            yield Problem(where, str(error), line)


def _fitted(cells: list[str], width: int) -> list[str]:
    """The cells with empty ones for those that were left out at the end."""
    if len(cells) > width:
        raise ValueError("more cells than columns; put cells with commas in quotation marks.")
    return cells + [""] * (width - len(cells)) if len(cells) < width else cells


def _row(
    line: int,
    cells: Sequence[str],
    columns: Columns,
    wishes: Iterable[int],
    agreed: Callable[[tuple[str, ...]], Terms],
) -> FileRow:
    email = cells[columns["email"]].strip()
    if not email:
        raise ValueError("email is empty.")
    terms = agreed(tuple([cells[at] for at in wishes]))
    name = _name(cells[columns["name"]].strip()) if "name" in columns else ""
    hour = _hour(cells[columns["hour"]].strip()) if "hour" in columns else ""
    return FileRow(line, _email(email), name, hour, terms)


class _Lines:
    """The rows of a CSV text, each with the line that it begins on."""

    def __init__(self, text: Iterable[str]) -> None:
        self._reader = csv.reader(text, strict=True)

    def header(self) -> list[str]:
        """The first row that is not blank; empty if there is none or it is no CSV."""
        try:
            return next((cells for cells in self._reader if cells), [])
        except csv.Error:
            return []

    def rows(self, where: str) -> Iterator[tuple[int, list[str]] | Problem]:
        """The rows after the header that are not blank; a Problem for one that is no CSV."""
        reader = self._reader
        while True:
            line = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield Problem(where, f"not readable as CSV ({error}); check the quotation marks.", line)
                continue
            if any(map(str.strip, cells)):
                yield line, cells


def _columns(lines: _Lines) -> Columns:
    found = [name.strip().lower() for name in lines.header()]
    if "email" not in found:
        raise SubscribersError("the first row must name the columns, with `email` among them.", 1)
    unknown = [name for name in found if name not in COLUMNS]
    if unknown:
        raise SubscribersError(f"unknown column {unknown[0]!r}; known are: {', '.join(COLUMNS)}.", 1)
    twice = [name for name in found if found.count(name) > 1]
    if twice:
        raise SubscribersError(f"the column {twice[0]!r} is there twice; keep one of them.", 1)
    return {name: at for at, name in enumerate(found)}


def person_row(cells: Mapping[str, str], where: str, line: int, own_list: str, offered: Offered) -> PersonRow:
    """One person as a row describes them. Raises ValueError saying which cell is wrong and what is allowed."""
    if not cells["email"]:
        raise ValueError("email is empty.")
    terms = _terms(cells, own_list, offered)
    return PersonRow(
        where=where,
        line=line,
        email=_email(cells["email"]),
        name=_name(cells.get("name", "")),
        lists=terms.lists,
        cadence=terms.cadence,
        tags=terms.tags,
        timezone=terms.timezone,
        hour=_hour(cells.get("hour", "")),
        language=terms.language,
        state=terms.state,
    )


def _terms(cells: Mapping[str, str], own_list: str, offered: Offered) -> Terms:
    for column, value in cells.items():
        if column not in PERSONAL and "\0" in value:  # which PostgreSQL cannot keep
            raise ValueError(f"{column} {value!r} holds a NUL character; take it out.")
    lists = _several(cells.get("lists", "")) or (own_list,)
    cadence = _one_of(Cadence, cells.get("cadence", ""), "cadence")
    for slug in lists:
        _check_list(slug, cadence, offered)
    return Terms(
        lists=lists,
        cadence=cadence,
        tags=tuple(sorted(set(_several(cells.get("tags", ""))))),
        timezone=_zone(cells.get("timezone", "")),
        language=_language(cells.get("language", "")),
        state=_one_of(SubscriptionState, cells.get("state", ""), "state") or SubscriptionState.ACTIVE,
    )


def _check_list(slug: str, cadence: Cadence | None, offered: Offered) -> None:
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
    ordinary = value.isprintable() and "  " not in value  # as most are
    name = value.strip() if ordinary else one_line(value)
    if len(name) > LONGEST_NAME:
        raise ValueError(f"name is longer than {LONGEST_NAME} characters.")
    return name


def _language(value: str) -> str:
    try:
        return value and language_tag(value)
    except ValueError as error:
        raise ValueError(f"language {value[:80]!r} {error}.") from None


def _zone(value: str) -> str:
    try:
        return value and ZoneInfo(value).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"timezone {value!r} is none of the IANA's; write one such as Europe/Berlin.") from None


@lru_cache(24 * 60)
def _hour(value: str) -> str:
    """A time of day as HH:MM; an empty one stays so."""
    if not value:
        return ""
    read = _CLOCK(value)
    if not read:
        raise ValueError(f"hour {value[:80]!r} is no time of day; write one from 00:00 to 23:59, such as 07:30.")
    return f"{read[1]:0>2}:{read[2]}"


def _one_of(kind: type[E], value: str, column: str) -> E | None:
    if not value:
        return None
    try:
        return kind(value.lower())
    except ValueError:
        raise ValueError(f"{column} {value!r} is none of: {', '.join(kind)}.") from None


def _several(value: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split(";") if part.strip())
