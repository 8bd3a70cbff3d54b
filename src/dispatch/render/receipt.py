"""What the editors are told when an issue has ended, as an edition without a list. Pure but for the templates it reads.

Its templates, email/receipt.html and email/receipt.txt, are the publication's to change, as those of an issue are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from dispatch.catalogue import Catalogue, phrase
from dispatch.content.excerpt import shorten
from dispatch.language import day_in_words, direction, hour
from dispatch.message.plain import one_line
from dispatch.model.delivery import FINAL_STATES, SendState, Tally
from dispatch.model.issue import Edition, Issue, IssueState, Publication
from dispatch.model.subscriber import Cadence
from dispatch.render.inline import inline
from dispatch.render.lines import underlined, wrapped
from dispatch.render.look import look_of
from dispatch.render.marker import marker_for
from dispatch.render.wrap import columns
from dispatch.theme import Theme

SUBJECT = 110  # characters, at most
STATES: Mapping[SendState, str] = MappingProxyType(
    {
        SendState.ACCEPTED: phrase("Accepted"),
        SendState.REJECTED: phrase("Rejected"),
        SendState.SKIPPED: phrase("Skipped"),
        SendState.CANCELLED: phrase("Cancelled"),
        SendState.EXPIRED: phrase("Expired"),
        SendState.UNKNOWN: phrase("Unknown"),
    }
)
CADENCES: Mapping[Cadence, str] = MappingProxyType(
    {
        Cadence.IMMEDIATE: phrase("Immediate"),
        Cadence.DAILY: phrase("Daily"),
        Cadence.WEEKLY: phrase("Weekly"),
        Cadence.MONTHLY: phrase("Monthly"),
        Cadence.BY_HAND: phrase("By hand"),
    }
)


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
    values = _values(ended, publication, theme.catalogue(publication.language), now)
    html = theme.render("email/receipt.html", **values, **look_of(publication, theme))
    text = theme.render("email/receipt.txt", **values, wrapped=wrapped, underlined=underlined, lined_up=_lined_up)
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


def _values(ended: Ended, publication: Publication, words: Catalogue, now: datetime) -> Mapping[str, Any]:
    """What both templates may name."""
    sums = [(words.gettext(STATES[state]), words.number(count)) for state, count in _settled(ended.tally)]
    more = ended.tally.counts.get(SendState.UNKNOWN, 0) - len(ended.unknown)
    return {
        "publication": publication,
        "list_title": one_line(ended.list_title),
        "title": one_line(ended.title),
        "number": ended.issue.number,
        "day": day_in_words(now.astimezone(ZoneInfo(ended.zone)).date(), words.language),
        "language": words.language,
        "direction": direction(words.language),
        "subject": _subject(ended, words),
        "heading": _heading(ended, words),
        "preheader": " · ".join(f"{word} {count}" for word, count in sums),
        "facts": _facts(ended, words),
        "sums": sums,
        "sum": (words.gettext("All together"), words.number(ended.tally.settled)),
        "unknown": [(one_line(name), one_line(email)) for name, email in ended.unknown],
        "unknown_more": more,
        "refusals": [(one_line(domain), words.number(count)) for domain, count in ended.refusals],
        "coming": _coming(ended, words),
    }


def _subject(ended: Ended, words: Catalogue) -> str:
    """What came of which issue; its title is what gives way."""
    room = SUBJECT - len(_outcome(ended, words, ""))
    return _outcome(ended, words, shorten(one_line(ended.title), room))


def _outcome(ended: Ended, words: Catalogue, title: str) -> str:
    values = {"number": ended.issue.number, "title": title, **_counts(ended, words)}
    if ended.issue.state is IssueState.CANCELLED:
        return words.gettext("Cancelled: issue %(number)s “%(title)s”, after %(accepted)s of %(audience)s", **values)
    return words.gettext("Sent: issue %(number)s “%(title)s” to %(accepted)s of %(audience)s", **values)


def _heading(ended: Ended, words: Catalogue) -> str:
    if ended.issue.state is IssueState.CANCELLED:
        return words.gettext("Cancelled after %(accepted)s of %(audience)s", **_counts(ended, words))
    return words.gettext("Sent to %(accepted)s of %(audience)s", **_counts(ended, words))


def _counts(ended: Ended, words: Catalogue) -> Mapping[str, str]:
    accepted = ended.tally.counts.get(SendState.ACCEPTED, 0)
    return {"accepted": words.number(accepted), "audience": words.number(ended.tally.audience)}


def _settled(tally: Tally) -> list[tuple[SendState, int]]:
    """The states that somebody is in, and how many; how many were accepted stands there in any case."""
    counted = [(state, tally.counts.get(state, 0)) for state in FINAL_STATES]
    return [(state, count) for state, count in counted if count or state is SendState.ACCEPTED]


def _facts(ended: Ended, words: Catalogue) -> list[str]:
    """When, how long, and whose work it was: a sentence each."""
    issue, said = ended.issue, []
    if issue.frozen and issue.ended:
        began, span = _moment(issue.frozen, ended.zone, words), _span(issue.ended - issue.frozen, words)
        said.append(words.gettext("Began %(began)s, took %(span)s.", began=began, span=span))
    if issue.editor:
        said.append(words.gettext("Edited by %(name)s.", name=one_line(issue.editor)))
    if issue.approved_by:
        said.append(words.gettext("Approved by %(name)s.", name=one_line(issue.approved_by)))
    if issue.corrects:
        said.append(words.gettext("A correction of issue %(number)s.", number=issue.corrects))
    return said


def _coming(ended: Ended, words: Catalogue) -> str:
    """When the next issue comes, in the list's zone and in UTC."""
    coming = ended.coming
    if coming is None:
        return words.gettext("None is planned.")
    cadence, at = words.gettext(CADENCES[coming.cadence]), _moment(coming.at, ended.zone, words)
    if coming.until is None or coming.until <= coming.at:
        return words.gettext("%(label)s: %(value)s", label=cadence, value=at)
    until = _moment(coming.until, ended.zone, words)
    return words.gettext(
        "%(cadence)s: from %(at)s to %(until)s, at each reader’s own hour", cadence=cadence, at=at, until=until
    )


def _moment(instant: datetime, zone: str, words: Catalogue) -> str:
    local = instant.astimezone(ZoneInfo(zone))
    utc = f" ({hour(instant.astimezone(UTC), words.language)} UTC)" if zone != "UTC" else ""
    return f"{day_in_words(local.date(), words.language)}, {hour(local, words.language)} {zone}{utc}"


def _span(span: timedelta, words: Catalogue) -> str:
    """How long something took: seconds below two minutes, minutes below an hour."""
    seconds = max(0, round(span.total_seconds()))
    hours, minutes = divmod(round(seconds / 60), 60)
    if seconds < 120:
        said = words.gettext("%(seconds)s s", seconds=seconds)
    elif hours:
        said = words.gettext("%(hours)s h %(minutes)s min", hours=hours, minutes=minutes)
    else:
        said = words.gettext("%(minutes)s min", minutes=minutes)
    return said.replace(" ", "\u00a0")  # a number and its unit stay on one line


def _lined_up(rows: Sequence[tuple[str, str]]) -> str:
    """Two columns: words to the left, numbers to the right."""
    left, right = (max(columns(row[side]) for row in rows) for side in (0, 1))
    return "\n".join(
        f"{word}{' ' * (left - columns(word) + 2 + right - columns(count))}{count}" for word, count in rows
    )
