"""How pages that act are answered: kept by no cache, framed by nobody, telling no other site where they are."""

from collections.abc import Mapping

from starlette.responses import HTMLResponse, Response

from dispatch.errors import StoreError, TokenError
from dispatch.web.notices import Notices

HEADERS: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",  # the address is a secret between us and the reader
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
    "Content-Security-Policy": (
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
}
# Without a referrer of its own a form's POST says `Origin: null`, by which nobody can tell where it comes from (Fetch,
# "append a request Origin header"); browsers without Sec-Fetch-Site have nothing else to say it by.
FORM_HEADERS: Mapping[str, str] = {**HEADERS, "Referrer-Policy": "same-origin"}


def html(page: str, status: int = 200, headers: Mapping[str, str] = HEADERS) -> Response:
    """A page."""
    return HTMLResponse(page, status, headers=dict(headers))


def form(page: str, status: int = 200) -> Response:
    """A page with a form that is asked where it comes from."""
    return html(page, status, FORM_HEADERS)


def refusal(notices: Notices, error: TokenError | StoreError, language: str = "") -> Response:
    """404 for a link that was not made here; 503 while the store cannot be reached."""
    if isinstance(error, TokenError):
        return html(notices.forged(language), 404)
    return html(notices.busy(language), 503, {**HEADERS, "Retry-After": "60"})
