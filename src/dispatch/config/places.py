"""Where in dispatch.toml something is wrong, and what is: file, line, table, key, what is allowed."""

import re
from collections import Counter
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

_HEADER = re.compile(r"\s*(\[{1,2})\s*([^\[\]]+?)\s*\]").match
SECRETS = frozenset({"password", "secret", "token", "key", "api_key"})  # what such keys hold is never repeated
TYPES = {  # what must be written, where something of another kind is
    "tuple_type": 'must be a list in square brackets, such as ["one", "two"]',
    "string_type": "must be text in quotes",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "dict_type": "must be a table",
    "model_type": "must be a table",
}
LONGEST = 100  # characters of a wrong value that a message repeats

Location = tuple[str | int, ...]  # the names of tables, then a key; a number counts from 0 in an array of tables


class WrongKey(ValueError):
    """What is wrong with one key of a table whose keys are its editor's own words."""

    def __init__(self, key: str, message: str) -> None:
        super().__init__(message)
        self.key = key


def explain(error: ValidationError, path: Path, text: str, prefix: Location = ()) -> str:
    """All that a model found wrong, a line each: file, line, table, key, what is allowed."""
    lines = []
    for item in error.errors():
        location = prefix + tuple(part for part in item["loc"] if part != "model_extra") + _own_key(item)
        lines.append(placed(location, _in_words(item), path, text))
    return "\n".join(lines)


def _own_key(item: Any) -> Location:
    error = item.get("ctx", {}).get("error")
    return (error.key,) if isinstance(error, WrongKey) else ()


def placed(location: Location, message: str, path: Path, text: str) -> str:
    """A message about one key, with its place before it."""
    while location and isinstance(location[-1], int):  # a value among others: its key will do
        location = location[:-1]
    number = line_of(text, location)
    place = f"{path}:{number}" if number else str(path)
    table, key = _name(location[:-1]), location[-1] if location else ""
    name = f"{table} {key}" if table else key and f"[{key}]"
    return f"{place}: {name}: {message}" if name else f"{place}: {message}"


def _name(table: Location) -> str:
    """A table as its header names it."""
    if not table:
        return ""
    if isinstance(table[-1], int):
        return f"[[{_dotted(table[:-1])}]]"
    return f"[{_dotted(table)}]"


def _dotted(location: Location) -> str:
    return ".".join(map(str, location))


def _in_words(item: Any) -> str:
    if item["type"] == "extra_forbidden":
        return "unknown key; see docs/start.md for those that exist."
    if item["type"] == "missing":
        return "is missing."
    said = item["msg"].removeprefix("Value error, ").removeprefix("Assertion failed, ")
    message = TYPES.get(item["type"]) or re.sub("^Input should be", "must be", said)
    secret = any(str(part) in SECRETS for part in item["loc"])
    given = "" if secret or isinstance(item["input"], dict | BaseModel) else f" (it says {_short(item['input'])})"
    return f"{message}{given}."


def _short(value: Any) -> str:
    written = repr(value)
    return written if len(written) <= LONGEST else f"{written[: LONGEST - 1]}…"


def line_of(text: str, location: Location) -> int | None:
    """The 1-based line on which a key, or else its table's header, stands in a TOML text."""
    table = ""
    header: int | None = None
    arrays: Counter[str] = Counter()
    wanted, owner = _dotted(location), _dotted(location[:-1])
    key = location and re.compile(rf"\s*[\"']?{re.escape(str(location[-1]))}[\"']?\s*=")
    for number, line in enumerate(text.splitlines(), 1):
        if match := _HEADER(line):
            table = _table(match, arrays)
            if table in (wanted, owner):
                header = header or number
        elif key and table == owner and key.match(line):
            return number
    return header


def _table(header: re.Match[str], arrays: "Counter[str]") -> str:
    """The dotted name of a table; of an array of tables, with the number of this one."""
    name = header[2].replace('"', "")
    if header[1] == "[":
        return name
    arrays[name] += 1
    return f"{name}.{arrays[name] - 1}"
