"""Collect and render a publication under watch, in a process of its own: `watched.py FOLDER SECRET [err]`.

Prints what was fetched, one a line: sockets, names looked up, programs, and the file SECRET. With `err` it then fetches
something of each kind, to show that it is noticed.
"""

import asyncio
import socket
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dispatch.app import open_app
from dispatch.config import read_config
from dispatch.message.compile import compile_edition
from dispatch.model.issue import Cohort, Issue, IssueState, Words
from dispatch.model.subscriber import Cadence
from dispatch.publish.collecting import collect
from dispatch.render.edition import render_edition
from dispatch.store import posts

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
NOTICED = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "urllib.Request", "subprocess.Popen",
           "os.posix_spawn", "os.exec")  # fmt: skip


def watch(secret: str) -> list[str]:
    """From now on, note what is fetched."""
    seen: list[str] = []

    def notice(event: str, given: tuple[Any, ...]) -> None:
        if event in NOTICED or (event == "open" and secret in str(given[0])):
            seen.append(f"{event} {given}")

    sys.addaudithook(notice)
    return seen


async def render(folder: Path) -> bytes:
    """Every post as an issue of its own, all of them as a digest, and a letter."""
    async with open_app(read_config(folder), tell=print, clock=lambda: NOW) as app:
        await collect(app.context, NOW)
        async with app.context.store.read() as tx:
            found = await posts.everything(tx, 100)
        words = {"": Words((folder / "posts" / "hostile.md").read_text().partition("---\n\n")[2])}
        issue = Issue(1, "weekly", Cadence.WEEKLY, IssueState.SENDING, 0, 0, NOW, NOW, frozen=NOW, words=words)
        one, context = app.context.lists["weekly"], app.context
        shown = [(), tuple(found), *((post,) for post in found)]
        editions = [
            render_edition(issue, Cohort(which, "en", ()), one, context.publication, context.theme) for which in shown
        ]
    return b"".join(compile_edition(edition).data for edition in editions)


def err(secret: str) -> None:
    """Do what is to be noticed."""
    Path(secret).read_bytes()
    socket.socket().connect_ex(("127.0.0.1", 9))
    socket.getaddrinfo("localhost", 80)
    subprocess.run([sys.executable, "--version"], check=True, stdout=subprocess.DEVNULL)


def main(folder: str, secret: str, erring: str = "") -> None:
    """Render, and say what was noticed."""
    seen = watch(secret)
    rendered = asyncio.run(render(Path(folder)))
    if erring:
        err(secret)
    (Path(folder) / "rendered").write_bytes(rendered)
    print(*seen, sep="\n", end="")


if __name__ == "__main__":
    main(*sys.argv[1:])
