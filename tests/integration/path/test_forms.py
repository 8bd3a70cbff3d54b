"""The forms over the real acts and the real store: what a stranger can learn and do by them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from dispatch.acts import people
from dispatch.acts.joining import JoiningByForm
from dispatch.acts.offering import Offerings
from dispatch.acts.preferences import ChoosingByLink
from dispatch.acts.private_reading import PrivateReading
from dispatch.acts.subscriber import LeavingByLink, unsubscribe
from dispatch.store import subscribers
from dispatch.web.app import Acts, make_app
from dispatch.web.beat import Beat

from .conftest import Publish, World
from .test_choosing import token_of
from .test_signing_up import ADA, NEWS, link, mails, sign_up, states

ON_EACH = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
EVERYBODY = ("new", "waits", "inside", "left", "barred")


@asynccontextmanager
async def browser(world: World, peer: str = "192.0.2.1") -> AsyncIterator[httpx.AsyncClient]:
    """A browser that speaks to the pages of a publication."""
    context, offerings = world.context, Offerings(world.context)
    joining, choosing = JoiningByForm(context, offerings), ChoosingByLink(context, offerings)
    private = PrivateReading(context)
    acts = Acts(LeavingByLink(context), joining, choosing, private, context.clock, context.tell, Beat(0.001))
    transport = httpx.ASGITransport(
        make_app(context.public, context.publication, context.theme, acts), client=(peer, 1)
    )
    async with httpx.AsyncClient(transport=transport, base_url=context.publication.web_url) as client:
        yield client


async def everybody(world: World) -> None:
    """Somebody in every standing towards the list, but for who is new."""
    await sign_up(world, "waits@example.org")
    for who in ("inside", "left", "barred"):
        await people.add(world.desk, {"email": f"{who}@example.org", "lists": "news"}, again=False)
    await unsubscribe(world.desk, "left@example.org", None)
    await people.suppress(world.desk, "barred@example.org", "complained")
    world.later(hours=1)


async def test_nobody_learns_who_is_subscribed(publish: Publish) -> None:
    """Both forms answer alike, byte for byte, whatever there is behind an address; what differs goes by mail."""
    async with publish(NEWS) as world, browser(world) as web:
        await everybody(world)
        before = await mails(world)
        for path in ("/subscribe/news", "/preferences/"):
            answers = {}
            for who in EVERYBODY:
                answer = await web.post(path, data={"email": f"{who}@example.org"})
                headers = {name: value for name, value in answer.headers.items() if name != "content-length"}
                answers[answer.status_code, answer.text.replace(f"{who}@", "WHO@"), repr(headers)] = who
            assert len(answers) == 1
            world.later(hours=1)
        assert sorted((await mails(world))[len(before) :]) == [
            ("confirm", "left@example.org"),
            ("confirm", "new@example.org"),
            ("preferences", "inside@example.org"),
            ("preferences", "left@example.org"),
            ("preferences", "new@example.org"),
            ("preferences", "waits@example.org"),
        ]


async def test_a_name_is_no_way_into_a_mails_head(publish: Publish) -> None:
    """Line ends and tags in it are words, or gone; too long a name is refused."""
    async with publish(NEWS) as world, browser(world) as web:
        given = {"email": ADA, "name": "Ada\r\nBcc: all@example.org\0<script>alert(1)</script>"}
        assert (await web.post("/subscribe/news", data=given)).status_code == 200
        async with world.context.store.read() as tx:
            (one,) = await subscribers.of_address(tx, ADA)
        assert one.subscriber.name == "Ada Bcc: all@example.org<script>alert(1)</script>"
        await web.post(f"/confirm/{await link(world)}")
        world.later(minutes=1)
        world.write("One")
        await world.work(hold=False)
        (mail,) = world.mails()
        assert "Bcc" not in mail
        page = (await web.get(f"/p/{world.context.keyring.unsubscribe(one.subscriber.id, 1)}")).text
        assert "<script" not in page


async def test_looking_at_pages_changes_nothing(publish: Publish) -> None:
    """A scanner that opens every link of a mail, with GET and HEAD, finds all as it was."""
    async with publish(NEWS) as world, browser(world) as web:
        await sign_up(world)
        token = await link(world)
        own = world.context.keyring.unsubscribe(1, world.context.lists["news"].id)
        before = (await states(world), await mails(world))
        for path in (f"/confirm/{token}", f"/p/{own}", f"/u/{own}", "/subscribe/news", "/preferences/"):
            for method in ("GET", "HEAD"):
                answer = await web.request(method, path, params={"act": "leave-all", "email": "eve@example.org"})
                assert answer.status_code in (200, 405)
        assert (await states(world), await mails(world)) == before


@ON_EACH
async def test_the_whole_way_by_http(publish: Publish) -> None:
    """Sign up, confirm, choose, leave, come back."""
    async with publish(NEWS) as world, browser(world) as web:
        await web.post("/subscribe/news", data={"email": ADA, "cadence": "weekly"})
        confirmed = await web.post(f"/confirm/{await link(world)}")
        page = confirmed.text.partition('href="https://sea.example/p/')[2].partition('"')[0]
        await web.post(f"/p/{page}", data={"shown": "news", "cadence:news": "immediate"})
        assert 'value="immediate" checked' in (await web.get(f"/p/{page}")).text
        await web.post(f"/p/{page}", data={"act": "leave:news"})
        assert await states(world) == {"news": "ended"}
        await web.post(f"/p/{page}", data={"act": "join:news"})
        assert await states(world) == {"news": "active"}


async def test_a_closed_list_is_joined_by_nobody(publish: Publish) -> None:
    """Neither by its form nor from a page of preferences; whoever is on it can leave, and is offered no way back."""
    async with publish(f"{NEWS}sign_up = false\n[lists.open]\n") as world, browser(world) as web:
        await people.add(world.desk, {"email": ADA, "lists": "news"}, again=False)
        await people.add(world.desk, {"email": "bea@example.org", "lists": "open"}, again=False)
        assert (await web.get("/subscribe/news")).status_code == 404
        assert (await web.post("/subscribe/news", data={"email": "new@example.org"})).status_code == 404
        assert "/subscribe/open" in (await web.get("/subscribe/")).text
        bea, ada = await token_of(world, "bea@example.org", "open"), await token_of(world)
        assert "news" not in (await web.get(f"/p/{bea}")).text
        assert "Join" not in (await web.post(f"/p/{bea}", data={"act": "join:news"})).text
        assert "/subscribe/" not in (await web.post(f"/u/{ada}")).text
        assert (await states(world), await states(world, "bea@example.org")) == ({"news": "ended"}, {"open": "active"})
