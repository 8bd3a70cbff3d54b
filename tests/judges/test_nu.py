"""A mail is HTML."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from .editions import Mail, listed
from .nu import faults

WRONG = {
    "no alt": ('<img src="https://a.example/b.png">', "An “img” element must have an “alt” attribute"),
    "no child": ("<ul><p>x</p></ul>", "Element “p” not allowed as child of element “ul”"),
    "an id twice": ('<p id="a">x</p><p id="a">y</p>', "Duplicate ID “a”"),
    "not a property": ('<p style="colour:red">x</p>', "CSS: “colour”: Property “colour” doesn't exist"),
    "never closed": ("<div><b>x</div>", "End tag “div” seen, but there were open elements"),
}


def test_every_mail_is_html(mails: Sequence[Mail], tmp_path: Path) -> None:
    """But for what mail needs and the standard does not know."""
    found = listed(faults(mails, tmp_path))
    assert not found, found


def test_what_is_no_html_is_named(mails: Sequence[Mail], tmp_path: Path) -> None:
    """With the mail it stands in."""
    good = mails[0]
    worse = [
        replace(good, name=name, html=good.html.replace("</body>", f"{planted}</body>"))
        for name, (planted, _) in WRONG.items()
    ]
    found = faults(worse, tmp_path)
    for name, (_, said) in WRONG.items():
        assert any(complaint.mail == name and said in complaint.said for complaint in found), (name, listed(found))
