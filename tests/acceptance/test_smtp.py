"""Mail through a real SMTP server on loopback."""

from typing import Any

from aiosmtpd.smtp import AuthResult, LoginPassword

PEOPLE = ["ada@example.org", "bo@example.org", "cy@example.org"]
EARLY, LATER = "2026-06-02T12:00:00Z", "2026-06-02T13:00:00Z"  # a pause is over by then


def _post(publication: Any) -> None:
    publication.people(*PEOPLE)
    publication.post("one.md", "Über die Flut", "Ein Wort: Ölzeug.\n\n.\n\n.. and dots.")


def test_everybody_gets_one_message(by_smtp: Any, inbox: Any) -> None:
    """Each recipient has one message of their own, to themselves, and it is what the outbox would hold."""
    _post(by_smtp)
    with inbox.open():
        by_smtp.once()
        by_smtp.once()
    assert sorted(inbox.recipients) == PEOPLE
    for mail in inbox.messages:
        assert mail.defects == []
        assert "Ölzeug" in mail.get_body(("plain",)).get_content()
        assert "Über die Flut" in mail["Subject"]
    assert sorted(mail["To"].addresses[0].addr_spec for mail in inbox.messages) == PEOPLE
    assert set(by_smtp.report(1).values()) == {"accepted"}


def test_dots_survive_smtp(by_smtp: Any, inbox: Any) -> None:
    """Lines that begin with a dot arrive as they were written (RFC 5321, section 4.5.2)."""
    _post(by_smtp)
    with inbox.open():
        by_smtp.once()
    text = inbox.messages[0].get_body(("plain",)).get_content()
    assert ".. and dots." in text
    assert "... and dots." not in text


def test_a_server_that_is_down_loses_nothing(by_smtp: Any, inbox: Any) -> None:
    """Down: exit 1, said with host and port, feeds are out all the same; a later run delivers to everybody once."""
    _post(by_smtp)
    done = by_smtp.run("run", "--once", "--now", EARLY)
    assert done.returncode == 1
    assert f"127.0.0.1:{inbox.port} cannot be reached" in done.stdout
    assert by_smtp.titles() == ["Über die Flut"]
    with inbox.open():
        by_smtp.once("--now", LATER)
    assert sorted(inbox.recipients) == PEOPLE


def test_status_tells_of_a_send_that_stands_still(by_smtp: Any) -> None:
    """`status` is exit 1 while something needs a person, and `issue report` says why it waits."""
    _post(by_smtp)
    by_smtp.run("run", "--once")
    report = by_smtp.run("issue", "report", "1")
    assert "still wait" in report.stdout
    assert "cannot be reached" in report.stdout


def test_a_refused_recipient_is_rejected_alone(by_smtp: Any, inbox: Any) -> None:
    """550 for one: rejected with the server's words; the others are accepted, and the sum balances."""
    _post(by_smtp)
    inbox.refusals["bo@example.org"] = "550 5.1.1 no such user"
    with inbox.open():
        by_smtp.once()
        by_smtp.once()
    assert sorted(inbox.recipients) == ["ada@example.org", "cy@example.org"]
    assert by_smtp.report(1) == {PEOPLE[0]: "accepted", PEOPLE[1]: "rejected", PEOPLE[2]: "accepted"}
    report = by_smtp.run("issue", "report", "1", "--state", "rejected").stdout
    assert "no such user" in report
    assert "balances" in report


def test_a_deferred_recipient_is_tried_again(by_smtp: Any, inbox: Any) -> None:
    """451 burns nobody: the others have theirs, and a later run delivers the last one, once."""
    _post(by_smtp)
    inbox.refusals["bo@example.org"] = "451 4.7.1 greylisted, try later"
    with inbox.open():
        first = by_smtp.run("run", "--once", "--now", EARLY)
        assert "retry 1" in first.stdout
        assert by_smtp.report(1)["bo@example.org"] == "retry"
        inbox.refusals.clear()
        by_smtp.once("--now", LATER)
    assert sorted(inbox.recipients) == PEOPLE
    assert set(by_smtp.report(1).values()) == {"accepted"}


def test_mail_with_links_nobody_could_use_is_refused(publication: Any, inbox: Any) -> None:
    """A real provider and a web address that is not https: exit 1, before anything is sent."""
    publication.settings(provider=inbox.provider(), web='url = "http://tide.example.org"')
    _post(publication)
    with inbox.open():
        done = publication.run("run", "--once")
    assert done.returncode == 1
    assert "allow_insecure_web" in done.stderr
    assert "https" in done.stderr
    assert inbox.messages == []


def test_a_password_that_is_not_there_is_said(by_smtp: Any, inbox: Any) -> None:
    """The environment variable is named; nothing is sent, nothing lost."""
    login = 'tls = "none"\nusername = "hanne"\npassword = { env = "TIDE_PASSWORD" }'
    by_smtp.settings(provider=inbox.provider(login), web="allow_insecure_web = true")
    _post(by_smtp)
    with inbox.open():
        done = by_smtp.run("run", "--once")
    assert done.returncode == 1
    assert "TIDE_PASSWORD" in done.stdout + done.stderr
    assert inbox.messages == []


def test_a_refused_login_pauses_the_issue(by_smtp: Any, inbox: Any) -> None:
    """A wrong password is no matter of trying again: the issue is paused, and says why; mended and resumed, it goes."""

    def check(server: Any, session: Any, envelope: Any, mechanism: str, data: LoginPassword) -> AuthResult:
        return AuthResult(success=data.password == b"right", handled=False)

    login = 'tls = "none"\nusername = "hanne"\npassword = { env = "TIDE_PASSWORD" }'
    by_smtp.settings(provider=inbox.provider(login), web="allow_insecure_web = true")
    _post(by_smtp)
    by_smtp.env["TIDE_PASSWORD"] = "wrong"
    with inbox.open(authenticator=check, auth_required=True, auth_require_tls=False):
        done = by_smtp.run("run", "--once")
        assert done.returncode == 1
        assert "paused" in done.stdout
        assert "refuses the login of 'hanne'" in done.stdout
        assert "wrong" not in done.stdout + done.stderr
        assert inbox.messages == []
        by_smtp.env["TIDE_PASSWORD"] = "right"
        assert by_smtp.run("issue", "resume", "1").returncode == 2
        resumed = by_smtp.run("issue", "resume", "1", "--yes")
        assert resumed.returncode == 0, resumed.stderr
    assert sorted(inbox.recipients) == PEOPLE


def test_check_says_whether_the_server_answers(by_smtp: Any, inbox: Any) -> None:
    """`check` is exit 1 while the server is down, 0 when it is up."""
    assert by_smtp.run("check").returncode == 1
    with inbox.open():
        done = by_smtp.run("check")
    assert done.returncode == 0, done.stdout + done.stderr
