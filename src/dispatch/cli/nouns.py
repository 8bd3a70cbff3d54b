"""Every command by its name, loaded when it is called: `issue send` waits for no Markdown and no feeds."""

from importlib import import_module
from typing import Any

from typer.core import TyperGroup
from typer.main import get_command_from_info, get_group_from_info
from typer.models import CommandInfo, TyperInfo

MODULES = {  # command: the file beside this one that holds it
    "init": "init",
    "run": "run",
    "status": "status",
    "plan": "plan",
    "check": "status",
    "post": "post",
    "issue": "issue",
    "list": "mailing_list",
    "subscriber": "subscriber",
    "feed": "feed",
    "keys": "keys",
}
PLAIN: dict[str, Any] = {"pretty_exceptions_short": True, "rich_markup_mode": None}


class Nouns(TyperGroup):
    """The root command's commands."""

    def list_commands(self, ctx: Any) -> list[str]:
        """All of them, in the order of the help."""
        return list(MODULES)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """One of them: a noun's own group, or a single command, which is a function of its name."""
        if cmd_name not in MODULES:
            return None
        module = import_module(f"dispatch.cli.{MODULES[cmd_name]}")
        function = getattr(module, cmd_name, None)
        if function is None:
            return get_group_from_info(TyperInfo(module.app, name=cmd_name), suggest_commands=True, **PLAIN)
        return get_command_from_info(CommandInfo(cmd_name, callback=function), **PLAIN)
