"""Every mail in a real browser: read by a machine, narrow and wide, by day and by night, before and after inlining."""

import re
from collections.abc import Sequence
from dataclasses import replace

import pytest

from . import browser
from .editions import Mail, listed


def planted(mail: Mail, html: str) -> Mail:
    """The mail with something more at its end."""
    return replace(mail, html=mail.html.replace("</body>", f"{html}</body>"))


def test_nothing_bars_anybody_from_reading(mails: Sequence[Mail]) -> None:
    """axe-core finds nothing serious or critical, in light and in dark."""
    found = listed(browser.barriers(mails))
    assert not found, found


def test_a_barrier_is_named(mails: Sequence[Mail]) -> None:
    """A picture without words; a text too pale by day, and one too dark by night."""
    pale = '<p style="color:#999">pale</p>'
    dark = "<style>@media (prefers-color-scheme:dark){.x{color:#444!important;background:#111!important}}</style>"
    found = browser.barriers(
        [
            replace(planted(mails[0], '<img src="https://a.example/b.png">'), name="no alt"),
            replace(planted(mails[0], pale), name="pale"),
            replace(planted(mails[0], f'{dark}<p class="x">dark</p>'), name="dark"),
        ]
    )
    named = {(mail, *said.split(": ")[:2]) for mail, said in found}
    assert named == {
        ("no alt", "light", "image-alt"),
        ("pale", "light", "color-contrast"),
        ("dark", "dark", "color-contrast"),
    }


def test_no_mail_scrolls_sideways(mails: Sequence[Mail]) -> None:
    """On a small telephone, in a window of a mail's own width, and at a desk."""
    found = listed(browser.sideways(mails))
    assert not found, found


@pytest.mark.parametrize(("width", "screens"), [(330, [320]), (700, [320, 600]), (1100, [320, 600, 1024])])
def test_what_sticks_out_is_named(mails: Sequence[Mail], width: int, screens: list[int]) -> None:
    """On each screen that is too small for it."""
    found = browser.sideways([planted(mails[0], f'<div style="width:{width}px">wide</div>')])
    assert len(found) == len(screens)
    for complaint, screen in zip(found, screens, strict=True):
        assert f"on a screen of {screen}: <div style=" in complaint.said


def test_every_mail_is_dark_by_night(mails: Sequence[Mail]) -> None:
    """Its paper, its heading and its text have other colours then."""
    found = listed(browser.undarkened(mails))
    assert not found, found


def test_a_mail_without_dark_colours_is_named(mails: Sequence[Mail]) -> None:
    """Where a style sheet forgets the night."""
    light = replace(mails[0], html=mails[0].html.replace("prefers-color-scheme", "prefers-nothing"))
    assert [complaint.mail for complaint in browser.undarkened([light])] == [light.name]


def test_inlining_changes_no_element(mails: Sequence[Mail]) -> None:
    """Neither at a desk by day nor on a telephone by night; css-inline, another's work, comes to the same."""
    found = listed(browser.restyled(mails))
    assert not found, found


def test_what_inlining_changes_is_named(mails: Sequence[Mail]) -> None:
    """The element, the property and both values."""
    planted = '<h1 style="letter-spacing:9px !important; '
    spaced = replace(mails[0], inlined=mails[0].inlined.replace('<h1 style="', planted))
    assert spaced != mails[0]
    found = listed(browser.restyled([spaced]))
    assert re.search(r"premailer changed H1\.: .*letter-spacing from \S+ to 9px", found)
