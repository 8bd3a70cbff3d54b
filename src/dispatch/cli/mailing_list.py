"""`dispatch list`: the mailing lists."""

import typer

from dispatch.acts.act import Desk
from dispatch.app import App
from dispatch.cli.session import Session
from dispatch.model.issue import MailingList
from dispatch.model.subscriber import SubscriptionState
from dispatch.store import subscribers

app = typer.Typer(no_args_is_help=True, help="Mailing lists: named audiences.")


@app.command("show")
def show(command: typer.Context) -> None:
    """Every list, its cadences and its people."""
    session = Session.of(command)

    async def act(app: App, desk: Desk) -> list[tuple[MailingList, int]]:
        async with desk.context.store.read() as tx:
            counts = await subscribers.counts(tx)
        lists = desk.context.lists.values()
        return [(one, counts.get((one.slug, SubscriptionState.ACTIVE), 0)) for one in lists]

    found = session.work(act)
    rows = [(one.slug, one.title, ", ".join(one.cadences), active, one.sender) for one, active in found]
    columns = ("list", "title", "cadences", "active", "from")
    session.answer([{"list": one, "active": active} for one, active in found], lambda: session.table(columns, rows))
