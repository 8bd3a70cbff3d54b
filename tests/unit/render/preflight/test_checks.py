"""Each check finds its fault, and nothing else in a mail that has none."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from dispatch.model.issue import Cut
from dispatch.model.post import Post
from dispatch.render.preflight.checks import CHECKS, examine
from dispatch.render.preflight.proof import Scene
from dispatch.render.preflight.remark import Remark, Severity
from dispatch.render.preflight.sources import Written
from dispatch.render.preflight.weighing import Weighed, weigh

Mail = Callable[..., bytes]
FAULT, WARNING, NOTE = Severity
DARK = (
    "<style>@media (prefers-color-scheme: dark) {{ .name {{ color: {} !important; }} "
    "body {{ color: #eee !important; background-color: #111 !important }} }}</style>"
)
NIGHT = (
    "<style>:root {{ color-scheme: light dark; }} "
    "@media (prefers-color-scheme: dark) {{ p {{ background-color: #111 !important }} }}</style>"
)
PICTURE = '<img src="https://pictures.example.org/{}.jpg" alt="{}" width="200" height="100">'


def link(url: str, words: str = "the tides") -> dict[str, str]:
    """A link, in both parts."""
    return {"body": f'<p><a href="{url}">{words}</a></p>', "text": f"{words} {url}"}


def both(html: str, words: str = "") -> dict[str, str]:
    """HTML, and what the text part says in its place."""
    return {"body": html, "text": words}


def long(count: int) -> dict[str, str]:
    """So many bytes of HTML, about."""
    words = "Sand and water and wind. " * (count // 25)
    return both(f"<p>{words}</p>", words)


# What is spoilt → (check, severity, a part of what is said).
SPOILT: dict[str, tuple[dict[str, Any], str, Severity, str]] = {
    "long": (long(80_000), "size", WARNING, "from 100,000 on"),
    "too long": (long(100_000), "size", FAULT, "Gmail hides"),
    "no subject": ({"subject": ""}, "subject", FAULT, "empty"),
    "a long subject": ({"subject": "Low water " * 8}, "subject", NOTE, "79 characters"),
    "a shouted subject": ({"subject": "LOW WATER TODAY"}, "subject", WARNING, "capitals"),
    "cries in the subject": ({"subject": "Low water!!"}, "subject", WARNING, "exclamation"),
    "a false answer": ({"subject": "AW: Low water"}, "subject", WARNING, "poses"),
    "a template's marks": ({"subject": "Low water, {{ name }}"}, "subject", WARNING, "marks"),
    "no preheader": ({"preheader": ""}, "subject", NOTE, "there is none"),
    "the subject again": ({"preheader": "low water at the pier"}, "subject", NOTE, "repeats"),
    "an empty link": (both('<p><a href="">the tides</a></p>', "the tides"), "links", FAULT, "nowhere"),
    "a link to the top": (both('<p><a href="#">the tides</a></p>', "the tides"), "links", FAULT, "nowhere"),
    "a link into the mail": (
        both('<p><a href="#sea">the tides</a></p>', "the tides"),
        "links",
        WARNING,
        "does not have",
    ),
    "a relative link": (both('<p><a href="../sea">the tides</a></p>', "the tides"), "links", FAULT, "relative"),
    "a script": (both('<p><a href="javascript:x()">the tides</a></p>', "the tides"), "links", FAULT, "javascript:"),
    "a dead post": (link("https://news.example.org/posts/gone/"), "links", FAULT, "not there"),
    "somebody's page": (link("https://news.example.org/about"), "links", WARNING, "does not write"),
    "no encryption": (link("http://news.example.org/posts/sea/"), "links", WARNING, "without encryption"),
    "a silent link": (link("https://example.org/sea", ""), "links", WARNING, "no words"),
    "click here": (link("https://example.org/sea", "Click here!"), "links", NOTE, "does not say"),
    "no alt": (both(PICTURE.format("pier", "")), "alt", WARNING, "no text"),
    "a file's name": (both(PICTURE.format("pier", "DSC_0042.JPG"), "DSC_0042.JPG"), "alt", WARNING, "file's name"),
    "a camera's name": (both(PICTURE.format("pier", "IMG_1234"), "IMG_1234"), "alt", WARNING, "file's name"),
    "no width": (both('<img src="https://example.org/a.jpg" alt="A pier">'), "pictures", WARNING, "no width"),
    "no height": (both('<img src="https://example.org/a.jpg" alt="A pier" width="99">'), "pictures", NOTE, "jumps"),
    "a lost picture": (
        both('<img src="https://news.example.org/posts/sea/gone.jpg" alt="A pier">'),
        "pictures",
        FAULT,
        "not there",
    ),
    "somebody's picture": (
        both('<img src="https://news.example.org/static/gone.jpg" alt="A pier">'),
        "pictures",
        WARNING,
        "not there",
    ),
    "a wide picture": (
        both('<img src="https://example.org/a.jpg" alt="A pier" width="640" height="9">'),
        "pictures",
        WARNING,
        "640 pixels",
    ),
    "a heavy picture": (both(PICTURE.format("heavy", "A pier")), "weight", WARNING, "over 1.0 MB"),
    "a moving picture": (both(PICTURE.format("moving", "A pier")), "weight", NOTE, "first frame"),
    "many pictures": (
        both("".join(PICTURE.format(name, "A pier").replace("200", "50") for name in ("half", "other", "third"))),
        "weight",
        WARNING,
        "2.7 MB together",
    ),
    "faint words": (both('<p style="color:#999999">Ebb</p>', "Ebb"), "contrast", WARNING, "contrast of 2.8 and"),
    "invisible words": (both('<p style="color:#fefefe">Ebb</p>', "Ebb"), "contrast", FAULT, "contrast of 1.0"),
    "faint on a ground": (
        both('<table bgcolor="gray"><tbody><tr><td><b>Ebb</b></td></tr></tbody></table>', "Ebb"),
        "contrast",
        WARNING,
        "#222222 on #808080",
    ),
    "faint in the dark": (
        {"body": '<p class="name">Ebb</p>', "text": "Ebb", "style": DARK.format("#555")},
        "contrast",
        WARNING,
        "in dark mode",
    ),
    "a long style": (
        {"style": f"<style>{'p { margin: 0 } ' * 1100}</style>"},
        "style",
        WARNING,
        "drops what is longer",
    ),
    "an @ in an @": (
        {"style": "<style>@media screen { @media (width) { p { margin: 0 } } }</style>"},
        "style",
        WARNING,
        "inside another",
    ),
    "an import": ({"style": "<style>@import 'a.css';</style>"}, "style", WARNING, "fetched"),
    "faint words for a picture": (
        {"body": PICTURE.format("p", "Sea").replace("<img", '<img class="name"'), "style": DARK.format("#555")},
        "contrast",
        WARNING,
        "in dark mode",
    ),
    "tiny words": (both('<p style="font-size:1px">Ebb</p>', "Ebb"), "filters", WARNING, "1 pixels"),
    "zero words": (both('<p style="font-size:0">Ebb</p>', "Ebb"), "filters", WARNING, "0 pixels"),
    "hidden words": (both(f'<div style="display:none">{"Buy. " * 80}</div>'), "filters", WARNING, "are hidden"),
    "pictures alone": (
        both('<img src="https://example.org/a.jpg" alt="A pier" width="600" height="900">'),
        "filters",
        WARNING,
        "few words",
    ),
    "a shortener": (link("https://bit.ly/abc"), "filters", WARNING, "shortener"),
    "a disguise": (
        link("https://swindle.example.net/x", "www.bank.example.com"),
        "filters",
        WARNING,
        "leads to another",
    ),
    "a neighbour's disguise": (
        link("https://evil.co.uk/login", "amazon.co.uk"),
        "filters",
        WARNING,
        "leads to another",
    ),
    "a disguise among words": (
        link("https://evil.example.net/", "Go to https://bank.example.com now"),
        "filters",
        WARNING,
        "leads to another",
    ),
    "a guest's disguise": (link("https://evil.github.io/", "https://bank.github.io"), "filters", WARNING, "another"),
    "a login": (link("https://bank.example.com@evil.example.net/"), "filters", WARNING, "@ before its site"),
    "a shortener with www": (link("https://www.bit.ly/abc"), "filters", WARNING, "shortener"),
    "a form": (both("<form></form>"), "filters", FAULT, "<form>"),
    "cries": (both("<p>Come!!!</p>", "Come!!!"), "filters", NOTE, "in a row"),
    "no date": ({"Date": None}, "headers", FAULT, "missing"),
    "no list": ({"List_Id": None}, "headers", FAULT, "missing"),
    "no archive": ({"List_Archive": None}, "headers", WARNING, "missing"),
    "a borrowed domain": ({"From": "Ada <ada@gmail.com>"}, "headers", WARNING, "gmail.com itself"),
    "no address": ({"address": "somewhere"}, "footer", WARNING, "not shown"),
    "words left out": (both("<p>Ebb and flood, springs and neaps</p>"), "text", WARNING, "of the words"),
    "a link left out": (
        both('<p><a href="https://example.org/sea">sand</a></p>', "sand"),
        "text",
        WARNING,
        "lacks a link",
    ),
    "a link too many": (both("<p>sand</p>", "sand https://example.org/sea"), "text", NOTE, "HTML lacks"),
}
WEIGHTS = {
    "https://pictures.example.org/heavy.jpg": Weighed(1_500_000, moves=False),
    "https://pictures.example.org/moving.jpg": Weighed(10_000, moves=True),
    **{f"https://pictures.example.org/{name}.jpg": Weighed(900_000, False) for name in ("half", "other", "third")},
}


def test_a_good_mail_passes(mail: Mail, scene: Scene) -> None:
    """Nothing is said of a mail that is as it should be."""
    assert examine(mail(), scene) == ()


@pytest.mark.parametrize("name", SPOILT)
def test_a_fault_is_found_once(name: str, mail: Mail, scene: Scene) -> None:
    """One thing spoilt is one remark, with a place and a cure."""
    changes, check, severity, said = SPOILT[name]
    found = examine(mail(**changes), replace(scene, weights=WEIGHTS))
    assert {(one.check, one.severity) for one in found} == {(check, severity)}, found
    assert all(said in one.said for one in found), found
    assert found[0].where
    assert found[0].cure.endswith(".")


@pytest.mark.parametrize(
    "changes",
    [
        link("https://news.example.org/posts/sea/#low"),
        link("https://other.example.net/tides", "other.example.net"),
        link("https://www.example.net/tides", "https://example.net/tides"),
        link("https://nodejs.example.org/", "Node.js"),
        link("https://code.example.org/", "testing.B.Loop"),
        both("<p><code>https://example.org/x/</code> sand</p>", "`https://example.org/x/` sand"),
        link("https://[::1]/tides"),
        both('<p><a href="https://example.org/a">Ebb</a></p>', "\u2066Ebb https://example.org/a\u2069"),
        link("https://example.org/a%22&gt;b"),
        both('<p><a href="https://example.org/a&quot;&gt;b">Ebb</a></p>', 'Ebb https://example.org/a">b'),
        link("https://docs.example.co.uk/tides", "see www.example.co.uk for more"),
        link("mailto:ada@example.org"),
        {
            "body": f"<p>{'Sand and water and wind. ' * 60}</p>" + PICTURE.format("p", "Sea") * 3,
            "text": f"{'Sand and water and wind. ' * 60} Sea",
        },
        {"body": "<p>Ebb</p>", "text": "Ebb", "style": NIGHT},
        {"body": PICTURE.format("p", "Sea").replace("<img", '<img class="name"'), "style": DARK.format("#eee")},
        link("tel:+49421"),
        both('<p><a href="mailto:?subject=Low%20water">Forward</a></p>', "Forward"),
        both('<p><a href="mailto:desk@news.example.org?subject=Re">Reply</a></p>', "Reply"),
        both('<p><a href="#low">sand</a></p><h2 id="low">Low</h2>', "sand Low"),
        both('<p><a id="low"></a>sand</p>', "sand"),
        both(PICTURE.format("pier", "Three boats at the pier"), "Three boats at the pier"),
        both(PICTURE.format("pier", "Pier 7"), "Pier 7"),
        both(PICTURE.format("pier", "1989"), "1989"),
        both(
            '<p><a href="https://example.org/sea">' + PICTURE.format("p", "Sea") + "</a></p>", "https://example.org/sea"
        ),
        both('<img src="https://example.org/a.png" role="presentation" alt="" width="9" height="9">'),
        both(
            '<p><a href="https://example.org/sea">'
            '<img src="https://example.org/a.png" alt="" width="9" height="9"><br>Sea</a></p>',
            "Sea https://example.org/sea",
        ),
        both('<p style="font-size:30px; color:#888888">Ebb</p>', "Ebb"),
        both('<p style="font-size:20px; font-weight:bold; color:#888888">Ebb</p>', "Ebb"),
        both('<div style="color:#cccccc; background:url(a.png)"><p>Ebb</p></div>', "Ebb"),
        both('<p style="color:rebeccapurple">Ebb</p>', "Ebb"),
        both('<td style="font-size:1px">&nbsp;</td>'),
        both("<p><em>un</em>believ<b>able</b><br>ebb</p>", "unbelievable ebb"),
        both("<p>灯台の光</p>", "灯台\nの光"),
        {"body": '<p class="name">Ebb</p>', "text": "Ebb", "style": DARK.format("#eee")},
        {"body": '<p class="name">Ebb</p>', "text": "Ebb", "style": DARK.format("#555").replace(" !important", "")},
        {"subject": "NATO"},
        {"subject": "Low water!"},
        {"subject": "Rendezvous: the pier"},
        {"style": "<style>p { margin: 0 } @media print { p { margin: 0 } }</style>"},
    ],
)
def test_what_is_right_is_left_in_peace(changes: dict[str, Any], mail: Mail, scene: Scene) -> None:
    """No false alarm."""
    assert examine(mail(**changes), scene) == ()


def test_an_address_that_cannot_be_read_is_a_fault(mail: Mail, scene: Scene) -> None:
    """And stops no other check."""
    found = examine(mail(**link("https://[x/")), scene)
    assert [(one.severity, one.said) for one in found][:1] == [(FAULT, "the address of a link cannot be read")]


def test_a_mail_without_a_way_out_is_a_fault(mail: Mail, scene: Scene) -> None:
    """In each part."""
    found = examine(mail(leave="https://news.example.org/"), scene)
    assert [(one.check, one.severity, one.where) for one in found] == [
        ("footer", FAULT, "edition.html"),
        ("footer", FAULT, "edition.txt"),
    ]


def test_a_word_to_one_person_needs_no_list(mail: Mail, scene: Scene) -> None:
    """A receipt has neither list headers nor a footer's address, and says that a machine wrote it."""
    headers = {"List_Id": None, "List_Unsubscribe": None, "List_Unsubscribe_Post": None, "List_Archive": None}
    assert examine(mail(address="none", Auto_Submitted="auto-generated", **headers), scene) == ()


def test_without_a_postal_address_it_is_said_once(mail: Mail, scene: Scene) -> None:
    """What the settings lack no template can show."""
    (found,) = examine(mail(), replace(scene, address=""))
    assert (found.check, found.severity) == ("footer", WARNING)


@pytest.mark.parametrize(
    ("cut", "said"),
    [
        (Cut("paragraphs", 3, 7), "the mail has room for the first 3 of the post's 7 paragraphs; a link leads to the"),
        (Cut("posts in full", 2, 5), "the mail has room for 2 of 5 posts in full; the others have their summary"),
        (Cut("posts in full", 0, 5), "the mail has room for none of 5 posts in full; the others have"),
        (Cut("posts", 40, 90), "the mail has room for 40 of 90 posts; a link leads to the others"),
    ],
)
def test_a_cut_is_told(cut: Cut, said: str, mail: Mail, scene: Scene) -> None:
    """An editor knows what is on the web only, in a sentence."""
    (found,) = examine(mail(), replace(scene, cut=cut))
    assert (found.check, found.severity) == ("size", NOTE)
    assert found.said.startswith(said)


def test_a_cut_mail_is_no_longer_too_long(mail: Mail, scene: Scene) -> None:
    """What the cut has mended is not complained of."""
    found = examine(mail(**long(85_000)), replace(scene, cut=Cut("posts", 3, 7)))
    assert [one.severity for one in found] == [NOTE]


def test_the_same_again_is_counted(mail: Mail, scene: Scene) -> None:
    """Each address that is to be mended is named, once, at its first place; the worst stand first."""
    body = "".join(f'<p><a href="../{n}">tide {n}</a></p>\n' for n in (0, 1, 0))
    found = examine(mail(body=body, text="tide 0 tide 1", subject="RE: tides"), scene)
    assert [(one.severity, one.times, one.about) for one in found] == [
        (FAULT, 2, "../0"),
        (FAULT, 1, "../1"),
        (WARNING, 1, "RE: tides"),
    ]
    assert str(found[0]).startswith(
        "edition.html:4: a link is relative, and mail has no page to start from: ../0 (and 1 more). "
    )


def test_what_one_colour_does_is_said_once(mail: Mail, scene: Scene) -> None:
    """However many words are faint by it, one cure mends them all."""
    body = "".join(f'<p style="color:#999999">ebb {n}</p>' for n in range(3))
    (found,) = examine(mail(body=body, text="ebb 0 1 2"), scene)
    assert (found.times, found.about) == (3, "“ebb 0”")


def test_a_sentence_that_ends_in_an_ellipsis_has_no_full_stop() -> None:
    """What is cut short needs no other mark."""
    one = Remark(NOTE, "a.md:1", "it is long", "Shorten it.", "Low water…")
    assert str(one) == "a.md:1: it is long: Low water… Shorten it."
    assert str(replace(one, times=2)) == "a.md:1: it is long: Low water… (and 1 more). Shorten it."


@pytest.mark.parametrize(
    ("subject", "where"),
    [
        ("{title}", "posts/low.md:2"),  # whole
        ("News: {title} and 5 more", "posts/low.md:2"),  # as a digest names it
        ("News: \u2068{title}\u2069 and 5 more", "posts/low.md:2"),  # kept apart from the words around it
        ("{cut}…", "posts/low.md:2"),  # cut short
        ("{quoted}", "posts/quoted.md"),  # written in a way of its own
        ("Something else !!", "header Subject"),
    ],
)
def test_a_subject_is_mended_where_it_was_written(
    subject: str, where: str, mail: Mail, scene: Scene, make_post: Callable[..., Post]
) -> None:
    """In the post whose title it is, by line where the line is found."""
    title, quoted = "Low water!! At the pier", 'The "sea"!! and what is in it'
    subject = subject.format(title=title, quoted=quoted, cut=title[:-3])
    names = {"posts/low.md": title, "posts/quoted.md": quoted}
    posts = tuple(replace(make_post(1, title=name), where=file) for file, name in names.items())
    written = (Written("posts/low.md", f"---\ntitle: {title}\n---\n"), Written("posts/quoted.md", "---\ntitle: x"))
    about = replace(scene, posts=posts, written=written)
    found = {one.where for one in examine(mail(subject=subject), about) if one.check == "subject"}
    assert found == {where}


def test_nothing_at_all_is_no_reason_to_fail(scene: Scene) -> None:
    """Bytes that are no mail are looked at all the same."""
    assert {one.check for one in examine(b"", scene)} >= {"subject", "headers"}
    assert {one.check for one in examine(b"Subject: x\r\n\r\n<a href=", scene)} >= {"headers"}


def test_every_check_has_a_case() -> None:
    """The table of checks and these cases cannot drift apart."""
    assert {check for _, check, _, _ in SPOILT.values()} == set(CHECKS)


@pytest.mark.parametrize(
    ("data", "moves"),
    [
        (b"GIF89a" + b"\x00\x21\xf9\x04" * 2, True),
        (b"GIF89a" + b"\x00\x21\xf9\x04", False),
        (b"\x89PNG" + b"\x00\x21\xf9\x04" * 2, False),
    ],
)
def test_a_gif_of_several_frames_moves(data: bytes, moves: bool) -> None:
    """And nothing else does."""
    assert weigh(data) == Weighed(len(data), moves)
