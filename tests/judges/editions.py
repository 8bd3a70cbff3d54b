"""Every mail that the judges see: each template filled with each post, in five languages, ready to be sent.

A publication is made of the sample's posts and of those in posts/, which hold all that a post may hold and some that
mean harm. What is judged is a whole message as a provider is given it: spliced for one person and signed.
"""

import asyncio
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from dispatch.app import open_app
from dispatch.config import read_config
from dispatch.context import Context
from dispatch.message.compile import compile_edition
from dispatch.message.dkim import Signer
from dispatch.message.signingkey import make_key
from dispatch.message.splice import Splicer
from dispatch.model.delivery import Recipient, SendState, Tally
from dispatch.model.dkim import Algorithm
from dispatch.model.issue import Cohort, Content, Edition, Issue, IssueState, Publication, Words
from dispatch.model.post import Post
from dispatch.model.service_mail import ServiceMailKind
from dispatch.model.subscriber import Cadence
from dispatch.publish.collecting import collect
from dispatch.render.edition import render_edition
from dispatch.render.receipt import Coming, Ended, render_receipt
from dispatch.render.rhythm import Rhythm
from dispatch.render.service_mail import render_service_mail
from dispatch.store import posts
from dispatch.theme import Theme

HERE = Path(__file__).parent
SAMPLE = HERE.parents[1] / "sample"
SHEET = "email/inline.css"
NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
MARKER = "zq" + 32 * "0"  # instead of an edition's own: whose letters are wider, wraps elsewhere
DOMAIN = "harbour-light.example.org"
HOME = f"https://{DOMAIN}"
OWN_POSTS = '\n[sources.trials]\ntype = "folder"\npath = "trials"\n'
READER = Recipient(
    subscriber=7,
    email="ada@reader.example",
    name="Ada King",
    unsubscribe=f"{HOME}/u/k1.7.1.aGVsbG8gd29ybGQgaGVsbG8",
    message_id=f"42.7.c0ffee@{DOMAIN}",
    tag="42.7.c0ffee",
    preferences=f"{HOME}/p/k1.7.1.d29ybGQgaGVsbG8gd29ybGQ",
)
MONDAYS = Rhythm(Cadence.WEEKLY, ("0 8 * * 1",), "Europe/Berlin")
INTROS = {
    "en": "Dear readers,\n\nthe **quay** is [frozen](/quay/). It is time for:\n\n- tea\n- a lamp\n\nYours, *Imke*",
    "de": "Liebe Leserinnen und Leser,\n\nder **Kai** ist [zugefroren](/kai/).\n\n> Die wärmste Stunde.\n\nIhre *Imke*",
    "fr": "Chères lectrices, chers lecteurs,\n\nle **quai** est [gelé](/quai/) ; il fait doux.\n\nVotre *Imke*",
    "ja": "読者の皆さま\n\n埠頭が[凍りました](/quay/)。**お茶の時間です。**\n\n*イムケ*より",
    "he": "קוראים יקרים,\n\nהרציף [קפא](/quay/). זו השעה **החמה** ביותר.\n\n*אימקה*",
}
LONG_HEAD = "---\ntitle: A hundred and fifty kilobytes\ndate: 2026-11-11\n---\n"  # of which one mail holds the half
LONG = (
    "## Day {n}\n\nThe wind is from the *west*, and the sea runs high; nobody goes out. "
    + "We mend nets. " * 12
    + "\n\n"
)
SUBJECTS = {
    "en": "Ice in the harbour",
    "de": "Eis im Hafen",
    "fr": "De la glace au port",
    "ja": "港の氷",
    "he": "קרח בנמל",
}


@dataclass(frozen=True, slots=True)
class Mail:
    """One edition, before and after inlining, and the message that one person gets."""

    name: str  # template, post and language, as failures name it
    language: str  # BCP 47
    direction: str  # ltr | rtl
    bare: str  # the edition, had the style sheet been empty
    sheet: str  # the style sheet
    inlined: str  # the edition as it is
    cut: bool  # whether it is shorter than its posts; without styles it is so elsewhere
    html: str  # as it stands in the message
    text: str
    message: bytes  # RFC 5322


class Recorder(Theme):
    """A publication's templates, which remember the last style sheet that was to be inlined."""

    sheet = ""

    def render(self, name: str, **values: Any) -> str:
        """As any theme."""
        filled = super().render(name, **values)
        if name == SHEET:
            self.sheet = filled
        return filled


@dataclass
class Press:
    """A publication in a folder of its own, and the key that signs its mail."""

    context: Context
    theme: Recorder
    bare: Theme  # the same with an empty style sheet, so that nothing is inlined
    posts: Sequence[Post]
    signer: Signer
    counted: Iterator[int] = field(default_factory=lambda: iter(range(1, 10_000)))

    def mails(self) -> Iterator[Mail]:
        """All of them, each template with each post and language that it is to show."""
        yield from self.singles()
        for language in INTROS:
            yield from self.of_a_list(language)
            yield from self.of_itself(language)

    def singles(self) -> Iterator[Mail]:
        """Each post as an issue of its own."""
        for post in self.posts:
            yield self.issue(f"single {post.ref}", [post], post.language)

    def of_a_list(self, language: str) -> Iterator[Mail]:
        """A digest, a letter, and a post below an intro."""
        words = {"": Words(INTROS[language], SUBJECTS[language])}
        first = next(post for post in self.posts if post.language == language)
        others = [post for post in self.posts if post is not first]
        yield self.issue("digest", [first, *others], language)
        yield self.issue("letter", [], language, words)
        yield self.issue("intro", [first], language, words)
        yield self.issue("intro to a digest", [first, *others[:2]], language, words)
        yield self.issue("full digest", [first, *others[:2]], language, content="full")

    def of_itself(self, language: str) -> Iterator[Mail]:
        """What the service says by itself: a receipt to the editors, and mails about a subscription."""
        publication = self.publication(language)
        said = partial(render_receipt, ended(), publication.email, publication, now=NOW)
        yield self.mail("receipt", language, lambda theme: said(theme=theme))
        for kind in ServiceMailKind:
            told = partial(render_service_mail, kind, self.context.lists["weekly"], publication, now=NOW)
            rendered = partial(told, language=language, rhythm=MONDAYS)
            yield self.mail(kind.value, language, lambda theme, rendered=rendered: rendered(theme=theme))

    def issue(
        self,
        name: str,
        shown: Sequence[Post],
        language: str,
        words: Mapping[str, Words] | None = None,
        content: Content = "auto",
    ) -> Mail:
        """An issue of the weekly list in one language."""
        number = next(self.counted)
        issue = Issue(
            number, "weekly", Cadence.WEEKLY, IssueState.SENDING, 0, 0, NOW, NOW, frozen=NOW, words=words or {}
        )
        one = replace(self.context.lists["weekly"], content=content)
        publication = self.publication(language)
        cohort = Cohort(tuple(shown), language, (), more=2 if len(shown) > 1 else 0)
        return self.mail(name, language, partial(render_edition, issue, cohort, one, publication))

    def publication(self, language: str) -> Publication:
        """The publication, in a language of its own."""
        return replace(self.context.publication, language=language)

    def mail(self, name: str, language: str, rendered: Callable[[Theme], Edition]) -> Mail:
        """What is rendered by a theme, as one person gets it."""
        edition, bare = rendered(self.theme), rendered(self.bare)
        message = Splicer(compile_edition(edition), [self.signer]).splice(READER)
        html, text = parts(message)
        return Mail(
            name=f"{name} [{language}]",
            language=language,
            direction="rtl" if language == "he" else "ltr",
            bare=bare.html.replace(bare.marker, MARKER),
            sheet=self.theme.sheet,
            inlined=edition.html.replace(edition.marker, MARKER),
            cut=edition.cut is not None,
            html=html,
            text=text,
            message=message,
        )


def parts(message: bytes) -> tuple[str, str]:
    """The HTML and the plain text of a message."""
    parsed = message_from_bytes(message, policy=policy.default)
    html, text = parsed.get_body(("html",)), parsed.get_body(("plain",))
    assert html is not None
    assert text is not None
    return html.get_content(), text.get_content()


def ended() -> Ended:
    """An issue that ended with all that a receipt may have to tell."""
    issue = Issue(
        12, "weekly", Cadence.WEEKLY, IssueState.SENT, 1, 2, NOW, NOW, frozen=NOW, ended=NOW + timedelta(minutes=84)
    )
    counts = {SendState.ACCEPTED: 38_120, SendState.REJECTED: 1_830, SendState.UNKNOWN: 62}
    return Ended(
        issue=replace(issue, editor="ada", approved_by="grace"),
        title="Ebb and flood",
        list_title="The Harbour Light on Monday",
        zone="Europe/Berlin",
        tally=Tally(40_012, counts),
        unknown=[("Hedy Lamarr", "hedy@reader.example"), ("", "joan@reader.example")],
        refusals=[("mail.example", 1_830)],
        coming=Coming(Cadence.WEEKLY, NOW + timedelta(days=7)),
    )


def lay_out(folder: Path) -> None:
    """Write the publication: the sample as if it stood on the web, with the posts of ours beside its own."""
    shutil.copytree(SAMPLE, folder)
    shutil.copytree(HERE / "posts", folder / "trials")
    (folder / "trials" / "long.md").write_text(LONG_HEAD + "".join(LONG.format(n=n) for n in range(600)))
    (folder / "bare" / SHEET).parent.mkdir(parents=True)
    (folder / "bare" / SHEET).touch()
    settings = (folder / "dispatch.toml").read_text().replace("http://localhost:8000", HOME)
    logo = f'logo = "{HOME}/logo.png"\nlogo_dark = "{HOME}/night.png"\nshare = ["bluesky", "whatsapp", "x"]\n'
    (folder / "dispatch.toml").write_text(settings.replace("accent =", f"{logo}accent =", 1) + OWN_POSTS)


async def press(folder: Path) -> list[Mail]:
    """Collect the posts and make the mails."""
    lay_out(folder)
    signer = Signer.from_pem(DOMAIN, "judged", Algorithm.RSA, make_key(Algorithm.RSA))
    (folder / "record.txt").write_text(signer.record)
    async with open_app(read_config(folder), tell=lambda _line: None, clock=lambda: NOW) as app:
        await collect(app.context, NOW)
        async with app.context.store.read() as tx:
            found = await posts.everything(tx, 100)
        in_order = sorted(found, key=lambda post: post.where)
        return list(Press(app.context, Recorder(), Theme(folder / "bare"), in_order, signer).mails())


def all_mails(folder: Path) -> list[Mail]:
    """Every mail, made in a new folder."""
    return asyncio.run(press(folder))


class Complaint(NamedTuple):
    """What a judge has against a mail."""

    mail: str
    said: str


def listed(complaints: Iterable[Complaint]) -> str:
    """Each complaint once, with the mails it is about, as a failing test shows it; empty: there is none."""
    mails: dict[str, list[str]] = {}
    for mail, said in complaints:
        mails.setdefault(said, []).append(mail)
    return "".join(f"\n{said}\n    in {_named(names)}" for said, names in sorted(mails.items()))


def _named(mails: Iterable[str]) -> str:
    first, *others = dict.fromkeys(mails)
    return f"{first} and {len(others)} more" if others else first
