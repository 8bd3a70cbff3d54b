"""What a line of pasted plain text looks like: a heading, a list item, a caption, a leftover of a web page."""

import re
from dataclasses import dataclass

ITEM = re.compile(r"(?P<indent>[ \t\u00a0\u3000]*)(?P<mark>[•◦▪‣·●○■–—*+-]|\d{1,3}[.)])[ \t\u00a0]+(?P<text>\S.*)")
UNDERLINE = re.compile(r"(={3,}|-{3,})[ \t]*")
RULE = re.compile(r"[ \t]*(?:[*_=~#-][ \t]*){3,}|[ \t]*⁂[ \t]*")
QUOTED = re.compile(r"[ \t]*>[ \t]?(.*)")
CREDIT = re.compile(
    r"(?:photo|image|picture|figure|fig\.|credit|source|caption|illustration)s?(?:\s+(?:by|credit|courtesy|\d+)\b.*|\s*:.*)",
    re.I,
)
FURNITURE = re.compile(
    r"(?:showing\s+)?\d+\s+(?:comments?|likes?|shares?|views?|reactions?|replies|reply)"
    r"|no comments(?: yet)?|comments?(?: \(?\d+\)?| are closed\.?)?|(?:leave|write|post|add) a (?:comment|reply)\.?"
    r"|share(?: this)?(?: (?:post|article|story))?(?: (?:on|via|with)\b.{0,40})?:?|tweet|pin it"
    r"|facebook|twitter|linkedin|whatsapp|reddit|pinterest|telegram|copy link|follow us"
    r"|like this:?|like|loading(?:\.\.\.|…)|related(?: (?:posts?|articles?))?:?|recent posts:?"
    r"|you (?:may|might) also like:?"
    r"|(?:previous|next|older|newer)(?: (?:posts?|article|story))?|back to top"
    r"|advertisements?|read more|see all|log in|sign up|\d+ min(?:ute)? read",
    re.I,
)
SMALL = frozenset(
    [
        "a",
        "an",
        "and",
        "as",
        "at",
        "but",
        "by",
        "for",
        "from",
        "in",
        "into",
        "is",
        "of",
        "on",
        "or",
        "our",
        "over",
        "per",
        "the",
        "their",
        "to",
        "up",
        "via",
        "vs",
        "with",
        "without",
        "your",
    ]
)
MAX_WORDS, MAX_CHARACTERS = 14, 100


@dataclass(frozen=True, slots=True)
class Item:
    """A line that opens a list item."""

    indent: int
    ordered: bool
    number: int
    text: str


def read_item(line: str) -> Item | None:
    """The list item that a line opens, if it does."""
    match = ITEM.match(line)
    if match is None:
        return None
    mark = match["mark"]
    number = int(mark[:-1]) if mark[0].isdigit() else 0
    return Item(len(match["indent"].expandtabs(4)), mark[0].isdigit(), number, match["text"].strip())


def is_furniture(line: str) -> bool:
    """Whether the line is a leftover of the page that the text was copied from."""
    return FURNITURE.fullmatch(line.strip()) is not None


def is_credit(line: str) -> bool:
    """Whether the line says of itself that it belongs to a picture."""
    return len(line) <= 160 and CREDIT.fullmatch(line.strip()) is not None


def looks_like_heading(line: str) -> bool:
    """Whether a line standing alone reads as a heading: short, no small letter first, not ended as a sentence."""
    text = line.strip()
    if not text or len(text) > MAX_CHARACTERS or len(text.split()) > MAX_WORDS or text[0].islower():
        return False
    if text[-1] in '.!,;…。！，、；)]”’"»' or "://" in text or "@" in text:
        return text[-1] in ')]”’"»' and is_title_case(text)
    if text[-1] in ":?：？":
        return is_title_case(text)
    return any(map(str.isalnum, text))


def is_title_case(text: str) -> bool:
    """Whether At Least Two Words and all but the small ones start with a capital."""
    words = [word for word in re.findall(r"[^\W\d_][\w'’]*", text) if word.lower() not in SMALL]
    return len(words) >= 2 and all(not word[0].islower() for word in words)


def shares_a_word(text: str, title: str) -> bool:
    """Whether a line names what the title names."""
    return bool(_stems(text) & _stems(title))


def _stems(text: str) -> set[str]:
    return {
        word.casefold().rstrip("s") for word in re.findall(r"\w+", text) if len(word) > 3 and word.lower() not in SMALL
    }
