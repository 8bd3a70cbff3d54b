"""Files that go with a post: from front matter, from feeds, from beside the post."""

from pathlib import Path

import pytest

from dispatch.model.media_types import BROUGHT
from dispatch.model.post import Enclosure
from dispatch.sources.feed_item import FeedItem, raw_post
from dispatch.web.media_types import media_type

FAR = "https://cdn.example.org/ep.mp3"


def post(fields: str) -> str:
    """A post with these lines in its front matter."""
    return f"---\ntitle: T\n{fields}\n---\nText"


def test_a_remote_file_is_what_its_author_says(make):
    """Address, length, type and duration come from front matter, and nothing is fetched."""
    made = make(post(f"enclosures:\n- url: {FAR}\n  length: 1234\n  type: Audio/MPEG\n  duration: '1:02:03'"))
    assert made.enclosures == (Enclosure(FAR, 1234, "audio/mpeg", 3723),)
    assert made.problems == ()


@pytest.mark.parametrize(
    "fields",
    [
        f"enclosure: {FAR}",
        f"audio: {FAR}",
        f"Enclosures: [{FAR}, {FAR}]",
        f"audio: {{src: {FAR}}}",
        f"enclosure: {{url: {FAR}, length: 0, mime_type: audio/mp3, duration:}}",
    ],
)
def test_one_file_can_be_named_in_many_ways(make, fields):
    """A bare address will do; the same one twice is one; what is not said is not known."""
    made = make(post(fields))
    assert made.enclosures == (Enclosure(FAR, 0, "audio/mpeg"),)
    assert made.problems == ()


def test_a_file_beside_the_post_is_measured(make, tmp_path: Path):
    """Its size and type are its own, whatever is claimed, and it is copied below public/ by its content."""
    (tmp_path / "Folge 1.MP3").write_bytes(b"x" * 4321)
    made = make(post("enclosures:\n- file: Folge 1.MP3\n  length: 7\n  type: text/plain\n  duration: 61"))
    (one,) = made.enclosures
    (asset,) = made.assets
    assert (one.length, one.media_type, one.seconds) == (4321, "audio/mpeg", 61)
    assert one.url == f"https://news.example.org/{asset.target}"
    assert asset.target.endswith("/folge-1.mp3")
    assert asset.source == tmp_path / "Folge 1.MP3"


@pytest.mark.parametrize(
    ("fields", "kept", "said", "line"),
    [
        ("enclosure: ftp://x.example/a.mp3", 0, "enclosure: 'ftp://x.example/a.mp3' is no address", 3),
        ("audio: nowhere.mp3", 0, "audio: the file 'nowhere.mp3' is not there", 3),
        ("audio: ../../etc/passwd", 0, "audio: the file '../../etc/passwd' lies outside of its source's folder", 3),
        ("audio: secret.key", 0, "audio: the file 'secret.key' is of a kind that is not published", 3),
        ("enclosures:\n- length: 3", 0, "enclosures: must name a file or an address", 3),
        ("enclosures:\n- [1, 2]", 0, "enclosures: must name a file or an address", 3),
        ("audio: ../none.mp3\naliases: [a]", 0, "audio: the file '../none.mp3' lies outside of its source's folder", 3),
        ("enclosure: 5", 0, "enclosure: the file '5' is not there; it was left out. Put it beside the post", 3),
        ("enclosure: true", 0, "enclosure: the file 'true' is not there", 3),
        ("enclosure: https://x.example/a", 0, "enclosure: what 'https://x.example/a' is cannot be told", 3),
        (f"enclosures:\n- url: {FAR}\n  length: 3 MB", 1, "enclosures: `length` must be the number of its bytes", 5),
        (f"enclosures:\n- url: {FAR}\n  length: -1", 1, "enclosures: `length` must be the number of its bytes", 5),
        (f"enclosures:\n- url: {FAR}\n  duration: long", 1, "enclosures: `duration` must be seconds", 5),
        (f"enclosures:\n- url: {FAR}\n  type: sound", 1, "enclosures: `type` must be a media type", 5),
    ],
)
def test_what_is_wrong_is_said_and_costs_no_post(make, tmp_path: Path, fields, kept, said, line):
    """The problem names the field and its line; what cannot be used of an enclosure is left out."""
    (tmp_path / "secret.key").write_bytes(b"x")
    made = make(post(fields))
    assert made.html == "<p>Text</p>"
    assert len(made.enclosures) == kept
    (problem,) = made.problems
    assert problem.message.startswith(said)
    assert ("passed over" if kept else "it was left out") in problem.message
    assert (problem.where, problem.line, problem.fatal) == ("posts/hello.md", line, False)


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        ("summary: 5 true nowhere.mp3\nenclosure: 5", 4),
        ("summary: 5 true nowhere.mp3\nenclosure: nowhere.mp3", 4),
        ("summary: 5 true nowhere.mp3\nenclosure:\n- true", 5),
        ("summary: 5 true nowhere.mp3\nenclosures:\n- file: nowhere.mp3", 5),
        ('summary: 3 MB\nenclosures:\n- url: https://cdn.example.org/ep.mp3\n  length: "3 \\x4dB"', 4),
    ],
)
def test_a_note_has_the_line_of_its_own_field(make, fields, line):
    """Whatever says the same further up, and however the value is written."""
    (problem,) = make(post(fields)).problems
    assert problem.line == line


def test_a_changed_enclosure_is_a_new_revision(make):
    """Readers see it, and a post without any stays the revision that it was."""
    bare, one, two = (make(post(line)) for line in ("", f"audio: {FAR}", f"enclosure: {{url: {FAR}, length: 5}}"))
    assert len({bare.revision, one.revision, two.revision}) == 3


def test_an_item_of_a_feed_keeps_its_enclosures(make):
    """They take the same way as front matter, but for the one that is shown as its picture."""
    picture = "https://x.example/p.png"
    given = ({"url": FAR, "length": "9", "type": "audio/x-m4a"}, {"url": picture}, {"url": "javascript:x"})
    item = FeedItem("id", "", "T", "<p>B</p>", "", "", "", "", (), (), picture, "en", given)
    raw = raw_post(item, "https://x.example/feed.xml")
    assert raw is not None
    made = make(raw.data, raw.ref, raw.media_type, meta=raw.meta, path=None, root=None)
    assert made.enclosures == (Enclosure(FAR, 9, "audio/mp4"),)
    assert made.problems == ()


def test_more_than_anybody_listens_to_is_cut(make):
    """A feed of somebody else's can bring thousands with one item."""
    made = make(post("enclosures: [" + ", ".join(f"https://x.example/{number}.mp3" for number in range(500)) + "]"))
    assert len(made.enclosures) == 50
    (problem,) = made.problems
    assert problem.message.startswith("enclosures: there are more than 50")


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)//.mp3", "data:audio/mpeg;base64,AAAA", "https:///x.mp3", "https://x" * 999],
)
def test_no_enclosure_leads_where_nobody_may_follow(make, address):
    """Nothing but http and https, to a host, of a length that readers take."""
    made = make(post(f"enclosure: {{url: '{address}', type: audio/mpeg}}"))
    assert made.enclosures == ()
    assert len(made.problems) == 1


@pytest.mark.parametrize(("suffix", "kind"), BROUGHT.items())
def test_a_file_is_served_as_what_its_feed_calls_it(make, tmp_path: Path, suffix, kind):
    """One table says what each file is, to feeds and to browsers."""
    (tmp_path / f"a{suffix}").write_bytes(b"x")
    (one,) = make(post(f"enclosure: a{suffix}")).enclosures
    assert one.media_type == kind == media_type(one.url.rpartition("/")[2])
