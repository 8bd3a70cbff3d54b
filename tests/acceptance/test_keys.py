"""Keys that sign mail and keys that sign links, from the command line to the reader's own program."""

import json
import re
from typing import Any

import dkim

ONE = '[dkim]\ndomain = "tide.example.org"\n\n[[dkim.keys]]\nselector = "one"\nalgorithm = "rsa"\nfile = "one.pem"\n'


def _make(publication: Any, *options: str) -> dict[str, Any]:
    """A key made by the command, its settings added; what the command answered."""
    done = publication.run("--json", "keys", "dkim", *options)
    assert done.returncode == 0, done.stderr
    made: dict[str, Any] = json.loads(done.stdout)
    with (publication.folder / "dispatch.toml").open("a") as file:
        file.write(f"\n{made['settings']}\n")
    return made


def _eml(publication: Any) -> list[bytes]:
    return [path.read_bytes() for path in sorted((publication.folder / "outbox" / "new").glob("*.eml"))]


def _links(publication: Any) -> dict[str, str]:
    """Everybody's newest unsubscribe link: subject → link."""
    return {str(mail["Subject"]): str(mail["List-Unsubscribe"]).strip("<>") for mail in publication.mails()}


def test_mail_is_signed_by_the_keys_that_were_made(publication: Any) -> None:
    """Make two keys, add what is printed: every message verifies against the printed records, by both."""
    made = [_make(publication), _make(publication, "--algorithm", "ed25519", "--selector", "ed")]
    publication.people("ada@example.org", "bo@example.org")
    publication.post("one.md", "Über die Flut")
    publication.once()
    records = {f"{one['name']}.".encode(): one["value"].encode() for one in made}
    assert len(_eml(publication)) == 2
    for message in _eml(publication):
        found = dkim.DKIM(message)
        assert [found.verify(index, lambda name, timeout=5: records.get(name)) for index in (0, 1)] == [True, True]
        signed = re.search(rb"h=([^;]+);", message)
        assert signed
        assert {b"list-unsubscribe", b"list-unsubscribe-post"} <= set(re.split(rb"[:\s]+", signed[1]))


def test_what_is_printed_can_be_pasted(publication: Any) -> None:
    """Name, value, zone lines of strings up to 255 characters, and the lines for dispatch.toml."""
    done = publication.run("keys", "dkim", "--selector", "one", "--domain", "mail.tide.example.org")
    assert done.returncode == 0, done.stderr
    assert "name   one._domainkey.mail.tide.example.org\n" in done.stdout
    value = re.search(r"value  (v=DKIM1; k=rsa; p=[A-Za-z0-9+/=]+)\n", done.stdout)
    strings = re.findall(r'^    "([^"]+)"', done.stdout, re.MULTILINE)
    assert value
    assert "".join(strings) == value[1]
    assert max(map(len, strings)) <= 255
    assert '[dkim]\ndomain = "mail.tide.example.org"\n\n[[dkim.keys]]\nselector = "one"\n' in done.stdout


def test_a_key_can_be_made_after_its_settings_were_written(publication: Any) -> None:
    """`keys dkim` needs no other key to be there."""
    publication.settings(more=ONE.replace("one.pem", "secrets/dkim-one.pem"))
    missing = publication.run("check")
    assert missing.returncode == 1
    assert "dkim-one.pem does not exist" in missing.stderr
    assert publication.run("keys", "dkim", "--selector", "one").returncode == 0
    assert publication.run("check").returncode == 0


def test_links_outlive_a_new_key(served: Any, publication: Any) -> None:
    """After `keys rotate` new links are signed anew, and both kinds still unsubscribe; people who left stay known."""
    publication.people("ada@example.org")
    publication.post("one.md", "First")
    with served():
        publication.once()
    done = publication.run("keys", "rotate")
    assert done.returncode == 0, done.stderr
    assert "2 keys" in done.stdout
    assert "start it again" in done.stdout
    publication.post("two.md", "Second")
    with served() as service:
        publication.once()
        links = _links(publication)
        tokens = {subject: link.rpartition("/")[2] for subject, link in links.items()}
        assert tokens["First"].partition(".")[0] != tokens["Second"].partition(".")[0]
        assert tokens["Second"].partition(".")[0] in done.stdout
        assert {service.post(f"{service.url}/u/{token}").status for token in tokens.values()} == {200}
    assert "ended" in publication.run("subscriber", "show", "ada@example.org").stdout


def test_a_running_service_is_named_when_a_key_is_added(served: Any, publication: Any, tools: Any) -> None:
    """Whoever rotates is told that it must be started again."""
    with served():
        tools.until(lambda: '"service": true' in publication.run("--json", "status").stdout)
        done = publication.run("keys", "rotate")
    assert "A `dispatch run` is alive: start it again now." in done.stdout
