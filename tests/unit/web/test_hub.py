"""The hub's address: what it answers to whom, before anything is verified."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from dispatch.errors import StoreError
from dispatch.publish.asking import HubIsFull
from dispatch.syndicate.websub import LONGEST_BODY, read_request
from dispatch.web.acting import ActingPage
from dispatch.web.hub import HubDesk
from dispatch.web.visitors import Visitors

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
GOOD = b"hub.mode=subscribe&hub.topic=https://sea.example/atom.xml&hub.callback=https://ada.example/cb"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Asking:
    """Takes requests, until `error` says why not."""

    def __init__(self) -> None:
        self.asked: list[bytes] = []
        self.error: Exception | None = None

    async def ask(self, body: bytes) -> bool:
        """Keep a body."""
        found = read_request(body)
        if self.error:
            raise self.error
        self.asked.append(body)
        return found is not None


class Clock:
    """A clock that the test turns."""

    now = NOW

    def __call__(self) -> datetime:
        """The present."""
        return self.now


@pytest.fixture
def asking() -> Asking:
    """Who takes requests."""
    return Asking()


@pytest.fixture
def clock() -> Clock:
    """What counts the minutes."""
    return Clock()


@pytest.fixture
async def hub(asking: Asking, clock: Clock) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the hub, which takes three requests a minute of it."""
    desk = HubDesk(asking, "https://sea.example", Visitors(clock, 3))
    app = Starlette(routes=[Route("/hub", ActingPage(desk.tell, desk.take))])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://sea.example") as client:
        yield client


async def test_a_request_is_accepted(hub: httpx.AsyncClient, asking: Asking) -> None:
    """202: it will be verified (section 5.1.2)."""
    answer = await hub.post("/hub", content=GOOD, headers={"Content-Type": f"{FORM['Content-Type']}; charset=utf-8"})
    assert (answer.status_code, asking.asked) == (202, [GOOD])
    assert answer.headers["cache-control"] == "no-store"


async def test_a_refusal_is_a_sentence(hub: httpx.AsyncClient) -> None:
    """In plain text, for whoever develops the subscriber (section 5.1.2)."""
    answer = await hub.post("/hub", content=GOOD.replace(b"ada.", b"ada@ada."), headers=FORM)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "text/plain; charset=utf-8")
    assert answer.text.startswith("hub.callback must be")


async def test_a_publisher_is_thanked(hub: httpx.AsyncClient) -> None:
    """Whoever says that something was published is answered, and nothing is done."""
    answer = await hub.post("/hub", content=b"hub.mode=publish&hub.url=x", headers=FORM)
    assert (answer.status_code, answer.content) == (204, b"")


@pytest.mark.parametrize(
    ("error", "status"), [(HubIsFull("There is no room."), 503), (StoreError("The disk /var/x is full."), 503)]
)
async def test_whoever_finds_no_room_may_come_back(
    hub: httpx.AsyncClient, asking: Asking, error: Exception, status: int
) -> None:
    """In a minute; what is wrong within is nobody's business."""
    asking.error = error
    answer = await hub.post("/hub", content=GOOD, headers=FORM)
    assert (answer.status_code, answer.headers["retry-after"]) == (status, "60")
    assert "/var/x" not in answer.text


async def test_only_short_forms_are_read(hub: httpx.AsyncClient, asking: Asking) -> None:
    """Other types and long bodies are refused unread."""
    assert (await hub.post("/hub", json={})).status_code == 415
    long = GOOD + b"&x=" + b"x" * LONGEST_BODY
    assert (await hub.post("/hub", content=long, headers=FORM)).status_code == 413
    assert asking.asked == []


async def test_nobody_asks_too_often(hub: httpx.AsyncClient, clock: Clock) -> None:
    """429 after so many in a minute; a minute later they may again."""
    answers = [(await hub.post("/hub", content=GOOD, headers=FORM)).status_code for _ in range(4)]
    assert answers == [202, 202, 202, 429]
    clock.now += timedelta(minutes=1)
    assert (await hub.post("/hub", content=GOOD, headers=FORM)).status_code == 202


async def test_a_look_changes_nothing(hub: httpx.AsyncClient, asking: Asking) -> None:
    """GET says what this is (law 5); other methods are not taken."""
    answer = await hub.get("/hub", params={"hub.mode": "subscribe"})
    assert (answer.status_code, "WebSub hub of https://sea.example" in answer.text) == (200, True)
    assert (await hub.put("/hub")).headers["allow"] == "GET, HEAD, POST"
    assert asking.asked == []
