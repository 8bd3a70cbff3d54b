"""Plain text as people paste it: its first line is the title, and its headings, lists and quotations come out as such.

Two passes: lines become blocks, then each short line is judged by what stands around it.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum, auto
from html import escape

from dispatch.content.plain_lines import (
    QUOTED,
    RULE,
    UNDERLINE,
    Item,
    is_credit,
    is_furniture,
    is_title_case,
    looks_like_heading,
    read_item,
    shares_a_word,
)

LONG = 120  # characters: nobody wraps lines by hand beyond this
VERSE = 60  # characters: shorter lines that follow each other were broken on purpose
MANY_SHORT = 5  # so many short lines in a row are a poem or an address, not headings


class Kind(Enum):
    """What a block of lines is."""

    TEXT = auto()
    SHORT = auto()  # may be a heading: to be judged
    SECTION = auto()
    SUBSECTION = auto()
    CAPTION = auto()
    ITEMS = auto()
    QUOTE = auto()
    RULE = auto()


HEADINGS = (Kind.SHORT, Kind.SECTION, Kind.SUBSECTION)


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that belong together."""

    kind: Kind
    lines: tuple[str, ...]
    line: int  # of the first, 1-based in the text
    items: tuple[Item, ...] = ()
    glued: bool = False  # no empty line parts it from the block before


@dataclass(frozen=True, slots=True)
class PlainText:
    """A text taken apart."""

    title: str  # empty where the text has none
    html: str  # not yet safe, headings from h2 down
    notes: tuple[tuple[str, int], ...]  # what a person should know, and on which line


def read_plain(text: str, title: str = "") -> PlainText:
    """Take a plain text apart; `title` is one already known, whose repetition at the top is dropped."""
    lines = [line.rstrip() for line in text.expandtabs(4).split("\n")]
    dropped = _drop_furniture(lines)
    blocks = list(_blocks(lines))
    found, blocks = _take_title(blocks, title)
    judged = _judge(blocks, found or title)
    notes = [
        (f"{words!r} was left out: it is no part of the text. Delete the line to silence this.", at)
        for words, at in dropped
    ]
    notes += [
        (f"{block.lines[0]!r} reads like the caption of a picture that is not there; kept as a small line.", block.line)
        for block in judged
        if block.kind is Kind.CAPTION and not is_credit(block.lines[0])
    ]
    return PlainText(found, "\n".join(_render(block) for block in judged), tuple(notes))


def _drop_furniture(lines: list[str]) -> list[tuple[str, int]]:
    """Cut leftovers of a web page from the end; answers what was cut, and where."""
    dropped: list[tuple[str, int]] = []
    while lines and (not lines[-1] or (len(lines) > 2 and is_furniture(lines[-1]))):
        line = lines.pop()
        if line:
            dropped.append((line.strip(), len(lines) + 1))
    return dropped[::-1]


def _blocks(lines: list[str]) -> Iterator[Block]:
    """Group lines; in a text whose paragraphs are single long lines each line is a block."""
    long = sum(len(line) > LONG for line in lines)
    unwrapped = long * 4 >= sum(1 for line in lines if line)
    position = 0
    while position < len(lines):
        if not lines[position]:
            position += 1
            continue
        kind, end = _extent(lines, position, unwrapped)
        glued = position > 0 and bool(lines[position - 1])
        yield _block(kind, lines, position, end, glued)
        position = end


def _extent(lines: list[str], start: int, unwrapped: bool) -> tuple[Kind, int]:
    """What kind of block starts here, and where it ends."""
    line = lines[start]
    following = lines[start + 1] if start + 1 < len(lines) else ""
    if UNDERLINE.fullmatch(following) and len(line) <= 100 and not read_item(line):
        return (Kind.SECTION if following[0] == "=" else Kind.SUBSECTION), start + 2
    if RULE.fullmatch(line):
        return Kind.RULE, start + 1
    if QUOTED.fullmatch(line):
        return Kind.QUOTE, _while(lines, start, lambda text: QUOTED.fullmatch(text) is not None)
    if read_item(line):
        return Kind.ITEMS, _end_of_items(lines, start)
    end = start + 1 if unwrapped else _while(lines, start, lambda text: bool(text) and not _opens(text))
    return (Kind.SHORT if end == start + 1 and looks_like_heading(line) else Kind.TEXT), end


def _opens(line: str) -> bool:
    return bool(read_item(line) or QUOTED.fullmatch(line) or RULE.fullmatch(line))


def _while(lines: list[str], start: int, holds: Callable[[str], bool]) -> int:
    end = start + 1
    while end < len(lines) and holds(lines[end]):
        end += 1
    return end


def _end_of_items(lines: list[str], start: int) -> int:
    """Where a list ends: items may be parted by one empty line and may run over several lines."""
    end = start + 1
    while end < len(lines):
        line = lines[end]
        if not line and not (end + 1 < len(lines) and _continues(lines[start], lines[end + 1])):
            break
        if line and not read_item(line) and not _runs_on(lines[end - 1], line):
            break
        end += 1
    return end


def _continues(first: str, line: str) -> bool:
    """Whether an item after an empty line belongs to the list: it has the same kind of mark."""
    one, other = read_item(first), read_item(line)
    return one is not None and other is not None and one.ordered == other.ordered


def _runs_on(before: str, line: str) -> bool:
    """Whether a line carries an item on: it is indented, or no new thought begins in it."""
    ended = before.endswith((".", "!", "?", "。", "…", ":", ";")) or not before
    return line[:1].isspace() or not (ended or (looks_like_heading(line) and len(before) < VERSE)) or line[:1].islower()


def _block(kind: Kind, lines: list[str], start: int, end: int, glued: bool) -> Block:
    own = tuple(lines[start:end])
    if kind in (Kind.SECTION, Kind.SUBSECTION):
        return Block(kind, (own[0].strip(),), start + 1, glued=glued)
    if kind is Kind.ITEMS:
        return Block(kind, own, start + 1, tuple(_items(own)), glued)
    if kind is Kind.QUOTE:
        own = tuple(match[1] for line in own if (match := QUOTED.fullmatch(line)))
    return Block(kind, own, start + 1, glued=glued)


def _items(lines: Iterable[str]) -> list[Item]:
    items: list[Item] = []
    for line in lines:
        if item := read_item(line):
            items.append(item)
        elif line:
            items[-1] = replace(items[-1], text=f"{items[-1].text} {line.strip()}")
    return items


def _take_title(blocks: list[Block], known: str) -> tuple[str, list[Block]]:
    """The first line, where it is short enough for a title; what repeats a known title goes."""
    if not blocks or blocks[0].kind not in (Kind.TEXT, Kind.SHORT, Kind.SECTION):
        return "", blocks
    first, rest = blocks[0].lines[0].strip(), blocks[0].lines[1:]
    after = [Block(Kind.TEXT, rest, blocks[0].line + 1), *blocks[1:]] if rest else blocks[1:]
    if known:
        return "", after if first.casefold() == known.casefold() else blocks
    is_title = len(first) <= 200 and bool(after) and (not rest or looks_like_heading(first))
    return (first, after) if is_title else ("", blocks)


def _judge(blocks: list[Block], title: str) -> list[Block]:
    """Decide for each short line whether it is a section, a part of one, a picture's caption, or just short."""
    blocks = _unheaded(blocks)
    judged: list[Block] = []
    for number, block in enumerate(blocks):
        after = blocks[number + 1] if number + 1 < len(blocks) else None
        kind = _kind(block, judged, after, title) if block.kind is Kind.SHORT else block.kind
        if kind is Kind.TEXT and is_credit(" ".join(block.lines)):
            kind = Kind.CAPTION
        judged.append(replace(block, kind=kind))
    return judged


def _unheaded(blocks: list[Block]) -> list[Block]:
    """Runs of short lines are verse or an address, and a short line at the end heads nothing: both are text."""
    result = list(blocks)
    start = 0
    while start < len(result):
        end = start
        while end < len(result) and result[end].kind is Kind.SHORT:
            end += 1
        if end - start >= MANY_SHORT or (end == len(result) and end > start):
            result[start:end] = [replace(block, kind=Kind.TEXT) for block in result[start:end]]
        start = max(end, start + 1)
    return [_numbered_heading(block, result[at + 1 : at + 2]) for at, block in enumerate(result)]


def _numbered_heading(block: Block, after: list[Block]) -> Block:
    """`1. Introduction` alone above a paragraph is a heading, not a list of one."""
    alone = block.kind is Kind.ITEMS and len(block.lines) == 1 and block.items[0].ordered
    heads = alone and bool(after) and after[0].kind is Kind.TEXT and looks_like_heading(block.items[0].text)
    return replace(block, kind=Kind.SHORT, lines=(block.lines[0].strip(),), items=()) if heads else block


def _kind(block: Block, before: list[Block], after: Block | None, title: str) -> Kind:
    text, stacked = block.lines[0], after is not None and after.kind in HEADINGS
    if is_credit(text) or (stacked and _is_caption(block, before, title)):
        return Kind.CAPTION
    if text.endswith((":", "：")) and after and after.kind is Kind.ITEMS:
        return Kind.SUBSECTION if is_title_case(text) else Kind.TEXT
    if before and before[-1].kind is Kind.SECTION and not stacked and not block.glued:
        return Kind.SUBSECTION  # a heading right below a section's
    if stacked or not before or before[-1].kind is Kind.CAPTION:
        return Kind.SECTION  # what a picture stands above, or another heading below
    return next((old.kind for old in reversed(before) if old.kind in (Kind.SECTION, Kind.SUBSECTION)), Kind.SECTION)


def _is_caption(block: Block, before: list[Block], title: str) -> bool:
    """Above a heading: hanging on a list, or right below the title, or two or three of the title's own words."""
    hanging = block.glued and bool(before) and before[-1].kind is Kind.ITEMS
    named = 2 <= len(block.lines[0].split()) <= 5 and shares_a_word(block.lines[0], title)
    short = len(block.lines[0].split()) <= 3
    return hanging or (named and (short or not before))


def _render(block: Block) -> str:
    return RENDERERS.get(block.kind, _render_text)(block)


def _render_text(block: Block) -> str:
    verse = len(block.lines) > 1 and max(map(len, block.lines)) < VERSE
    lines = [escape(line.strip(), quote=False) for line in block.lines]
    return f"<p>{('<br>' if verse else ' ').join(lines)}</p>"


def _render_quote(block: Block) -> str:
    paragraphs = re.split(r"\n\s*\n", "\n".join(block.lines).strip())
    inner = "".join(f"<p>{escape(' '.join(text.split()), quote=False)}</p>" for text in paragraphs)
    return f"<blockquote>{inner}</blockquote>"


def _render_items(block: Block) -> str:
    """Lists within lists by their indentation: a deeper item opens a list, a shallower one closes what it passes."""
    written: list[str] = []
    levels: list[tuple[int, str]] = []
    for item in block.items:
        while levels and item.indent < levels[-1][0] and len(levels) > 1:
            written.append(f"</li></{levels.pop()[1]}>")
        if not levels or item.indent > levels[-1][0] + 1:
            name = "ol" if item.ordered else "ul"
            start = f' start="{item.number}"' if item.ordered and item.number > 1 else ""
            written.append(f"<{name}{start}>")
            levels.append((item.indent, name))
        else:
            written.append("</li>")
        written.append(f"<li>{escape(item.text, quote=False)}")
    written += [f"</li></{name}>" for _, name in reversed(levels)]
    return "".join(written)


def _heading(level: int, block: Block) -> str:
    return f"<h{level}>{escape(block.lines[0].strip(), quote=False)}</h{level}>"


RENDERERS: Mapping[Kind, Callable[[Block], str]] = {
    Kind.SECTION: lambda block: _heading(2, block),
    Kind.SUBSECTION: lambda block: _heading(3, block),
    Kind.CAPTION: lambda block: f"<p data-caption><em>{escape(block.lines[0].strip(), quote=False)}</em></p>",
    Kind.ITEMS: _render_items,
    Kind.QUOTE: _render_quote,
    Kind.RULE: lambda block: "<hr>",
}
