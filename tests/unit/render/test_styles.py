"""Style sheets and colours are read as CSS has them."""

import pytest

from dispatch.render.styles import blocks, declarations, shade


def test_style_sheets_fall_into_blocks() -> None:
    """Comments are none; a brace that does not close ends with the sheet (CSS Syntax 3, section 5.4)."""
    css = "@import 'x'; /* { */ p, b { margin: 0 } @media (a: b) { p { color: #fff } @x { } } q { content: '}' "
    assert [(one.head, one.body, one.is_at_rule) for one in blocks(css)] == [
        ("p, b", "margin: 0", False),
        ("@media (a: b)", "p { color: #fff } @x { }", True),
        ("q", 'content: "}"', False),
    ]


def test_a_semicolon_in_an_address_ends_no_declaration() -> None:
    """Names and values come in lower case; comments and what has no value say nothing."""
    style = "COLOR: Red !important; background: url(a;b.png); margin: ; /* top: 1px; */ padding: 0"
    assert declarations(style) == {"color": "red", "background": "url(a;b.png)", "padding": "0"}
    assert declarations(style, important=True) == {"color": "red"}


@pytest.mark.parametrize(
    ("said", "seen"),
    [
        ("#ABC", "#aabbcc"),
        (" #a1b2c3 ", "#a1b2c3"),
        ("rgb(1, 2, 255)", "#0102ff"),
        ("rgb(300 0 0)", "#ff0000"),
        ("rgb(10%, 20%, 30%)", "#1a334c"),
        ("White", "#ffffff"),
        ("rebeccapurple", "#663399"),
        ("hsl(0, 100%, 50%)", "#ff0000"),
        ("rgba(0, 0, 0, .5)", "#808080"),
        ("#00000080", "#7f7f7f"),
        ("transparent", "#ffffff"),
        ("no-repeat navy", "#000080"),
        ("hsl(0 1e999% 1e999%)", "#000000"),
        ("rgb(1e999 none -1)", "#ff0000"),
        ("#12345", None),
        ("inherit", None),
        ("lab(50% 20 20)", None),
        ("", None),
    ],
)
def test_colours_are_read_as_style_sheets_write_them(said: str, seen: str | None) -> None:
    """On white; what is not known is not guessed."""
    found = shade(said)
    assert (found.on("#ffffff") if found else None) == seen


@pytest.mark.parametrize("opening", ["(", "{", "x(", "@media x{", "p{x:("])
def test_no_depth_is_too_deep(opening: str) -> None:
    """Nothing is read of it, and nothing fails."""
    css = opening * 5000
    assert len(list(blocks(css))) <= 1
    assert len(declarations(f"x: {css}; y: z")) <= 1
    assert shade(css) is None
