"""What answers a form that cannot be taken."""

from starlette.responses import Response

from dispatch.catalogue import phrase
from dispatch.web.answers import HEADERS, html
from dispatch.web.forms import FormError
from dispatch.web.notices import Notices

NOTHING = phrase("Nothing has been changed. Open the page itself and try again there.")
HEADINGS = {
    400: phrase("This could not be read"),
    403: phrase("This came from another site"),
    413: phrase("Too much was sent"),
    415: phrase("This could not be read"),
}


def refused(notices: Notices, error: FormError) -> Response:
    """Why it was not taken, and what to do."""
    return html(notices.notice("", HEADINGS[error.status], NOTHING), error.status)


def too_often(notices: Notices, language: str) -> Response:
    """429 for a visitor who acts more often than people do."""
    page = notices.notice(language, phrase("Too many at once"), phrase("Please try again in a minute."))
    return html(page, 429, {**HEADERS, "Retry-After": "60"})
