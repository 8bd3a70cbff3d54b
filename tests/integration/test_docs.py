"""What the documentation points at is there."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

HOME = Path(__file__).parents[2]
PAGES = [HOME / "README.md", HOME / "ARCHITECTURE.md", HOME / "CHANGELOG.md", *sorted((HOME / "docs").glob("*.md"))]
FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
QUOTED = re.compile(r"`[^`\n]*`")
LINK = re.compile(r"\]\(([^)\s#]+)[^)]*\)")


def files_named(page: Path) -> Iterator[str]:
    """The files that a page links to or shows, outside of examples."""
    text = QUOTED.sub("", FENCED.sub("", page.read_text(encoding="utf-8")))
    return (name for name in LINK.findall(text) if "://" not in name and not name.startswith("mailto:"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_of_the_documentation_leads_somewhere(page: Path) -> None:
    """Pictures, too."""
    assert [name for name in files_named(page) if not (page.parent / name).exists()] == []


def test_every_mail_has_its_pictures() -> None:
    """On a telephone and at a desk, light and dark."""
    mails = ("single", "digest", "letter", "receipt", "confirm", "welcome", "preferences", "goodbye")
    wanted = {
        f"{mail}-{screen}-{scheme}.png"
        for mail in mails
        for screen in ("phone", "desk")
        for scheme in ("light", "dark")
    }
    assert {picture.name for picture in (HOME / "docs/mail").iterdir()} == wanted
