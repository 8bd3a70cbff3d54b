"""What every command shares: which publication, in whose name, and how it answers."""

import asyncio
import getpass
import json
import os
import shutil
import sys
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import asdict, is_dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import typer
import uvloop
from rich.console import Console
from rich.table import Table

from dispatch.acts.act import Desk
from dispatch.app import App, open_app, system_clock
from dispatch.config import Config, read_config
from dispatch.context import Clock, Tell
from dispatch.errors import UsageError

WIDE = 1000
T = TypeVar("T")
Work = Callable[[App, Desk], Coroutine[Any, Any, T]]


class Session:
    """One call of the command line."""

    def __init__(self, config_path: Path, *, as_json: bool, who: str) -> None:
        self.config_path, self.as_json, self.who = config_path, as_json, who
        self.console = Console(highlight=False, soft_wrap=True, emoji=False, stderr=as_json)
        if not self.console.is_terminal:
            self.console.width = WIDE  # nobody's window: nothing is cut short

    @classmethod
    def of(cls, command: typer.Context) -> "Session":
        """The session that the root command made."""
        session: Session = command.find_root().obj
        return session

    @property
    def command(self) -> str:
        """What a person types to call this publication's command again."""
        option = "" if self.config_path == Path("dispatch.toml") else f" --config {self.config_path}"
        return f"{own_name()}{option}"

    def config(self) -> Config:
        """The publication's settings. Raises ConfigError."""
        return read_config(self.config_path)

    def work(self, act: Work[T], *, clock: Clock = system_clock, simulate: bool = False, tell: Tell | None = None) -> T:
        """Open the publication, do the work, close it again. Raises DispatchError."""
        return self.run(self._work(act, self.config(), clock, simulate, tell or self.say))

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do work that opens what it needs by itself. Raises what it raises."""
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(work)

    async def _work(self, act: Work[T], config: Config, clock: Clock, simulate: bool, tell: Tell) -> T:
        async with open_app(config, tell=tell, clock=clock, simulate=simulate) as app:
            return await act(app, Desk(app.context, self.who))

    def say(self, line: str = "") -> None:
        """A line for the person at the terminal; with --json it goes to standard error."""
        self.console.print(line, markup=False)

    def answer(self, data: Any, human: Callable[[], None]) -> None:
        """The command's result: as JSON where asked for, else in words."""
        if self.as_json:
            typer.echo(json.dumps(plain(data), ensure_ascii=False, indent=2))
        else:
            human()

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Rows under headings."""
        grid = Table(*columns, box=None, pad_edge=False, header_style="bold")
        for row in rows:
            grid.add_row(*(escape(str(cell)) for cell in row))
        self.console.print(grid, soft_wrap=False)

    def confirm(self, question: str, *, yes: bool) -> None:
        """Ask before an act that cannot be undone. Raises UsageError without a terminal and without --yes."""
        if yes:
            return
        if not self.console.is_terminal:
            raise UsageError(f"{question} Nobody is there to answer: add --yes.")
        typer.confirm(question, abort=True)


def escape(text: str) -> str:
    """Text as Rich prints it, its square brackets included."""
    from rich.markup import escape as escaped

    return escaped(text)


def plain(value: Any) -> Any:
    """A value as JSON can say it; instants in ISO 8601."""
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, dict):
        return {
            (" ".join(map(str, key)) if isinstance(key, tuple) else str(key)): plain(one) for key, one in value.items()
        }
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(one) for one in value]
    if isinstance(value, datetime):
        return value.isoformat()
    return value if value is None or isinstance(value, (str, int, float, bool)) else str(value)


def when(instant: datetime, zone: str) -> str:
    """An instant as an editor reads it: their wall clock, its zone, and UTC."""
    local = instant.astimezone(ZoneInfo(zone))
    return f"{local:%a %d %b %Y %H:%M} {zone}" + (f" ({instant:%H:%M} UTC)" if zone != "UTC" else "")


def own_name(*, elsewhere: bool = False) -> str:
    """How this command was called, so that what we tell people to type works where they are, or where they go next."""
    called = shutil.which(sys.argv[0]) or sys.argv[0]
    found = shutil.which("dispatch")
    if found and os.path.samefile(found, called):
        return "dispatch"
    return str(Path(called).absolute()) if elsewhere else short(Path(called))


def short(path: Path) -> str:
    """A path as a person would type it: relative where it lies below the folder they are in."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def operating_user() -> str:
    """Who is logged in, for the audit."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
