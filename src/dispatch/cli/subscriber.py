"""`dispatch subscriber`: the people."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from dispatch.acts import change as changes
from dispatch.acts import pausing, people, private_feed
from dispatch.acts import subscriber as acts
from dispatch.acts.act import Desk
from dispatch.acts.moment import Moment
from dispatch.app import App
from dispatch.cli.progress import progress
from dispatch.cli.session import Session, when
from dispatch.errors import UsageError
from dispatch.model.subscriber import Subscription
from dispatch.publish.joining import Joined
from dispatch.store import subscribers

app = typer.Typer(no_args_is_help=True, help="Subscribers: who gets mail, on which list.")
COLUMNS = ("email", "name", "list", "state", "cadence", "tags", "language", "timezone", "hour")
Address = Annotated[str, typer.Argument(metavar="ADDRESS", help="The person's address.")]
Shown = tuple[Subscription, str]  # and the zone in which its hours are told


@app.command("list")
def list_people(
    command: typer.Context,
    list_slug: Annotated[str, typer.Option("--list", help="Only of this list.")] = "",
    limit: Annotated[int, typer.Option(min=1)] = 1000,
) -> None:
    """Subscriptions by address."""
    session = Session.of(command)

    async def act(app: App, desk: Desk) -> list[Shown]:
        async with desk.context.store.read() as tx:
            return _shown(desk, await subscribers.everybody(tx, list_slug or None, limit))

    _answer(session, session.work(act))


@app.command("show")
def show(command: typer.Context, address: Address) -> None:
    """What one person is subscribed to."""
    session = Session.of(command)

    async def act(app: App, desk: Desk) -> tuple[list[Shown], str | None, bool]:
        found, reason = await acts.of_address(desk, address)
        own = await private_feed.feed_of(desk, address) if found else private_feed.OwnFeed()
        return _shown(desk, found), reason, bool(own.folder)

    found, reason, has_feed = session.work(act)
    _answer(session, found)
    if has_feed:
        session.say(f"has a feed of their own; {session.command} subscriber feed {address} prints its address")
    if reason is not None:
        session.say(
            f"suppressed ({reason}): never mailed; {session.command} subscriber suppress {address} --lift ends that"
        )


def _shown(desk: Desk, found: list[Subscription]) -> list[Shown]:
    context = desk.context
    zones = {slug: one.timezone for slug, one in context.lists.items()}
    there = pausing.as_of(found, context.clock())
    return [(one, zones.get(one.list_slug, context.publication.timezone)) for one in there]


def _answer(session: Session, found: list[Shown]) -> None:
    session.answer([one for one, _ in found], lambda: session.table(COLUMNS, [_row(one, zone) for one, zone in found]))


def _row(one: Subscription, zone: str) -> tuple[str, ...]:
    person, tags = one.subscriber, ", ".join(one.tags)
    state = f"paused until {when(one.away_until, zone)}" if one.away_until else one.state.value
    wishes = (one.cadence, tags, person.language, person.timezone, one.hour)
    return (person.email, person.name, one.list_slug, state, *wishes)


@app.command("unsubscribe")
def unsubscribe(
    command: typer.Context,
    address: Address,
    list_slug: Annotated[str, typer.Option("--list", help="Only from this list.")] = "",
) -> None:
    """End a person's subscriptions."""
    session = Session.of(command)
    left = session.work(lambda app, desk: acts.unsubscribe(desk, address, list_slug or None))
    words = f"{address} left {', '.join(left)}" if left else f"{address} had left already"
    session.answer({"left": left}, lambda: session.say(words))


@app.command("add")
def add(
    command: typer.Context,
    address: Address,
    list_slug: Annotated[str, typer.Option("--list", help="The list to join.")],
    name: Annotated[str, typer.Option(help="How to speak to them.")] = "",
    cadence: Annotated[str, typer.Option(help="One that the list offers; else its own.")] = "",
    tags: Annotated[str, typer.Option(help="Only posts with one of these, separated by ;")] = "",
    language: Annotated[str, typer.Option(help="Such as en or de.")] = "",
    timezone: Annotated[str, typer.Option(help="Such as Europe/Berlin.")] = "",
    hour: Annotated[str, typer.Option(metavar="HH:MM", help="Their own, on a list with local_time.")] = "",
    again: Annotated[bool, typer.Option("--again", help="They had left, and asked to come back.")] = False,
) -> None:
    """Let one person join a list."""
    session = Session.of(command)
    cells = {"email": address, "lists": list_slug, "name": name, "cadence": cadence, "tags": tags}
    cells |= {"language": language, "timezone": timezone, "hour": hour}
    session.work(lambda app, desk: people.add(desk, cells, again=again))
    session.answer({"added": address}, lambda: session.say(f"{address} is on {list_slug}"))


@app.command("change")
def change(
    command: typer.Context,
    address: Address,
    list_slug: Annotated[str, typer.Option("--list", help="Whose cadence, tags, hour; else their only list's.")] = "",
    email: Annotated[str | None, typer.Option(help="Their new address.", metavar="NEW")] = None,
    name: Annotated[str | None, typer.Option(help="How to speak to them.")] = None,
    cadence: Annotated[str | None, typer.Option(help="One that the list offers.")] = None,
    tags: Annotated[str | None, typer.Option(help="Only posts with one of these, separated by ; or '' for all")] = None,
    language: Annotated[str | None, typer.Option(help="Such as en or de; '' for the publication's.")] = None,
    timezone: Annotated[str | None, typer.Option(help="Such as Europe/Berlin; '' for the list's.")] = None,
    hour: Annotated[str | None, typer.Option(metavar="HH:MM", help="Their own; '' for the list's.")] = None,
) -> None:
    """Change a person, or one of their subscriptions; what is not named stays."""
    session = Session.of(command)
    cells = {"email": email, "name": name, "cadence": cadence, "tags": tags, "language": language}
    cells |= {"timezone": timezone, "hour": hour}
    given = {column: value for column, value in cells.items() if value is not None}
    if not given:
        raise UsageError(f"Say what is to be different: {', '.join(f'--{column}' for column in cells)}.")
    found = session.work(lambda app, desk: changes.change(desk, address, changes.Change(given, list_slug)))
    words = f"{address}: changed {', '.join(found)}" if found else f"{address} is like that already"
    session.answer({"changed": found}, lambda: session.say(words))


@app.command("pause")
def pause(
    command: typer.Context,
    address: Address,
    until: Annotated[str, typer.Option(metavar="WHEN", help="When they are back; a day alone is its beginning.")],
    list_slug: Annotated[str, typer.Option("--list", help="Only on this list.")] = "",
) -> None:
    """Let a person get nothing until a moment, and then what they missed."""
    session = Session.of(command)

    async def act(app: App, desk: Desk) -> tuple[Moment, tuple[pausing.Rest, ...]]:
        moment = pausing.until_when(desk, until, list_slug)
        return moment, await pausing.stay_away(desk, address, moment, list_slug)

    moment, rests = session.work(act)
    answer = {"paused": [one.list_slug for one in rests], "until": moment.instant}
    session.answer(answer, lambda: _say_rests(session, address, moment, rests))


def _say_rests(session: Session, address: str, moment: Moment, rests: Sequence[pausing.Rest]) -> None:
    for one in rests:
        before = f", no longer until {when(one.before, moment.zone)}" if one.before else ""
        session.say(f"{address} is paused on {one.list_slug} until {when(moment.instant, moment.zone)}{before}")
    if moment.note:
        session.say(moment.note)
    session.say(f"to end that sooner: {session.command} subscriber resume {address}")


@app.command("resume")
def resume(
    command: typer.Context,
    address: Address,
    list_slug: Annotated[str, typer.Option("--list", help="Only on this list.")] = "",
) -> None:
    """Let a paused person go on; what they missed comes with their next issue."""
    session = Session.of(command)
    back = session.work(lambda app, desk: pausing.come_back(desk, address, list_slug))
    words = f"{address} goes on with {', '.join(back)}; the next issue brings what they missed"
    session.answer({"resumed": back}, lambda: session.say(words))


@app.command("feed")
def feed(
    command: typer.Context,
    address: Address,
    renew: Annotated[bool, typer.Option("--renew", help="Make one, or give it a new address.")] = False,
    off: Annotated[bool, typer.Option("--off", help="Switch it off.")] = False,
) -> None:
    """Print the secret address of a person's own feed; or make one, renew it, switch it off."""
    session = Session.of(command)
    if renew and off:
        raise UsageError("Say either --renew or --off.")

    async def act(app: App, desk: Desk) -> private_feed.OwnFeed:
        if off:
            await private_feed.switch_off(desk, address)
        return await (private_feed.renew(desk, address) if renew else private_feed.feed_of(desk, address))

    found = session.work(act)
    makes = f"{session.command} subscriber feed {address} --renew makes one"
    none = f"{address} has no feed of their own{' any more' if off else ''}; {makes}"
    session.answer({"addresses": found.addresses}, lambda: session.say("\n".join(found.addresses.values()) or none))


@app.command("suppress")
def suppress(
    command: typer.Context,
    address: Address,
    reason: Annotated[str, typer.Option(help="Why, for whoever asks later.")] = "by hand",
    lift: Annotated[bool, typer.Option("--lift", help="Let it be mailed again.")] = False,
) -> None:
    """Never mail an address again, on any list."""
    session = Session.of(command)
    session.work(lambda app, desk: people.lift(desk, address) if lift else people.suppress(desk, address, reason))
    words = f"{address} may be mailed again" if lift else f"{address} is never mailed again"
    session.answer({"suppressed": not lift}, lambda: session.say(words))


@app.command("forget")
def forget(
    command: typer.Context, address: Address, yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False
) -> None:
    """Erase a person for good; names the files that still hold the address."""
    session = Session.of(command)
    session.confirm(f"Erase {address} from the store?", yes=yes)
    files = session.work(lambda app, desk: people.forget(desk, address))
    words = "\n".join([f"{address} is forgotten", *(f"still in {file}" for file in files)])
    session.answer({"files": files}, lambda: session.say(words))


@app.command("export")
def export(
    command: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where the CSV goes; - prints it.")],
    list_slug: Annotated[str, typer.Option("--list", help="Only this list.")] = "",
) -> None:
    """Write subscriptions as a CSV that `import` reads."""
    session = Session.of(command)
    text = session.work(lambda app, desk: people.export(desk, list_slug or None))
    if str(file) == "-":
        typer.echo(text, nl=False)
        return
    file.write_text(text, encoding="utf-8", newline="")
    session.answer({"file": str(file)}, lambda: session.say(f"{text.count(chr(10)) - 1} rows written to {file}"))


@app.command("import")
def import_people(
    command: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A CSV file.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Let the people of a file join; shows counts first."""
    session = Session.of(command)

    async def act(app: App, desk: Desk) -> Joined:
        with progress(session.console) as told:
            async with acts.read_file(desk, file, told) as intake:
                for problem in intake.problems:
                    session.say(f"left out  {problem}")
                session.say(f"{intake.rows} good rows, {intake.bad} bad ones")
                with told.resting():
                    session.confirm("Let them join?", yes=yes)
                return await acts.import_people(desk, file, intake)

    joined = session.work(act)
    session.answer(
        joined, lambda: session.say(f"{joined.people} joined; who was there, or had left, stays as they are")
    )
