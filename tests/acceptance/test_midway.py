"""What happens while a send is under way: people leave, a signal comes, an editor thinks again."""

import signal
from typing import Any

import pytest


@pytest.fixture
def slow(by_smtp: Any, inbox: Any) -> Any:
    """Thirty people, one connection, and a server that takes its time over each message."""
    by_smtp.settings(
        provider=inbox.provider('tls = "none"\nconnections = 1'),
        web='allow_insecure_web = true\nurl = "http://localhost"',
    )
    by_smtp.people(*by_smtp.crowd(30))
    by_smtp.post("one.md", "Ebb")
    inbox.delay = 0.25
    return by_smtp


def test_whoever_leaves_in_mid_send_is_skipped(slow: Any, inbox: Any, tools: Any) -> None:
    """Unsubscribed or suppressed before their turn, they get nothing, although their chunk is in hand."""
    people = sorted(slow.crowd(30))
    with inbox.open():
        sender = slow.start("run", "--once")
        assert tools.until(lambda: len(inbox.recipients) >= 2)
        slow.run("subscriber", "unsubscribe", people[28])
        slow.run("subscriber", "suppress", people[29])
        inbox.delay = 0.1
        assert sender.wait(60) == 0
    assert sorted(inbox.recipients) == people[:28]
    states = slow.report(1)
    assert (states[people[28]], states[people[29]]) == ("skipped", "skipped")
    assert set(states.values()) == {"accepted", "skipped"}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_the_message_in_hand_go_out(slow: Any, inbox: Any, tools: Any, number: signal.Signals) -> None:
    """Exit 1 within seconds, nobody in doubt; the next run reaches everybody else, and nobody twice."""
    with inbox.open():
        sender = slow.start("run", "--once")
        assert tools.until(lambda: len(inbox.recipients) >= 3)
        sender.send_signal(number)
        assert sender.wait(8) == 1
        assert set(slow.report(1).values()) == {"accepted", "pending"}
        assert len(inbox.recipients) < 30
        inbox.delay = 0
        slow.once()
    assert sorted(inbox.recipients) == sorted(slow.crowd(30))
    assert set(slow.report(1).values()) == {"accepted"}


def test_cancelling_a_second_send_forgets_nothing_of_the_first(slow: Any, inbox: Any, tools: Any) -> None:
    """Who had accepted the first time is still accepted, with the server's words, when sending again is cancelled."""
    inbox.delay = 0
    people = sorted(slow.crowd(30))
    with inbox.open():
        slow.once()
        before = slow.report(1)
        inbox.delay = 0.25
        again = [option for address in people[:20] for option in ("--to", address)]
        sender = slow.start("issue", "resend", "1", *again, "--again", "--yes")
        assert tools.until(lambda: len(inbox.recipients) >= 32)
        assert slow.run("issue", "cancel", "1").returncode == 0
        sender.wait(20)
    assert slow.report(1) == before
    assert 32 <= len(inbox.recipients) < 50
