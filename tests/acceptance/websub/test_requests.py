"""What may be asked of the hub, and how it finds out whether it was meant.

Sections are those of the W3C Recommendation of 23 January 2018.
"""

import time
from itertools import repeat
from typing import Any

import pytest

from loopback import Reply
from websub_subscriber import ECHO, post

TEN_YEARS = 10 * 365 * 86400


def test_a_query_string_is_kept(tide: Any) -> None:
    """Section 5.1.1: parameters are appended to the callback's own, even to their namesakes; pushes carry them too."""
    callback = tide.joined(query="?hub.mode=mine&id=7&red=f%26sh+%C3%A9&empty=")
    assert callback.questions[0].keeps_query
    push = tide.pushed(callback, tide.publish())
    assert push.path.endswith("?hub.mode=mine&id=7&red=f%26sh+%C3%A9&empty=")


def test_104_an_unsubscription_needs_no_lease(tide: Any) -> None:
    """Section 5.1: a lease that comes with it is ignored, whatever it says; a topic that is gone is no obstacle."""
    callback = tide.joined()
    assert callback.ask("unsubscribe", lease_seconds="soon")[0] == 202
    assert tide.until(lambda: not callback.lease)
    gone = tide.subscriber.callback(f"{tide.url}/tags/gone/feed.xml", f"{tide.url}/hub")
    assert gone.ask("unsubscribe")[0] == 202


def test_an_encoded_topic_is_the_same_topic(tide: Any) -> None:
    """Section 5.1.1: characters that need no encoding are decoded before topics are compared."""
    callback = tide.follow()
    callback.topic = f"{tide.url}/%66eed%2Exml"
    assert callback.ask()[0] == 202
    assert tide.until(lambda: callback.lease), callback.questions
    tide.pushed(callback, tide.publish())


def test_the_answer_does_not_wait_for_the_verification(tide: Any) -> None:
    """Section 5.1.2: 202 at once, though the callback takes its time to confirm, or never will."""
    callback = tide.follow()
    callback.confirms = repeat(Reply(404, seconds=5))
    begun = time.monotonic()
    assert callback.ask()[0] == 202
    assert time.monotonic() - begun < 3


def test_who_did_not_mean_it_gets_nothing(tide: Any) -> None:
    """Section 5.3.1: no 2xx with the very challenge, no subscription; a redirect is not followed."""
    elsewhere = tide.follow()
    replies = [
        Reply(404), Reply(200), Reply(200, b"wrong"), Reply(500), Reply(hangs_up=True),
        Reply(302, headers={"Location": elsewhere.url}), Reply(308, headers={"Location": elsewhere.url}),
        Reply(404, ECHO), Reply(302, ECHO), Reply(500, ECHO),
    ]  # fmt: skip
    strangers = [tide.follow() for _ in replies]
    for callback, reply in zip(strangers, replies, strict=True):
        callback.confirms = repeat(reply)
        assert callback.ask()[0] == 202
    assert tide.until(lambda: all(callback.questions for callback in strangers))
    tide.pushed(tide.joined(), tide.publish())
    assert tide.is_quiet(elsewhere, *strangers)
    assert elsewhere.questions == []


def test_challenges_cannot_be_guessed(tide: Any) -> None:
    """Section 8.2: random, and another one each time."""
    challenges = [tide.joined().questions[0].challenge for _ in range(3)]
    assert len(set(challenges)) == 3


@pytest.mark.parametrize("wanted", [0, 1, 86400, TEN_YEARS, 10**30])
def test_a_lease_is_bounded_and_told(tide: Any, wanted: int) -> None:
    """Sections 5.3 and 5.3.1: a day is granted as asked; no lease is for ever, and each is told."""
    callback = tide.joined(lease=wanted)
    assert 1 <= callback.lease <= 400 * 86400
    assert wanted != 86400 or callback.lease == 86400


@pytest.mark.parametrize("secret", ["x" * 200, "ü" * 100, "x" * 5000])
def test_a_secret_of_200_bytes_is_refused(tide: Any, secret: str) -> None:
    """Section 5.1: a secret must be less than 200 bytes; the answer says so in plain text."""
    callback = tide.follow(secret=secret)
    status, words = callback.ask()
    assert status == 400
    assert "hub.secret" in words
    assert tide.is_quiet(callback)
    assert callback.questions == []


def test_a_secret_of_199_bytes_is_taken(tide: Any) -> None:
    """The longest that there may be."""
    tide.pushed(tide.joined(secret="ü" * 99 + "x"), tide.publish())


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"hub.mode": ""}, "hub.mode"), ({"hub.mode": "observe"}, "hub.mode"), ({"hub.topic": ""}, "hub.topic"),
        ({"hub.callback": ""}, "hub.callback"), ({"hub.callback": "ftp://127.0.0.1/"}, "hub.callback"),
        ({"hub.callback": "nowhere"}, "hub.callback"), ({"hub.callback": "http://"}, "hub.callback"),
        ({"hub.callback": "http://127.0.0.1:port/"}, "hub.callback"), ({"hub.lease_seconds": "soon"}, "hub.lease"),
        ({"hub.lease_seconds": "-5"}, "hub.lease"),
    ],
)  # fmt: skip
def test_a_wrong_request_is_answered_in_words(tide: Any, change: dict[str, str], word: str) -> None:
    """Section 5.1.2: an error is a 4xx, described in plain text by the parameter's name."""
    callback = tide.follow()
    form = {"hub.mode": "subscribe", "hub.topic": callback.topic, "hub.callback": callback.url, **change}
    status, words = post(callback.hub, form)
    assert status == 400
    assert word in words
    assert "<" not in words


def test_only_forms_are_read(tide: Any) -> None:
    """Section 5.1: another media type is an error, not a crash; neither is a body much too long."""
    callback = tide.follow()
    form = {"hub.mode": "subscribe", "hub.topic": callback.topic, "hub.callback": callback.url}
    assert 400 <= post(callback.hub, form, "application/json")[0] < 500
    assert 400 <= post(callback.hub, {**form, "x": "y" * 2_000_000})[0] < 500
    assert tide.is_quiet(callback)
    assert callback.questions == []


@pytest.mark.parametrize(
    "topic", ["/nothing.xml", "/lists/none/feed.xml", "/feed.xml?x=y", "/style.css", "/f/guess/feed.xml", "/hub", ""]
)
def test_an_unknown_topic_is_denied(tide: Any, topic: str) -> None:
    """Section 5.2: the subscriber is told so at its callback, with its topic and a reason; it is pushed nothing."""
    callback = tide.subscriber.callback(tide.url + topic, f"{tide.url}/hub", query="?id=7")
    tide.callbacks.append(callback)
    assert callback.ask()[0] == 202
    assert tide.until(lambda: callback.questions)
    (question,) = callback.questions
    assert (question.mode, question.topic) == ("denied", tide.url + topic)
    assert question.keeps_query
    assert question.reason
