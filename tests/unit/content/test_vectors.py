"""SVG: how large it is, and whether it is nothing but a picture."""

import pytest

from dispatch.content.vectors import Vector, read_vector

from .drawn import svg

DOT = '<rect width="50" height="50" fill="red"/>'


def read(*arguments: str) -> Vector:
    """A drawing that can be used."""
    vector = read_vector(svg(*arguments))
    assert isinstance(vector, Vector)
    return vector


@pytest.mark.parametrize(
    ("around", "size"),
    [
        ('width="300" height="100"', (300, 100)),
        ('width="3in" height="96pt"', (288, 128)),
        ('width="100%" height="100%" viewBox="0 0 20 10"', (20, 10)),
        ('viewBox="-5,-5, 20.4,10"', (20, 10)),
        ('width="40" viewBox="0 0 20 10"', (40, 20)),
        ('height="40" viewBox="0 0 20 10"', (80, 40)),
        ('width="100000" height="100000"', (1200, 1200)),
        ('width="1" height="1e8"', (1, 1200)),
    ],
)
def test_a_drawing_says_how_large_it_is(around, size):
    """By width and height, by its viewBox, or by both; one that calls itself huge is shown as large as others."""
    vector = read(DOT, around)
    assert (vector.width, vector.height) == size
    assert f'width="{size[0]}" height="{size[1]}"'.encode() in vector.drawing or b"viewBox" in vector.drawing


@pytest.mark.parametrize(
    "inside",
    [
        DOT,
        "<text>a &lt; b</text><!-- a note -->",
        '<style>rect { fill: url( "#b") }</style><rect style="fill: url(\'#b\')"/>',
        '<defs><g id="a"/></defs><use href="#a"/><use xlink:href="#a"/>',
        '<a href="https://example.org/"><text>there</text></a>',
        '<image href="data:image/png;base64,AAAA"/>',
        '<metadata xmlns:i="http://www.inkscape.org/namespaces/inkscape"><i:grid/></metadata>',
        '<animate attributeName="x" from="0" to="9"/>',
        '<g xmlns:i="http://www.inkscape.org/namespaces/inkscape" i:export-filename="C:\\boat.png"/>',
        '<filter id="f"><feGaussianBlur stdDeviation="2"/></filter>',
    ],
)
def test_a_mere_picture_may_be_published(inside):
    """As drawing programs save it."""
    assert read(inside).taken_out == ""


@pytest.mark.parametrize(
    ("inside", "gone"),
    [
        ("<script>x()</script>", b"x()"),
        ('<rect onclick="x()"/>', b"x()"),
        ('<foreignObject><p xmlns="http://www.w3.org/1999/xhtml" onclick="x()">a</p></foreignObject>', b"x()"),
        ('<foreignObject><iframe xmlns="http://www.w3.org/1999/xhtml" src="#"/></foreignObject>', b"iframe"),
        (
            '<foreignObject><p xmlns="http://www.w3.org/1999/xhtml" style="background:url(//spy)"/></foreignObject>',
            b"spy",
        ),
        ('<h:script xmlns:h="http://www.w3.org/1999/xhtml">x()</h:script>', b"x()"),
        ('<image href="file:///etc/passwd"/>', b"passwd"),
        ('<image xlink:href="/etc/passwd"/>', b"passwd"),
        ('<image href="http://spy.example/x.png"/>', b"spy"),
        ('<image href="data:image/svg+xml,x()"/>', b"x()"),
        ('<use href="other.svg#a"/>', b"other"),
        ('<a href="javascript:x()"><text>a</text></a>', b"x()"),
        ('<a href="&#106;avascript:x()"/>', b"x()"),
        ('<a href="#a"><set attributeName="xlink:href" to="javascript:x()"/></a>', b"x()"),
        ('<a href="#a"><animate attributeName="href" values="data:text/html,x()"/></a>', b"x()"),
        ("<style>@import 'http://spy.example/x.css';</style>", b"spy"),
        ('<rect fill="url(http://spy.example/a.svg#b)"/>', b"spy"),
        ("<rect style=\"fill: URL( ' http://spy.example/a.svg')\"/>", b"spy"),
        ('<g xml:base="http://spy.example/"/>', b"spy"),
        ("<style>@\\69mport 'http://spy.example/x.css';</style>", b"spy"),
        ("<rect style='fill: ur\\6c(http://spy.example/a)'/>", b"spy"),
        ("<rect style=\"fill: image-set('http://spy.example/a' 1x)\"/>", b"spy"),
        ("<iframe/>", b"iframe"),
    ],
)
def test_what_is_more_than_a_picture_is_named_and_not_drawn(inside, gone):
    """Scripts, pages and addresses: the file is not published, and neither the drawing nor anybody fetches a thing."""
    vector = read(inside + DOT)
    assert vector.taken_out
    assert gone not in vector.drawing
    assert b"rect" in vector.drawing


def test_text_as_html_is_for_browsers_alone():
    """Diagram programs write labels so: the file is harmless, but a drawing of it would lack them."""
    label = '<foreignObject><div xmlns="http://www.w3.org/1999/xhtml" style="color:red">{}<br/></div></foreignObject>'
    assert (read(label.format("Tide")).taken_out, read(label.format("Tide")).labels) == ("", True)
    assert (read(label.format(" ")).taken_out, read(label.format(" ")).labels) == ("", False)
    assert b"foreignObject" not in read(label.format("Tide")).drawing


def test_a_document_type_that_gives_attributes_is_more_than_a_picture():
    """A browser takes them for the element's own, and nobody sees them in it."""
    scripted = '<!DOCTYPE svg [<!ATTLIST svg onload CDATA "x()">]>'
    assert read(DOT, 'width="9" height="9"', scripted).taken_out == "a document type"
    assert b"x()" not in read(DOT, 'width="9" height="9"', scripted).drawing
    public = '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">'
    assert read(DOT, 'width="9" height="9"', public).taken_out == ""


def test_an_instruction_to_browsers_is_more_than_a_picture():
    """A style sheet in XSLT makes a page of any XML."""
    vector = read(DOT, 'width="9" height="9"', '<?xml version="1.0"?><?xml-stylesheet type="text/xsl" href="#x"?>')
    assert vector.taken_out == "an instruction"
    assert read(DOT, 'width="9" height="9"', '<?xml version="1.0" encoding="UTF-8"?>').taken_out == ""


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (svg("", before='<!DOCTYPE svg [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]>'), "entities"),
        (svg("<g>" * 5000 + "</g>" * 5000), "well-formed"),
        (svg(DOT)[:-3], "well-formed"),
        (svg(DOT, ""), "without a size"),
        (svg(DOT, 'width="0" height="9"'), "without a size"),
        (svg("<g/>" * 1_400_000), "5 MB"),
        (svg(DOT, before='<?xml version="1.0" encoding="UTF-7"?>'), "UTF-8"),
    ],
)
def test_what_cannot_be_read_is_explained(data, reason):
    """In words that follow the file's name."""
    assert reason in str(read_vector(data))


@pytest.mark.parametrize("data", [b"", b"<svg/>", b"<html><body><svg/></body></html>", b"\x89PNG svg", b"svg"])
def test_other_files_are_no_svg(data):
    """Whatever their names say."""
    assert not isinstance(read_vector(data), Vector)
