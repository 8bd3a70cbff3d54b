"""`dispatch issue new`, `edit`, `approve`, `preview` and `test`: what editors make of an issue."""

from pathlib import Path
from typing import Annotated

import click
import typer

from dispatch.acts import approval, shaping
from dispatch.acts.act import ActError, Desk
from dispatch.acts.preflight import Remarks, preflight
from dispatch.acts.preview import Reader, preview_issue, preview_list
from dispatch.acts.prospect import prospect
from dispatch.acts.sheet import read_sheet, write_sheet
from dispatch.acts.trial import failed, trial
from dispatch.app import App, refuse_insecure_mailing
from dispatch.cli.looks import Look, print_looks
from dispatch.cli.session import Session
from dispatch.errors import UsageError
from dispatch.model.delivery import Receipt
from dispatch.model.subscriber import Cadence
from dispatch.render.preflight.remark import in_words

LARGEST_NUMBER = 2**31 - 1
Number = Annotated[int, typer.Argument(metavar="N", min=1, max=LARGEST_NUMBER, help="The issue's number.")]
Intro = Annotated[str | None, typer.Option(metavar="FILE", help="Markdown that stands before the posts; - reads it.")]
Subject = Annotated[str | None, typer.Option(help="Instead of the template's.")]
Preheader = Annotated[str | None, typer.Option(help="What inboxes show after the subject.")]
Language = Annotated[str, typer.Option(help="For whom these words are, such as de; else for everybody.")]
Posts = Annotated[
    list[str] | None, typer.Option("--post", metavar="ID…", help="Posts in their order; commas, or again.")
]
Version = Annotated[int | None, typer.Option(help="Refuse if somebody has changed it since this version.", min=0)]
LARGEST = 1_000_000  # bytes of an intro's file


def new(
    command: typer.Context,
    list_slug: Annotated[str, typer.Option("--list", help="To whom.")],
    post: Posts = None,
    intro: Intro = None,
    subject: Subject = None,
    preheader: Preheader = None,
    language: Language = "",
    cadence: Annotated[str, typer.Option(help="Without posts and intro: open the next issue of this cadence.")] = "",
    to_recipients_of: Annotated[
        int | None, typer.Option(metavar="N", min=1, max=LARGEST_NUMBER, help="Only to who got issue N.")
    ] = None,
    revision: Annotated[
        int | None,
        typer.Option(min=1, max=LARGEST_NUMBER, help="With --to-recipients-of: who got this revision of it."),
    ] = None,
) -> None:
    """Make an issue by hand from chosen posts, an intro, or both: a draft until you send or schedule it."""
    session = Session.of(command)
    wish = shaping.Wish(_read(intro), subject, preheader, language, _ids(post) if post else None)
    if revision is not None and to_recipients_of is None:
        raise UsageError("--revision goes with --to-recipients-of.")
    corrects = (to_recipients_of, revision or 1) if to_recipients_of is not None else None

    async def act(app: App, desk: Desk) -> int:
        if cadence:
            if post or corrects:
                raise UsageError("--cadence opens the next digest, which finds its posts itself.")
            return await shaping.begin_next(desk, list_slug, _cadence(cadence), wish)
        return await shaping.make(desk, list_slug, wish, corrects=corrects)

    number = session.work(act)
    session.answer({"issue": number}, lambda: session.say(_made(session, list_slug, number)))


def _made(session: Session, list_slug: str, number: int) -> str:
    """That there is a draft, and what comes next."""
    dispatch = session.command
    lines = [f"issue {number} is a draft; look at it: {dispatch} issue show {number}"]
    if session.config().lists[list_slug].approval:
        lines.append(f"let somebody approve it: {dispatch} issue approve {number} --as NAME")
    lines.append(f"let it go: {dispatch} issue send {number}, or {dispatch} issue schedule {number} --at TIME")
    return "\n".join(lines)


def _cadence(name: str) -> Cadence:
    try:
        return Cadence(name)
    except ValueError:
        known = ", ".join(one.value for one in Cadence if one not in (Cadence.IMMEDIATE, Cadence.BY_HAND))
        raise UsageError(f"There is no cadence {name!r}; digests are: {known}.") from None


def _ids(values: list[str]) -> tuple[int, ...]:
    parts = [part.strip() for value in values for part in value.split(",") if part.strip()]
    wrong = next((part for part in parts if not (part.isascii() and part.isdigit() and len(part) < 10)), None)
    if wrong:
        raise UsageError(f"{wrong!r} is no post's number; `dispatch post list` shows them.")
    return tuple(int(part) for part in parts)


def _read(name: str | None) -> str | None:
    """A file of Markdown, or standard input. Raises UsageError."""
    if name is None:
        return None
    try:
        data = typer.get_binary_stream("stdin").read(LARGEST) if name == "-" else Path(name).read_bytes()
        if len(data) >= LARGEST:
            raise UsageError(f"{name} is too long for an intro: make a post of it.")
        return data.decode("utf-8-sig")
    except OSError as error:
        raise UsageError(f"{name} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise UsageError(f"{name} is not UTF-8; save it as UTF-8.") from None


def edit(
    command: typer.Context,
    number: Number,
    post: Posts = None,
    intro: Intro = None,
    subject: Subject = None,
    preheader: Preheader = None,
    language: Language = "",
    leave_out: Annotated[list[str] | None, typer.Option(metavar="ID…", help="Posts that do not come with it.")] = None,
    take_in: Annotated[list[str] | None, typer.Option(metavar="ID…", help="Posts left out before.")] = None,
    version: Version = None,
) -> None:
    """Change what an issue says; without options in your text editor. One under way must be paused first."""
    session = Session.of(command)
    wish = shaping.Wish(
        _read(intro),
        subject,
        preheader,
        language,
        _ids(post) if post else None,
        _ids(leave_out or []),
        _ids(take_in or []),
    )
    if wish == shaping.Wish(language=language):
        wish, version = _in_editor(session, number, language)
    try:
        done = session.work(lambda app, desk: shaping.shape(desk, number, wish, version))
    except ActError as error:
        raise ActError(f"{error}{_kept(number, wish.intro)}") from None
    session.answer(done, lambda: session.say(_shaped(session, done)))


def _in_editor(session: Session, number: int, language: str) -> tuple[shaping.Wish, int]:
    """Let the editor write on the issue's sheet; the wish, and the version that it was made on."""
    if not session.console.is_terminal:
        raise UsageError(
            "Say what is to be different: --intro, --subject, --preheader, --post, --leave-out or --take-in."
        )
    found = session.work(lambda app, desk: prospect(desk, number))
    before = write_sheet(found.issue, found.content, language)
    after = click.edit(before, extension=".md", require_save=False) or before
    try:
        wish = read_sheet(after, found.issue, [post_id for post_id, _ in found.content], language)
    except ActError as error:
        raise ActError(f"{error}{_kept(number, after)}") from None
    return wish, found.issue.version


def _kept(number: int, words: str | None) -> str:
    """Where what somebody wrote is, so that it is not lost with the act that failed."""
    if not words:
        return ""
    path = Path(f"issue-{number}-yours.md")
    path.write_text(words, encoding="utf-8")
    return f"\nWhat you wrote is in {path}."


def _shaped(session: Session, done: shaping.Shaped) -> str:
    if not done.changed:
        return f"issue {done.number} says that already"
    lines = [f"issue {done.number}: changed {', '.join(done.changed)} (version {done.version})"]
    if done.voided:
        lines.append(f"the approval by {done.voided} is void: {session.command} issue approve {done.number} --as NAME")
    if done.left:
        lines.append(f"{done.left} are left to get it; go on: {session.command} issue resume {done.number}")
    return "\n".join([*lines, *done.notes])


def approve(command: typer.Context, number: Number, version: Version = None) -> None:
    """Approve what an issue says now, as its second pair of eyes; a change of it voids that."""
    session = Session.of(command)
    session.work(lambda app, desk: approval.approve(desk, number, version))
    session.answer(
        {"issue": number, "by": session.who}, lambda: session.say(f"issue {number} is approved by {session.who}")
    )


ForAddress = Annotated[str, typer.Option("--for", metavar="ADDRESS", help="As this subscriber gets it.")]
Cadenced = Annotated[str, typer.Option(help="Without a number: of this cadence of the list.")]
Tagged = Annotated[str | None, typer.Option(help="As somebody gets it who wants these, separated by ;")]
Spoken = Annotated[str, typer.Option(help="As somebody gets it who reads this language.")]


def preview(
    command: typer.Context,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where the files go.")],
    number: Annotated[
        int | None, typer.Argument(metavar="[N]", min=1, max=LARGEST_NUMBER, help="The issue's number.")
    ] = None,
    list_slug: Annotated[str, typer.Option("--list", help="Without a number: which list; else the first.")] = "",
    address: ForAddress = "",
    cadence: Cadenced = "",
    tags: Tagged = None,
    language: Spoken = "",
) -> None:
    """Write edition.html, edition.txt and message.eml: of the largest cohort, the smallest and each language.

    Says what is to be mended before they go out, and where.
    """
    session = Session.of(command)
    reader = _reader(address, tags, language)
    if number is not None and (list_slug or cadence):
        raise UsageError("Name an issue's number, or --list and --cadence, not both.")
    if number is None and address:
        raise UsageError("--for goes with an issue's number.")

    async def act(app: App, desk: Desk) -> list[Look]:
        if number is not None:
            found = await preview_issue(desk, number, reader)
        else:
            found = await preview_list(desk, list_slug or next(iter(desk.context.lists), ""), cadence, reader)
        return [Look(one, one.write(out), await preflight(desk, one)) for one in found]

    looks = session.work(act)
    session.answer([one.as_json for one in looks], lambda: print_looks(session, looks))


def _reader(address: str, tags: str | None, language: str) -> Reader:
    if address and (tags is not None or language):
        raise UsageError("--for names a person, who has tags and a language of their own.")
    wanted = None if tags is None else tuple(sorted({tag.strip() for tag in tags.split(";") if tag.strip()}))
    return Reader(address, wanted, language)


def send_test(
    command: typer.Context,
    number: Number,
    to: Annotated[list[str], typer.Option("--to", metavar="ADDRESS", help="Who gets it; may be repeated.")],
    address: ForAddress = "",
    tags: Tagged = None,
    language: Spoken = "",
) -> None:
    """Send an issue to yourself, as a subscriber would get it. Touches no state."""
    session = Session.of(command)

    reader = _reader(address, tags, language)

    async def act(app: App, desk: Desk) -> tuple[dict[str, Receipt], Remarks]:
        refuse_insecure_mailing(app.context)
        receipts = await trial(desk, number, tuple(to), reader)
        return receipts, await preflight(desk, (await preview_issue(desk, number, reader))[0])

    receipts, findings = session.work(act)
    lines = [f"{email}: {receipt.state.value} {receipt.detail}".rstrip() for email, receipt in receipts.items()]
    if findings:
        lines.append(f"{in_words(findings)}; `{session.command} issue preview {number} --out DIR` names them")
    session.answer(receipts, lambda: session.say("\n".join(lines)))
    if failed(receipts):
        raise typer.Exit(1)
