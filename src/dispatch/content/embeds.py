"""What mail and feeds cannot show becomes what they can: a linked thumbnail, a named link, readable text.

Before sanitising, which would drop these elements with all their content.
"""

import re
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from dispatch.content.tree import INLINE, Element, elements, make, replace, replace_by_text, text_of, unwrap

YOUTUBE = re.compile(
    r"(?:https?:)?//(?:www\.|m\.)?(?:youtube(?:-nocookie)?\.com/(?:embed/|v/|shorts/|watch\?(?:[^#]*&)?v=)|youtu\.be/)([\w-]{6,20})"
)
VIMEO = re.compile(r"(?:https?:)?//(?:player\.)?vimeo\.com/(?:video/)?(\d+)")
MASTODON = re.compile(r"(https://([\w.-]+)/(@[\w.-]+)/\d+)/embed")
CODEPEN = re.compile(r"(https://codepen\.io/[\w-]+)/embed/(?:preview/)?([\w-]+)")
INSTAGRAM = re.compile(r"(https://www\.instagram\.com/(?:p|reel)/[\w-]+/)embed")
# What stands in a frame, by the end of its host's name.
KINDS = {
    "spotify.com": "Listen on Spotify",
    "soundcloud.com": "Listen on SoundCloud",
    "bandcamp.com": "Listen on Bandcamp",
    "podcasts.apple.com": "Listen on Apple Podcasts",
    "music.apple.com": "Listen on Apple Music",
    "codepen.io": "Pen on CodePen",
    "gist.github.com": "Gist on GitHub",
    "twitch.tv": "Video on Twitch",
    "tiktok.com": "Video on TikTok",
    "dailymotion.com": "Video on Dailymotion",
    "ted.com": "Video on TED",
    "loom.com": "Video on Loom",
    "instagram.com": "Post on Instagram",
    "twitter.com": "Post on X",
    "x.com": "Post on X",
    "bsky.app": "Post on Bluesky",
    "openstreetmap.org": "Map on OpenStreetMap",
    "docs.google.com": "Document on Google Docs",
    "figma.com": "Design on Figma",
    "jsfiddle.net": "Code on JSFiddle",
    "codesandbox.io": "Code on CodeSandbox",
    "stackblitz.com": "Code on StackBlitz",
    "datawrapper.dwcdn.net": "Chart by Datawrapper",
    "flourish.studio": "Chart by Flourish",
}
FRAMES = ("iframe", "embed", "object", "frame")
PLAYERS = {"video": "Video", "audio": "Audio"}
EMBEDS = frozenset({*FRAMES, *PLAYERS})
PLACES = frozenset({"article", "aside", "blockquote", "center", "dd", "div", "figure", "li", "section", "td", "th"})
FORMS = ("button", "select", "textarea", "label", "form", "fieldset", "legend", "output", "meter", "progress")


def replace_embeds(tree: Element) -> None:
    """Replace frames, players, drawings, folded parts and check boxes by what every mail client shows."""
    for names, change in CHANGES.items():
        for element in elements(tree, *names):
            if element.getparent() is not None:
                change(element)


def _apart(change: Callable[[Element], None]) -> Callable[[Element], None]:
    """The same, where no words stand beside an embed in a paragraph of its own, which no summary quotes."""

    def changed(element: Element) -> None:
        _part(element.getparent())
        parent, alone = element.getparent(), _is_alone(element)
        if alone and parent.tag in PLACES:
            parent = make("p")
            replace(element, parent)
            parent.append(element)
        change(element)
        if alone and parent.tag == "p":
            parent.set("data-caption", "")
            if not text_of(parent):
                unwrap(parent)

    return changed


def _part(paragraph: Element) -> None:
    """Make room for paragraphs in one that holds several embeds and nothing else."""
    embeds = [child for child in paragraph if child.tag != "br"]
    if paragraph.tag == "p" and len(embeds) > 1 and not text_of(paragraph) and all(e.tag in EMBEDS for e in embeds):
        paragraph.tag = "div"
        for line_end in paragraph.findall("br"):
            line_end.drop_tree()


def _is_alone(element: Element) -> bool:
    before, after = element.getprevious(), element.getnext()
    beside = (element.getparent().text if before is None else before.tail, element.tail)
    return not any((text or "").strip() for text in beside) and INLINE.isdisjoint(
        sibling.tag for sibling in (before, after) if sibling is not None
    )


def _frame(element: Element) -> None:
    address = element.get("src") or element.get("data") or element.get("data-src") or _inner_address(element)
    if match := YOUTUBE.match(address):
        return _video_link(element, f"https://www.youtube.com/watch?v={match[1]}", match[1])
    if match := VIMEO.match(address):
        return _link(element, f"https://vimeo.com/{match[1]}", "Video")
    if match := MASTODON.match(address):
        return _link(element, match[1], f"Post by {match[3]} at {match[2]}")
    return _link(element, _seen_address(address), _kind(address))


def _seen_address(address: str) -> str:
    """Where people see what a frame shows."""
    if match := CODEPEN.match(address):
        return f"{match[1]}/pen/{match[2]}"
    match = INSTAGRAM.match(address)
    return match[1] if match else address


def _inner_address(element: Element) -> str:
    for inner in element.iter("embed", "iframe", "param"):
        if inner.get("src") or inner.get("name") == "movie":
            return str(inner.get("src") or inner.get("value") or "")
    return ""


def _kind(address: str) -> str:
    try:
        host = urlsplit(address).hostname if address.startswith(("http:", "https:", "//")) else None
    except ValueError:  # an address that no browser opens either
        host = None
    if not host:
        return "Embedded content"
    known = (words for end, words in KINDS.items() if f".{host}".endswith(f".{end}"))
    return next(known, f"Embedded content at {host.removeprefix('www.')}")


def _video_link(element: Element, address: str, video: str) -> None:
    picture = make("img", src=f"https://img.youtube.com/vi/{video}/hqdefault.jpg", width="480", height="360")
    _still(element, address, picture, "Video on YouTube")


def _still(element: Element, address: str, picture: Element, kind: str) -> None:
    """A picture out of a video with its name below, one link, which needs no other text (WCAG 2.2, technique H2)."""
    link, line_end = make("a", href=address), make("br")
    picture.set("alt", "")
    line_end.tail = f"▶ {element.get('title') or kind}"
    link.extend([picture, line_end])
    replace(element, link)


def _link(element: Element, address: str, kind: str) -> None:
    """A link named after the element's title, else by its kind; without an address only its text is left."""
    name = element.get("title") or element.get("aria-label") or kind
    if not re.match(r"(?:https?:)?//|[\w./~-]+[^:]*$", address):
        return replace_by_text(element, text_of(element))
    return replace(element, make("a", f"▶ {name}" if kind in ("Video", "Audio") else name, href=address))


def _player(element: Element) -> None:
    source = element.get("src") or next(
        (str(inner.get("src")) for inner in element.iter("source") if inner.get("src")), ""
    )
    poster, kind = element.get("poster"), PLAYERS[str(element.tag)]
    if not (poster and source):
        return _link(element, source, kind)
    return _still(element, source, make("img", src=poster), kind)


def _drawing(element: Element) -> None:
    """An SVG is its title or its text."""
    source = next((text_of(inner) for inner in element.iter("title", "desc")), "")
    text = element.get("aria-label") or source or text_of(element)
    return replace(element, make("span", text)) if text else replace_by_text(element, "")


def _details(element: Element) -> None:
    element.tag = "div"
    for summary in element.findall("summary"):
        bold = make("strong")
        bold.text, summary.text = summary.text, None
        bold.extend(list(summary))
        summary.append(bold)
        summary.tag = "p"


def _input(element: Element) -> None:
    if element.get("type", "").lower() != "checkbox":
        return replace_by_text(element, "")
    box = "☑" if element.get("checked") is not None else "☐"
    return replace_by_text(element, box if (element.tail or "")[:1].isspace() else f"{box} ")


def _gone(element: Element) -> None:
    replace_by_text(element, "")


# Mail knows no srcset, so <picture> is its <img>; what belongs to forms is its text.
CHANGES: Mapping[tuple[str, ...], Callable[[Element], None]] = {
    ("svg",): _drawing,
    FRAMES: _apart(_frame),
    tuple(PLAYERS): _apart(_player),
    ("details",): _details,
    ("input",): _input,
    ("picture",): unwrap,
    ("source", "track", "param", "link", "meta", "base", "canvas", "title", "datalist"): _gone,
    (*FORMS, "noscript"): unwrap,
}
