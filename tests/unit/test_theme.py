"""Templates: the publication's own first, escaped, fenced in, and exact about their mistakes."""

from pathlib import Path

import pytest

from dispatch.errors import TemplateError
from dispatch.theme import Theme, shipped_templates, trusted


def write(folder: Path, name: str, text: str | bytes) -> Theme:
    """A theme with one template of its own."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return Theme(folder)


def test_values_are_escaped_unless_vouched_for(tmp_path: Path) -> None:
    """HTML prints what people wrote as text, and what content has cleaned as it is; plain text prints both."""
    theme = write(tmp_path, "email/a.html", "{{ one }} {{ two }}")
    assert theme.render("email/a.html", one="<b>", two=trusted("<i>")) == "&lt;b&gt; <i>"
    assert write(tmp_path, "email/a.txt", "{{ one }}").render("email/a.txt", one="<b> & you") == "<b> & you"


def test_a_publications_own_template_comes_first(tmp_path: Path) -> None:
    """One file is overridden; all others stay as shipped."""
    shipped = next(path for path in (shipped_templates() / "email").iterdir() if path.is_file())
    theme = write(tmp_path, f"email/{shipped.name}", "mine")
    assert theme.read(f"email/{shipped.name}") == "mine"
    other = next(path for path in (shipped_templates() / "web").iterdir() if path.is_file())
    assert theme.read(f"web/{other.name}") == other.read_text(encoding="utf-8")


WRONG = [
    ("\n\n{{ nobody }}", r"email/a\.html:3: .*nobody"),
    ("\n{% if %}", r"email/a\.html:2: "),
    ("{{ ''.__class__.__mro__ }}", r"email/a\.html.*unsafe"),
    ("\n{% include 'email/none.html' %}", r"email/a\.html:2: there is no template 'email/none.html'"),
    ('{% extends "shipped/email/isue.html" %}', r"email/a\.html:1: there is no template 'shipped/email/isue.html'"),
    ('{% extends "email/a.html" %}', r"email/a\.html:1: extends or includes itself.*shipped/"),
    ("{{ 1 / 0 }}", r"email/a\.html.*zero"),
    ("{{ 'a' + 1 }}", r"email/a\.html"),
    (b"caf\xe9", r"email/a\.html.*UTF-8"),
]


@pytest.mark.parametrize(("text", "message"), WRONG)
def test_a_broken_template_is_named(text: str | bytes, message: str, tmp_path: Path) -> None:
    """Whatever an editor's template does wrong is a TemplateError that names the file."""
    with pytest.raises(TemplateError, match=message):
        write(tmp_path, "email/a.html", text).render("email/a.html")


def test_a_missing_template_is_named(tmp_path: Path) -> None:
    """A name that nobody has is an error, be it rendered or read."""
    with pytest.raises(TemplateError, match=r"email/none\.html"):
        Theme(tmp_path).render("email/none.html")
    with pytest.raises(TemplateError, match=r"email/none\.css is missing"):
        Theme(tmp_path).read("email/none.css")


def test_the_digest_changes_with_every_template(tmp_path: Path) -> None:
    """An edit, a new file and a file's other place are seen by a theme in use; looking again changes nothing."""
    theme = Theme(tmp_path)
    digests = [theme.digest]
    for text in ("one", "two"):
        write(tmp_path, "email/a.html", text)
        digests.append(theme.digest)
    (tmp_path / "email" / "sub").mkdir()
    (tmp_path / "email" / "a.html").rename(tmp_path / "email" / "sub" / "a.html")
    digests.append(theme.digest)
    assert len(set(digests)) == 4
    assert Theme(tmp_path).digest == digests[-1]
