"""Making a DKIM key, and what is said of one that cannot sign."""

import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dispatch.acts.act import ActError
from dispatch.acts.keys import make_dkim_key, zone_lines
from dispatch.config import Config, read_config
from dispatch.errors import ConfigError
from dispatch.model.dkim import Algorithm
from dispatch.providers.signing import read_signers

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
HEAD = '[publication]\ntitle = "Sea"\nurl = "https://sea.example"\nemail = "news@sea.example"\n'  # lines 1 to 4
ONE = (
    '[dkim]\ndomain = "sea.example"\n[[dkim.keys]]\nselector = "one"\nalgorithm = "rsa"\nfile = "one.pem"\n'  # 5 to 10
)


def settings(folder: Path, more: str = "", head: str = HEAD) -> Config:
    """A publication's settings."""
    (folder / "dispatch.toml").write_text(head + more)
    return read_config(folder)


@pytest.mark.parametrize("algorithm", Algorithm)
def test_what_is_made_can_be_read_back(algorithm: Algorithm, tmp_path: Path) -> None:
    """With the printed settings the key signs, and its record is the printed one."""
    made = make_dkim_key(settings(tmp_path), algorithm, "", "", NOW)
    [signer] = read_signers(settings(tmp_path, made.settings))
    assert (signer.record_name, signer.record) == (made.name, made.value)
    assert made.name == f"{algorithm}-2026-11._domainkey.sea.example"
    assert made.file == tmp_path / "secrets" / f"dkim-{algorithm}-2026-11.pem"


def test_settings_are_added_to_those_there_are(tmp_path: Path) -> None:
    """A second key needs no second [dkim]."""
    second = make_dkim_key(settings(tmp_path, ONE), Algorithm.RSA, "two", "", NOW)
    assert len(tomllib.loads(ONE + second.settings)["dkim"]["keys"]) == 2


def test_a_key_is_its_owners_alone_and_never_replaced(tmp_path: Path) -> None:
    """Mode 0600 in a folder of 0700; a second one of the same name changes nothing and says what to do."""
    config = settings(tmp_path)
    path = make_dkim_key(config, Algorithm.RSA, "one", "", NOW).file
    before = path.read_bytes()
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    with pytest.raises(ActError, match=r"dkim-one\.pem exists already; nothing was changed"):
        make_dkim_key(config, Algorithm.ED25519, "one", "", NOW)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("algorithm", "more", "warned"),
    [
        (Algorithm.RSA, "", False),
        (Algorithm.ED25519, "", True),
        (Algorithm.ED25519, ONE, False),
        (Algorithm.ED25519, ONE.replace("rsa", "ed25519"), True),
    ],
)
def test_ed25519_alone_earns_a_warning(algorithm: Algorithm, more: str, warned: bool, tmp_path: Path) -> None:
    """Not every receiver verifies it; beside an RSA key it is welcome."""
    made = make_dkim_key(settings(tmp_path, more), algorithm, "new", "", NOW)
    assert ("Publish an RSA key beside it" in made.warning) is warned


@pytest.mark.parametrize(
    ("selector", "domain", "said"),
    [
        ("../one", "", "The selector '../one' may hold"),
        ("a b", "", "The selector 'a b' may hold"),
        ("", "sea", "The domain 'sea' must be"),
        ("", "a.example\n", "The domain 'a.example"),
        ("", "x" * 64 + ".example", "The domain"),
    ],
)
def test_a_malformed_name_makes_no_key(selector: str, domain: str, said: str, tmp_path: Path) -> None:
    """It is refused in words, and no file is written."""
    with pytest.raises(ActError) as caught:
        make_dkim_key(settings(tmp_path), Algorithm.RSA, selector, domain, NOW)
    assert str(caught.value).startswith(said)
    assert [path.name for path in tmp_path.iterdir()] == ["dispatch.toml"]


def test_the_domain_must_be_clear(tmp_path: Path) -> None:
    """It is asked for where nothing names one, and another than that of [dkim] is refused."""
    with pytest.raises(ActError, match="Say --domain"):
        make_dkim_key(settings(tmp_path, head=HEAD.replace("news@sea.example", "")), Algorithm.RSA, "", "", NOW)
    with pytest.raises(ActError, match=r"\[dkim\], which is sea\.example"):
        make_dkim_key(settings(tmp_path, ONE), Algorithm.RSA, "", "land.example", NOW)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "does not exist; restore it from a backup, or make a key by `dispatch keys dkim`"),
        (b"", "holds no private key in PEM form"),
        (b"\xff\x00", "holds no private key in PEM form"),
        ("key", "holds a private key, but none of the algorithm 'rsa'"),
        ("folder", "cannot be read: Is a directory"),
    ],
)
def test_a_key_that_cannot_sign_is_said_with_its_place(content: bytes | str | None, said: str, tmp_path: Path) -> None:
    """File, line, table and key, and which file is meant."""
    path = tmp_path / "one.pem"
    if content == "folder":
        path.mkdir()
    elif content == "key":
        make_dkim_key(settings(tmp_path), Algorithm.ED25519, "other", "", NOW).file.rename(path)
    elif isinstance(content, bytes):
        path.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        read_signers(settings(tmp_path, ONE))
    assert str(caught.value) == f"{tmp_path / 'dispatch.toml'}:10: [[dkim.keys]] file: {path} {said}."


def test_a_long_record_is_written_as_several_strings() -> None:
    """No string has more than 255 characters, and together they are the value."""
    lines = zone_lines("s._domainkey.a.example", "x" * 600).splitlines()
    assert lines[0] == "s._domainkey.a.example. 3600 IN TXT ("
    assert [len(line.strip(' ")')) for line in lines[1:]] == [255, 255, 90]
