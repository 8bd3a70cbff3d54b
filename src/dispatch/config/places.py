"""Where in dispatch.toml something is wrong, and what is: file, line, table, key, what is allowed."""

import re
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

SECRETS = frozenset({"password", "secret", "token", "key", "api_key"})  # what such keys hold is never repeated


def explain(error: ValidationError, path: Path, text: str, prefix: tuple[str, ...] = ()) -> str:
    """All that a model found wrong, a line each: file, line, table, key, what is allowed."""
    lines = []
    for item in error.errors():
        location = prefix + tuple(str(part) for part in item["loc"] if part != "model_extra")
        lines.append(placed(location, _in_words(item), path, text))
    return "\n".join(lines)


def placed(location: tuple[str, ...], message: str, path: Path, text: str) -> str:
    """A message about one key, with its place before it."""
    number = line_of(text, location)
    place = f"{path}:{number}" if number else str(path)
    table, key = ".".join(location[:-1]), location[-1] if location else ""
    name = f"[{table}] {key}" if table else key and f"[{key}]"
    return f"{place}: {name}: {message}" if name else f"{place}: {message}"


def _in_words(item: Any) -> str:
    if item["type"] == "extra_forbidden":
        return "unknown key; see docs/start.md for those that exist."
    if item["type"] == "missing":
        return "is missing."
    message = item["msg"].removeprefix("Value error, ").removeprefix("Assertion failed, ")
    secret = any(str(part) in SECRETS for part in item["loc"])
    given = "" if secret or isinstance(item["input"], dict | BaseModel) else f" (it says {item['input']!r})"
    return f"{message}{given}."


def line_of(text: str, location: tuple[str, ...]) -> int | None:
    """The 1-based line on which a key, or else its table's header, stands in a TOML text."""
    table = ""
    header: int | None = None
    for number, line in enumerate(text.splitlines(), 1):
        if match := re.match(r"\s*\[+\s*([^\]]+?)\s*\]+", line):
            table = match[1].replace('"', "")
            if table == ".".join(location) or table == ".".join(location[:-1]):
                header = header or number
        elif (
            location and table == ".".join(location[:-1]) and re.match(rf"\s*\"?{re.escape(location[-1])}\"?\s*=", line)
        ):
            return number
    return header
