"""Mail about a subscription itself, as an edition. Pure but for the templates it reads.

Nothing that a subscriber typed stands in it, their name least of all: whoever signs somebody else up must not be able
to have us carry their words. The templates, below email/service/, are the publication's to change.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from dispatch.catalogue import Catalogue, phrase
from dispatch.language import direction
from dispatch.message.plain import one_line
from dispatch.message.slots import opening
from dispatch.model.delivery import Slot
from dispatch.model.issue import Edition, MailingList, Publication
from dispatch.model.service_mail import ServiceMailKind
from dispatch.render.envelope import archive_url, list_id, list_title
from dispatch.render.inline import inline
from dispatch.render.lines import underlined, wrapped
from dispatch.render.look import look_of
from dispatch.render.marker import marker_for
from dispatch.render.rhythm import Rhythm, in_words
from dispatch.theme import Theme

NO_ISSUE = 0


@dataclass(frozen=True, slots=True)
class Wording:
    """What mail of one kind says before it is opened, and above its text. The list's title may stand in it."""

    subject: str
    preheader: str
    heading: str


WORDINGS: Mapping[ServiceMailKind, Wording] = MappingProxyType(
    {
        ServiceMailKind.CONFIRM: Wording(
            phrase("Please confirm: %(list)s"),
            phrase("Open the page, press its button, and you are in. If it was not you, do nothing."),
            phrase("Was it you?"),
        ),
        ServiceMailKind.WELCOME: Wording(
            phrase("Welcome to %(list)s"),
            phrase("What you will get, when it comes, and how to change that."),
            phrase("Welcome to %(list)s"),
        ),
        ServiceMailKind.PREFERENCES: Wording(
            phrase("Your preferences: %(list)s"),
            phrase("The link to your page. If it was not you who asked for it, do nothing."),
            phrase("Here is your link"),
        ),
        ServiceMailKind.GOODBYE: Wording(
            phrase("You have left %(list)s"),
            phrase("This is the last mail from this list."),
            phrase("Goodbye"),
        ),
    }
)
OF_THE_LIST = (ServiceMailKind.WELCOME,)  # they are on it, and can leave it by the mail's headers


def render_service_mail(
    kind: ServiceMailKind,
    mailing_list: MailingList,
    publication: Publication,
    theme: Theme,
    now: datetime,
    *,
    language: str,
    rhythm: Rhythm,
) -> Edition:
    """One mail for all who are told the same in a BCP 47 language; `rhythm` is what a welcome says of their mail.

    Raises TemplateError if a template is broken.
    """
    words = theme.catalogue(language)
    marker = marker_for([kind, language, repr(mailing_list), repr(publication), repr(rhythm), theme.digest])
    values = _values(kind, mailing_list, publication, words, rhythm, marker)
    html = theme.render(f"email/service/{kind}.html", language=language, **values, **look_of(publication, theme))
    text = theme.render(
        f"email/service/{kind}.txt", language=language, **values, wrapped=wrapped, underlined=underlined
    )
    return Edition(
        issue=NO_ISSUE,
        subject=str(values["subject"]),
        preheader=str(values["preheader"]),
        html=inline(html),
        text=text,
        language=words.language,
        sender=one_line(mailing_list.sender or publication.email),
        reply_to=one_line(mailing_list.reply_to),
        list_id=list_id(mailing_list, publication) if kind in OF_THE_LIST else "",
        archive=str(values["archive"]),
        archived_at="",
        feedback_id="",
        date=now,
        marker=marker,
    )


def _values(
    kind: ServiceMailKind,
    mailing_list: MailingList,
    publication: Publication,
    words: Catalogue,
    rhythm: Rhythm,
    marker: str,
) -> Mapping[str, Any]:
    """What both templates may name."""
    wording, title = WORDINGS[kind], list_title(mailing_list, publication)
    return {
        "publication": publication,
        "list_title": title,
        "description": one_line(mailing_list.description),
        "archive": archive_url(mailing_list, publication),
        "sign_up": _way_back(mailing_list, publication),
        "rhythm": in_words(rhythm, words),
        "direction": direction(words.language),
        "subject": one_line(words.gettext(wording.subject, list=title)),
        "preheader": words.gettext(wording.preheader),
        "heading": words.gettext(wording.heading, list=title),
        "slots": {slot.value: opening(marker, slot) for slot in Slot},
    }


def _way_back(mailing_list: MailingList, publication: Publication) -> str:
    """Where to sign up again; the list's page, where there is no form."""
    form = f"{publication.web_url}/subscribe/{mailing_list.slug}"
    return form if mailing_list.sign_up else archive_url(mailing_list, publication)
