"""Bad input: what is said, with which exit code, and that the rest goes on."""

import time
from typing import Any

import pytest

ADA = "ada@example.org"
OUTBOX = '[provider]\ntype = "outbox"'

# What is wrong: text in dispatch.toml, text in its place, what must be said, whether the line is.
BROKEN_SETTINGS = {
    "broken TOML": ('title = "The Tide Table"', 'title = "The Tide', ("not valid TOML", "line 2"), ""),
    "unknown key": ('author = "Hanne"', 'autor = "Hanne"', ("[publication] autor", "unknown key"), "autor"),
    "unknown table": ("[web]", "[webs]", ("webs", "unknown"), ""),
    "wrong type": ("[web]", '[web]\nport = "eighty"', ("[web] port", "eighty"), "port"),
    "port too high": ("[web]", "[web]\nport = 70000", ("[web] port", "65535"), "port"),
    "unknown provider": ('type = "outbox"', 'type = "pigeon"', ("pigeon", "outbox", "smtp"), ""),
    "unknown key of a provider": (OUTBOX, f'{OUTBOX}\npth = "x"', ("[provider] pth", "unknown key"), "pth"),
    "unknown source type": ('type = "folder"', 'type = "gopher"', ("gopher", "folder", "feed"), ""),
    "unknown key of a source": ('path = "posts"', 'path = "posts"\nauthr = "x"', ("[sources.posts] authr",), "authr"),
    "bad zone": ('"Europe/Berlin"', '"Europe/Atlantis"', ("timezone", "Europe/Atlantis", "IANA"), "timezone"),
    "bad hour": (
        'cadence = "immediate"', 'cadence = "weekly"\nat = { weekly = "someday 25:99" }',
        ("[lists.news.at]", "someday 25:99"), "",
    ),
    "unknown source of a list": ('cadence = "immediate"', 'sources = ["blog"]', ("blog", "posts"), ""),
    "unknown cadence": ('cadence = "immediate"', 'cadence = "hourly"', ("cadence", "hourly", "weekly"), "cadence"),
    "bad address": ('url = "https://tide.example.org"', 'url = "tide.example.org"', ("url", "https://"), "url"),
    "no title": ('title = "The Tide Table"\n', "", ("[publication] title", "missing"), "[publication]"),
    "bad colour": ('author = "Hanne"', 'accent = "blue"', ("accent", "blue"), "accent"),
    "bad date": ("since = 2026-01-01", 'since = "spring"', ("since", "spring"), "since"),
    "a password in the file": (OUTBOX, '[provider]\ntype = "smtp"\nhost = "h"\npassword = "x"', ("password",), ""),
}  # fmt: skip


@pytest.mark.parametrize("case", BROKEN_SETTINGS)
def test_wrong_settings_are_named_with_their_place(publication: Any, case: str) -> None:
    """File, table, key, what is allowed and, where there is one, the line; exit 1, and nothing else happens."""
    old, new, words, key = BROKEN_SETTINGS[case]
    text = (publication.folder / "dispatch.toml").read_text()
    assert old in text
    text = text.replace(old, new)
    publication.write("dispatch.toml", text)
    done = publication.run("run", "--once")
    assert done.returncode == 1
    assert "dispatch.toml" in done.stderr
    assert [word for word in words if word not in done.stderr] == [], done.stderr
    if key:
        line = next(number for number, row in enumerate(text.splitlines(), 1) if row.startswith(key))
        assert f"dispatch.toml:{line}:" in done.stderr
    assert not (publication.folder / "public").exists()


def test_missing_settings_say_how_to_make_them(tools: Any, tmp_path: Any) -> None:
    """No dispatch.toml: exit 1, where it was looked for, and `dispatch init`."""
    done = tools.Publication(tmp_path).run("run", "--once")
    assert done.returncode == 1
    assert str(tmp_path / "dispatch.toml") in done.stderr
    assert "dispatch init" in done.stderr


@pytest.mark.parametrize("arguments", [["fly"], ["run", "--fast"], ["issue", "show", "many"], ["run", "--port", "x"]])
def test_a_wrong_call_is_exit_2(publication: Any, arguments: list[str]) -> None:
    """Commands and options that do not exist are called wrongly."""
    assert publication.run(*arguments).returncode == 2


def test_an_issue_that_is_none_is_said(publication: Any) -> None:
    """`issue report` of a number that was never given: exit 1 and the number."""
    done = publication.run("issue", "report", "99")
    assert done.returncode == 1
    assert "99" in done.stderr


@pytest.fixture
def among_good(publication: Any) -> Any:
    """A reader and one good post, which must get through."""
    publication.people(ADA)
    publication.post("good.md", "A good post")
    return publication


def _only_the_good_one(publication: Any) -> str:
    said: str = publication.once()
    assert publication.titles() == ["A good post"]
    assert publication.mailed() == [ADA]
    return said


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("---\ntitle: x\ntags: [a, b\n---\nBody\n", ("posts/bad.md:", "YAML")),
        ("+++\ntitle = x\n+++\nBody\n", ("posts/bad.md:2", "TOML")),
        ('{"title": "x",}\n\nBody\n', ("posts/bad.md:1", "JSON")),
        ("---\ntitle: x\nBody without an end\n", ("posts/bad.md:",)),
        ("---\ntitle: x\ndate: yesterday-ish\n---\nBody\n", ("posts/bad.md:3", "yesterday-ish")),
    ],
)
def test_broken_front_matter_is_named_by_file_and_line(among_good: Any, text: str, words: tuple[str, ...]) -> None:
    """A post that cannot be read is left out, by name and line; the rest goes on."""
    among_good.write("posts/bad.md", text)
    said = _only_the_good_one(among_good)
    assert [word for word in words if word not in said] == [], said


def test_a_binary_named_md_is_left_out(among_good: Any) -> None:
    """A picture called .md is no post."""
    among_good.write("posts/photo.md", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40)
    assert "posts/photo.md" in _only_the_good_one(among_good)


def test_a_huge_post_is_left_out_quickly(among_good: Any) -> None:
    """Fifty megabytes are refused by name and size, without being read."""
    among_good.write("posts/huge.md", b"word " * 10_000_000)
    begun = time.monotonic()
    said = _only_the_good_one(among_good)
    assert "posts/huge.md" in said
    assert "MiB" in said
    assert time.monotonic() - begun < 10


def test_very_deep_html_is_dealt_with_quickly(among_good: Any) -> None:
    """200,000 nested <div>: named, in seconds, and nothing else suffers."""
    among_good.write("posts/deep.html", "<div>" * 200_000 + "deep" + "</div>" * 200_000)
    begun = time.monotonic()
    said = among_good.once()
    assert time.monotonic() - begun < 15
    assert "posts/deep.html" in said
    assert "A good post" in among_good.titles()


def test_an_empty_post_is_left_out(among_good: Any) -> None:
    """A file without a word is no post."""
    among_good.write("posts/empty.md", "")
    assert "posts/empty.md" in _only_the_good_one(among_good)


def test_control_characters_do_not_break_feeds(publication: Any) -> None:
    """NUL, escape, a lone surrogate and U+FFFF in title and body: every feed stays well-formed."""
    publication.post("odd.md", '"Bell \\a and \\uFFFF"', "Esc \x1b, form feed \x0c, nonchar \uffff.")
    publication.post("good.md", "A good post")
    publication.once()
    for name in ("feed.xml", "atom.xml"):
        assert not publication.feed(name).bozo
        assert "A good post" in {entry.title for entry in publication.feed(name).entries}


def test_a_title_cannot_forge_a_header(publication: Any) -> None:
    """CR and LF in a title stay text: there is no Bcc in the message."""
    publication.people(ADA)
    publication.post("evil.md", '"Hello\\r\\nBcc: eve@example.org"')
    publication.once()
    (mail,) = publication.mails()
    assert mail["Bcc"] is None
    assert "Hello" in mail["Subject"]
    assert mail.defects == []


def test_a_bad_file_stays_reported_until_it_is_mended(among_good: Any) -> None:
    """The second pass says it again; once mended, the post is published and mailed."""
    among_good.write("posts/bad.md", "---\ntags: [a\n---\nBody\n")
    assert "posts/bad.md" in among_good.once()
    assert "posts/bad.md" in among_good.once()
    among_good.post("bad.md", "Mended")
    assert "posts/bad.md" not in among_good.once()
    assert set(among_good.titles()) == {"A good post", "Mended"}
    assert among_good.mailed() == [ADA, ADA]


def test_a_post_broken_by_an_edit_is_not_withdrawn(among_good: Any) -> None:
    """Who breaks a published post keeps the published version until it is mended."""
    among_good.once()
    among_good.write("posts/good.md", "---\ntitle: [\n---\nx\n")
    assert "posts/good.md" in among_good.once()
    assert among_good.titles() == ["A good post"]


def test_bad_rows_are_named_by_line_and_good_rows_taken(publication: Any) -> None:
    """Each bad row by its line; everybody else joins."""
    publication.write(
        "subscribers/news.csv",
        "email,name,lists,cadence,timezone\n"
        "ada@example.org,Ada,,,\n"
        "no-address,X,,,\n"
        "bo@example.org,Bo,nolist,,\n"
        'cy@example.org,"Cy, the Third",,,Europe/Berlin\n'
        "di@example.org,Di,,hourly,\n"
        "ed@example.org,Ed,,,Mars/Base\n"
        ",Nobody,,,\n"
        "fy@example.org,Fy,,,,too,many\n",
    )
    publication.post("one.md", "One")
    said = publication.once()
    assert publication.mailed() == ["ada@example.org", "cy@example.org"]
    for line in (3, 4, 6, 7, 8, 9):
        assert f"subscribers/news.csv:{line}" in said
    assert "subscribers/news.csv:2" not in said
    assert "subscribers/news.csv:5" not in said


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"ada@example.org\nbo@example.org\n", ("subscribers/news.csv:1", "email")),
        (b"email,name\nada@example.org,Zo\xeb\n", ("subscribers/news.csv:2", "UTF-8")),
        (b"email,shoe size\nada@example.org,43\n", ("subscribers/news.csv:1", "shoe size")),
        (b"\x89PNG\r\n\x1a\n\x00\x01\xff", ("subscribers/news.csv",)),
        (b"", ("subscribers/news.csv",)),
    ],
)
def test_a_file_that_is_no_table_joins_nobody(publication: Any, data: bytes, words: tuple[str, ...]) -> None:
    """No header, another encoding, unknown columns: said with the file, nobody joins, posts are published."""
    publication.write("subscribers/news.csv", data)
    publication.post("one.md", "One")
    said = publication.once()
    assert "0 joined" in said
    assert [word for word in words if word not in said] == [], said
    assert publication.titles() == ["One"]


def test_excels_utf8_and_doubled_rows_are_understood(publication: Any) -> None:
    """A byte order mark, CRLF and one address in two spellings: one person, one mail."""
    publication.write(
        "subscribers/news.csv", b"\xef\xbb\xbfEmail,Name\r\nAda@Example.org,Ada\r\nada@example.ORG,Ada\r\n"
    )
    publication.post("one.md", "One")
    publication.once()
    assert publication.mailed() == [ADA]


def test_a_file_named_after_no_list_waits(publication: Any) -> None:
    """People of other files join only by `subscriber import`, which asks."""
    publication.write("subscribers/friends.csv", "email,lists\nada@example.org,news\n")
    assert "subscriber import" in publication.once()
    path = str(publication.folder / "subscribers/friends.csv")
    assert publication.run("subscriber", "import", path).returncode == 2
    assert publication.run("subscriber", "import", path, "--yes").returncode == 0
    publication.post("one.md", "One", date="2026-07-01")
    publication.once()
    assert publication.mailed() == [ADA]


@pytest.mark.parametrize("name", ["public", "outbox"])
def test_a_place_that_cannot_be_written_loses_nothing(among_good: Any, tools: Any, name: str) -> None:
    """A file in the folder's place: exit 1 and its name; once mended, everything is there, once."""
    among_good.write(name, "in the way")
    done = among_good.run("run", "--once", "--now", tools.an_hour_ago())
    assert done.returncode == 1
    assert str(among_good.folder / name) in done.stdout + done.stderr
    (among_good.folder / name).unlink()
    _only_the_good_one(among_good)


def test_a_store_that_is_none_is_said(among_good: Any) -> None:
    """A file that is no database is neither used nor replaced."""
    among_good.write("dispatch.db", b"this is no database, but it is somebody's file" * 100)
    done = among_good.run("run", "--once")
    assert done.returncode == 1
    assert "dispatch.db" in done.stderr
    assert (among_good.folder / "dispatch.db").read_bytes().startswith(b"this is no database")


def test_a_lost_key_is_never_replaced(among_good: Any) -> None:
    """Without the key that signed the links already sent, nothing starts."""
    among_good.once()
    (among_good.folder / "secrets/token.key").unlink()
    done = among_good.run("run", "--once")
    assert done.returncode == 1
    assert "token.key" in done.stderr
    assert not (among_good.folder / "secrets/token.key").exists()


def test_an_older_copy_of_the_store_never_mails(among_good: Any) -> None:
    """A store restored from before the last issue is told apart, and mails nobody twice."""
    among_good.people()
    among_good.once()
    copy = (among_good.folder / "dispatch.db").read_bytes()
    among_good.people(ADA)
    among_good.post("new.md", "New", date="2026-07-01")
    among_good.once()
    for path in among_good.folder.glob("dispatch.db*"):
        path.unlink()
    among_good.write("dispatch.db", copy)
    done = among_good.run("run", "--once")
    assert done.returncode == 1
    assert "twice" in done.stderr
    assert among_good.mailed() == [ADA]


def test_a_broken_template_is_named(among_good: Any) -> None:
    """A publication's own template with a fault: its name and line, exit 1, and the mail goes once it is mended."""
    path = among_good.write("templates/email/issue.txt", "{{ nothing.such }\n")
    done = among_good.run("run", "--once")
    assert done.returncode == 1
    assert "email/issue.txt" in done.stderr
    path.unlink()
    _only_the_good_one(among_good)
