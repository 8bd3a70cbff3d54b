"""`dispatch keys`: those that sign mail, and those that sign links."""

from typing import Annotated

import typer

from dispatch.acts import keys as acts
from dispatch.app import KEY_FILE, system_clock
from dispatch.cli.session import Session, short
from dispatch.model.dkim import Algorithm

app = typer.Typer(no_args_is_help=True, help="Keys: those that sign mail (DKIM), and those that sign links.")


@app.command("dkim")
def dkim(
    command: typer.Context,
    selector: Annotated[str, typer.Option(help="The key's name in the DNS; else algorithm and month.")] = "",
    algorithm: Annotated[Algorithm, typer.Option(help="rsa is verified everywhere.")] = Algorithm.RSA,
    domain: Annotated[str, typer.Option(help="Else that of [dkim] or of the publication's email.")] = "",
) -> None:
    """Make a key that signs mail, and print its DNS record and settings."""
    session = Session.of(command)
    made = acts.make_dkim_key(session.config(), algorithm, selector, domain, system_clock())
    session.answer(made, lambda: _explain(session, made))


def _explain(session: Session, made: acts.NewKey) -> None:
    session.say(f"{short(made.file)} holds the new key; only its owner can read it. Keep a copy in a safe place.")
    session.say("\n1. Publish this TXT record in the DNS:\n")
    session.say(f"   name   {made.name}")
    session.say(f"   value  {made.value}")
    session.say("\n   The same as a zone file has it:\n")
    session.say(made.zone)
    session.say("\n2. Add to dispatch.toml:\n")
    session.say(made.settings)
    session.say(f"\n3. {session.command} check   # compares the record with the key")
    session.say("4. Start `dispatch run` again: it reads its settings and keys when it starts.")
    if made.warning:
        session.say(f"\nwarning: {made.warning}")


@app.command("rotate")
def rotate(command: typer.Context) -> None:
    """Sign the links of new messages with a fresh key; links already sent keep working."""
    session = Session.of(command)
    path = session.config().folder / KEY_FILE
    done = session.work(lambda app, desk: acts.rotate(desk, path))
    session.answer(done, lambda: _say_rotated(session, done, short(path)))


def _say_rotated(session: Session, done: acts.Rotated, file: str) -> None:
    session.say(f"{file} holds {done.keys} keys now. {done.key_id} signs the links of new messages;")
    session.say("those in messages already sent keep working as long as the older keys stay in the file.")
    session.say("Keep a copy of the file in a safe place.")
    running = "A `dispatch run` is alive" if done.service else "Should a `dispatch run` be alive somewhere"
    session.say(f"{running}: start it again now. Until then it refuses links that another process signs anew.")
