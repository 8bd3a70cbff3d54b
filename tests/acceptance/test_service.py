"""The service: what it notices, what it serves, how it stops."""

import time
from collections.abc import Callable
from typing import Any

import pytest

ADA, BO = "ada@example.org", "bo@example.org"
Serve = Callable[..., Any]


@pytest.fixture
def with_reader(publication: Any) -> Any:
    """A reader, and an old post, so that what comes is no first pass."""
    publication.people(ADA)
    publication.post("old.md", "Old", date="2020-01-01")
    return publication


def _link(mail: Any) -> str:
    return str(mail["List-Unsubscribe"]).strip("<>")


def test_a_new_file_is_in_the_feeds_at_once_and_in_the_mail_after_the_hold(
    with_reader: Any, served: Serve, tools: Any
) -> None:
    """Noticed within two seconds; what will go out, to how many and how to stop it is said; mailed after the hold."""
    with served(hold="3 seconds") as running:
        tools.until(lambda: "Old" in running.get("/feed.xml").body)
        begun = time.monotonic()
        with_reader.post("new.md", "A new tide", date="2026-06-01")
        assert tools.until(lambda: "A new tide" in running.get("/feed.xml").body, 5)
        assert time.monotonic() - begun < 3
        assert tools.until(lambda: "A new tide" in running.get("/").body)
        assert tools.until(lambda: "dispatch issue cancel" in running.log.read_text())
        assert "goes to 1 of news" in running.log.read_text()
        assert tools.until(with_reader.mailed) == [ADA]
        assert time.monotonic() - begun >= 3


def test_a_change_during_the_hold_is_what_is_mailed(with_reader: Any, served: Serve, tools: Any) -> None:
    """An autosave during the hold begins the wait anew; the mail has the last words, once."""
    with served(hold="2 seconds") as running:
        with_reader.post("new.md", "Draftish", "First words.", date="2026-06-01")
        tools.until(lambda: "Draftish" in running.get("/feed.xml").body)
        time.sleep(1)
        with_reader.post("new.md", "Final", "Last words.", date="2026-06-01")
        assert tools.until(with_reader.mailed) == [ADA]
        time.sleep(1)
    (mail,) = with_reader.mails()
    text = mail.get_body(("plain",)).get_content()
    assert "Last words." in text
    assert "First words." not in text


def test_an_issue_cancelled_during_the_hold_is_never_mailed(with_reader: Any, served: Serve, tools: Any) -> None:
    """What the service says about stopping an issue works, from another process, and no later pass mails it."""
    with served(hold="1 hour") as running:
        with_reader.post("new.md", "Regretted", date="2026-06-01")
        assert tools.until(lambda: "dispatch issue cancel 1" in running.log.read_text())
        assert with_reader.run("issue", "cancel", "1").returncode == 0
    with_reader.once()
    assert with_reader.mailed() == []


def test_issue_send_skips_the_hold(with_reader: Any, served: Serve, tools: Any) -> None:
    """`issue send` beside a running service: the mail goes out long before the hold is over, once."""
    with served(hold="1 hour") as running:
        with_reader.post("new.md", "Urgent", date="2026-06-01")
        assert tools.until(lambda: "dispatch issue send 1" in running.log.read_text())
        assert with_reader.run("issue", "send", "1", "--yes").returncode == 0
        assert tools.until(with_reader.mailed) == [ADA]


def test_people_added_while_it_runs_join(with_reader: Any, served: Serve, tools: Any) -> None:
    """An edited subscribers' file is read without a restart; who joined gets the next post."""
    with served() as running:
        tools.until(lambda: "1 people joined" in running.log.read_text())
        with_reader.people(ADA, BO)
        assert tools.until(lambda: running.log.read_text().count("people joined") == 2), running.log.read_text()
        with_reader.post("new.md", "For both", date="2026-06-01")
        assert tools.until(lambda: len(with_reader.mailed()) == 2)
    assert with_reader.mailed() == [ADA, BO]


def test_leaving_by_the_link_in_the_mail(with_reader: Any, served: Serve, tools: Any) -> None:
    """GET shows one button and changes nothing; POST answers 200, no cookie, no redirect; the next issue skips them."""
    with_reader.people(ADA, BO)
    with served() as running:
        with_reader.post("one.md", "One", date="2026-06-01")
        assert tools.until(lambda: len(with_reader.mailed()) == 2)
        link = next(_link(mail) for mail in with_reader.mails() if tools.address_of(mail["To"]) == ADA)
        assert link.startswith(f"{running.url}/u/")
        for _ in range(2):
            page = running.get(link)
            assert page.status == 200
            assert page.body.count("<button") == 1
            assert ADA not in page.body
        assert "active" in with_reader.run("subscriber", "show", ADA).stdout
        answer = running.post(link)
        assert answer.status == 200
        assert answer.headers["Set-Cookie"] is None
        assert answer.headers["Location"] is None
        assert running.post(link).status == 200
        assert "ended" in with_reader.run("subscriber", "show", ADA).stdout
        with_reader.post("two.md", "Two", date="2026-06-02")
        assert tools.until(lambda: len(with_reader.mailed()) == 3)
        time.sleep(0.5)
    assert with_reader.mailed() == [ADA, BO, BO]


def test_who_left_does_not_come_back_by_the_file(with_reader: Any) -> None:
    """The row is still there, even edited: no mail any more."""
    with_reader.once()
    with_reader.run("subscriber", "unsubscribe", ADA)
    with_reader.write("subscribers/news.csv", f"email,name,state\n{ADA},Ada,active\n{BO},Bo,\n")
    with_reader.post("new.md", "New", date="2026-06-01")
    with_reader.once()
    assert with_reader.mailed() == [BO]


def test_a_forged_token_changes_nothing(with_reader: Any, served: Serve, tools: Any) -> None:
    """Any change to a token makes it worthless, for GET and POST alike."""
    with served() as running:
        with_reader.post("one.md", "One", date="2026-06-01")
        tools.until(with_reader.mailed)
        link = _link(with_reader.mails()[0])
        last = "A" if link[-1] != "A" else "B"
        key, subscriber, list_id, proof = link.rpartition("/")[2].split(".")
        forged = [
            f"{link[:-2]}{last}{last}", f"{link[:-1]}", f"{running.url}/u/x", f"{link}x",
            f"{running.url}/u/{key}.{int(subscriber) + 1}.{list_id}.{proof}",
        ]  # fmt: skip
        for address in forged:
            assert running.get(address).status == 404
            assert running.post(address).status == 404
        assert "active" in with_reader.run("subscriber", "show", ADA).stdout


def test_feeds_are_served_with_validators(with_reader: Any, served: Serve) -> None:
    """Each feed has its media type, an ETag, and 304 for whoever has it already."""
    with_reader.once()
    with served() as running:
        for path, kind in [
            ("/feed.xml", "application/rss+xml"), ("/atom.xml", "application/atom+xml"),
            ("/feed.json", "application/feed+json"), ("/lists/news/feed.xml", "application/rss+xml"),
        ]:  # fmt: skip
            answer = running.get(path)
            assert answer.status == 200, path
            assert answer.headers["Content-Type"].startswith(kind)
            again = running.get(path, **{"If-None-Match": answer.headers["ETag"]})
            assert again.status == 304
            assert again.body == ""


def test_nothing_outside_the_site_is_served(with_reader: Any) -> None:
    """Paths that lead elsewhere are 404, however they are written."""
    with_reader.once()
    with with_reader.service() as running:
        for path in (
            "/../dispatch.toml",
            "/%2e%2e/dispatch.toml",
            "/..%2fsecrets/token.key",
            "//etc/passwd",
            "/no/such",
        ):
            assert running.get(path).status == 404, path


def test_sigterm_stops_in_seconds(with_reader: Any) -> None:
    """SIGTERM: exit 0 within five seconds, and it says that nothing is left."""
    with with_reader.service() as running:
        assert running.stop() == 0
        assert "Stopped" in running.log.read_text()


def test_sigterm_in_the_middle_of_a_send_loses_nothing(by_smtp: Any, inbox: Any, tools: Any) -> None:
    """What is in hand goes out, the rest waits for the next start; nobody is unknown and nobody has two."""
    people = by_smtp.crowd(150)
    by_smtp.post("one.md", "One")
    inbox.delay = 0.05
    with inbox.open():
        with by_smtp.service() as running:
            assert tools.until(lambda: len(inbox.messages) >= 10)
            assert running.stop() == 0
        assert 10 <= len(inbox.messages) < 150
        inbox.delay = 0
        by_smtp.once()
    assert sorted(inbox.recipients) == people
    assert set(by_smtp.report(1).values()) == {"accepted"}


def test_a_port_in_use_is_said(with_reader: Any) -> None:
    """A taken port: exit 1, which one, and how to name another."""
    with with_reader.service() as running:
        port = running.url.rpartition(":")[2]
        second = with_reader.run("run", "--port", port, timeout=15)
        assert second.returncode == 1
        assert f"127.0.0.1:{port}" in second.stderr
        assert "--port" in second.stderr


def test_two_services_on_one_store_deliver_each_recipient_once(by_smtp: Any, inbox: Any, tools: Any) -> None:
    """Two processes, one audience: 200 people, 200 messages."""
    by_smtp.people("zoe@example.org")
    by_smtp.once()
    people = by_smtp.crowd(90)
    inbox.delay = 0.005
    with inbox.open(), by_smtp.service() as first, by_smtp.service() as second:
        assert first.url != second.url
        assert tools.until(lambda: "90 people" in first.log.read_text() + second.log.read_text())
        for number in range(3):
            by_smtp.post(f"new-{number}.md", f"New {number}", date="2026-06-01")
        assert tools.until(lambda: len(inbox.recipients) >= 273), len(inbox.recipients)
        time.sleep(1)
    assert len(inbox.recipients) == 273
    assert len({mail["Message-ID"] for mail in inbox.messages}) == 273
    assert set(inbox.recipients) == {*people, "zoe@example.org"}


def test_a_server_that_comes_back_gets_the_mail_by_itself(by_smtp: Any, inbox: Any, tools: Any) -> None:
    """Down while the issue is due: said by the service, and delivered without a word when it is up again."""
    by_smtp.people(ADA)
    by_smtp.post("one.md", "One")
    with by_smtp.service() as running:
        assert tools.until(lambda: "cannot be reached" in running.log.read_text())
        with inbox.open():
            assert tools.until(lambda: inbox.recipients, 30) == [ADA]


def test_a_broken_receipt_is_told_once_and_holds_up_nothing(with_reader: Any, tools: Any) -> None:
    """While its template is broken the issues go out as ever; once it is mended the editors hear of each of them."""
    settings = (with_reader.folder / "dispatch.toml").read_text()
    with_reader.write("dispatch.toml", settings.replace("[publication]", f'[publication]\neditors = ["{BO}"]'))
    broken = with_reader.write("templates/email/receipt.html", "{% if %}")
    with with_reader.service() as running:
        with_reader.post("one.md", "One", date="2026-06-01")
        assert tools.until(lambda: "email/receipt.html:1" in running.log.read_text()), running.log.read_text()
        with_reader.post("two.md", "Two", date="2026-06-01")
        assert tools.until(lambda: len(with_reader.mailed()) == 2)
        time.sleep(0.5)
        assert running.log.read_text().count("email/receipt.html:1") == 1
        broken.unlink()
        assert tools.until(lambda: with_reader.mailed() == [ADA, ADA, BO, BO]), running.log.read_text()


def test_a_broken_post_does_not_stop_the_service(with_reader: Any, served: Serve, tools: Any) -> None:
    """It is named, once, and the next good post is published."""
    with served() as running:
        with_reader.write("posts/bad.md", "---\ntags: [a\n---\n")
        assert tools.until(lambda: "posts/bad.md" in running.log.read_text())
        with_reader.post("good.md", "Good", date="2026-06-01")
        assert tools.until(lambda: "Good" in running.get("/feed.xml").body)
        assert running.log.read_text().count("posts/bad.md") == 1
