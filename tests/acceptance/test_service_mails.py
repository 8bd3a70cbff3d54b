"""What a subscriber's mailbox sees of signing up, confirming and leaving, while a service runs and when it dies."""

import json
import re
import time
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

Serve = Callable[..., Any]
SOON = 5.0  # seconds; about one is meant


def _text(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body
    return str(body.get_content())


def _link(mail: EmailMessage, page: str) -> str:
    found = re.search(rf"http://\S+/{page}/\S+", _text(mail))
    assert found
    return found[0]


def _sign_up(running: Any, email: str) -> None:
    """Somebody fills in the form; the answer says where to look."""
    answer = running.post(f"{running.url}/subscribe/news", urlencode({"email": email}).encode())
    assert answer.status == 200


def _mail_of(publication: Any, kind: str) -> list[EmailMessage]:
    found: list[EmailMessage] = publication.mails()
    return [mail for mail in found if str(mail["Message-ID"]).startswith(f"<{kind}.")]


def test_from_the_form_to_the_last_mail(publication: Any, served: Serve, tools: Any) -> None:
    """Each step has its mail within moments; each link of it works; in the end there is one of each kind."""
    with served(since="since = 2026-01-01\ngoodbye = true") as running:
        begun = time.monotonic()
        _sign_up(running, "ada@example.org")
        (confirm,) = tools.until(lambda: _mail_of(publication, "confirm"))
        assert time.monotonic() - begun < SOON
        assert running.get(_link(confirm, "confirm")).status == 200
        assert running.post(_link(confirm, "confirm"), b"").status == 200
        (welcome,) = tools.until(lambda: _mail_of(publication, "welcome"))
        assert running.get(_link(welcome, "p")).status == 200
        assert running.post(str(welcome["List-Unsubscribe"]).strip("<>")).status == 200
        (goodbye,) = tools.until(lambda: _mail_of(publication, "goodbye"))
        assert running.get(re.findall(r"http://\S+", _text(goodbye))[-1]).status == 200
        assert "mail " not in publication.run("status").stdout
    publication.once()
    assert len(publication.mails()) == 3


def test_after_a_kill_the_mail_is_there_once(publication: Any, served: Serve) -> None:
    """Killed the moment after the form was answered: the next pass sends it, unless it is out already."""
    with served() as running:
        _sign_up(running, "ada@example.org")
        running.process.kill()
    publication.once()
    publication.once()
    assert publication.mailed() == ["ada@example.org"]


def test_what_a_mail_server_was_just_taking_at_a_kill_is_not_sent_again(
    publication: Any, inbox: Any, served: Serve, tools: Any
) -> None:
    """It stays unknown, and status says so; whoever signs up afterwards gets theirs."""
    inbox.delay = 3
    web = "allow_insecure_web = true"
    with inbox.open():
        with served(provider=inbox.provider(), web=web) as running:
            _sign_up(running, "ada@example.org")
            assert tools.until(lambda: inbox.recipients)
            running.process.kill()
        inbox.delay = 0
        with publication.service(int(running.url.rpartition(":")[2])) as again:
            _sign_up(again, "bea@example.org")
            assert tools.until(lambda: len(inbox.recipients) == 2)
            assert "1 about subscriptions: unknown" in publication.run("status").stdout
    assert inbox.recipients == ["ada@example.org", "bea@example.org"]


def test_while_the_mail_server_is_away_it_is_said_once(publication: Any, inbox: Any, served: Serve, tools: Any) -> None:
    """And status says that the mail waits, and for what; stopping takes no longer for that."""
    with served(provider=inbox.provider(), web="allow_insecure_web = true") as running:
        _sign_up(running, "ada@example.org")
        assert tools.until(lambda: "service mail waits" in running.log.read_text())
        said = publication.run("status").stdout
        assert "1 about subscriptions: pending" in said
        assert f"127.0.0.1:{inbox.port}" in said
        assert running.stop() == 0
        assert running.log.read_text().count("service mail waits") == 1


def test_a_pass_fails_while_a_broken_template_keeps_a_mail(publication: Any, served: Serve) -> None:
    """It names the template, as for an issue, and status says for what the mail waits."""
    publication.write("templates/email/service/confirm.txt", "{{ nobody }}")
    with served() as running:
        _sign_up(running, "ada@example.org")
        running.process.kill()
    done = publication.run("run", "--once")
    why = "1 about subscriptions: pending: templates/email/service/confirm.txt:1: 'nobody' is undefined"
    assert (done.returncode, why in done.stdout) == (1, True)
    assert why in publication.run("status").stdout


def test_an_editor_looks_at_each_of_them(publication: Any, tmp_path: Path) -> None:
    """As files and as JSON, in any language; a kind or a list that there is not is said."""
    for kind in ("confirm", "welcome", "preferences", "goodbye"):
        asked = ("list", "preview", "news", "--service", kind, "--language", "de", "--out", str(tmp_path / kind))
        shown = json.loads(publication.run("--json", *asked).stdout)
        message = message_from_bytes((tmp_path / kind / "message.eml").read_bytes(), policy=policy.default)
        assert shown["subject"] == message["Subject"]
        assert message["Content-Language"] == "de"
        assert (tmp_path / kind / "edition.html").read_text().startswith("<!DOCTYPE html>")
        assert [one for one in shown["findings"] if one["severity"] == "fault"] == []
    assert publication.run("list", "preview", "news", "--service", "x", "--out", str(tmp_path)).returncode == 2
    unknown = publication.run("list", "preview", "nows", "--service", "confirm", "--out", str(tmp_path))
    assert (unknown.returncode, "There is no list 'nows'" in unknown.stderr) == (1, True)


def test_check_names_a_broken_template(publication: Any) -> None:
    """Before anybody signs up."""
    publication.write("templates/email/service/welcome.txt", "{{ nobody }}")
    done = publication.run("check")
    assert done.returncode == 1
    assert "templates/email/service/welcome.txt:1: 'nobody' is undefined" in done.stdout
