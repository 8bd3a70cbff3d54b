"""`dispatch post`: what the sources brought."""

from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from dispatch.acts import post as acts
from dispatch.acts.act import Desk
from dispatch.app import App
from dispatch.cli.session import Session, when
from dispatch.model.post import Post, PostState
from dispatch.store import posts

app = typer.Typer(no_args_is_help=True, help="Posts: what the sources brought.")
PostId = Annotated[int, typer.Argument(metavar="ID", help="The post's number, from `dispatch post list`.")]


@app.command("list")
def list_posts(
    command: typer.Context,
    limit: Annotated[int, typer.Option(min=1)] = 50,
    state: Annotated[PostState | None, typer.Option(help="Only these.")] = None,
) -> None:
    """The newest posts."""
    session = Session.of(command)

    async def act(app: App, desk: Desk) -> list[Post]:
        async with desk.context.store.read() as tx:
            return await posts.everything(tx, limit, state)

    found = session.work(act)
    zone = ZoneInfo(session.config().publication.timezone)
    rows = [
        (one.id, f"{one.published.astimezone(zone):%Y-%m-%d}", one.state.value, one.language, one.title, one.where)
        for one in found
    ]
    columns = ("id", "date", "state", "language", "title", "from")
    session.answer([_without_body(one) for one in found], lambda: session.table(columns, rows))


def _without_body(one: Post) -> dict[str, object]:
    return {name: getattr(one, name) for name in Post.__dataclass_fields__ if name not in ("html", "assets")}


@app.command("show")
def show(command: typer.Context, post_id: PostId) -> None:
    """One post, as it is mailed and fed."""
    session = Session.of(command)
    zone = session.config().publication.timezone
    post = session.work(lambda app, desk: acts.known_post(desk, post_id))
    session.answer(post, lambda: _print(session, post, zone))


def _print(session: Session, post: Post, zone: str) -> None:
    session.say(post.title)
    session.say(
        f"  state     {post.state.value}, {'archive' if post.archive else 'new'}, arrival {post.arrival or '-'}"
    )
    session.say(f"  date      {when(post.published, zone)}")
    session.say(f"  page      {post.url}")
    session.say(f"  feed id   {post.uid}")
    session.say(f"  from      {post.where}")
    session.say(f"  tags      {', '.join(post.tags) or '-'}")
    session.say(f"  authors   {', '.join(post.authors) or '-'}")
    session.say(f"  summary   {post.summary}")


@app.command("withdraw")
def withdraw(command: typer.Context, post_id: PostId) -> None:
    """Take a post out of feeds and pages for good."""
    session = Session.of(command)
    post = session.work(lambda app, desk: acts.withdraw(desk, post_id))
    session.answer({"post": post_id}, lambda: session.say(f"{post.title!r} is withdrawn; the next pass takes it out"))
