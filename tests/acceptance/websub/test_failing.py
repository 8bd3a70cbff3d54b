"""What the hub owes survives failures, restarts and time; what has ended stays ended. The clock is the test's."""

from collections.abc import Callable
from itertools import chain, repeat
from signal import SIGKILL, SIGTERM, Signals
from typing import Any

import pytest

from loopback import Reply

DAY = 86400


def test_a_failed_push_is_tried_again_and_then_taken_once(clocked: Any) -> None:
    """Section 7: all but 2xx and 410 is a failure, a redirect too; it is tried again after a while, until taken."""
    elsewhere = clocked.joined()
    failures = [
        Reply(500), Reply(503), Reply(404), Reply(hangs_up=True), Reply(302, headers={"Location": elsewhere.url}),
        Reply(307, headers={"Location": elsewhere.url}), Reply(301, headers={"Location": elsewhere.url}),
    ]  # fmt: skip
    callbacks = [clocked.joined(secret="s") for _ in failures]
    for callback, failure in zip(callbacks, failures, strict=True):
        callback.takes = chain([failure, failure], repeat(Reply()))
    title = clocked.publish()
    assert clocked.until(lambda: all(callback.pushes for callback in callbacks))
    assert clocked.is_quiet(*callbacks, pushes=1), "it waits before it tries again"
    assert clocked.forward_until(lambda: all(callback.taken for callback in callbacks), minutes=2)
    for callback in callbacks:
        assert title.encode() in callback.taken[0].body
    assert clocked.is_quiet(*callbacks, pushes=3)
    assert len(elsewhere.pushes) == 1


def test_what_a_subscriber_says_to_a_push_is_ignored(clocked: Any) -> None:
    """Section 7: a 2xx is a success, however much comes with it; it is not pushed again."""
    callbacks = [clocked.joined() for _ in range(3)]
    for callback, reply in zip(callbacks, [Reply(202), Reply(200, b"x" * 8_000_000), Reply(204)], strict=True):
        callback.takes = repeat(reply)
    title = clocked.publish()
    for callback in callbacks:
        clocked.pushed(callback, title)
    clocked.forward(hours=3)
    assert clocked.is_quiet(*callbacks, pushes=1)


def test_410_ends_a_subscription(clocked: Any) -> None:
    """Section 7: who is gone is pushed nothing any more."""
    gone, other = clocked.joined(), clocked.joined()
    gone.takes = repeat(Reply(410))
    clocked.pushed(other, clocked.publish())
    assert clocked.until(lambda: gone.pushes)
    clocked.pushed(other, clocked.publish())
    clocked.forward(hours=3)
    assert clocked.is_quiet(gone, pushes=1)


def test_after_its_lease_nobody_is_pushed(clocked: Any) -> None:
    """Section 5.3.1: a lease ends unless it was renewed."""
    lapsed, renewed = clocked.joined(lease=DAY), clocked.joined(lease=DAY)
    clocked.forward(hours=20)
    asked = len(renewed.questions)
    assert renewed.ask(lease_seconds=str(DAY))[0] == 202
    assert clocked.until(lambda: len(renewed.questions) > asked)
    clocked.forward(hours=5)
    clocked.pushed(renewed, clocked.publish())
    assert clocked.is_quiet(lapsed)


def test_a_push_is_given_up_in_the_end_but_not_the_subscription(clocked: Any) -> None:
    """Section 7: tries end; the subscription lasts as long as its lease, and the next change is pushed."""
    callback = clocked.joined(lease=9 * DAY)
    callback.takes = repeat(Reply(500))
    clocked.publish()
    tries = 0
    while clocked.forward_until(lambda before=tries: len(callback.pushes) > before, 1, hours=4):
        tries = len(callback.pushes)
    assert 3 <= tries <= 40
    callback.takes = repeat(Reply())
    clocked.pushed(callback, clocked.publish())


@pytest.mark.parametrize("signal", [SIGTERM, SIGKILL], ids=["SIGTERM", "SIGKILL"])
def test_a_restart_loses_neither_subscription_nor_push(
    begin: Callable[..., Any], serving: Callable[..., Any], signal: Signals
) -> None:
    """Ended or killed between a change and its push: the next service pushes what is owed, and what comes."""
    tide = begin(own_clock=True)
    with serving(tide) as running:
        failed, in_hand, had = tide.joined(secret="s"), tide.joined("/atom.xml"), tide.joined("/feed.json")
        failed.takes = chain([Reply(500)], repeat(Reply()))
        in_hand.takes = chain([Reply(seconds=30, hangs_up=True)], repeat(Reply()))
        owed = tide.publish()
        tide.pushed(had, owed)
        assert tide.until(lambda: failed.pushes and in_hand.pushes)
        running.process.send_signal(signal)
        running.process.wait(5)
    tide.forward(hours=1)
    with serving(tide):
        assert tide.pushed(failed, owed).body == tide.get("/feed.xml").body.encode()
        assert tide.pushed(in_hand, owed).body == tide.get("/atom.xml").body.encode()
        later = tide.publish()
        for callback in (failed, in_hand, had):
            tide.pushed(callback, later)
            assert len({push.body for push in callback.taken}) == 2, "no more than these; one may come again"
    tide.end()
