"""The page of preferences, and the form by which people ask for the link to theirs."""

from typing import Any, Protocol

from starlette.requests import Request
from starlette.responses import Response

from dispatch.acts.joining import NO_ADDRESS
from dispatch.acts.preferences import PERSONAL, Choices, ListWish, Saved, Wish
from dispatch.catalogue import phrase
from dispatch.errors import StoreError, TokenError
from dispatch.language import own_name
from dispatch.syndicate.pages import PACE
from dispatch.web.accepting import preferred
from dispatch.web.answers import form, html, refusal
from dispatch.web.beat import Beat
from dispatch.web.forms import Form, FormError, read_form
from dispatch.web.joining import TRAP
from dispatch.web.notices import Notices
from dispatch.web.refusing import refused, too_often
from dispatch.web.visitors import Visitors, visitor_of
from dispatch.web.zones import HOURS, zones_by_region

MAX_BODY = 64 * 1024  # bytes: several fields for each list
CHANGED = {
    "name": phrase("your name"),
    "language": phrase("your language"),
    "timezone": phrase("your time zone"),
    "cadence": phrase("how often it comes"),
    "tags": phrase("what it is about"),
    "hour": phrase("at what hour it comes"),
    "until": phrase("until when no mail comes"),
    "joined": phrase("you are on it now"),
    "left": phrase("you have left it; what is on its way at this moment may still arrive"),
    "feed": phrase("you have a feed of your own; its address stands below"),
    "moved-feed": phrase("your own feed has a new address; the one before does not work any more"),
    "no-feed": phrase("your own feed is switched off; its address does not work any more"),
}
ACTED = frozenset({"joined", "left", "feed", "moved-feed", "no-feed"})  # done by a button of its own, beside the form
NOT_OFFERED = phrase("Choose one of these.")
WRONG = {
    **dict.fromkeys(("language", "timezone", "cadence", "tags", "hour", "joined"), NOT_OFFERED),
    "name": phrase("The name is too long."),
    "until": phrase("Choose a day that lies ahead."),
}


class Choosing(Protocol):
    """What these pages ask of the rest. Implemented by acts. Each raises StoreError; with a token, TokenError too."""

    async def look(self, token: str) -> Choices:
        """What there is to choose; changes nothing."""

    async def save(self, token: str, wish: Wish) -> Saved:
        """Do what somebody wishes, as far as it can be done."""

    async def join(self, token: str, slug: str) -> Saved:
        """Let them join another list, or come back to one."""

    async def leave(self, token: str, slug: str = "") -> Saved:
        """End one of their subscriptions, or all of them."""

    async def renew_feed(self, token: str, series: int) -> Saved:
        """Give them a feed of their own or, if `series` is that of its address, a new address."""

    async def end_feed(self, token: str) -> Saved:
        """Switch their own feed off."""

    async def languages(self) -> tuple[str, ...]:
        """Those that the publication speaks, its own first."""

    async def ask(self, address: str) -> None:
        """Mail somebody the link to their page, if we know them. Raises ValueError if it is no address."""


class ChoiceDesk:
    """Answers /p/TOKEN and /preferences/."""

    def __init__(
        self,
        choosing: Choosing,
        notices: Notices,
        visitors: Visitors,
        origins: frozenset[str],
        beat: Beat,
    ) -> None:
        self._choosing, self._notices, self._beat = choosing, notices, beat
        self._visitors, self._origins = visitors, origins

    async def look(self, request: Request) -> Response:
        """The page. Scanners follow links, so nothing changes here."""
        try:
            choices = await self._choosing.look(request.path_params["token"])
        except (TokenError, StoreError) as error:
            return refusal(self._notices, error)
        return form(self._page(Saved(choices), Form({})))

    async def save(self, request: Request) -> Response:
        """Do what was asked for, and show the page as it is then."""
        try:
            filled = await read_form(request, MAX_BODY, self._origins)
            saved = await self._act(request.path_params["token"], filled)
        except FormError as error:
            return refused(self._notices, error)
        except (TokenError, StoreError) as error:
            return refusal(self._notices, error)
        return form(self._page(saved, filled, done=True), 422 if saved.wrong else 200)

    async def _act(self, token: str, filled: Form) -> Saved:
        act, _, slug = filled.one("act").partition(":")
        if act == "leave" and slug:
            return await self._choosing.leave(token, slug)
        if act == "leave-all":
            return await self._choosing.leave(token)
        if act == "join":
            return await self._choosing.join(token, slug)
        if act == "feed" and slug.isascii() and slug.isdigit():
            return await self._choosing.renew_feed(token, int(slug[:9]))
        if act == "no-feed":
            return await self._choosing.end_feed(token)
        if act == "resume":
            return await self._choosing.save(token, Wish(lists={slug: ListWish(until="")}))
        return await self._choosing.save(token, wish_of(filled))

    def _page(self, saved: Saved, filled: Form, *, done: bool = False) -> str:
        choices = saved.choices
        if not choices.known:
            return self._notices.page("web/preferences_unknown.html", "")
        return self._notices.page(
            "web/preferences.html",
            choices.language,
            choices=choices,
            lists={one.slug: one for one in (*(there.one for there in choices.lists), *choices.others)},
            saved=saved,
            filled=filled,
            done=done,
            zones=zones_by_region(choices.timezone),
            hours=HOURS,
            own_name=own_name,
            pace=PACE,
            changed=CHANGED,
            acted=ACTED,
            said=WRONG,
        )

    async def ask(self, request: Request) -> Response:
        """The form for those who have no mail of ours at hand."""
        try:
            return form(self._asking(await self._language(request)))
        except StoreError as error:
            return refusal(self._notices, error)

    async def send(self, request: Request) -> Response:
        """Take the address, and say where to look: the same to everybody, and after the same time."""
        try:
            filled, language = await read_form(request, MAX_BODY, self._origins), await self._language(request)
            return await self._sent(request, filled, language)
        except FormError as error:
            return refused(self._notices, error)
        except StoreError as error:
            return refusal(self._notices, error)

    async def _sent(self, request: Request, filled: Form, language: str) -> Response:
        email = filled.one("email").strip()
        if not self._visitors.may_act(visitor_of(request)):
            return too_often(self._notices, language)
        try:
            async with self._beat.kept():
                if not filled.one(TRAP):
                    await self._choosing.ask(email)
        except ValueError:
            return form(self._asking(language, email=email, wrong={"email": NO_ADDRESS}), 422)
        return html(self._notices.page("web/link_sent.html", language, email=email))

    def _asking(self, language: str, **values: Any) -> str:
        given = {"email": "", "wrong": {}, "trap": TRAP, **values}
        return self._notices.page("web/preferences_ask.html", language, **given)

    async def _language(self, request: Request) -> str:
        return preferred(request.headers.get("accept-language", ""), await self._choosing.languages())


def wish_of(filled: Form) -> Wish:
    """What a form of the page says. Of a list only what is in the form is wished for: `shown` names those that are."""
    personal = {what: filled.one(what) for what in PERSONAL if filled.maybe(what) is not None}
    lists = {
        slug: ListWish(
            cadence=filled.one(f"cadence:{slug}"),
            tags=filled.every(f"tags:{slug}") if filled.one(f"tagged:{slug}") else None,
            hour=filled.maybe(f"hour:{slug}"),
            until=filled.maybe(f"until:{slug}"),
        )
        for slug in filled.every("shown")
    }
    return Wish(personal, lists)
