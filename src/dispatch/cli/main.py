"""`dispatch`: the nouns, the options they share, and what an error looks like."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from dispatch import __version__
from dispatch.cli.nouns import Nouns
from dispatch.cli.output import write_whole
from dispatch.cli.session import Session, operating_user
from dispatch.errors import DispatchError
from dispatch.message.plain import one_line

SHARED = {"--config": True, "--as": True, "--json": False}  # option: whether it takes a value
TRACEBACK = "DISPATCH_TRACEBACK"  # set in the environment: faults of ours are printed whole

app = typer.Typer(
    name="dispatch",
    cls=Nouns,
    help="Turns posts into email issues and feeds, and brings each to the people who asked for it.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"dispatch {__version__}")
        raise typer.Exit


@app.callback()
def shared(
    command: typer.Context,
    config: Annotated[Path, typer.Option(help="dispatch.toml, or the folder that holds it.")] = Path("dispatch.toml"),
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False,
    who: Annotated[str, typer.Option("--as", help="In whose name, for the audit.")] = "",
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which.")] = False,
) -> None:
    """Options that every command takes, wherever they stand."""
    command.obj = Session(config, as_json=as_json, who=one_line(who) or operating_user())


def main() -> None:
    """Run the command line: exit 0 done, 1 failed, 2 called wrongly; no traceback reaches a user."""
    write_whole()
    try:
        app(args=shared_first(sys.argv[1:]))
    except DispatchError as error:
        typer.echo(f"dispatch: {error}", err=True)
        raise SystemExit(error.exit_code) from None
    except OSError as error:
        typer.echo(f"dispatch: {error.filename or 'the system'}: {error.strerror}.", err=True)
        raise SystemExit(1) from None
    except Exception as error:
        if TRACEBACK in os.environ:
            raise
        typer.echo(f"dispatch: a fault of ours: {type(error).__name__}: {error}", err=True)
        typer.echo(f"Nothing is half done. With {TRACEBACK}=1 set, the whole story is printed.", err=True)
        raise SystemExit(1) from None


def shared_first(arguments: list[str]) -> list[str]:
    """Move the shared options before the noun, so that they may stand anywhere up to a `--`."""
    front: list[str] = []
    rest: list[str] = []
    waiting = iter(arguments)
    for word in waiting:
        if word == "--":
            return [*front, *rest, word, *waiting]
        takes_value = SHARED.get(word)
        if takes_value is None and word.partition("=")[0] not in ("--config", "--as"):
            rest.append(word)
            continue
        front.append(word)
        if takes_value and (value := next(waiting, None)) is not None:
            front.append(value)
    return [*front, *rest]
