"""The hub over real sockets: who subscribes, who is told, and what keeps anybody from being told."""

import asyncio
import hashlib
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest

from dispatch.acts.report import status
from dispatch.app import App, open_app
from dispatch.config import read_config
from dispatch.model.feed import CONTENT_TYPES
from dispatch.model.websub import Asked, Following, Intent, Mode
from dispatch.publish import run_pass
from dispatch.publish.asking import AskingOfHub, HubIsFull
from dispatch.publish.lane import LOOK
from dispatch.publish.pushing import PER_HOST, Pushing, push_due
from dispatch.store import documents, websub
from dispatch.syndicate.websub import LEASE, LONGEST_LEASE, PENDING_PER_HOST, SHORTEST_LEASE

from ...callbacks import Callbacks, Request, answering, willing
from .conftest import Publish, World

OPEN = '[web]\nallow_private_addresses = ["127.0.0.0/8"]\n'
TOPIC = "https://sea.example/atom.xml"
ON_EACH = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
async def callbacks() -> AsyncIterator[Callbacks]:
    """The subscribers' server."""
    async with answering() as server:
        yield server


async def ask(world: World, *callbacks: str, mode: str = "subscribe", topic: str = TOPIC, **more: str) -> None:
    """Ask something of the hub, for each callback, and let it do all that is due."""
    for callback in callbacks:
        fields = {"hub.mode": mode, "hub.topic": topic, "hub.callback": callback}
        fields |= {f"hub.{name}": value for name, value in more.items()}
        assert await AskingOfHub(world.context).ask(urlencode(fields).encode())
    await push_due(world.context)


async def publication(world: World, name: str = "hello") -> bytes:
    """Publish a post; the topic's bytes from then on."""
    world.write(name)
    await world.stage()
    return (world.context.public / "atom.xml").read_bytes()


async def news(world: World, name: str = "hello") -> bytes:
    """Let the topic hold something else, as the end of a pass does; its bytes from then on."""
    body = f"<feed>{name}</feed>".encode()
    world.context.public.mkdir(exist_ok=True)
    (world.context.public / "atom.xml").write_bytes(body)
    async with world.context.store.write() as tx:
        await documents.keep(tx, {"atom.xml": hashlib.sha256(body).hexdigest()}, world.now)
    world.context.published.set()
    return body


async def followers(world: World) -> tuple[int, int, int]:
    """Subscriptions, those that are owed something, those that fail."""
    async with world.context.store.read() as tx:
        return await websub.followers(tx, world.now)


@ON_EACH
async def test_a_subscriber_gets_the_very_bytes(publish: Publish, callbacks: Callbacks) -> None:
    """Whoever confirms is sent each new content once, with its type, its links and a signature."""
    async with publish(OPEN) as world:
        await publication(world)
        await ask(world, f"{callbacks.base}/cb?a=b%20c", secret="s3cret")
        (asked,) = callbacks.at("/cb", "GET")
        assert asked.target.startswith("/cb?a=b%20c&hub.mode=subscribe&")
        assert (asked.query["hub.topic"], asked.query["hub.lease_seconds"]) == (TOPIC, str(LEASE))
        assert callbacks.at("/cb", "POST") == []
        body = await publication(world, "again")
        await push_due(world.context)
        await push_due(world.context)
        (pushed,) = callbacks.at("/cb", "POST")
        assert (pushed.body, pushed.target) == (body, "/cb?a=b%20c")
        assert pushed.headers["content-type"] == CONTENT_TYPES["atom.xml"]
        assert pushed.headers["link"] == f'<https://sea.example/hub>; rel="hub", <{TOPIC}>; rel="self"'
        mark = hmac.new(b"s3cret", body, hashlib.sha256).hexdigest()
        assert pushed.headers["x-hub-signature"] == f"sha256={mark}"
        assert pushed.headers["user-agent"].endswith("(WebSub; +https://sea.example/hub)")


async def test_a_content_is_read_once_for_all(
    publish: Publish, callbacks: Callbacks, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever of several feeds its followers follow, and in whatever order they came."""
    topics = [f"https://sea.example/{name}" for name in CONTENT_TYPES]
    async with publish(OPEN) as world:
        await publication(world)
        for number in range(4):
            for topic in topics:
                await ask(world, f"{callbacks.base}/cb{number}", topic=topic)
        await publication(world, "again")
        read, really = [], Path.read_bytes
        monkeypatch.setattr(Path, "read_bytes", lambda path: read.append(path.name) or really(path))
        await push_due(world.context)
        assert len([one for one in callbacks.got if one.method == "POST"]) == 4 * len(topics)
        assert sorted(read) == sorted(CONTENT_TYPES)


async def test_without_a_secret_nothing_is_signed(publish: Publish, callbacks: Callbacks) -> None:
    """The signature is for those who gave a key to it."""
    async with publish(OPEN) as world:
        await news(world)
        await ask(world, f"{callbacks.base}/cb")
        await news(world, "again")
        await push_due(world.context)
        assert "x-hub-signature" not in callbacks.at("/cb", "POST")[0].headers


@pytest.mark.parametrize(
    "answer",
    [(404, b"{}"), (302, b"{}"), (200, b"{}x")],
)
async def test_only_the_challenge_itself_confirms(
    publish: Publish, callbacks: Callbacks, answer: tuple[int, bytes]
) -> None:
    """Any other answer, and the request is over: it is not asked again, and nothing follows."""

    def play(request: Request) -> tuple[int, bytes]:
        return answer[0], answer[1].replace(b"{}", request.query.get("hub.challenge", "").encode())

    callbacks.play["/cb"] = play
    async with publish(OPEN) as world:
        await news(world)
        await ask(world, f"{callbacks.base}/cb")
        world.later(days=1)
        await push_due(world.context)
        assert len(callbacks.at("/cb")) == 1
        assert await followers(world) == (0, 0, 0)


async def test_each_challenge_is_another(publish: Publish, callbacks: Callbacks) -> None:
    """Nobody can know it before."""
    async with publish(OPEN) as world:
        await news(world)
        for _ in range(3):
            await ask(world, f"{callbacks.base}/cb")
        challenges = {one.query["hub.challenge"] for one in callbacks.at("/cb")}
        assert len(challenges) == 3
        assert min(map(len, challenges)) >= 32


async def test_whoever_leaves_is_asked_too(publish: Publish, callbacks: Callbacks) -> None:
    """Only a confirmed farewell ends a subscription."""
    async with publish(OPEN) as world:
        await news(world)
        await ask(world, f"{callbacks.base}/cb")
        callbacks.play["/cb"] = lambda request: (404, b"")
        await ask(world, f"{callbacks.base}/cb", mode="unsubscribe")
        assert await followers(world) == (1, 0, 0)
        callbacks.play["/cb"] = willing
        await ask(world, f"{callbacks.base}/cb", mode="unsubscribe")
        assert await followers(world) == (0, 0, 0)
        assert "hub.lease_seconds" not in callbacks.at("/cb")[-1].query
        await news(world, "again")
        await push_due(world.context)
        assert callbacks.at("/cb", "POST") == []


@ON_EACH
async def test_a_renewal_that_fails_changes_nothing(publish: Publish, callbacks: Callbacks) -> None:
    """Lease and secret are new only once that was confirmed; there is one subscription all the time."""
    async with publish(OPEN) as world:
        await news(world)
        await ask(world, f"{callbacks.base}/cb", secret="old")
        callbacks.play["/cb"] = lambda request: (404, b"")
        await ask(world, f"{callbacks.base}/cb", secret="forged")
        callbacks.play["/cb"] = willing
        body = await news(world, "again")
        await push_due(world.context)
        await ask(world, f"{callbacks.base}/cb", secret="new")
        newer = await news(world, "once-more")
        await push_due(world.context)
        marks = [one.headers["x-hub-signature"] for one in callbacks.at("/cb", "POST")]
        keys = ((b"old", body), (b"new", newer))
        assert marks == [f"sha256={hmac.new(key, text, hashlib.sha256).hexdigest()}" for key, text in keys]
        assert (await followers(world))[0] == 1


@pytest.mark.parametrize(
    ("wanted", "granted"), [("600", 600), ("1", SHORTEST_LEASE), ("99999999", LONGEST_LEASE), ("", LEASE)]
)
async def test_a_lease_ends(publish: Publish, callbacks: Callbacks, wanted: str, granted: int) -> None:
    """What was granted is told; after it nothing comes, and nothing is kept."""
    async with publish(OPEN) as world:
        await news(world)
        await ask(world, f"{callbacks.base}/cb", lease_seconds=wanted)
        assert callbacks.at("/cb")[0].query["hub.lease_seconds"] == str(granted)
        world.later(seconds=granted - 1)
        await push_due(world.context)
        assert (await followers(world))[0] == 1
        world.later(seconds=1)
        await news(world, "late")
        await push_due(world.context)
        assert callbacks.at("/cb", "POST") == []
        async with world.context.store.read() as tx:
            assert not await websub.any_expired(tx, world.now)


@pytest.mark.parametrize("topic", ["https://sea.example/nothing.xml", "https://other.example/atom.xml"])
async def test_what_is_no_feed_of_ours_is_denied(publish: Publish, callbacks: Callbacks, topic: str) -> None:
    """Its would-be subscriber is told so, with a reason, and once."""
    async with publish(OPEN) as world:
        await news(world)
        await ask(world, f"{callbacks.base}/cb?x=1", topic=topic)
        (denied,) = callbacks.at("/cb")
        assert denied.target.startswith("/cb?x=1&")
        assert (denied.query["hub.mode"], denied.query["hub.topic"]) == ("denied", topic)
        assert "no such feed" in denied.query["hub.reason"]
        assert await followers(world) == (0, 0, 0)


async def test_a_topic_may_be_encoded_otherwise(publish: Publish, callbacks: Callbacks) -> None:
    """Percent-encoding that means the same is the same topic, and answered in its own words."""
    topic = "https://SEA.example/%61tom.xml"
    async with publish(OPEN) as world:
        await news(world)
        await ask(world, f"{callbacks.base}/cb")
        await ask(world, f"{callbacks.base}/cb", topic=topic)
        assert callbacks.at("/cb")[-1].query["hub.topic"] == topic
        assert (await followers(world))[0] == 1


async def test_gone_is_believed(publish: Publish, callbacks: Callbacks) -> None:
    """410 ends the subscription."""
    async with publish(OPEN) as world:
        await news(world)
        await ask(world, f"{callbacks.base}/cb")
        callbacks.play["/cb"] = lambda request: (410, b"")
        await news(world, "again")
        await push_due(world.context)
        assert await followers(world) == (0, 0, 0)


@pytest.mark.parametrize("status", [307, 500])
async def test_a_failure_is_tried_again(publish: Publish, callbacks: Callbacks, status: int) -> None:
    """Redirects are failures, too: not followed, and tried again where they were."""
    async with publish(OPEN) as world:
        await news(world)
        await ask(world, f"{callbacks.base}/cb")
        callbacks.play["/cb"] = lambda request: (status, b"")
        body = await news(world, "again")
        await push_due(world.context)
        await push_due(world.context)
        assert await followers(world) == (1, 1, 1)
        callbacks.play["/cb"] = willing
        world.later(seconds=6)
        await push_due(world.context)
        assert [one.body for one in callbacks.at("/cb", "POST")] == [body, body]
        assert callbacks.at("/moved") == []
        assert await followers(world) == (1, 0, 0)


async def test_content_is_given_up_the_subscription_is_not(publish: Publish, callbacks: Callbacks) -> None:
    """After a day of failures nobody tries any more; the next content comes at once."""
    async with publish(OPEN) as world:
        await news(world)
        await ask(world, f"{callbacks.base}/cb")
        callbacks.play["/cb"] = lambda request: (500, b"")
        await news(world, "again")
        for _ in range(14):
            await push_due(world.context)
            world.later(hours=4)
        tried = len(callbacks.at("/cb", "POST"))
        assert 5 < tried < 20
        assert await followers(world) == (1, 0, 0)
        body = await news(world, "once-more")
        callbacks.play["/cb"] = willing
        await push_due(world.context)
        assert callbacks.at("/cb", "POST")[-1].body == body


async def test_news_does_not_wait_for_the_last_failure(publish: Publish, callbacks: Callbacks) -> None:
    """New content is tried at once, and takes the place of what could not be brought."""
    async with publish(OPEN) as world:
        await news(world)
        await ask(world, f"{callbacks.base}/cb")
        callbacks.play["/cb"] = lambda request: (500, b"")
        await news(world, "again")
        await push_due(world.context)
        callbacks.play["/cb"] = willing
        body = await news(world, "once-more")
        await push_due(world.context)
        world.later(days=1)
        await push_due(world.context)
        assert [one.body == body for one in callbacks.at("/cb", "POST")] == [False, True]


async def test_a_restart_loses_nothing(publish: Publish, callbacks: Callbacks) -> None:
    """Requests and pushes that nobody came to are done by the next process, several changes as one."""
    fields = {"hub.mode": "subscribe", "hub.topic": TOPIC, "hub.callback": f"{callbacks.base}/cb"}
    async with publish(OPEN) as world:
        await news(world)
        await AskingOfHub(world.context).ask(urlencode(fields).encode())
    async with publish(OPEN) as world:
        await push_due(world.context)
        await news(world, "again")
        body = await news(world, "once-more")
    async with publish(OPEN) as world:
        await push_due(world.context)
        assert [one.body for one in callbacks.at("/cb", "POST")] == [body]


@asynccontextmanager
async def second(world: World) -> AsyncIterator[App]:
    """Another process on the same publication."""
    async with open_app(read_config(world.folder), tell=world.said.append, clock=lambda: world.now) as app:
        yield app


@ON_EACH
async def test_two_processes_push_once(publish: Publish, callbacks: Callbacks) -> None:
    """Whoever finds the same followers owed at the same moment, each is sent the content once."""
    paths = [f"/cb{number}" for number in range(12)]
    async with publish(OPEN) as world, second(world) as other:
        await news(world)
        await ask(world, *(f"{callbacks.base}{path}" for path in paths))
        await news(world, "again")
        await asyncio.gather(*(push_due(context) for context in (world.context, other.context)))
        assert [len(callbacks.at(path, "POST")) for path in paths] == [1] * len(paths)


async def test_a_flood_of_requests_is_cut_off(publish: Publish, callbacks: Callbacks) -> None:
    """So many of one host may wait for confirmation; others come in all the same."""
    async with publish(OPEN) as world:
        await news(world)
        async with world.context.store.write() as tx:
            for number in range(PENDING_PER_HOST):
                asked = Asked(Mode.SUBSCRIBE, TOPIC, f"https://flood.example/{number}")
                await websub.ask(tx, asked, "flood.example", world.now + timedelta(hours=1))
        fields = {"hub.mode": "subscribe", "hub.topic": TOPIC, "hub.callback": "https://flood.example/more"}
        with pytest.raises(HubIsFull, match="come back in a minute"):
            await AskingOfHub(world.context).ask(urlencode(fields).encode())
        await ask(world, f"{callbacks.base}/cb")
        assert (await followers(world))[0] == 1


async def test_private_networks_are_not_called(publish: Publish, callbacks: Callbacks) -> None:
    """Without leave for it, no callback leads inside, and the request is forgotten after some tries."""
    async with publish("") as world:
        await news(world)
        await ask(world, f"{callbacks.base}/cb")
        for _ in range(3):
            world.later(hours=1)
            await push_due(world.context)
        assert callbacks.got == []
        async with world.context.store.read() as tx:
            assert await websub.due_intents(tx, world.now, [], 10, 10) == []


async def test_a_delivery_takes_pushes_along(publish: Publish, callbacks: Callbacks) -> None:
    """`run --once` and `issue send` leave nobody waiting for the service; `status` counts who follows."""
    async with publish(OPEN) as world:
        await news(world)
        await ask(world, f"{callbacks.base}/cb")
        body = await news(world, "again")
        assert (await status(world.desk)).following == Following(1, 1, 0, 0, 0)
        await world.app.deliver()
        assert [one.body for one in callbacks.at("/cb", "POST")] == [body]
        assert (await status(world.desk)).following == Following(1, 0, 0, 0, 0)


async def test_a_simulation_tells_nobody(publish: Publish, callbacks: Callbacks, tmp_path: Path) -> None:
    """What is tried on a copy reaches no follower."""
    async with publish(OPEN) as world:
        await publication(world)
        await ask(world, f"{callbacks.base}/cb")
        world.write("again")
    config = read_config(tmp_path)
    async with open_app(config, tell=world.said.append, clock=lambda: world.now, simulate=True) as app:
        await run_pass(app.context, world.now)
        await app.deliver()
    assert callbacks.at("/cb", "POST") == []


@asynccontextmanager
async def serving(world: World) -> AsyncIterator[None]:
    """The service's own pushing, while it is up."""
    task = asyncio.create_task(Pushing(world.context).serve())
    try:
        yield
    finally:
        world.context.stopping.set()
        await task


async def test_one_slow_callback_delays_nobody(publish: Publish, callbacks: Callbacks) -> None:
    """While somebody dawdles, others have their news, and news after that."""
    async with publish(OPEN) as world:
        await news(world)
        await ask(world, *(f"{callbacks.base}/{name}" for name in ("slow", "quick")))
        callbacks.slow["/slow"] = 3
        world.context.stopping.patience = 0.1
        async with serving(world):
            for count, name in enumerate(("again", "once-more"), 1):
                body = await news(world, name)
                async with asyncio.timeout(1):
                    assert (await callbacks.wait_for("/quick", "POST", count))[-1].body == body


async def test_one_slow_host_has_its_share_alone(publish: Publish, callbacks: Callbacks) -> None:
    """However many follow from there, others have the rest."""
    crowd = [f"http://127.0.0.2:{callbacks.port}/slow{number}" for number in range(4 * PER_HOST)]
    async with publish(OPEN) as world:
        await news(world)
        await ask(world, *crowd, f"{callbacks.base}/quick")
        callbacks.most.clear()
        callbacks.slow.update({f"/slow{number}": 0.2 for number in range(len(crowd))})
        world.context.stopping.patience = 0.1
        async with serving(world):
            await news(world, "again")
            await callbacks.wait_for("/quick", "POST")
            assert sum(one.method == "POST" for one in callbacks.got) <= PER_HOST + 1
            for number in range(len(crowd)):
                await callbacks.wait_for(f"/slow{number}", "POST")
        assert callbacks.most[f"127.0.0.2:{callbacks.port}"] == PER_HOST


async def test_a_crowd_at_one_slow_host_holds_up_nobody(publish: Publish, callbacks: Callbacks) -> None:
    """Even if more follow from there than are looked up at once, all before anybody else, and each answers."""
    crowd = [f"http://127.0.0.2:{callbacks.port}/slow{number}" for number in range(LOOK + 50)]
    callbacks.slow.update({f"/slow{number}": 0.1 for number in range(len(crowd))})
    async with publish(OPEN) as world:
        await news(world)
        async with world.context.store.write() as tx:
            for callback in crowd:
                intent = Intent(0, Asked(Mode.SUBSCRIBE, TOPIC, callback), "127.0.0.2", 0)
                await websub.subscribe(tx, intent, "atom.xml", "old", world.now, world.now + timedelta(days=1))
        world.context.stopping.patience = 0.1
        async with serving(world):
            await callbacks.wait_for("/slow9", "POST")
            fields = {"hub.mode": "subscribe", "hub.topic": TOPIC, "hub.callback": f"{callbacks.base}/quick"}
            await AskingOfHub(world.context).ask(urlencode(fields).encode())
            await callbacks.wait_for("/quick", "GET")
            while (await followers(world))[0] == len(crowd):  # noqa: ASYNC110 - a store has no bell
                await asyncio.sleep(0.01)
            async with asyncio.timeout(1):
                body = await news(world, "again")
                assert (await callbacks.wait_for("/quick", "POST"))[0].body == body
        assert len([one for one in callbacks.got if one.target.startswith("/slow")]) < 100


async def test_other_hubs_are_told(publish: Publish, callbacks: Callbacks) -> None:
    """Of each changed feed, in the words of old hubs and new ones; whoever fails is told again."""
    tables = f'{OPEN}[feeds]\nhub = false\nhubs = ["{callbacks.base}/theirs"]\n'
    callbacks.play["/theirs"] = lambda request: (500, b"")
    async with publish(tables) as world:
        await publication(world)
        await push_due(world.context)
        assert any("/theirs" in line and "500" in line for line in world.said)
        callbacks.play["/theirs"] = lambda request: (204, b"")
        callbacks.got.clear()
        world.later(seconds=6)
        await push_due(world.context)
        bodies = {one.body for one in callbacks.at("/theirs", "POST")}
        assert urlencode({"hub.mode": "publish", "hub.topic": TOPIC, "hub.url": TOPIC}).encode() in bodies
        await push_due(world.context)
        assert len(callbacks.got) == len(bodies)


async def test_a_hub_that_cannot_be_told_is_named_once(publish: Publish, callbacks: Callbacks) -> None:
    """Whether it answers or not, in one sentence."""
    hubs = (f"{callbacks.base}/theirs", "http://hub.invalid/")
    tables = f'{OPEN}[feeds]\nhub = false\nhubs = ["{hubs[0]}", "{hubs[1]}"]\n'
    callbacks.play["/theirs"] = lambda request: (500, b"")
    async with publish(tables) as world:
        await news(world)
        await push_due(world.context)
        for hub in hubs:
            (said,) = [line for line in world.said if hub in line]
            assert said.startswith(f"a hub could not be told of news: {hub}")
            assert said.endswith("; it is tried again")
            assert (said.count(hub), ".;" in said) == (1, False)
