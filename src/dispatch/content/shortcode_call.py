"""How shortcodes are written: by Hugo, Zola, WordPress and Docusaurus, and tags of Liquid (Jekyll, Eleventy)."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

LONGEST = 2000  # characters: longer ones are prose with braces
# Every alternative ends at the next brace or bracket, so that reading stays linear.
CALLS = re.compile(
    r"\{\{<(?P<angle>(?:[^{}>]|>(?!\}\}))*+)>\}\}"
    r"|\{\{%(?P<percent>(?:[^{}%]|%(?!\}\}))*+)%\}\}"
    r"|\{%-?(?P<liquid>\s*[a-z_](?:[^{}%]|%(?!\}))*+)%\}"
    r"|\{\{\s*(?P<zola>[a-z_]+)\((?P<zola_words>[^{}()]*+)\)\s*\}\}"
    r"|\[embed\b[^\[\]]*+\]\s*(?P<embed>https?://[^\s\[\]]++)\s*\[/embed\]"
    r"|(?m:^:{3,}(?P<fence>[^\n:]*+)$)"
    r"|\[(?P<word>/?[a-z][a-z0-9_-]*)(?P<words>(?:[^\[\]\n]|\n(?!\n))*+)\]",
    re.I,
)
# WordPress knows a shortcode by its name; these are its own, and those of the most used plugins.
WORDPRESS = re.compile(
    r"caption|wp_caption|gallery|audio|video|playlist|embed|youtube|vimeo|tweet|soundcloud|googlemaps|code|sourcecode"
    r"|contact-form(?:-7)?|contact-field|wpforms|mc4wp_form|ninja_form|gravityform|newsletter_form|jetpack_\w+"
    r"|recent-posts|archives|toc|ez-toc|su_\w+|vc_\w+|et_pb_\w+|fusion_\w+|ultimate_\w+|elementor-template"
)
ZOLA = frozenset({"youtube", "vimeo", "streamable", "gist", "figure", "image", "img", "tweet", "video", "audio"})
NAME = re.compile(r"[\w./-]+")
# A name and its value, or a value alone; quotation marks may have been made typographic.
ARGUMENT = re.compile(r"""(?:([\w-]+)\s*=\s*)?(?:"([^"]*)"|'([^']*)'|[“”″]([^“”″]*)[“”″]|`([^`]*)`|([^\s"'“”″`,]+))""")
ATTRIBUTE = re.compile(r"""\s[\w-]+\s*=|\shttps?://""")


@dataclass(frozen=True, slots=True)
class Call:
    """One shortcode as it was written."""

    name: str  # in lower case; empty: it shows how a shortcode is written
    closes: bool = False  # the second of a pair
    words: tuple[str, ...] = ()  # what was given without a name, in order
    named: Mapping[str, str] = field(default_factory=dict)  # by names in lower case
    shown: str = ""  # what an example shows

    def get(self, *names: str, place: int | None = None) -> str:
        """What was given by the first of these names, or in a place; empty: nothing was."""
        given = next((self.named[name] for name in names if self.named.get(name)), "")
        return given or (self.words[place] if place is not None and 0 <= place < len(self.words) else "")


def read_call(match: re.Match[str]) -> Call | None:
    """The call that CALLS found; None for what is prose all the same."""
    if len(match[0]) > LONGEST:
        return None
    return next(read(match) for kind, read in READERS.items() if match[kind] is not None)


def _hugo(match: re.Match[str]) -> Call | None:
    inner = (match["angle"] or match["percent"] or "").strip()
    if inner.startswith("/*") and inner.endswith("*/") and len(inner) > 3:
        return Call("", shown=match[0].replace("/*", "", 1).replace("*/", ""))
    closes = inner.startswith("/")
    return _call(inner.strip("/ \t\n"), closes)


def _liquid(match: re.Match[str]) -> Call | None:
    call = _call(match["liquid"].strip(" \t\n-"))
    return Call(call.name[3:], closes=True) if call and call.name.startswith("end") else call


def _zola(match: re.Match[str]) -> Call | None:
    return _call(f"{match['zola']} {match['zola_words']}") if match["zola"].lower() in ZOLA else None


def _wordpress(match: re.Match[str]) -> Call | None:
    """A word in brackets is a shortcode if WordPress knows it, and it is closed, set or alone."""
    word, words = match["word"], match["words"]
    if not WORDPRESS.fullmatch(word.lower().removeprefix("/")):
        return None
    if not (word.startswith("/") or ATTRIBUTE.match(words) or (not words.strip(" /") and _is_held(match))):
        return None
    return _call(f"{word.strip('/')} {words.strip(' /')}", word.startswith("/"))


def _is_held(match: re.Match[str]) -> bool:
    """Whether a word stands alone in its paragraph, or is closed soon after."""
    text, end = match.string, match.end()
    alone = len(text) < LONGEST and text.strip() == match[0]
    return alone or f"[/{match['word'].lower()}]" in text[end : end + LONGEST].lower()


def _fenced(match: re.Match[str]) -> Call:
    """`::: note Title` and `:::`, as Docusaurus, VuePress and Pandoc have them."""
    inner = re.sub(r"[{}.\[\]]", " ", match["fence"]).strip()
    kind, _, title = inner.partition(" ")
    named = {argument[1]: argument[2] for argument in ARGUMENT.finditer(title) if argument[1] and argument[2]}
    return Call("callout", not inner, (named.get("title") or title.strip() * (not named) or kind,))


def _call(text: str, closes: bool = False) -> Call | None:
    name = NAME.match(text)
    if name is None:
        return None
    words, named = [], {}
    for argument in ARGUMENT.finditer(text, name.end()):
        value = next((part for part in argument.groups()[1:] if part is not None), "")
        if argument[1]:
            named[argument[1].lower()] = value
        else:
            words.append(value)
    return Call(name[0].lower().rpartition("/")[2] or name[0], closes, tuple(words), named)


READERS: Mapping[str, Callable[[re.Match[str]], Call | None]] = {
    "angle": _hugo,
    "percent": _hugo,
    "liquid": _liquid,
    "zola": _zola,
    "embed": lambda match: Call("embed", words=(match["embed"],)),
    "fence": _fenced,
    "word": _wordpress,
}
