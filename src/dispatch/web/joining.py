"""Signing up and confirming: forms that say the same to everybody, and a link that acts by one press."""

from collections.abc import Mapping
from typing import Protocol

from starlette.requests import Request
from starlette.responses import Response

from dispatch.acts.joining import ConfirmPage, SignUp, Standing, WrongFieldsError
from dispatch.acts.offering import Offering
from dispatch.errors import StoreError, TokenError
from dispatch.language import own_name
from dispatch.model.issue import MailingList
from dispatch.syndicate.pages import PACE
from dispatch.web.accepting import preferred
from dispatch.web.answers import form, html, refusal
from dispatch.web.beat import Beat
from dispatch.web.forms import Form, FormError, read_form
from dispatch.web.notices import Notices
from dispatch.web.refusing import refused, too_often
from dispatch.web.visitors import Visitors, visitor_of

MAX_BODY = 8 * 1024  # bytes: an address, a name, a choice
TRAP = "subject"  # a field that people do not see and programs fill in

CONFIRM_PAGES = {
    Standing.WAITS: "web/confirm.html",
    Standing.IN: "web/confirmed.html",
    Standing.EXPIRED: "web/confirm_expired.html",
    Standing.CLOSED: "web/confirm_closed.html",
}


class Joining(Protocol):
    """What these pages ask of the rest. Implemented by acts."""

    async def offering(self) -> Offering:
        """What there is to sign up for. Raises StoreError."""

    async def sign_up(self, wish: SignUp) -> None:
        """Let somebody wait for their own word. Raises WrongFieldsError or StoreError."""

    async def look(self, token: str) -> ConfirmPage:
        """Where a link to confirm with leads; changes nothing. Raises TokenError or StoreError."""

    async def confirm(self, token: str) -> ConfirmPage:
        """Let whoever has this link in. Raises TokenError or StoreError."""


class JoinDesk:
    """Answers /subscribe/, /subscribe/LIST and /confirm/TOKEN."""

    def __init__(
        self,
        joining: Joining,
        notices: Notices,
        visitors: Visitors,
        origins: frozenset[str],
        beat: Beat,
    ) -> None:
        self._joining, self._notices, self._beat = joining, notices, beat
        self._visitors, self._origins = visitors, origins

    async def lists(self, request: Request) -> Response:
        """All lists that anybody may join; where there is one, its form."""
        try:
            offering = await self._joining.offering()
        except StoreError as error:
            return refusal(self._notices, error)
        if not offering.open:
            return html(self._notices.not_found(), 404)
        if len(offering.open) == 1:
            return form(self._form(request, offering, next(iter(offering.open.values()))))
        language = _language(request, offering)
        return html(self._notices.page("web/subscribe_lists.html", language, lists=offering.open, pace=PACE))

    async def ask(self, request: Request) -> Response:
        """The form of a list."""
        try:
            offering = await self._joining.offering()
        except StoreError as error:
            return refusal(self._notices, error)
        one = offering.open.get(request.path_params["slug"])
        return form(self._form(request, offering, one)) if one else html(self._notices.not_found(), 404)

    async def sign_up(self, request: Request) -> Response:
        """Take what was filled in, and say where to look: the same to everybody, and after the same time."""
        try:
            offering = await self._joining.offering()
            one = self._meant(request, offering)
            if one is None:
                return html(self._notices.not_found(), 404)
            filled = await read_form(request, MAX_BODY, self._origins)
            return await self._signed_up(request, offering, one, filled)
        except FormError as error:
            return refused(self._notices, error)
        except StoreError as error:
            return refusal(self._notices, error)

    def _meant(self, request: Request, offering: Offering) -> MailingList | None:
        """The list of the address, or the only one there is."""
        only = next(iter(offering.open)) if len(offering.open) == 1 else ""
        return offering.open.get(request.path_params.get("slug", only))

    async def _signed_up(self, request: Request, offering: Offering, one: MailingList, filled: Form) -> Response:
        language = _language(request, offering, filled.one("language"))
        if not self._visitors.may_act(visitor_of(request)):
            return too_often(self._notices, language)
        email = filled.one("email").strip()
        wish = SignUp(one.slug, email, filled.one("name"), filled.one("cadence"), language)
        try:
            async with self._beat.kept():
                if not filled.one(TRAP):
                    await self._joining.sign_up(wish)
        except WrongFieldsError as error:
            return form(self._form(request, offering, one, filled, error.fields), 422)
        return html(self._notices.page("web/look_into_inbox.html", language, email=email, one=one))

    def _form(
        self,
        request: Request,
        offering: Offering,
        one: MailingList,
        filled: Form | None = None,
        wrong: Mapping[str, str] | None = None,
    ) -> str:
        filled = filled or Form({})
        language = _language(request, offering, filled.one("language"))
        return self._notices.page(
            "web/subscribe.html",
            language,
            one=one,
            several=len(offering.open) > 1,
            languages=offering.languages,
            chosen_language=language,
            filled=filled,
            wrong=wrong or {},
            pace=PACE,
            trap=TRAP,
            own_name=own_name,
        )

    async def look(self, request: Request) -> Response:
        """The page with the one button. Scanners follow links, so nothing changes here."""
        try:
            page = await self._joining.look(request.path_params["token"])
        except (TokenError, StoreError) as error:
            return refusal(self._notices, error)
        return form(self._confirm_page(page))

    async def confirm(self, request: Request) -> Response:
        """Let them in and say so."""
        try:
            await read_form(request, MAX_BODY, self._origins)
            page = await self._joining.confirm(request.path_params["token"])
        except FormError as error:
            return refused(self._notices, error)
        except (TokenError, StoreError) as error:
            return refusal(self._notices, error)
        return html(self._confirm_page(page))

    def _confirm_page(self, page: ConfirmPage) -> str:
        return self._notices.page(CONFIRM_PAGES[page.standing], page.language, page=page, pace=PACE)


def _language(request: Request, offering: Offering, chosen: str = "") -> str:
    """The language in which somebody is spoken to: chosen in the form, else by what their browser asks for."""
    if chosen in offering.languages:
        return chosen
    return preferred(request.headers.get("accept-language", ""), offering.languages)
