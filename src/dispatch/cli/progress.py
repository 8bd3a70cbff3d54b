"""A bar for long work, where a person looks on."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress, TaskID


class Bars:
    """A bar for each thing that is done, drawn when the work first tells of it."""

    def __init__(self, drawn: Progress) -> None:
        self._drawn = drawn
        self._bars: dict[str, TaskID] = {}

    def __call__(self, what: str, done: int, of: int) -> None:
        """So much of so much is done."""
        if what not in self._bars:
            self._bars[what] = self._drawn.add_task(what)
        self._drawn.update(self._bars[what], completed=done, total=of)

    @contextmanager
    def resting(self) -> Iterator[None]:
        """Leave the terminal alone, for a question."""
        self._drawn.stop()
        yield
        self._drawn.start()


@contextmanager
def progress(console: Console) -> Iterator[Bars]:
    """Bars on a terminal; elsewhere nothing is shown."""
    with Progress(console=console, disable=not console.is_terminal, transient=True) as drawn:
        yield Bars(drawn)
