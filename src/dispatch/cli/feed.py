"""`dispatch feed`: the syndicated documents."""

from pathlib import Path

import typer

from dispatch.acts.act import Desk
from dispatch.app import App
from dispatch.cli.session import Session
from dispatch.model.feed import FEED_FILES
from dispatch.publish.syndicating import Syndicated, syndicate

app = typer.Typer(no_args_is_help=True, help="Feeds and pages below public/.")


@app.command("build")
def build(command: typer.Context) -> None:
    """Write every feed and page anew."""
    session = Session.of(command)

    async def act(app: App, desk: Desk) -> tuple[Syndicated, Path]:
        return await syndicate(desk.context, everything=True), desk.context.public

    done, public = session.work(act)
    session.answer(done, lambda: session.say(f"{len(done.written)} files written below {public}; the rest was right"))
    for problem in done.problems:
        session.say(f"note      {problem}")


@app.command("list")
def list_feeds(command: typer.Context) -> None:
    """Every feed, with its address."""
    session = Session.of(command)

    async def act(app: App, desk: Desk) -> list[tuple[str, str]]:
        public, url = desk.context.public, desk.context.publication.url
        return [
            (one.title, f"{url}/{path.relative_to(public).as_posix()}")
            for one in FEED_FILES
            for path in sorted(public.rglob(one.name))
        ]

    found = session.work(act)
    session.answer(
        [{"format": kind, "url": url} for kind, url in found], lambda: session.table(("format", "address"), found)
    )
