"""A provider's limits: messages an hour and a second, over restarts; what it asks for; what it refuses."""

import json
import re
import time
from email.utils import parseaddr
from typing import Any

PEOPLE = 30


def _limited(publication: Any, inbox: Any, limits: str) -> list[str]:
    """A post, thirty people, and a provider with these limits."""
    publication.settings(provider=inbox.provider(f'tls = "none"\n{limits}'), web="allow_insecure_web = true")
    people: list[str] = publication.crowd(PEOPLE)
    publication.people(*people)
    publication.post("one.md", "Ebb")
    return people


def test_an_hourly_quota_outlives_a_restart(by_smtp: Any, inbox: Any) -> None:
    """Ten an hour are ten an hour, however often it is started; an hour later come the next, and nobody twice."""
    people = _limited(by_smtp, inbox, "per_hour = 10")
    with inbox.open():
        for minute, expected in ((0, 10), (5, 10), (59, 10), (65, 20), (70, 20), (130, 30)):
            done = by_smtp.run("run", "--once", "--now", f"2026-06-02T{12 + minute // 60}:{minute % 60:02}:00Z")
            assert len(inbox.recipients) == expected
            if minute == 5:
                assert "13:01 UTC): the provider's limits let deliveries go on" in done.stdout
    assert sorted(inbox.recipients) == sorted(people)
    assert set(by_smtp.report(1).values()) == {"accepted"}


def test_no_more_go_a_second_than_may(by_smtp: Any, inbox: Any) -> None:
    """Thirty messages at fifteen a second take two seconds, over however many connections."""
    _limited(by_smtp, inbox, "per_second = 15\nconnections = 8")
    arrived: list[float] = []
    taken = inbox.handle_DATA

    async def note(*arguments: Any) -> str:
        arrived.append(time.monotonic())
        answer: str = await taken(*arguments)
        return answer

    inbox.handle_DATA = note
    with inbox.open():
        by_smtp.once()
    assert len(arrived) == PEOPLE
    most = max(sum(begin <= one < begin + 0.9 for one in arrived) for begin in arrived)
    assert most <= 18  # some may be late, and then follow each other faster for a tenth of a second


def test_a_server_that_wants_fewer_gets_fewer(by_smtp: Any, inbox: Any) -> None:
    """454 burns nobody: nothing more is handed over for now, and everybody has one message in the end."""
    people = _limited(by_smtp, inbox, "connections = 1")
    inbox.refusals[people[12]] = "454 4.7.0 throttled"
    with inbox.open():
        first = by_smtp.run("run", "--once", "--now", "2026-06-02T12:00:00Z")
        assert "pending 17, retry 1" in first.stdout
        assert "454 4.7.0 throttled" in first.stdout
        inbox.refusals.clear()
        for minute in range(1, 6):
            by_smtp.run("run", "--once", "--now", f"2026-06-02T12:{minute:02}:00Z")
    assert sorted(inbox.recipients) == sorted(people)
    assert set(by_smtp.report(1).values()) == {"accepted"}


def test_many_refusals_stop_an_issue_and_a_person_lets_it_go_on(by_smtp: Any, inbox: Any) -> None:
    """Twenty refusals of thirty: paused, and `status` says why; resumed, the rest is sent and it balances."""
    people = _limited(by_smtp, inbox, "connections = 1")
    inbox.refusals.update(dict.fromkeys(sorted(people)[:25], "550 5.7.1 not from you"))
    with inbox.open():
        done = by_smtp.run("run", "--once")
        assert done.returncode == 1
        states = list(by_smtp.report(1).values())
        assert (states.count("rejected"), states.count("pending")) == (20, 10)
        status = by_smtp.run("status")
        assert status.returncode == 1
        assert "20 of 20 recipients were refused (100 %)" in status.stdout
        inbox.refusals.clear()
        assert by_smtp.run("issue", "resume", "1", "--yes").returncode == 0
    assert sorted(inbox.recipients) == sorted(people)[20:]
    report = json.loads(by_smtp.run("--json", "issue", "report", "1").stdout)
    assert report["issue"]["state"] == "sent"


def _senders(publication: Any, inbox: Any, options: str) -> list[str]:
    """The envelope sender of each message of a send with these options."""
    _limited(publication, inbox, options)
    senders: list[str] = []
    taken = inbox.handle_DATA

    async def note(server: Any, session: Any, envelope: Any) -> str:
        senders.append(envelope.mail_from)
        answer: str = await taken(server, session, envelope)
        return answer

    inbox.handle_DATA = note
    with inbox.open():
        publication.once()
    return senders


def test_every_recipient_has_a_sender_of_their_own(by_smtp: Any, inbox: Any) -> None:
    """The envelope sender names issue and person, differs for each and cannot be guessed (VERP); From stays."""
    senders = _senders(by_smtp, inbox, "")
    assert len(set(senders)) == PEOPLE
    assert all(re.fullmatch(r"[^+@]+\+1\.\d+\.[\w-]{8,}@[\w.]+", sender) for sender in senders)
    froms = {parseaddr(str(mail["From"]))[1] for mail in inbox.messages}
    assert {re.sub(r"\+[^@]*", "", sender) for sender in senders} == froms


def test_bounces_may_go_to_one_address_of_their_own(by_smtp: Any, inbox: Any) -> None:
    """`bounces` is where they go, and `verp = false` makes it one address for all."""
    options = 'bounces = "bounces@mail.example.org"\nverp = false'
    assert set(_senders(by_smtp, inbox, options)) == {"bounces@mail.example.org"}
