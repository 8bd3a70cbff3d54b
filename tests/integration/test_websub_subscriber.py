"""The tests' own WebSub subscriber does what the Recommendation asks of one."""

import hashlib
import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain, repeat
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest

from loopback import Reply, Request, answering
from websub_subscriber import Callback, Found, Subscriber, discover, is_genuine, post

TOPIC, HUB = "https://tide.example.org/feed.xml", "https://hub.example.net/"
RSS = f"""<?xml version="1.0"?><rss version="2.0" xmlns:a="http://www.w3.org/2005/Atom"><channel>
<a:link rel="self" href="{TOPIC}"/><a:link rel="hub" href="{HUB}"/><link>https://tide.example.org/</link>
</channel></rss>"""
ATOM = f"""<feed xmlns="http://www.w3.org/2005/Atom"><link rel="self" href="{TOPIC}"/><link href="/"/>
<link rel="hub" href="{HUB}"/><entry><link rel="hub" href="https://wrong.example/"/></entry></feed>"""
JSON = f'{{"feed_url": "{TOPIC}", "hubs": [{{"type": "rssCloud", "url": "x"}}, {{"type": "WebSub", "url": "{HUB}"}}]}}'
HTML = f'<!doctype html><head><link rel="self" href="{TOPIC}"><link rel="icon hub" href="{HUB}"></head>'


@pytest.fixture
def subscriber() -> Iterator[Subscriber]:
    """One that listens."""
    with Subscriber().open() as found:
        yield found


@contextmanager
def _page(body: str, kind: str, **headers: str) -> Iterator[str]:
    with answering(lambda _: Reply(200, body.encode(), {"Content-Type": kind, **headers})) as url:
        yield f"{url}/feed"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (RSS, "application/rss+xml"),
        (ATOM, "application/atom+xml"),
        (JSON, "application/feed+json"),
        (HTML, "text/html"),
    ],
)
def test_the_document_is_asked_where_headers_are_silent(body: str, kind: str) -> None:
    """Section 4: each kind of document names topic and hub."""
    with _page(body, f"{kind}; charset=utf-8") as url:
        assert discover(url) == Found(TOPIC, (HUB,))


@pytest.mark.parametrize(
    "link",
    [
        '<https://one.example/>; rel="hub", <https://two.example/?a=b,c;d>; title="x, y"; rel=hub, </t>; rel="self"',
        '<https://one.example/>; rel="alternate hub",<https://two.example/?a=b,c;d>;rel=HUB,</t>;rel=self;type="a/b"',
    ],
)
def test_headers_come_first(link: str) -> None:
    """Section 4: what Link headers name outranks the document; relative addresses are the page's."""
    with _page(RSS, "application/rss+xml", Link=link) as url:
        assert discover(url) == Found(
            url.replace("/feed", "/t"), ("https://one.example/", "https://two.example/?a=b,c;d")
        )


def test_a_page_without_a_hub_is_said_to_have_none() -> None:
    """Nothing is guessed."""
    with (
        _page("<feed xmlns='http://www.w3.org/2005/Atom'/>", "application/atom+xml") as url,
        pytest.raises(LookupError),
    ):
        discover(url)


def _asked(callback: Callback, **said: str) -> tuple[int, str]:
    """What the callback answers a hub's question."""
    query = urlencode({f"hub.{name}": value for name, value in said.items()})
    return _get(f"{callback.url}{'&' if '?' in callback.url else '?'}{query}")


def _get(url: str) -> tuple[int, str]:
    try:
        with urlopen(url, timeout=5) as reply:  # noqa: S310 - the test's own address
            return reply.status, reply.read().decode()
    except HTTPError as error:
        return error.code, ""


@pytest.mark.parametrize("query", ["", "?hub.mode=mine&id=7"])
def test_only_what_was_asked_for_is_confirmed(subscriber: Subscriber, query: str) -> None:
    """Section 5.3.1: the challenge for the pending topic and mode, 404 for any other."""
    with answering(lambda _: Reply(202)) as hub:
        callback = subscriber.callback(TOPIC, hub, query=query)
        lease = {"challenge": "c", "lease_seconds": "60"}
        assert _asked(callback, mode="subscribe", topic=TOPIC, **lease)[0] == 404
        assert callback.ask() == (202, "")
        assert _asked(callback, mode="subscribe", topic="https://other.example/", **lease)[0] == 404
        assert _asked(callback, mode="unsubscribe", topic=TOPIC, **lease)[0] == 404
        assert callback.lease == 0
        assert _asked(callback, mode="subscribe", topic=TOPIC, **lease) == (200, "c")
        assert callback.lease == 60
        assert callback.questions[-1].keeps_query


def test_a_changed_query_string_is_noticed(subscriber: Subscriber) -> None:
    """Section 5.1.1: what a hub appends comes after what was there."""
    callback = subscriber.callback(TOPIC, HUB, query="?id=7")
    callback.pending = "subscribe"
    assert _get(f"{callback.url.partition('?')[0]}?hub.mode=subscribe&hub.topic={TOPIC}&hub.challenge=c&id=7")[0] == 404
    assert not callback.questions[-1].keeps_query


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
def test_a_signature_is_checked(method: str) -> None:
    """Section 7.1: right is only the body's own under the secret; with no secret there must be none."""
    digest = hmac.new(b"key", b"body", getattr(hashlib, method)).hexdigest()
    assert is_genuine(b"body", f"{method}={digest}", "key")
    assert not is_genuine(b"body!", f"{method}={digest}", "key")
    assert not is_genuine(b"body", f"{method}={digest}", "other")
    assert not is_genuine(b"body", f"md5={digest}", "key")
    assert not is_genuine(b"body", "", "key")
    assert is_genuine(b"body", "", "")
    assert not is_genuine(b"body", f"{method}={digest}", "")


def test_it_answers_wrongly_when_told_to(subscriber: Subscriber) -> None:
    """Each push gets the next answer; only what was acknowledged counts as taken."""
    callback = subscriber.callback(TOPIC, HUB)
    callback.takes = chain([Reply(500), Reply(hangs_up=True), Reply(seconds=0.2)], repeat(Reply(410)))
    assert post(callback.url, {"a": "b"})[0] == 500
    with pytest.raises(OSError, match=r"closed|reset"):
        post(callback.url, {"a": "b"})
    assert post(callback.url, {"a": "b"})[0] == 200
    assert post(callback.url, {"a": "b"})[0] == 410
    assert [push.status for push in callback.pushes] == [500, 0, 200, 410]
    assert [push.body for push in callback.taken] == [b"a=b"]


def test_what_belongs_to_no_subscription_is_refused(subscriber: Subscriber) -> None:
    """Nobody pushes by guessing; what came astray is kept for the test to see."""
    assert post(f"{subscriber.url}/guess", {})[0] == 404
    assert [stray.path for stray in subscriber.strays] == ["/guess"]


def test_requests_are_kept_as_they_came() -> None:
    """Method, path with its query, headers and body."""
    seen: list[Request] = []

    def keep(request: Request) -> Reply:
        seen.append(request)
        return Reply(204)

    with answering(keep) as url:
        assert post(f"{url}/a?b=c", {"d": "é"})[0] == 204
    assert (seen[0].method, seen[0].path, seen[0].body) == ("POST", "/a?b=c", b"d=%C3%A9")
