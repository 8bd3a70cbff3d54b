"""`dispatch init`: a publication to begin with."""

import json
from datetime import date
from pathlib import Path
from string import Template
from typing import Annotated

import typer
from tzlocal import get_localzone_name

from dispatch.app import KEY_FILE
from dispatch.cli.session import Session, own_name
from dispatch.errors import UsageError
from dispatch.theme import shipped_templates
from dispatch.tokens import first_keyring

NAMES = {"gitignore": ".gitignore"}  # files that may not carry their own name while they are shipped


def init(
    command: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder to make.")],
    title: Annotated[str, typer.Option(help="The publication's title.")] = "",
    url: Annotated[str, typer.Option(help="Where it will be on the web.")] = "https://example.org",
    timezone: Annotated[str, typer.Option(help="Its time zone; without it, this machine's.")] = "",
) -> None:
    """Make a publication: dispatch.toml, posts/, templates/, subscribers/, all commented."""
    if (folder / "dispatch.toml").exists():
        raise UsageError(f"{folder / 'dispatch.toml'} exists already; nothing was changed.")
    words = {
        "title": json.dumps(title or folder.resolve().name.replace("-", " ").title(), ensure_ascii=False)[1:-1],
        "url": url,
        "timezone": timezone or _own_zone(),
        "since": date.today().isoformat(),  # noqa: DTZ011 - the day on this person's own calendar
    }
    written = _copy(shipped_templates() / "publication", folder, words)
    first_keyring(folder / KEY_FILE)
    session = Session.of(command)
    session.answer({"folder": str(folder), "files": written}, lambda: _explain(session, folder))


def _own_zone() -> str:
    """This machine's zone; its several names for UTC are one."""
    name = get_localzone_name() or "UTC"
    return "UTC" if name in ("Etc/UTC", "Etc/GMT", "GMT", "Etc/UCT") else name


def _copy(scaffold: Path, folder: Path, words: dict[str, str]) -> list[str]:
    written = []
    for source in sorted(path for path in scaffold.rglob("*") if path.is_file()):
        relative = source.relative_to(scaffold)
        target = folder / relative.with_name(NAMES.get(relative.name, relative.name))
        if target.exists():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        text = source.read_text(encoding="utf-8")
        target.write_text(Template(text).safe_substitute(words) if source.suffix == ".toml" else text, encoding="utf-8")
        written.append(target.relative_to(folder).as_posix())
    return written


def _explain(session: Session, folder: Path) -> None:
    session.say(f"{folder} is a publication now.")
    session.say()
    session.say(f"  {folder}/dispatch.toml   its settings: give it a title, an address, a sender")
    session.say(f"  {folder}/posts/          drop Markdown, HTML or text files here")
    session.say(f"  {folder}/subscribers/    drop CSV files of addresses here; README.md names the columns")
    session.say(f"  {folder}/templates/      your own looks, if you want them")
    session.say(f"  {folder}/{KEY_FILE}   signs every unsubscribe link: keep a copy in a safe place")
    session.say()
    session.say(
        "Old posts that must not be mailed: put them into posts/ before the first run; it takes them as archive."
    )
    session.say(f"Next: cd {folder} && {own_name(elsewhere=True)} run --once")
