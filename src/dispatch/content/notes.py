"""What was noticed on the way through one post and did not stop it."""

from dispatch.model.post import Problem


class Notes:
    """Collects a post's problems; finds the line of the words they are about."""

    def __init__(self, where: str, text: str) -> None:
        self._where = where
        self._text = text
        self._found: list[Problem] = []

    def add(self, message: str, line: int | None = None, about: str = "") -> None:
        """Note a problem, on a line or where `about` stands first in the file; the same one only once."""
        place = self._text.find(about) if about and line is None else -1
        known = self._text.count("\n", 0, place) + 1 if place >= 0 else line
        problem = Problem(self._where, message, known, fatal=False)
        if problem not in self._found:
            self._found.append(problem)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All that was noted, in order."""
        return tuple(self._found)
