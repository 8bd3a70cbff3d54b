"""What people wrote, so that a remark can name the file and the line that its cause stands on."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import unquote

INTRO = "the intro"
SHORTEST = 4  # characters of a clue that stands alone: less is found anywhere


@dataclass(frozen=True, slots=True)
class Written:
    """One text that an edition was made from."""

    where: str  # as content notes name it: a file below the publication; or INTRO
    text: str

    def at(self, line: int) -> str:
        """A line's place in words."""
        return f"line {line} of {INTRO}" if self.where == INTRO else f"{self.where}:{line}"

    def line_of(self, clue: str) -> int | None:
        """The first line that holds the clue, counted from 1."""
        at = self.text.find(clue)
        return self.text.count("\n", 0, at) + 1 if at >= 0 else None


def place(texts: Iterable[Written], clues: Iterable[str]) -> str | None:
    """The line of the first clue that stands in one of the texts; None if none does."""
    texts = tuple(texts)
    found = ((one, one.line_of(clue)) for clue in clues if clue for one in texts)
    return next((one.at(line) for one, line in found if line), None)


def clues_of_address(url: str, site: str) -> list[str]:
    """How an author may have written an address: whole, from the site's root, or by its last part."""
    bare = ["](" + url, '"' + url] if len(url) < SHORTEST else [url, unquote(url)]
    if not url.startswith(f"{site}/"):
        return bare
    path = unquote(url.removeprefix(site).partition("#")[0].partition("?")[0]).rstrip("/")
    name = path.rpartition("/")[2]
    whole = [name] if "." in name[1:-1] else []  # a file's name is not found by chance
    return [*bare, f"]({path}", f'"{path}', *(_last(name) if name else []), *whole]


def clues_of_words(words: str) -> list[str]:
    """A link's words, as Markdown and HTML write them."""
    return [f"[{words}]", f">{words}<"] if words else []


def _last(name: str) -> list[str]:
    return [f"{name}.md", f"/{name}/", f"/{name})", f"]({name}", f'/{name}"']
