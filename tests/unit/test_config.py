"""dispatch.toml is read whole or refused with file, line, table and key."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from dispatch.app import open_app
from dispatch.config import Config, read_config
from dispatch.config.lists import AtTable
from dispatch.errors import ConfigError
from dispatch.model.dkim import Algorithm
from dispatch.model.subscriber import Cadence

HEAD = '[publication]\ntitle = "Sea"\nurl = "https://sea.example/"\n'  # lines 1 to 3
Write = Callable[[str], Path]


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in [name for name in os.environ if name.upper().startswith("DISPATCH_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a dispatch.toml, the publication's table first."""

    def _write(text: str, head: str = HEAD) -> Path:
        (tmp_path / "dispatch.toml").write_text(head + text)
        return tmp_path / "dispatch.toml"

    return _write


def test_what_is_not_written_has_a_default(write: Write) -> None:
    """Title and address are enough; the outbox and a SQLite file serve until told otherwise."""
    config = read_config(write(""))
    assert (config.publication.title, config.publication.url) == ("Sea", "https://sea.example")
    assert (config.provider.type, config.store.url, config.engine.type) == ("outbox", "sqlite:///dispatch.db", "local")
    assert config.web_url == "https://sea.example"


def test_a_folder_stands_for_its_dispatch_toml(write: Write) -> None:
    """The file or its folder may be named; relative paths begin at the folder."""
    path = write("")
    assert read_config(path.parent) == read_config(path)
    assert read_config(path).folder == path.parent


def test_a_list_is_read(write: Write) -> None:
    """Cadences, hours, dates and durations are what they say."""
    text = (
        '[lists.weekly]\ncadence = "weekly"\ncadences = ["daily", "weekly"]\nsince = 2026-11-01\nhold = "90 seconds"\n'
        'timezone = "Europe/Berlin"\nfrom = "Sea <a@sea.example>"\n[lists.weekly.at]\nweekly = "fri 17:00"\n'
    )
    table = read_config(write(text)).lists["weekly"]
    assert table.offered == (Cadence.WEEKLY, Cadence.DAILY)
    assert (table.since, table.hold, table.sender) == (date(2026, 11, 1), timedelta(seconds=90), "Sea <a@sea.example>")
    assert (table.at.weekly, table.at.daily) == ("fri 17:00", "08:00")


@pytest.mark.parametrize(
    ("cadence", "at", "kept"),
    [
        ("daily", '"08:00"', "08:00"),
        ("weekly", '"Mon,Thu  08:00"', "mon,thu 08:00"),
        ("weekly", '["mon 08:00", "thu 17:00", "MON 08:00"]', "mon 08:00; thu 17:00"),
        ("weekly", '"mon 08:00;thu 17:00"', "mon 08:00; thu 17:00"),
        ("monthly", '"0 8 1 * *"', "0 8 1 * *"),
    ],
)
def test_an_hour_is_kept_as_one_line(cadence: str, at: str, kept: str, write: Write) -> None:
    """In a table or straight on the list, for its own cadence; one text or several, however they are spaced."""
    straight = read_config(write(f'[lists.a]\ncadence = "{cadence}"\nat = {at}\n')).lists["a"].at
    table = read_config(write(f"[lists.a]\nat.{cadence} = {at}\n")).lists["a"].at
    assert getattr(straight, cadence) == getattr(table, cadence) == kept
    assert {**straight.model_dump(), cadence: ""} == {**AtTable().model_dump(), cadence: ""}


def test_an_hour_for_no_cadence_says_where_hours_belong(write: Write) -> None:
    """An immediate list has no hour of its own; those it offers have a table."""
    with pytest.raises(ConfigError, match=r'own cadence, "immediate", has none; .* \[lists\.NAME\.at\]'):
        read_config(write('[lists.a]\ncadences = ["daily"]\nat = "08:00"\n'))


@pytest.mark.parametrize(
    ("text", "line", "name"),
    [
        ('cadence = "weekly"\nat = "moon 08:00"\n', 7, "[lists.a] at"),
        ('cadence = "weekly"\nat = ["mon 08:00", "* * * * *"]\n', 7, "[lists.a] at"),
        ('cadence = "weekly"\n[lists.a.at]\nweekly = "moon 08:00"\n', 8, "[lists.a.at] weekly"),
        ('cadences = ["daily"]\n[lists.a.at]\ndaily = "0 0 30 2 *"\n', 8, "[lists.a.at] daily"),
    ],
)
async def test_an_hour_that_says_nothing_is_named(text: str, line: int, name: str, write: Write) -> None:
    """A publication with an hour that cannot be read does not open; the message names file, line, table and key."""
    path = write(f'email = "sea@sea.example"\n[lists.a]\n{text}')
    with pytest.raises(ConfigError) as caught:
        async with open_app(read_config(path), tell=print):
            raise AssertionError("it opened")
    assert str(caught.value).startswith(f"{path}:{line}: {name}: m")


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ('"30s"', timedelta(seconds=30)),
        ('"5 minutes"', timedelta(minutes=5)),
        ('"24 h"', timedelta(hours=24)),
        ('"1 day"', timedelta(days=1)),
        ('"2w"', timedelta(weeks=2)),
        ("90", timedelta(seconds=90)),
        ("0", timedelta(0)),
    ],
)
def test_durations_are_written_as_people_write_them(text: str, duration: timedelta, write: Write) -> None:
    """A number with its unit, or plain seconds."""
    assert read_config(write(f"[lists.a]\nhold = {text}\n")).lists["a"].hold == duration


KEY = '[[dkim.keys]]\nselector = "one"\nalgorithm = "rsa"\nfile = "secrets/one.pem"\n'
WRONG = [
    ("[publicaton]\n", 4, "[publicaton]"),
    ('colour = "#123456"\n', 4, "[publication] colour"),
    ("[lists.weekly]\nholds = 3\n", 5, "[lists.weekly] holds"),
    ('[lists.weekly]\n[lists.weekly.at]\nyearly = "1 08:00"\n', 6, "[lists.weekly.at] yearly"),
    ('[lists.weekly]\ncadence = "hourly"\n', 5, "[lists.weekly] cadence"),
    ('[lists.weekly]\ncadence = "hourly"\nat = "08:00"\n', 5, "[lists.weekly] cadence"),
    ('[lists.weekly]\nat = "08:00"\n', 5, "[lists.weekly] at"),
    ('[lists.weekly]\ncadence = "by hand"\nat = "08:00"\n', 6, "[lists.weekly] at"),
    ('[lists.weekly]\ncadence = "daily"\nat = 8\n', 6, "[lists.weekly] at"),
    ('[lists.weekly]\ncadence = "daily"\nat = 08:00:00\n', 6, "[lists.weekly] at"),
    ('[lists.weekly]\ncadence = "daily"\nat = []\n', 6, "[lists.weekly] at"),
    ('[lists.weekly]\ncadence = "daily"\nat = [8]\n', 6, "[lists.weekly] at"),
    ("[lists.weekly]\n[lists.weekly.at]\ndaily = 8\n", 6, "[lists.weekly.at] daily"),
    ('[lists.weekly]\ntimezone = "Europe/Bärlin"\n', 5, "[lists.weekly] timezone"),
    ('[lists.weekly]\nhold = "soon"\n', 5, "[lists.weekly] hold"),
    ('[lists.weekly]\nhold = "5 months"\n', 5, "[lists.weekly] hold"),
    ('[lists.weekly]\nhold = "99999999999 days"\n', 5, "[lists.weekly] hold"),
    ('[lists.weekly]\nhold = "-5m"\n', 5, "[lists.weekly] hold"),
    ("[lists.weekly]\nhold = -5\n", 5, "[lists.weekly] hold"),
    ('[lists.weekly]\nsince = "some day"\n', 5, "[lists.weekly] since"),
    ('accent = "blue"\n', 4, "[publication] accent"),
    ('logo = "logo.png"\n', 4, "[publication] logo"),
    ('logo = "https://sea.example/logo.svg"\n', 4, "[publication] logo"),
    ('logo_dark = "https://sea.example/white.png"\n', 4, "[publication] logo_dark"),
    ('font = "Georgia; color: red"\n', 4, "[publication] font"),
    (f'font = "{"a, " * 60}a;"\n', 4, "[publication] font"),
    ("width = 900\n", 4, "[publication] width"),
    ('share = "bluesky"\n', 4, "[publication] share"),
    ('share = ["myspace"]\n', 4, "[publication] share"),
    ('[lists.weekly]\ncontent = "half"\n', 5, "[lists.weekly] content"),
    (f'[lists.weekly]\ntitle = "{"Tide " * 50}"\n', 5, "[lists.weekly] title"),
    ('[feeds]\nentries = "many"\n', 5, "[feeds] entries"),
    ("[feeds]\n\n# how many\nentries = 0\n", 7, "[feeds] entries"),
    ("[web]\nport = 99999\n", 5, "[web] port"),
    ('[web]\nallow_private_addresses = ["10.0.0.0/8", "all"]\n', 5, "[web] allow_private_addresses"),
    ('[web]\nurl = "sea.example"\n', 5, "[web] url"),
    ('[engine]\ntype = "steam"\n', 5, "[engine] type"),
    ('[provider]\nhost = "localhost"\n', 4, "[provider] type"),
    ('path = "elsewhere"\n', 4, "[publication] path"),
    ('[dkim]\ndomain = "sea.example"\n', 4, "[dkim] keys"),
    (f'[dkim]\ndomain = "See.Exämple"\n{KEY}', 5, "[dkim] domain"),
    (f'[dkim]\ndomain = "example"\n{KEY}', 5, "[dkim] domain"),
    (f'[dkim]\ndomain = "sea.example"\n{KEY}bits = 2048\n', 10, "[[dkim.keys]] bits"),
    (f'[dkim]\ndomain = "sea.example"\n{KEY}{KEY}', 4, "[dkim]"),
    (
        f'[dkim]\ndomain = "sea.example"\n{KEY}[[dkim.keys]]\nselector = "b"\nfile = "b"\n',
        10,
        "[[dkim.keys]] algorithm",
    ),
    (f'[dkim]\ndomain = "sea.example"\n{KEY}{KEY.replace("rsa", "dsa")}', 12, "[[dkim.keys]] algorithm"),
    (f'[dkim]\ndomain = "sea.example"\n{KEY}{KEY.replace("one", "o_e")}', 11, "[[dkim.keys]] selector"),
]


def test_the_keys_that_sign_are_read(write: Write) -> None:
    """A domain, and any number of keys, each with its file; without the table nothing is signed."""
    dkim = read_config(write(f'[dkim]\ndomain = "Sea.Example"\n{KEY}{KEY.replace("one", "two")}')).dkim
    assert dkim is not None
    assert dkim.domain == "sea.example"
    found = [(key.selector, key.algorithm, key.file) for key in dkim.keys]
    assert found == [("one", Algorithm.RSA, "secrets/one.pem"), ("two", Algorithm.RSA, "secrets/two.pem")]
    assert read_config(write("")).dkim is None


@pytest.mark.parametrize(("text", "line", "name"), WRONG)
def test_what_is_wrong_is_named(text: str, line: int, name: str, write: Write) -> None:
    """An unknown key, a wrong type or value, at any depth: file, line, table and key are said."""
    path = write(text)
    with pytest.raises(ConfigError) as caught:
        read_config(path)
    assert str(caught.value).startswith(f"{path}:{line}: {name}: ")


NAMES = 'must be "all", or a list of names, such as ["travel", "the sea"]'
LIST = 'must be a list in square brackets, such as ["one", "two"]'


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ('[feeds]\n\ntags = "tides"\n', 6, f"[feeds] tags: {NAMES} (it says 'tides')."),
        ("[feeds]\ntags = [1]\n", 5, f"[feeds] tags: {NAMES} (it says [1])."),
        ('[feeds]\nauthors = "none"\n', 5, f"[feeds] authors: {NAMES} (it says 'none')."),
        ('[feeds]\nauthors = ["A", ""]\n', 5, f"[feeds] authors: {NAMES} (it says ['A', ''])."),
        ('[feeds]\nhubs = "https://x.example"\n', 5, f"[feeds] hubs: {LIST} (it says 'https://x.example')."),
        ('[feeds]\nhubs = ["https://x.example",\n 1]\n', 5, "[feeds] hubs: must be text in quotes (it says 1)."),
    ],
)
def test_a_value_of_another_kind_is_told_what_to_write(text: str, line: int, said: str, write: Write) -> None:
    """In the words of dispatch.toml, with its own line, and nothing of what reads it."""
    path = write(text)
    with pytest.raises(ConfigError) as caught:
        read_config(path)
    assert str(caught.value) == f"{path}:{line}: {said}"


@pytest.mark.parametrize("key", ["path", "folder", "web_url", "model_config"])
def test_no_key_outside_a_table_slips_in(key: str, write: Write) -> None:
    """A key at the very top is unknown, whatever the code behind calls its own things."""
    path = write("", head=f'{key} = "x"\n{HEAD}')
    with pytest.raises(ConfigError, match=rf"dispatch\.toml:1: .*{key}"):
        read_config(path)


def test_what_is_missing_is_named(write: Write) -> None:
    """A missing key names its table, where that is, and the key."""
    path = write("", head='[publication]\ntitle = "Sea"\n')
    with pytest.raises(ConfigError, match=r"dispatch\.toml:1: \[publication\] url: is missing"):
        read_config(path)
    with pytest.raises(ConfigError, match=r"\[publication\]: is missing"):
        read_config(write("", head=""))


def test_all_that_is_wrong_is_said_at_once(write: Write) -> None:
    """Nobody has to mend one line to hear of the next."""
    with pytest.raises(ConfigError) as caught:
        read_config(write("[lists.a]\nx = 1\n[feeds]\ny = 2\n"))
    assert len(str(caught.value).splitlines()) == 2


def test_a_list_cannot_name_an_unknown_source(write: Write) -> None:
    """The message says which sources there are."""
    text = '[sources.blog]\ntype = "folder"\npath = "posts"\n[lists.weekly]\nsources = ["bolg"]\n'
    with pytest.raises(ConfigError, match=r"\[lists\.weekly\] sources: 'bolg' is no source; known are: blog"):
        read_config(write(text))


def test_a_file_that_is_not_there_is_said_with_the_cure(tmp_path: Path) -> None:
    """Whoever stands in the wrong folder learns about `init` and `--config`."""
    with pytest.raises(ConfigError, match=r"does not exist.*dispatch init"):
        read_config(tmp_path)


@pytest.mark.parametrize("data", [b"[publication\n", b"\xff\xfe"])
def test_a_file_that_is_no_toml_is_said(data: bytes, tmp_path: Path) -> None:
    """Broken TOML and other encodings are the configuration's fault, not a crash."""
    (tmp_path / "dispatch.toml").write_bytes(data)
    with pytest.raises(ConfigError, match=r"dispatch\.toml"):
        read_config(tmp_path)


def test_the_environment_outranks_the_file(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """One variable overrides one key; the rest of its table stays."""
    monkeypatch.setenv("DISPATCH_STORE__URL", "postgresql://db.example/sea")
    monkeypatch.setenv("DISPATCH_PUBLICATION__TITLE", "Ocean")
    monkeypatch.setenv("DISPATCH_PROVIDER__HOST", "mail.example")
    config = read_config(write('[provider]\ntype = "smtp"\nport = 25\n'))
    assert (config.store.url, config.publication.title) == ("postgresql://db.example/sea", "Ocean")
    assert config.publication.url == "https://sea.example"
    assert (config.provider.type, config.provider.options) == ("smtp", {"port": 25, "host": "mail.example"})


@pytest.mark.parametrize(
    ("name", "value"), [("DISPATCH_WEB__PORT", "many"), ("DISPATCH_WEB", "{"), ("DISPATCH_STORE__URI", "x")]
)
def test_a_wrong_variable_is_a_configuration_error(
    name: str, value: str, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the environment says wrongly is refused in words, too."""
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError):
        read_config(write(""))


def test_the_environment_cannot_move_the_file(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the file lies is the caller's to say."""
    monkeypatch.setenv("DISPATCH_PATH", "/elsewhere/dispatch.toml")
    path = write("")
    assert read_config(path).path == path


def test_a_config_is_frozen(write: Write) -> None:
    """Nothing below can change what was read, at any depth."""
    config = read_config(write("[lists.a]\n"))
    with pytest.raises(ValidationError):
        config.lists["a"].title = "x"  # type: ignore[misc]
    with pytest.raises(ValidationError):
        config.publication = config.publication  # type: ignore[misc]


@pytest.mark.parametrize(
    ("url", "insecure"),
    [
        ("https://sea.example", False),
        ("http://sea.example", True),
        ("https://localhost:8000", True),
        ("https://127.0.0.1", True),
        ("https://[::1]:8000", True),
    ],
)
def test_links_that_mail_clients_could_not_use_are_told(url: str, insecure: bool, write: Write) -> None:
    """One-click unsubscribing (RFC 8058) needs https and a host that others reach."""
    config: Config = read_config(write(f'[web]\nurl = "{url}"\n'))
    assert config.web_is_insecure is insecure


def test_addresses_of_the_site_are_ascii(write: Write) -> None:
    """A host in other letters is written as DNS has it, a path escaped: feeds and mails can hold no other."""
    config: Config = read_config(write('[web]\nurl = "https://münchen.example/läden/"\n'))
    assert config.web_url == "https://xn--mnchen-3ya.example/l%C3%A4den"
