"""What the most used shortcodes stand for, as elements that every post may have: embeds, figures, links."""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from dispatch.content.shortcode_call import Call
from dispatch.content.tree import Element, make

VIDEO = re.compile(r"[\w-]{6,20}")
NUMBER = re.compile(r"\d{1,20}")
GIST = re.compile(r"(?:[\w-]+/)?[0-9a-f]{5,40}")
POST_ID = re.compile(r"[\w-]{5,20}")
FILES = ("src", "url", "mp4", "m4v", "webm", "ogv", "mp3", "m4a", "ogg", "wav")
# Pairs that only hold something together, or turn the reading of templates off: nothing is lost with them.
SILENT = frozenset({"caption", "wp_caption", "raw", "verbatim", "code", "sourcecode", "comment", "rawhtml", "html"})
# What a template fills into an address: a link to another post, or the site's own address.
ADDRESS = re.compile(
    r"""\{\{[<%]\s*(?:rel)?ref\s+(?:path=)?["'`]?(?P<ref>[^\s"'`{}]+)["'`]?[^{}]*?[>%]\}\}
    |\{%-?\s*post_url\s+(?P<post>[^\s{}%]+)\s*-?%\}
    |\{%-?\s*link\s+(?P<file>[^\s{}%]+)\s*-?%\}
    |\{\{-?\s*["'](?P<given>[^"'{}]*)["']\s*\|[^{}]*\}\}
    |\{\{-?\s*\$?\.?site\.(?:base_?url|url)\b[^{}]*\}\}""",
    re.X | re.I,
)


def filled_address(text: str) -> str:
    """An address without what a template would have filled in: names of posts become their files."""
    filled = ADDRESS.sub(_filled, text)
    return filled[1:] if filled.startswith("@/") else filled  # as Zola names its own posts


def _filled(match: re.Match[str]) -> str:
    if name := match["ref"] or match["post"]:
        path, mark, part = name.partition("#")
        return (path if not path or "." in path.rpartition("/")[2][-9:] else f"{path}.md") + mark + part
    if match["file"]:
        return f"/{match['file'].lstrip('/')}"
    return match["given"] or ""


def _youtube(call: Call) -> Element | None:
    video = call.get("id", "v", place=0)
    return _frame(call, f"https://www.youtube.com/embed/{video}") if VIDEO.fullmatch(video) else None


def _vimeo(call: Call) -> Element | None:
    video = call.get("id", "v", place=0)
    return _frame(call, f"https://player.vimeo.com/video/{video}") if NUMBER.fullmatch(video) else None


def _gist(call: Call) -> Element | None:
    gist = "/".join(call.words[:2]) if call.words else call.get("url", "id").removeprefix("https://gist.github.com/")
    return _frame(call, f"https://gist.github.com/{gist}") if GIST.fullmatch(gist) else None


def _post(call: Call) -> Element | None:
    number = call.get("id", place=len(call.words) - 1)
    user = call.get("user") or (call.words[0] if len(call.words) > 1 else "i")
    if not (NUMBER.fullmatch(number) and re.fullmatch(r"\w+", user)):
        return None
    return make("a", "Post on X", href=f"https://x.com/{user}/status/{number}")


def _instagram(call: Call) -> Element | None:
    post = call.get("id", place=0)
    if not POST_ID.fullmatch(post):
        return None
    return make("a", "Post on Instagram", href=f"https://www.instagram.com/p/{post}/")


def _player(call: Call) -> Element | None:
    source = call.get(*FILES, place=0)
    poster = {"poster": call.get("poster")} if call.get("poster") else {}
    titled = {"title": call.get("title")} if call.get("title") else {}
    return make(call.name, src=source, **poster, **titled) if source else None


def _embed(call: Call) -> Element | None:
    return _frame(call, call.get("src", "url", place=0)) if call.get("src", "url", place=0) else None


def _frame(call: Call, address: str) -> Element:
    frame = make("iframe", src=address)
    if title := call.get("title"):
        frame.set("title", title)
    return frame


def _figure(call: Call) -> Element | None:
    source = call.get("src", "path", "url", place=0)
    if not source:
        return None
    picture = make("img", src=source, alt=call.get("alt", place=1))
    figure, words = make("figure"), call.get("caption", "title")
    link = call.get("link", "href")
    figure.append(make("a", href=link) if link else picture)
    if link:
        figure[0].append(picture)
    if words:
        figure.append(make("figcaption", words))
    return figure


def _callout(call: Call) -> Element:
    """What is set apart begins with its title, else with its kind."""
    given = call.get("title", "summary", "caption", "type", "style", "kind", place=0)
    title = given or call.name
    return make("strong", f"{title[:1].upper()}{title[1:].rstrip(':')}:")


CALLOUTS = "note tip important warning caution danger info hint callout admonition alert notice aside details expand"
MEANINGS: Mapping[str, Callable[[Call], Element | None]] = MappingProxyType(
    {
        **dict.fromkeys(CALLOUTS.split(), _callout),
        **dict.fromkeys(("youtube", "youtube-lite", "youtubelite"), _youtube),
        **dict.fromkeys(("figure", "image", "img"), _figure),
        **dict.fromkeys(("tweet", "twitter", "twitter_simple", "x", "x_simple"), _post),
        **dict.fromkeys(("video", "audio"), _player),
        "vimeo": _vimeo,
        "vimeo_simple": _vimeo,
        "gist": _gist,
        "instagram": _instagram,
        "embed": _embed,
    }
)
