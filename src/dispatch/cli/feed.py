"""`dispatch feed`: the syndicated documents."""

from pathlib import Path

import typer

from dispatch.acts.act import Desk
from dispatch.app import App
from dispatch.cli.session import Session
from dispatch.model.feed import FEED_FILES
from dispatch.publish.archiving import Archived, archive
from dispatch.publish.syndicating import Syndicated, syndicate
from dispatch.store import documents
from dispatch.syndicate.contents import address

app = typer.Typer(no_args_is_help=True, help="Feeds and pages below public/.")


@app.command("build")
def build(command: typer.Context) -> None:
    """Write every feed and page anew."""
    session = Session.of(command)

    async def act(app: App, desk: Desk) -> tuple[Syndicated, Archived, Path]:
        site = await syndicate(desk.context, everything=True)
        return site, await archive(desk.context, everything=True), desk.context.public

    site, issues, public = session.work(act)
    written, problems = (*site.written, *issues.written), (*site.problems, *issues.problems)
    session.answer(
        {"written": written, "problems": problems},
        lambda: session.say(f"{len(written)} files written below {public}; the rest was right"),
    )
    for problem in problems:
        session.say(f"note      {problem}")


@app.command("list")
def list_feeds(command: typer.Context) -> None:
    """Every live feed, with its address; each leads on to its archive."""
    session = Session.of(command)

    async def act(app: App, desk: Desk) -> list[tuple[str, str]]:
        async with desk.context.store.read() as tx:
            paths = sorted(await documents.digests(tx))
        publication = desk.context.publication
        return [
            (file.title, address(publication, path))
            for file in FEED_FILES
            for path in paths
            if path.rpartition("/")[2] == file.name
        ]

    found = session.work(act)
    session.answer(
        [{"format": kind, "url": url} for kind, url in found], lambda: session.table(("format", "address"), found)
    )
