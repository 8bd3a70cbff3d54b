"""What an author says above the text."""

from contextlib import suppress
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.content.dates import date_in_path, read_instant
from dispatch.content.fields import read_fields
from dispatch.content.front_matter import FrontMatter, split
from dispatch.errors import ContentError

FORMATS = {
    "yaml": "---\ntitle: Hi\ntags: [a, b]\n---\nBody\n",
    "yaml with dots": "---\ntitle: Hi\ntags:\n  - a\n  - b\n...\nBody\n",
    "toml": '+++\ntitle = "Hi"\ntags = ["a", "b"]\n+++\nBody\n',
    "json": '{\n  "title": "Hi",\n  "tags": ["a", "b"]\n}\nBody\n',
    "lines": "Title: Hi\nTags: a, b\n\nBody\n",
}


def fields(text, **meta):
    """The typed fields of a text, in Berlin."""
    return read_fields(split(text), meta, "Europe/Berlin")


@pytest.mark.parametrize("name", FORMATS)
def test_all_formats_say_the_same(name):
    """And the body starts right below, on the line that is told."""
    front = split(FORMATS[name])
    assert front.body.strip() == "Body"
    assert FORMATS[name].split("\n")[front.body_line - 1] == "Body"
    assert (fields(FORMATS[name]).title, fields(FORMATS[name]).tags) == ("Hi", ("a", "b"))


@pytest.mark.parametrize(
    "text", ["Just text", "Note: this is prose.\n\nMore", "---\n\nA rule above", "{ braces }", "", "----\nx"]
)
def test_text_without_front_matter_is_all_body(text):
    """A rule, a brace or a colon makes none."""
    assert split(text) == FrontMatter(body=text)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("---\ntitle: x\n\nno end", 1, "never closes"),
        ("---\na: 1\nb: [1\n---\nx", 4, "not valid YAML"),
        ("---\ntitle: Go: a story\n---\nx", 2, "Put a value that holds a colon in quotes"),
        ("---\n- a\n---\nx", 2, "lines of `key: value`"),
        ("+++\na = 1\nb = = 2\n+++\nx", 3, "not valid TOML"),
        ('{\n"a": 1,\n"b" 2\n}', 3, "not valid JSON"),
        (
            "---\ntitle: x\ndate: 03/04/2024\n---\n",
            3,
            r"date: '03/04/2024' could mean two days; write it as YYYY-MM-DD",
        ),
        ('+++\ntitle = "x"\ndraft = "maybe"\n+++\n', 3, r"draft: must be true or false \(it says 'maybe'\)"),
        ("---\na: 1\ntags:\n  x: y\n---\n", 3, "tags: must be a list of words|tags: must be text"),
        ("---\ntitle: [a]\n---\n", 2, "title: must be text"),
        ("---\nlang: not a language!\n---\n", 2, "lang: must be a language tag"),
    ],
)
def test_an_error_names_the_field_and_its_line_in_the_file(text, line, words):
    """So that an editor jumps there."""
    with pytest.raises(ContentError, match=words) as error:
        fields(text)
    assert error.value.line == line


@pytest.mark.parametrize(
    "opening",
    [
        "---\na: " + "[" * 9000 + "\n---\n",
        "---\n" + "- " * 9000 + "\n---\n",
        "+++\na = " + "[" * 9000 + "\n+++\n",
        '{"a": ' + "[" * 9000,
        "---\n" + "a: b\n" * 20000 + "---\n",
        "---\na: &a [" + "x," * 200 + "]\nb: &b [" + "*a," * 200 + "]\nc: [" + "*b," * 200 + "]\n---\n",
        "---\n? &a [" + "x," * 99 + "]\n: 1\n? &b [" + "*a," * 99 + "]\n: 1\n? [" + "*b," * 99 + "]\n: 1\n---\n",
        "---\na: &a\n  b: *a\n---\n",
    ],
)
def test_hostile_front_matter_is_an_error_and_no_crash(opening):
    """Deep nesting, more than 64 KB, aliases that multiply each other as values or as keys."""
    with pytest.raises(ContentError):
        split(opening)


def test_yaml_words_stay_words():
    """Norway keeps its tag, a version its nought."""
    assert fields("---\ntags: [no, 1.10, on]\ntitle: 2024\n---\n").tags == ("no", "1.10", "on")
    assert fields("---\ntitle: 2024\n---\n").title == "2024"


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ("[type aliases, b]", ("type aliases", "b")),
        ("one, two words", ("one", "two words")),
        ("two words", ("two words",)),
        ("'#a #b'", ("a", "b")),
        ("[A, a, B]", ("A", "B")),
    ],
)
def test_tags_keep_their_spaces(tags, expected):
    """A comma parts them, a space does not."""
    assert fields(f"---\ntags: {tags}\n---\n").tags == expected


def test_categories_and_taxonomies_are_tags():
    """Whatever the generator calls them."""
    assert fields("+++\ncategories = ['x']\n[taxonomies]\ntags = ['y']\n+++\n").tags == ("x", "y")


@pytest.mark.parametrize(
    ("line", "draft"),
    [
        ("draft: true", True),
        ("published: false", True),
        ("published: true", False),
        ("status: draft", True),
        ("status: published", False),
        ("published: 2024-01-01", False),
        ("draft: no", False),
    ],
)
def test_a_draft_is_told_in_many_words(line, draft):
    """`published` is a switch or a date, as its value says."""
    assert fields(f"---\n{line}\n---\n").draft is draft


def test_front_matter_outranks_what_the_source_knows():
    """The source's words stand beneath."""
    both = fields("---\ntitle: Mine\n---\n", title="Theirs", author="Ada")
    assert (both.title, both.authors) == ("Mine", ("Ada",))


def test_a_picture_is_a_word_or_a_table():
    """With its text where one is given."""
    assert fields("---\ncover:\n  image: a.png\n  alt: A\n---\n").image.alt == "A"
    assert fields("---\nimage: a.png\nimage_alt: A\n---\n").image.alt == "A"
    assert fields("---\ncover:\n  hidden: true\n---\n").image is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-03-01", datetime(2024, 2, 29, 23, tzinfo=UTC)),
        ("2024-07-01 10:00", datetime(2024, 7, 1, 8, tzinfo=UTC)),
        ("2023-01-20 23:00:00 +0530", datetime(2023, 1, 20, 17, 30, tzinfo=UTC)),
        ("2024-03-24T12:30:09.000Z", datetime(2024, 3, 24, 12, 30, 9, tzinfo=UTC)),
        ("2024/3/1 9:05", datetime(2024, 3, 1, 8, 5, tzinfo=UTC)),
        ("2024-03-01 10:00 UTC", datetime(2024, 3, 1, 10, tzinfo=UTC)),
        ("Tue, 05 Mar 2024 10:00:00 -0500", datetime(2024, 3, 5, 15, tzinfo=UTC)),
        ("March 5, 2024", datetime(2024, 3, 4, 23, tzinfo=UTC)),
        ("5 March 2024 10:00 EST", datetime(2024, 3, 5, 15, tzinfo=UTC)),
    ],
)
def test_dates_as_people_write_them(text, expected):
    """Without a zone they are in the publication's."""
    assert read_instant(text, "Europe/Berlin") == expected


@pytest.mark.parametrize(
    "text",
    [
        "03/04/2024",
        "3.4.2024",
        "March 2024",
        "yesterday",
        "2024-13-01",
        "2024-02-30",
        "20240301",
        5,
        True,
        "5 March 2024 10:00 XYZ",
        "9999-12-31T23:59:59-14:00",
        "9999-12-31T23:59:59Z",
        "0001-01-01T00:00:00Z",
        "0000-01-01",
        "March 99, 2024",
        "",
    ],
)
def test_what_is_no_certain_date_says_what_to_write(text):
    """Never a guess."""
    with pytest.raises(ValueError, match="YYYY-MM-DD"):
        read_instant(text, "UTC")


@given(st.text(max_size=40))
def test_any_text_is_a_date_or_a_value_error(text):
    """Nothing else comes out of reading one."""
    with suppress(ValueError):
        assert read_instant(text, "Asia/Tokyo").utcoffset().total_seconds() == 0


@pytest.mark.parametrize(
    ("path", "day"), [("2023-01-20-x.md", 20), ("a/2023/01/20/x.md", 20), ("2023-13-20-x.md", None), ("v1.2.md", None)]
)
def test_a_path_tells_a_day_or_none(path, day):
    """Only one that exists."""
    found = date_in_path(path)
    assert (found.day if found else None) == day


@given(st.text(max_size=300))
def test_any_text_splits_or_says_why_not(text):
    """And nothing of the body is lost."""
    for fence in ("---\n", "+++\n", "{", "Title: x\n"):
        try:
            front = split(fence + text)
        except ContentError:
            continue
        assert (fence + text).endswith(front.body)


@given(st.datetimes(timezones=st.just(UTC)))
def test_every_date_that_is_taken_can_be_shown_in_every_zone(moment):
    """The first and the last year of the calendar have no day in some of them."""
    with suppress(ValueError):
        instant = read_instant(moment, "UTC")
        for zone in ("Pacific/Kiritimati", "Etc/GMT+12"):
            assert instant.astimezone(ZoneInfo(zone)).utcoffset() is not None


def test_a_picture_with_a_lone_surrogate_can_be_stored():
    """YAML and JSON can spell one, and no database takes it."""
    for text in ('---\nimage: "https://e.org/\\uD800.png"\n---\n', '{"cover": {"src": "a\\ud800.png"}}\n'):
        assert fields(text).image.source.encode().endswith(b".png")
