"""Front matter is cut from a file: YAML, TOML, JSON, or lines of `Key: value` as Pelican has them.

A format is its fence and its reader. YAML is read without guessing types (`no` is a word, 1.10 keeps its nought);
what a value means is decided by its field.
"""

import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from dispatch.errors import ContentError

MAX_CHARACTERS = 64 * 1024
MAX_NODES = 5000
KEY_LINE = re.compile(r"([A-Za-z][\w -]{0,40}):(?:[ \t]+(.*))?$")
PELICAN_KEYS = frozenset(
    ["title", "date", "author", "authors", "slug", "summary", "tags", "category", "status", "modified", "lang"]
)

Values = Mapping[str, Any]
Lines = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """What an author says about a post, and where in the file it is said."""

    values: Values = field(default_factory=dict)
    lines: Lines = field(default_factory=dict)  # key → 1-based line in the file
    body: str = ""
    body_line: int = 1  # the line of the file on which the body starts


def split(text: str, key_lines: bool = True) -> FrontMatter:
    """Part a file's text into front matter and body; `key_lines` says whether bare `Key: value` lines count.

    Raises ContentError, with the line in the file, for front matter that is broken, unclosed or over 64 KB.
    """
    for fence, reader in FENCES.items():
        if re.match(rf"{re.escape(fence)}[ \t]*(\n|$)", text):
            return _fenced(text, fence, reader)
    if re.match(r"\{[ \t]*\n?[ \t]*\"", text):
        return _json(text)
    return (_key_lines(text) if key_lines else None) or FrontMatter(body=text)


def _fenced(text: str, fence: str, reader: Callable[[str], tuple[Values, Lines]]) -> FrontMatter:
    end = re.compile(
        rf"^{re.escape(fence)}[ \t]*$|^\.\.\.[ \t]*$" if fence == "---" else rf"^{re.escape(fence)}[ \t]*$", re.M
    )
    start = text.find("\n") + 1
    match = end.search(text, start) if start else None
    if match is None:
        if fence == "---" and not KEY_LINE.match(text[start:].split("\n", 1)[0]):
            return FrontMatter(body=text)  # a rule across the page, which opens many a text
        raise ContentError(f"The front matter opens with {fence} and never closes. Add a line of {fence} after it.", 1)
    inner = text[start : match.start()]
    _check_size(inner)
    values, lines = reader(inner)
    body_line = text.count("\n", 0, match.end()) + 2
    return FrontMatter(values, {key: line + 1 for key, line in lines.items()}, text[match.end() + 1 :], body_line)


def _check_size(inner: str) -> None:
    if len(inner) > MAX_CHARACTERS:
        raise ContentError("The front matter is over 64 KB. Move what is text below it.", 1)


def _yaml(inner: str) -> tuple[Values, Lines]:
    try:
        node = yaml.compose(inner, Loader=yaml.BaseLoader)
        values = _plain(node, iter(range(MAX_NODES)))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        hint = " Put a value that holds a colon in quotes." if "mapping values" in str(error.problem) else ""
        raise ContentError(
            f"The front matter is not valid YAML: {error.problem}.{hint}", mark.line + 2 if mark else None
        ) from None
    except yaml.YAMLError as error:
        raise ContentError(f"The front matter is not valid YAML: {error}.", 2) from None
    except RecursionError:
        raise ContentError("The front matter is nested too deeply, or holds too much.", 2) from None
    if not isinstance(values, dict):
        if values is None:
            return {}, {}
        raise ContentError("The front matter must be lines of `key: value`.", 2)
    return values, {str(key.value): key.start_mark.line + 1 for key, _ in (node.value if node else ())}


def _plain(node: Any, allowance: Iterator[int], depth: int = 0) -> Any:
    """A YAML node as strings, lists and dicts. An alias is spelled out, so depth and number are kept small."""
    if depth > 6 or next(allowance, None) is None:
        raise RecursionError
    if isinstance(node, yaml.MappingNode):
        if not all(isinstance(key, yaml.ScalarNode) for key, _ in node.value):
            raise ContentError("The front matter has a list or a table for a key; write a word.", _file_line(node))
        return {str(key.value): _plain(value, allowance, depth + 1) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, allowance, depth + 1) for item in node.value]
    if node is None or (node.style is None and node.value in ("", "~", "null", "Null", "NULL")):
        return None
    return node.value


def _file_line(node: Any) -> int:
    """The line of the file, where the node's own count starts at 0 below the fence."""
    return int(node.start_mark.line) + 2


def _toml(inner: str) -> tuple[Values, Lines]:
    try:
        values = tomllib.loads(inner)
    except tomllib.TOMLDecodeError as error:
        match = re.search(r"at line (\d+)", str(error))
        line = int(match[1]) + 1 if match else inner.count("\n") + 1
        raise ContentError(f"The front matter is not valid TOML: {str(error).split(' (at')[0]}.", line) from None
    except RecursionError:
        raise ContentError("The front matter is nested too deeply.", 2) from None
    return values, _find_lines(values, inner, r"^[ \t\[]*[\"']?{}[\"']?\s*(?:[=.\]])")


def _find_lines(values: Values, text: str, pattern: str) -> Lines:
    found = {key: re.search(pattern.format(re.escape(key)), text, re.M) for key in values}
    return {key: text.count("\n", 0, match.start()) + 1 for key, match in found.items() if match}


def _json(text: str) -> FrontMatter:
    try:
        values, end = json.JSONDecoder().raw_decode(text[: MAX_CHARACTERS + 1])
    except json.JSONDecodeError as error:
        raise ContentError(f"The front matter is not valid JSON: {error.msg}.", error.lineno) from None
    except RecursionError:
        raise ContentError("The front matter is nested too deeply.", 1) from None
    body = text[end:].lstrip(" \t")
    shift = 1 if body.startswith("\n") else 0
    lines = _find_lines(values, text[:end], r"\"{}\"\s*:")
    return FrontMatter(values, lines, body[shift:], text.count("\n", 0, end) + 1 + shift)


def _key_lines(text: str) -> FrontMatter | None:
    head, _, body = text.partition("\n\n")
    rows = [KEY_LINE.match(line) for line in head.split("\n")]
    if rows[0] is None or rows[0][1].lower() not in PELICAN_KEYS or not all(rows):
        return None
    _check_size(head)
    keys = [(row[1].strip(), (row[2] or "").strip()) for row in rows if row]
    values = {key: value or None for key, value in keys}
    return FrontMatter(values, {key: number for number, (key, _) in enumerate(keys, 1)}, body, len(rows) + 2)


FENCES: Mapping[str, Callable[[str], tuple[Values, Lines]]] = {"---": _yaml, "+++": _toml}
