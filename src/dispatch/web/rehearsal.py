"""Every page on which people join, choose and leave, shown once to somebody made up: a broken template is found."""

from collections.abc import Iterator
from urllib.parse import quote

from starlette.types import ASGIApp, Message, Scope

from dispatch.acts.joining import ConfirmPage, SignUp, Standing
from dispatch.acts.offering import Offering
from dispatch.acts.preferences import Choices, OnList, Saved, Wish
from dispatch.acts.private_feed import OwnFeed
from dispatch.acts.private_reading import Reading
from dispatch.acts.subscriber import LeavePage
from dispatch.context import Context
from dispatch.errors import TemplateError
from dispatch.model.issue import MailingList
from dispatch.web.app import Acts, make_app

EMAIL = "sample@example.org"
MASKED = "s…@example.org"
HERE, GONE = "here", "gone"  # links of somebody whom we know, and of somebody who has left and is forgotten
FEED = OwnFeed(1, "https://feeds.example.org/f/sample")
VISIT = [(b"sec-fetch-mode", b"navigate"), (b"sec-fetch-dest", b"document")]
FORM = f"email={quote(EMAIL)}".encode()


async def broken_pages(context: Context) -> list[str]:
    """What is wrong with the templates of these pages, a sentence each. Touches no state."""
    said: list[str] = []
    offering = Offering(context.lists, (context.publication.language,), dict.fromkeys(context.lists, ("a tag",)))
    acts = Acts(_Leaving(offering), _Joining(offering), _Choosing(offering), _Private(), context.clock, said.append)
    try:
        app = make_app(context.public, context.publication, context.theme, acts)
    except TemplateError as error:
        return [str(error)]
    for path, body in _requests(offering):
        await _ask(app, path, body)
    return list(dict.fromkeys(said))


def _requests(offering: Offering) -> Iterator[tuple[str, bytes | None]]:
    """Paths, with the form for those that take one."""
    yield from [("/subscribe/", None), ("/preferences/", None), ("/preferences/", FORM)]
    yield f"/f/{HERE}/feed.xml", None
    yield from [(f"/u/{HERE}", None), (f"/u/{GONE}", None), (f"/p/{HERE}", None), (f"/p/{GONE}", None)]
    for slug in list(offering.lists)[:1]:
        yield from [(f"/subscribe/{slug}", None), (f"/subscribe/{slug}", FORM)]
        yield from [(f"/confirm/{standing.value}", None) for standing in Standing]


async def _ask(app: ASGIApp, path: str, body: bytes | None) -> None:
    """One request by ASGI, without a socket."""
    scope: Scope = {
        "type": "http",
        "method": "GET" if body is None else "POST",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": VISIT,
        "client": ("127.0.0.1", 0),
    }

    async def receive() -> Message:
        return {"type": "http.request", "body": body or b"", "more_body": False}

    async def send(message: Message) -> None:
        """Nobody reads the page."""

    await app(scope, receive, send)


class _Leaving:
    """Somebody who is on a list, or has left it: the token says which."""

    def __init__(self, offering: Offering) -> None:
        self._title = next((one.title for one in offering.lists.values()), "")

    async def look(self, token: str) -> LeavePage:
        return LeavePage(MASKED, self._title, already_left=token == GONE)

    async def leave(self, token: str) -> LeavePage:
        return await self.look(GONE)


class _Joining:
    """Somebody whose link to confirm with leads wherever the token says."""

    def __init__(self, offering: Offering) -> None:
        self._offering = offering

    async def offering(self) -> Offering:
        return self._offering

    async def check(self, wish: SignUp) -> None:
        """There is nothing wrong with it."""

    async def sign_up(self, wish: SignUp) -> None:
        """Nobody signs up."""

    async def look(self, token: str) -> ConfirmPage:
        slug, one = next(iter(self._offering.lists.items()))
        return ConfirmPage(Standing(token), slug, one.title, MASKED, cadence=one.cadence, preferences=HERE)

    async def confirm(self, token: str) -> ConfirmPage:
        return await self.look(Standing.IN)


class _Choosing:
    """Somebody who is on the first list and may join the others, or whom nobody knows any more."""

    def __init__(self, offering: Offering) -> None:
        self._offering = offering

    async def look(self, token: str) -> Choices:
        if token == GONE:
            return Choices(known=False)
        lists = tuple(self._offering.lists.values())
        return Choices(
            known=True,
            email=MASKED,
            name="Sam Sample",
            languages=self._offering.languages,
            has_hours=True,
            lists=tuple(map(_on_list, lists[:1])),
            others=lists[1:],
            feed=FEED,
        )

    async def save(self, token: str, wish: Wish) -> Saved:
        return Saved(await self.look(token))

    async def join(self, token: str, slug: str) -> Saved:
        return Saved(await self.look(token))

    async def leave(self, token: str, slug: str = "") -> Saved:
        return Saved(await self.look(token))

    async def renew_feed(self, token: str, series: int) -> Saved:
        return Saved(await self.look(token))

    async def end_feed(self, token: str) -> Saved:
        return Saved(await self.look(token))

    async def languages(self) -> tuple[str, ...]:
        return self._offering.languages

    def check(self, address: str) -> None:
        """It is an address."""

    async def ask(self, address: str) -> None:
        """Nobody is written to."""


class _Private:
    """Somebody has a feed, with nothing in it."""

    async def read(self, token: str, name: str) -> Reading:
        return Reading(b"", own=FEED)


def _on_list(one: MailingList) -> OnList:
    return OnList(one, one.cadence, "08:00", (), ("a tag",), "2030-01-01")
