"""Pictures, links, embeds and code in a post's body."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from dispatch.content.code import highlight
from dispatch.content.encoding import decode
from dispatch.content.limits import HIDDEN_BRACKET, flatten, hide_brackets
from dispatch.content.text_clean import clean_text, one_line
from dispatch.errors import ContentError
from dispatch.model.post import MediaType


@pytest.fixture
def picture(tmp_path):
    """Make a picture below the source's folder."""

    def _picture(name, size=(40, 30), **options):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", size, "red").save(path, **options)
        return path

    return _picture


def test_a_picture_beside_the_post_becomes_an_asset(make, picture):
    """Named by its content, with an absolute address and its size."""
    file = picture("trip/My Pic.png")
    post = make("![A pic](<My Pic.png>)", "trip/index.md", index=True)
    (asset,) = post.assets
    assert asset.source == file
    assert re.fullmatch(r"media/[0-9a-f]{12}/my-pic\.png", asset.target)
    assert f'src="https://news.example.org/{asset.target}" alt="A pic"' in _in_order(post.html)
    assert 'width="40"' in post.html
    assert 'height="30"' in post.html


def _in_order(html):
    """The HTML with an image's address before its text."""
    return re.sub(r'<img alt="([^"]*)" src="([^"]*)"', r'<img src="\2" alt="\1"', html)


def test_a_picture_by_a_root_absolute_path_is_sought_in_the_folder(make, picture):
    """As Jekyll and Hugo have it; the front matter's too."""
    picture("images/a.png")
    picture("static/b.jpg")
    post = make("---\nimage: /images/a.png\n---\n![](/static/b.jpg)\n![](/b.jpg)", "deep/er/x.md")
    assert len(post.assets) == 2
    assert (post.image.width, post.image.height) == (40, 30)
    assert post.image.url.startswith("https://news.example.org/media/")


def test_no_picture_outside_the_folder_is_ever_read(make, tmp_path, picture):
    """Neither by .. nor by a link nor by an absolute path."""
    outside = tmp_path.parent / f"{tmp_path.name}-outside.png"
    picture("inside.png").rename(outside)
    (tmp_path / "link.png").symlink_to(outside)
    post = make(f"![a](../{outside.name}) ![b](link.png) ![c]({outside}) ![d](..%2F{outside.name}) ![e](%00.png)")
    assert post.assets == ()
    assert len(post.problems) == 5


def test_a_missing_picture_is_a_problem_with_its_line(make):
    """And the post is used all the same, with the picture's address made absolute."""
    post = make("---\ntitle: T\n---\n\nText\n\n![x](gone.png)")
    (problem,) = post.problems
    assert (problem.line, problem.fatal) == (7, False)
    assert "gone.png" in problem.message
    assert 'src="https://news.example.org/posts/hello/gone.png"' in post.html


@pytest.mark.parametrize("data", [b"", b"no picture", b"<svg/>", b"\x89PNG\r\n\x1a\n" + b"\0" * 50])
def test_what_is_no_picture_leaves_its_text(make, tmp_path, data):
    """Broken files never stop a post."""
    (tmp_path / "x.png").write_bytes(data)
    post = make("![its text](x.png)")
    assert post.html == "<p>its text</p>"
    assert "left out" in post.problems[0].message


def test_a_bomb_is_measured_and_never_opened(make, tmp_path):
    """A tiny file that claims to be 60,000 pixels wide and high."""
    import struct
    import zlib

    head = b"IHDR" + struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head))
    (tmp_path / "x.png").write_bytes(b"\x89PNG\r\n\x1a\n" + chunk)
    begin = time.process_time()
    assert make("![big](x.png)").html == "<p>big</p>"
    assert time.process_time() - begin < 0.5


def test_an_authors_width_keeps_the_shape(make, picture):
    """The height follows from the file."""
    picture("a.png", (400, 300))
    assert 'width="200" height="150"' in make('<img src="a.png" width="200px" height="9">').html


def test_a_photo_taken_sideways_is_measured_as_shown(make, picture):
    """EXIF says how it is turned."""
    exif = Image.Exif()
    exif[0x0112] = 6
    picture("a.jpg", (40, 30), exif=exif)
    assert 'width="30" height="40"' in make("![](a.jpg)").html


def test_every_picture_has_a_text_if_an_empty_one(make):
    """alt is always there."""
    assert 'alt=""' in make("<img src=https://a.example/b.png>").html


@pytest.mark.parametrize(
    ("href", "expected"),
    [
        ("/a", "https://news.example.org/a"),
        ("../b/", "https://news.example.org/posts/b/"),
        ("?q=1", "https://news.example.org/posts/hello/?q=1"),
        ("//x.example/y", "https://x.example/y"),
        ("mailto:a@b.example", "mailto:a@b.example"),
        ("other-post.md", "https://news.example.org/posts/other-post/"),
        ("2024-01-05-dated.md#part", "https://news.example.org/posts/dated/#part"),
        ("https://x.example/other.md", "https://x.example/other.md"),
        ("#top", "#top"),
    ],
)
def test_links_are_absolute(make, href, expected):
    """Fragments stay; a link to another post's file leads to its page."""
    assert f'href="{expected}"' in make(f"[x]({href})").html


def test_a_file_beside_the_post_that_it_offers_is_copied(make, tmp_path):
    """A PDF is; a key is not."""
    (tmp_path / "paper.pdf").write_bytes(b"%PDF")
    (tmp_path / "token.key").write_bytes(b"secret")
    post = make("[a](paper.pdf) [b](token.key)")
    assert [asset.source.name for asset in post.assets] == ["paper.pdf"]


def test_bare_addresses_become_links_outside_code(make):
    """With the full stop left outside."""
    html = make("See https://a.example/b_c(d). `https://no.example`").html
    assert '<a href="https://a.example/b_c(d">' in html or '<a href="https://a.example/b_c(d)">' in html
    assert "<code>https://no.example</code>" in html


@pytest.mark.parametrize(
    ("embed", "expected"),
    [
        (
            '<iframe src="https://www.youtube.com/embed/abcdefghijk?x=1" title="Talk"></iframe>',
            'href="https://www.youtube.com/watch?v=abcdefghijk"',
        ),
        ('<iframe src="//player.vimeo.com/video/123"></iframe>', '<a href="https://vimeo.com/123">▶ Video</a>'),
        (
            '<iframe src="https://maps.example.org/x"></iframe>',
            '<a href="https://maps.example.org/x">Embedded content at maps.example.org',
        ),
        ('<video src="https://a.example/v.mp4"></video>', '<a href="https://a.example/v.mp4">▶ Video</a>'),
        ('<audio><source src="https://a.example/v.mp3"></audio>', '<a href="https://a.example/v.mp3">▶ Audio</a>'),
        ('<object data="https://a.example/x.pdf"></object>', "Embedded content at a.example"),
        ("<details><summary>More</summary>Text</details>", "<p><strong>More</strong></p>Text"),
        ("<svg><title>A chart</title><path d=M0 /></svg>", "<span>A chart</span>"),
        ("<math><mi>x</mi><mo>=</mo><mn>1</mn></math>", "<span>x = 1</span>"),
        ('<input type="checkbox" checked>done', "☑ done"),
    ],
)
def test_embeds_become_what_mail_can_show(make, embed, expected):
    """Sanitising would drop them with all they say."""
    assert expected in make(embed, media_type=MediaType.HTML).html


PAUSED = '<iframe src="https://youtu.be/abcdefghijk" title="Talk"></iframe>'
SHOWN = (
    '<a href="https://www.youtube.com/watch?v=abcdefghijk">'
    '<img alt="" src="https://img.youtube.com/vi/abcdefghijk/hqdefault.jpg" width="480" height="360"><br>▶ Talk</a>'
)
POSTER = '<video src="https://a.example/v.mp4" poster="https://a.example/v.jpg" title="Tide"></video>'
STILL = '<a href="https://a.example/v.mp4"><img alt="" src="https://a.example/v.jpg"><br>▶ Tide</a>'
HEARD = '<iframe src="https://open.spotify.com/x"></iframe>'
LISTEN = '<a href="https://open.spotify.com/x">Listen on Spotify</a>'


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        (f"{PAUSED}\n{PAUSED}", f"<p>{SHOWN}</p>\n<p>{SHOWN}</p>"),
        (f"> Said.\n\n{HEARD}", f"<blockquote>\n<p>Said.</p>\n</blockquote>\n<p>{LISTEN}</p>"),
        (f"{POSTER}\n{POSTER}", f"<div><p>{STILL}</p>\n<p>{STILL}</p></div>"),
        (f"<p>{POSTER}<br>{POSTER}</p>", f"<div><p>{STILL}</p><p>{STILL}</p></div>"),
        (POSTER, f"<p>{STILL}</p>"),
        (f"See {PAUSED} here.", f"<p>See {SHOWN} here.</p>"),
        (f"<div>See {PAUSED}</div>", f"<div>See {SHOWN}</div>"),
        (f"<div>{PAUSED}</div>", f"<div><p>{SHOWN}</p></div>"),
        ("<iframe></iframe>\n\nWords.", "<p>Words.</p>"),
    ],
)
def test_an_embed_by_itself_is_a_paragraph(make, written, shown):
    """With a gap to whatever stands above; among words it stays among them."""
    assert make(written).html == shown


def test_no_summary_quotes_an_embed(make):
    """It says nothing without its picture."""
    assert make(f"{PAUSED}\n\nWords.").summary == "Words."


def test_an_html_page_is_taken_apart(make):
    """Head for the fields, article for the text, furniture left out."""
    post = make(
        '<!doctype html><html lang="fr"><head><title>Bonjour</title><meta name="description" content="Court.">'
        '<meta name="author" content="Ada"><meta property="article:published_time" content="2024-01-02T00:00:00Z"></head>'  # noqa: E501
        "<body><nav>Menu</nav><article><h1>Bonjour</h1><p>Texte</p></article><footer>Pied</footer></body></html>",
        "x.html",
        MediaType.HTML,
    )
    assert (post.title, post.summary, post.language, post.authors) == ("Bonjour", "Court.", "fr", ("Ada",))
    assert post.html == "<p>Texte</p>"
    assert post.published.day == 2


@pytest.mark.parametrize(
    ("blocks", "coloured"), [(["x = 1\n" * 1500], 0), (["x = 1\n" * 1000] * 6, 5), (["x = 1\n"] * 9, 9)]
)
def test_only_so_much_code_is_coloured(blocks, coloured):
    """Some lexers take the square of a block's length: a long block has one colour, as has what follows much code."""
    shown = highlight("".join(f'<pre><code class="language-python">{block}</code></pre>' for block in blocks))
    assert shown.count('python"><span style') == coloured
    assert re.sub(r"<[^>]*>", "", shown) == "".join(blocks)


def test_code_is_coloured_inline_and_its_text_stays():
    """By its language; one nobody knows is left alone."""
    block = '<pre><code class="language-python">x = "&lt;a&gt;" # y\n</code></pre>'
    coloured = highlight(block)
    assert 'style="color: ' in coloured
    assert re.sub(r"<[^>]*>", "", coloured).replace("&quot;", '"') == re.sub(r"<[^>]*>", "", block)
    assert highlight(block.replace("python", "nonesuch")) == block.replace("python", "nonesuch")
    marked = block.replace("y", "<b>y</b>")
    assert highlight(marked) == marked


@pytest.mark.parametrize(
    ("data", "text"),
    [("é".encode(), "é"), ("\ufeffé".encode(), "é"), ("é".encode("utf-16"), "é"), ("é日".encode("utf-32"), "é日")],
)
def test_encodings_with_and_without_marks(data, text):
    """Without a warning."""
    assert decode(data) == (text, None)


def test_an_old_encoding_is_guessed_with_a_warning(make):
    """Naming the line."""
    post = make(b"ok\ncaf\xe9 \x93hi\x94")
    assert "café “hi”" in post.html
    assert "line 2" in post.problems[0].message


@pytest.mark.parametrize("data", [b"\x89PNG\r\n\x1a\n\0\0\0", b"a\0b", b"\x81\x8d\x8f"])
def test_a_binary_file_says_that_it_is_no_text(make, data):
    """Whatever its name."""
    with pytest.raises(ContentError, match="is not text"):
        make(data)


def test_no_forbidden_character_survives_and_emoji_do(make):
    """Families stay together."""
    family = "👨‍👩‍👧"
    post = make(f"---\ntitle: a\x07b {family}\n---\nx\x00\x0b\ufffey {family}".replace("\x00", ""))
    assert post.title == f"ab {family}"
    assert f"xy {family}" in post.html
    assert clean_text("a\ud800b\r\nc\uffff") == "ab\nc"
    assert one_line("a\u202eb\n c") == "ab c"


PIECES = st.sampled_from(
    [
        "<div>",
        "</div>",
        "<p>",
        "</p>",
        "<b>",
        "</b>",
        "<li>",
        "<table>",
        "<td>",
        "<!--",
        "-->",
        "<a href='>'>",
        "<br>",
        "word",
        "<",
        ">",
        '"',
        "<svg/>",
        "<script>",
        "</script>",
        "<title>",
        "</title>",
        "</",
        "<!x>",
        '<i x=">">',
    ]
)


@given(st.lists(PIECES, max_size=60))
def test_flat_html_is_well_nested_and_never_deeper_than_asked(pieces):
    """Every tag that is opened is closed in its turn, whatever came in; a second pass changes nothing."""
    flat = flatten("".join(pieces), 5)
    stack, deepest = [], 0
    for end, name in re.findall(
        r"<(/?)([a-z]+)(?:\s(?:[^<>\"']|\"[^\"]*\"|'[^']*')*)?>", re.sub(r"<title>.*?</title>", "", flat, flags=re.S)
    ):
        if name == "br":
            continue
        if end:
            assert stack.pop() == name
        else:
            stack.append(name)
        deepest = max(deepest, len(stack))
    assert stack == []
    assert deepest <= 5
    assert flatten(flat, 5) == flat


def test_false_ends_do_not_fool_the_scanner():
    """Comments, quoted > and end tags of nothing are no way to go deeper unseen."""
    hostile = "<div><!-- </div> --><b title='</div>></div>'></nope></b>" * 500
    assert flatten(hostile).count("<div>") <= 100
    assert flatten("<word<div>x") == "x"
    assert flatten("<b <div>>x</b>") == "<b &lt;div>>x</b>"
    inside = "<div><table><tr><td></div>" * 500
    tags = re.findall(r"<(/?)(?:div|table|tr|td)\b", flatten(inside))
    depth = deepest = 0
    for end in tags:
        depth += -1 if end else 1
        deepest = max(deepest, depth)
    assert deepest <= 100


@pytest.mark.parametrize("fence", ["```\n{}\n```", "~~~\n{}\n~~~", "<pre>\n{}\n</pre>"])
def test_code_keeps_every_bracket(make, fence):
    """However many of them never close."""
    code = "\n".join(f"[[[ row {number}" for number in range(50))
    post = make(fence.format(code))
    assert post.html.count("[") == 150
    assert post.problems == ()


def test_indented_code_keeps_every_bracket(make):
    """As code between fences does."""
    post = make("\n".join(f"    [[[ row {number}" for number in range(50)))
    assert (post.html.count("["), post.problems) == (150, ())


def test_brackets_beyond_measure_stay_as_text_and_are_reported(make):
    """No character is lost, code in the line included; only what they might have linked is not."""
    post = make("[" * 500 + " `[[x` <https://e.example/[a>")
    assert post.html.count("[") == 502 + post.html.count("/[a")
    assert "\ufdd0" not in post.html
    assert "%EF%B7%90" not in post.html
    assert [problem.fatal for problem in post.problems] == [False]


@pytest.mark.parametrize("unit", ["[", "![", "^[", "[^", "[" * 99 + "`" + "]" * 99 + "`", "[\\]", "[a](", "[![x]("])
def test_brackets_cost_little_however_they_are_mixed(make, unit):
    """Code, backslashes, pictures and notes between them do not make a parser read the paragraph over and over."""
    begin = time.process_time()
    make(unit * (60_000 // len(unit)) + "deep")
    assert time.process_time() - begin < 2


@given(st.text(alphabet="[]()!^`\\ <>a\n", max_size=400))
def test_hidden_brackets_are_only_hidden(text):
    """Put back, the text is what it was."""
    assert hide_brackets(text * 3).replace(HIDDEN_BRACKET, "[") == text * 3


def test_many_links_in_one_paragraph_all_stay(make):
    """Brackets that close cost nothing, however many there are."""
    post = make(" ".join(f"[n{number}](https://e.example/{number})" for number in range(300)))
    assert post.html.count("<a ") == 300
    assert post.problems == ()


@pytest.mark.parametrize("tag", ["iframe", "embed", "video"])
@pytest.mark.parametrize("address", ["https://[bad/x", "//[bad", "http://a:b:c/"])
def test_a_frame_with_a_malformed_address_costs_only_itself(make, tag, address):
    """The rest of the post is used."""
    assert "deep" in make(f'<{tag} src="{address}"></{tag}><p>deep</p>', media_type=MediaType.HTML).html


@pytest.mark.parametrize("tag", ["embed", "source", "track", "wbr", "keygen"])
def test_what_follows_an_element_without_an_end_is_not_taken_for_its_content(make, tag):
    """A picture with several sources is shown, and text behind a player stays."""
    html = make(
        f'<p>a<{tag} src="https://e.org/x">deep <img src="https://e.org/y.png"></p>', media_type=MediaType.HTML
    ).html
    assert "deep" in html
    assert "https://e.org/y.png" in html


def test_a_link_to_another_post_follows_the_slug_its_author_gave(make, tmp_path):
    """By its front matter, and by its name where that says nothing or cannot be read."""
    (tmp_path / "b.md").write_text("---\nslug: other-name\n---\nB")
    (tmp_path / "c.md").write_text("---\npermalink: /2021/c/\n---\nC")
    (tmp_path / "d.md").write_text("---\nslug: [\n---\nD")
    html = make("[b](b.md#part) [c](./c.md) [d](d.md) [e](e.md)").html
    assert re.findall(r'href="https://news\.example\.org/posts/([^"]*)"', html) == [
        "other-name/#part",
        "2021/c/",
        "d/",
        "e/",
    ]


def test_a_link_to_a_post_that_is_not_there_is_reported(make):
    """It stays, for the post may come; the author hears of it, as of a missing picture."""
    post = make("See [two](two.md) and [two again](two.md).", "one.md")
    assert [problem.message[:28] for problem in post.problems] == ["There is no post 'two.md' to"]
    assert post.html.count("/posts/two/") == 2
