"""What the editors are told when an issue has ended, as an edition without a list. Pure but for the templates it reads.

Its templates, email/receipt.html and email/receipt.txt, are the publication's to change, as those of an issue are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dispatch.colour import readable
from dispatch.content.excerpt import shorten
from dispatch.language import day_in_words, direction
from dispatch.message.plain import one_line
from dispatch.model.delivery import FINAL_STATES, SendState, Tally
from dispatch.model.issue import Edition, Issue, IssueState, Publication
from dispatch.model.subscriber import Cadence
from dispatch.render.frame import NIGHT, PAPER
from dispatch.render.inline import inline
from dispatch.render.marker import marker_for
from dispatch.render.pictures import is_drawn
from dispatch.render.receipt_words import receipt_words
from dispatch.render.words import spoken, words_of
from dispatch.render.wrap import columns, wrap
from dispatch.theme import Theme, trusted

SUBJECT = 110  # characters, at most


@dataclass(frozen=True, slots=True)
class Coming:
    """The next issue of a list, as far as it is planned."""

    cadence: Cadence
    at: datetime
    until: datetime | None = None  # with local time: when the last ones get it


@dataclass(frozen=True, slots=True)
class Ended:
    """An issue that has ended, and all that its editors should know of it."""

    issue: Issue
    title: str  # the subject that it went out with
    list_title: str
    zone: str  # IANA: the list's
    tally: Tally
    unknown: Sequence[tuple[str, str]]  # name and address of as many as are named
    refusals: Sequence[tuple[str, int]]  # domains, and how many there were refused
    coming: Coming | None


def render_receipt(ended: Ended, sender: str, publication: Publication, theme: Theme, now: datetime) -> Edition:
    """The receipt of an issue, dated `now`. Raises TemplateError if a template is broken."""
    values = _values(ended, publication, now)
    accent = {"accent": readable(publication.accent, PAPER), "accent_dark": readable(publication.accent, NIGHT)}
    html = theme.render(
        "email/receipt.html",
        **values,
        **accent,
        inline_css=trusted(theme.render("email/inline.css", **accent)),
        kept_css=trusted(theme.render("email/kept.css", **accent)),
    )
    text = theme.render("email/receipt.txt", **values, wrapped=_wrapped, underlined=_underlined, lined_up=_lined_up)
    return Edition(
        issue=ended.issue.number,
        subject=str(values["subject"]),
        preheader=str(values["preheader"]),
        html=inline(html),
        text=text,
        language=str(values["language"]),
        sender=one_line(sender),
        reply_to="",
        list_id="",
        archive="",
        archived_at="",
        feedback_id="",
        date=now,
        marker=marker_for([html, text, str(values["subject"])]),
    )


def _values(ended: Ended, publication: Publication, now: datetime) -> Mapping[str, Any]:
    """What both templates may name."""
    issue, language = ended.issue, spoken(publication.language)
    words = receipt_words(language)
    kind = "cancelled" if issue.state is IssueState.CANCELLED else "sent"
    counts = {
        "accepted": _grouped(ended.tally.counts.get(SendState.ACCEPTED, 0), words),
        "audience": _grouped(ended.tally.audience, words),
    }
    sums = [(words[state], _grouped(count, words)) for state, count in _settled(ended.tally)]
    total = ended.tally.counts.get(SendState.UNKNOWN, 0)
    more = total - len(ended.unknown)
    return {
        "publication": publication,
        "logo": publication.logo if is_drawn(publication.logo) else "",
        "list_title": one_line(ended.list_title),
        "title": one_line(ended.title),
        "number": issue.number,
        "day": day_in_words(now.astimezone(ZoneInfo(ended.zone)).date(), language),
        "language": language,
        "direction": direction(language),
        "subject": _subject(words[f"{kind}_subject"], one_line(ended.title), {"number": issue.number, **counts}),
        "heading": words[f"{kind}_heading"].format(**counts),
        "preheader": " · ".join(f"{word} {count}" for word, count in sums),
        "facts": _facts(ended, words, language),
        "sums": sums,
        "sum": (words["sum"], _grouped(ended.tally.settled, words)),
        "unknown": [(one_line(name), one_line(email)) for name, email in ended.unknown],
        "unknown_more": words["unknown_more"].format(count=_grouped(more, words)) if more else "",
        "refusals": [(one_line(domain), _grouped(count, words)) for domain, count in ended.refusals],
        "coming": _coming(ended, words, language),
        "why": words["why"].format(publication=one_line(publication.title)),
        "says": words,
        "words": words_of(language),
    }


def _subject(pattern: str, title: str, values: Mapping[str, Any]) -> str:
    room = SUBJECT - len(pattern.format(title="", **values))
    return pattern.format(title=shorten(title, room), **values)


def _settled(tally: Tally) -> list[tuple[SendState, int]]:
    """The states that somebody is in, and how many; how many were accepted stands there in any case."""
    counted = [(state, tally.counts.get(state, 0)) for state in FINAL_STATES]
    return [(state, count) for state, count in counted if count or state is SendState.ACCEPTED]


def _facts(ended: Ended, words: Mapping[str, str], language: str) -> list[str]:
    """When, how long, and whose work it was: a sentence each."""
    issue, said = ended.issue, []
    if issue.frozen and issue.ended:
        began = _moment(issue.frozen, ended.zone, language)
        said.append(words["took"].format(began=began, span=_span(issue.ended - issue.frozen, words)))
    if issue.editor:
        said.append(words["edited"].format(name=one_line(issue.editor)))
    if issue.approved_by:
        said.append(words["approved"].format(name=one_line(issue.approved_by)))
    if issue.corrects:
        said.append(words["corrects"].format(number=issue.corrects))
    return said


def _coming(ended: Ended, words: Mapping[str, str], language: str) -> str:
    """When the next issue comes, in the list's zone and in UTC."""
    coming = ended.coming
    if coming is None:
        return words["next_none"]
    until = coming.until if coming.until and coming.until > coming.at else None
    return words["next_between" if until else "next_at"].format(
        cadence=words[coming.cadence.value],
        at=_moment(coming.at, ended.zone, language),
        until=_moment(until, ended.zone, language) if until else "",
    )


def _moment(instant: datetime, zone: str, language: str) -> str:
    local = instant.astimezone(ZoneInfo(zone))
    utc = f" ({instant:%H:%M} UTC)" if zone != "UTC" else ""
    return f"{day_in_words(local.date(), language)}, {local:%H:%M} {zone}{utc}"


def _span(span: timedelta, words: Mapping[str, str]) -> str:
    """How long something took: seconds below two minutes, minutes below an hour."""
    seconds = max(0, round(span.total_seconds()))
    if seconds < 120:
        return words["seconds"].format(seconds=seconds)
    hours, minutes = divmod(round(seconds / 60), 60)
    return words["hours" if hours else "minutes"].format(hours=hours, minutes=minutes)


def _grouped(count: int, words: Mapping[str, str]) -> str:
    return f"{count:,}".replace(",", words["thousands"])


def _wrapped(text: str) -> str:
    return "\n".join(wrap(text))


def _underlined(text: str, rule: str) -> str:
    lines = wrap(text)
    return "\n".join([*lines, rule * max(map(columns, lines), default=0)])


def _lined_up(rows: Sequence[tuple[str, str]]) -> str:
    """Two columns: words to the left, numbers to the right."""
    left, right = (max(columns(row[side]) for row in rows) for side in (0, 1))
    return "\n".join(
        f"{word}{' ' * (left - columns(word) + 2 + right - columns(count))}{count}" for word, count in rows
    )
