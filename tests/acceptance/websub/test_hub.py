"""The hub as subscribers meet it: every case of websub.rocks by its number, and what the Recommendation adds.

Sections are those of the W3C Recommendation of 23 January 2018.
"""

from itertools import chain, repeat
from typing import Any

import pytest

from loopback import Reply
from websub_subscriber import ECHO, discover, post

BUSY = 5  # seconds, half of what the hub waits for a subscriber: on a quiet machine it takes a tenth of one


@pytest.mark.parametrize("path", ["/feed.xml", "/lists/news/atom.xml", "/feed.json"])
def test_headers_and_document_name_the_same_hub_and_topic(tide: Any, path: str) -> None:
    """Section 4: Link headers name the hub and the feed's own address; so does the feed by itself, wherever it lies."""
    found = discover(tide.url + path)
    assert found.topic == tide.url + path
    assert found.hubs == (f"{tide.url}/hub",)
    assert discover(tide.url + path, by_header=False) == found
    assert discover(tide.url + path, method="HEAD") == found


def test_100_typical_subscriber_request(tide: Any) -> None:
    """Mode, topic and callback are enough: the hub asks back; the whole feed comes, of its own type, not signed."""
    callback = tide.follow()
    assert callback.ask()[0] == 202
    assert tide.until(lambda: callback.lease)
    (question,) = callback.questions
    assert (question.mode, question.topic) == ("subscribe", f"{tide.url}/feed.xml")
    assert len(question.challenge) >= 16
    assert question.lease > 0
    push = tide.pushed(callback, tide.publish())
    feed = tide.get("/feed.xml")
    assert push.body == feed.body.encode()
    assert push.headers["content-type"] == feed.headers["Content-Type"]
    assert "x-hub-signature" not in push.headers
    assert "content-encoding" not in push.headers
    assert push.links == discover(f"{tide.url}/feed.xml")
    assert push.path == callback.url.removeprefix(tide.subscriber.url)


def test_101_subscription_with_secret(tide: Any) -> None:
    """What comes is signed with the subscriber's own secret, by SHA-256 (section 7.1)."""
    first, second = tide.joined(secret="between the tides"), tide.joined(secret="ünïcödé £€")
    title = tide.publish()
    for callback in (first, second):
        push = tide.pushed(callback, title)
        assert push.is_genuine
        assert push.headers["x-hub-signature"].startswith("sha256=")


def test_102_additional_parameters_are_ignored(tide: Any) -> None:
    """Parameters that the hub does not know change nothing (section 5.1)."""
    callback = tide.follow()
    form = {"hub.mode": "subscribe", "hub.topic": callback.topic, "hub.callback": callback.url}
    callback.pending = "subscribe"
    assert post(callback.hub, {"foo": "bar", **form, "hub.foo": "hub.bar"})[0] == 202
    assert tide.until(lambda: callback.lease)
    tide.pushed(callback, tide.publish())


@pytest.mark.parametrize("secret", ["the second", ""])
def test_103_resubscribing_before_expiration(tide: Any, secret: str) -> None:
    """A second request replaces the first once it is verified: a new secret and lease, and still one push a change."""
    callback = tide.joined(secret="the first", lease=86400)
    callback.secret = secret
    assert callback.ask(lease_seconds="172800")[0] == 202
    assert tide.until(lambda: callback.lease == 172800)
    tide.pushed(callback, tide.publish())
    assert tide.is_quiet(callback, pushes=1)


@pytest.mark.parametrize("reply", [Reply(404), Reply(200, b"no challenge")])
def test_103_a_resubscription_that_is_not_verified_leaves_the_first(tide: Any, reply: Reply) -> None:
    """Whoever asks in another's name changes nothing: the first secret still signs (section 5.1)."""
    callback = tide.joined(secret="the first")
    callback.confirms = repeat(reply)
    assert callback.ask(secret="another's")[0] == 202
    assert tide.until(lambda: len(callback.questions) >= 2)
    tide.pushed(callback, tide.publish())


def test_104_unsubscription(tide: Any) -> None:
    """Asked back first; once verified, nothing comes any more."""
    leaver, stayer = tide.joined(), tide.joined()
    assert leaver.ask("unsubscribe")[0] == 202
    assert tide.until(lambda: not leaver.lease)
    assert (leaver.questions[-1].mode, leaver.questions[-1].topic) == ("unsubscribe", leaver.topic)
    tide.pushed(stayer, tide.publish())
    assert tide.is_quiet(leaver)


def test_104_only_who_meant_it_is_unsubscribed(tide: Any) -> None:
    """A wrong challenge, a 404, a redirect or a failure keeps the subscription as it is (section 5.3.1)."""
    replies = [Reply(200, b"wrong"), Reply(404, ECHO), Reply(302, ECHO, {"Location": "/"}), Reply(500, ECHO)]
    callbacks = [tide.joined() for _ in replies]
    for callback, reply in zip(callbacks, replies, strict=True):
        callback.confirms = repeat(reply)
        assert callback.ask("unsubscribe")[0] == 202
    assert tide.until(lambda: all(len(callback.questions) >= 2 for callback in callbacks))
    title = tide.publish()
    for callback in callbacks:
        tide.pushed(callback, title)


@pytest.mark.parametrize(
    "path", ["/atom.xml", "/lists/news/feed.xml", "/feed.json", "/lists/news/feed.json"],
    ids=["105 Atom", "105 RSS of a list", "106 JSON", "106 JSON of a list"],
)  # fmt: skip
def test_105_and_106_each_kind_of_topic_comes_as_it_is(tide: Any, path: str) -> None:
    """No feed is turned into another: the bytes and the type are those that a GET of the topic gets."""
    callback = tide.joined(path, secret="s")
    push = tide.pushed(callback, tide.publish())
    feed = tide.get(path)
    assert push.body == feed.body.encode()
    assert push.headers["content-type"] == feed.headers["Content-Type"]
    assert push.links == discover(tide.url + path)


def test_one_callback_may_follow_two_topics(tide: Any) -> None:
    """Section 1: a subscription is a topic and a callback; each has its own life."""
    callback = tide.joined("/feed.xml")
    callback.topic = f"{tide.url}/atom.xml"
    assert callback.ask()[0] == 202
    assert tide.until(lambda: len(callback.questions) == 2)
    title = tide.publish().encode()
    assert tide.until(lambda: len(callback.taken) == 2)
    assert {push.links.topic for push in callback.taken} == {f"{tide.url}/feed.xml", f"{tide.url}/atom.xml"}
    assert all(title in push.body for push in callback.taken)


def test_drafts_and_future_posts_push_nothing(tide: Any) -> None:
    """What nobody may read yet reaches no subscriber, and is no news."""
    callback = tide.joined()
    tide.publish("A draft of low water.", draft="true")
    tide.publish("High water of the future.", date="2099-01-01")
    assert tide.is_quiet(callback)
    tide.pushed(callback, tide.publish())
    assert not any(b"low water" in push.body or b"the future" in push.body for push in callback.pushes)


def test_what_changes_while_a_push_is_in_hand_comes_as_one(tide: Any) -> None:
    """A subscriber that takes its time gets the newest next, not every state between."""
    callback = tide.joined()
    callback.takes = chain([Reply(seconds=2)], repeat(Reply()))
    first = tide.publish()
    assert tide.until(lambda: callback.pushes)
    second = tide.publish()
    assert tide.is_served(second)
    third = tide.publish()
    assert tide.is_served(third)
    push = tide.pushed(callback, third)
    assert push.body == tide.get("/feed.xml").body.encode()
    assert first.encode() in callback.pushes[0].body
    assert tide.is_quiet(callback, pushes=2)


def test_a_burst_of_edits_ends_with_the_last(tide: Any) -> None:
    """Ten saves in a fifth of a second are few pushes, and the last one has the last words."""
    callback = tide.joined()
    for number in range(10):
        tide.publication.post("burst.md", f"Edit {number}.", date="2026-09-01")
        tide.until(lambda: False, 0.02)
    push = tide.pushed(callback, "Edit 9.")
    assert push.body == tide.get("/feed.xml").body.encode()
    assert len(callback.pushes) <= 3
    assert callback.pushes[-1] is push


def test_who_does_not_answer_delays_nobody(tide: Any) -> None:
    """Many that keep the hub waiting, at one host and at many, and one that is away: another has its push in time."""
    silent = [tide.joined(host=host) for host in [f"127.0.1.{number}" for number in range(1, 31)] + ["127.0.2.1"] * 8]
    for callback in silent:
        callback.takes = repeat(Reply(seconds=30, hangs_up=True))
    assert tide.subscriber.callback(f"{tide.url}/feed.xml", f"{tide.url}/hub", port=2).ask()[0] == 202
    prompt = tide.joined()
    title = tide.publish()
    assert tide.is_served(title)
    tide.pushed(prompt, title, BUSY)
