"""What is wrong and stays so is told, but not each time that somebody runs into it."""

import time
from collections.abc import Callable

from dispatch.context import Tell

AGAIN = 3600.0  # seconds until the same line is worth telling again


class Complaints:
    """A Tell that passes each line on at most once an hour."""

    def __init__(self, tell: Tell, clock: Callable[[], float] = time.monotonic) -> None:
        self._tell, self._clock = tell, clock
        self._told: dict[str, float] = {}  # when, by line

    def __call__(self, line: str) -> None:
        """Tell a line, unless it was told within the hour."""
        now = self._clock()
        self._told = {said: moment for said, moment in self._told.items() if now - moment < AGAIN}
        if line not in self._told:
            self._told[line] = now
            self._tell(line)
