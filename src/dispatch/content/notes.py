"""What was noticed on the way through one post and did not stop it."""

from dispatch.model.post import Problem

MOST = 100


class Notes:
    """Collects a post's problems; finds the line of the words they are about."""

    def __init__(self, where: str, text: str) -> None:
        self._where = where
        self._text = text
        self._found: dict[Problem, None] = {}
        self._more = 0

    def add(self, message: str, line: int | None = None, about: str = "") -> None:
        """Note a problem where `about` stands first in the file, from a line on, or else on that; each only once."""
        if len(self._found) >= MOST:  # each is looked for in the whole text
            self._more += 1
            return
        self._found[Problem(self._where, message, self._line_of(about, line), fatal=False)] = None

    def _line_of(self, about: str, line: int | None) -> int | None:
        start = 0
        for _ in range((line or 1) - 1):
            start = self._text.find("\n", start) + 1
        place = self._text.find(about, start) if about else -1
        return self._text.count("\n", 0, place) + 1 if place >= 0 else line

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What was noted, in order; beyond the first hundred, how many more there are."""
        more = Problem(self._where, f"There are {self._more} more of such remarks.", None, fatal=False)
        return (*self._found, *[more] * bool(self._more))
