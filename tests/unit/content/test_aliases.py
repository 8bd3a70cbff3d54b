"""Which old addresses an author may give a post."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.content.aliases import read_alias, read_aliases
from dispatch.content.notes import Notes
from dispatch.model.permalink import is_taken
from dispatch.syndicate.folder import safe

SITE = "https://sea.example"


@pytest.mark.parametrize(
    ("alias", "path"),
    [
        ("/old/", "old"),
        ("releases/zola", "releases/zola"),
        ("/2019/01/tide.html", "2019/01/tide.html"),
        ("/old/index.html", "old"),
        ("/%E6%97%A5/", "日"),
        (f"{SITE}/old/", "old"),
        ("/a b/", "a b"),
        ("/wiki/Talk:Sea/", "wiki/Talk:Sea"),
    ],
)
def test_an_alias_is_a_path_of_the_site(alias: str, path: str) -> None:
    """However the old site's program wrote it."""
    assert read_alias(alias, SITE) == (path, "")


@pytest.mark.parametrize(
    ("alias", "word"),
    [
        ("//evil.example/x", "another site"),
        ("https://evil.example/x", "another site"),
        ("https://sea.example.evil.example/", "another site"),
        ("javascript:alert(1)", "begins with 'javascript:'"),
        ("mailto:a@sea.example", "begins with 'mailto:'"),
        ("data:text/html,x", "begins with 'data:'"),
        ("../../etc/passwd", "no path"),
        ("/a/%2e%2e/b", "no path"),
        ("/a//b", "no path"),
        ("/.git/config", "no path"),
        ("/", "no path"),
        ("/?p=12", "has a ?"),
        ("/a#b", "has a ?"),
        ("/a\x07b", "holds a character"),
        ("/a%0ab", "holds a character"),
        ("/a\u202eb", "holds a character"),
        ("/%ff", "holds a character"),
        ("/a.html/b", "behind the name of a file"),
        ("/feed.xml", "the site itself uses"),
        ("/Tags/sea/", "the site itself uses"),
        ("/media/x.png", "the site itself uses"),
        ("/" + "a" * 300, "longer"),
    ],
)
def test_a_hostile_alias_is_noted_and_left_out(alias: str, word: str) -> None:
    """With its line; the others stay."""
    notes = Notes("posts/a.md", f"---\ntitle: x\naliases: [{alias}]\n---\n")
    assert read_aliases([alias, "/fine/"], SITE, notes) == ("fine",)
    assert [(one.where, one.line, one.fatal) for one in notes.problems] == [("posts/a.md", 3, False)]
    assert word in notes.problems[0].message
    assert notes.problems[0].message.startswith("aliases: ")


def test_an_alias_that_is_not_written_as_it_is_has_the_line_of_its_field() -> None:
    """As one with an escape in quotes; what stands further up is something else."""
    notes = Notes("posts/a.md", '---\ntitle: /feed.xml\naliases:\n  - "a\\nb"\n  - /feed.xml\n---\n')
    assert read_aliases(["a\nb", "/feed.xml"], SITE, notes, 3) == ()
    assert [one.line for one in notes.problems] == [3, 5]


@given(st.text("a./\\%2e?#:\x00é", max_size=20) | st.text(max_size=20))
def test_whatever_is_taken_can_be_a_file_below_public(alias: str) -> None:
    """And nothing that the site uses."""
    path, flaw = read_alias(alias, SITE)
    assert bool(path) != bool(flaw)
    assert flaw or (safe(path) and not is_taken(path))


def test_a_post_has_a_hundred_aliases_at_most() -> None:
    """The rest is noted once."""
    notes = Notes("posts/a.md", "")
    assert len(read_aliases([f"/{number}/" for number in range(300)], SITE, notes)) == 100
    assert len(notes.problems) == 1
