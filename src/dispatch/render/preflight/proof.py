"""One edition as its checks see it: the finished message, and what is known around it."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cached_property
from html import escape

from lxml.etree import _Element

from dispatch.model.issue import Cut
from dispatch.model.post import Post
from dispatch.render.preflight.dark import darkened
from dispatch.render.preflight.look import KNOWS_NIGHT, NIGHT, Look, looks
from dispatch.render.preflight.page import all_words, own_words, read_page, seen_words
from dispatch.render.preflight.sources import Written, clues_of_address, clues_of_words, place
from dispatch.render.preflight.weighing import Weighed

OURS = ("posts/", "lists/", "tags/", "media/")  # folders below the site that Dispatch alone writes
HTML, TEXT = "edition.html", "edition.txt"  # the files that `issue preview` writes


@dataclass(frozen=True, slots=True)
class Scene:
    """What is known around an edition. Nothing of it is asked of the network."""

    site: str  # the publication's address, without a trailing slash
    address: str = ""  # postal
    is_known_page: Callable[[str], bool] = lambda url: True  # whether an address below `site` leads to something
    posts: tuple[Post, ...] = ()  # that the edition shows
    written: tuple[Written, ...] = ()  # what people wrote for it
    settings: tuple[Written, ...] = ()  # what people wrote for all of them
    files: Mapping[str, str] = field(default_factory=dict)  # address of a picture: name of the author's own file
    weights: Mapping[str, Weighed] = field(default_factory=dict)  # address of a picture: its file, where at hand
    cut: Cut | None = None  # how much of the issue one mail holds
    folders: tuple[str, ...] = ()  # beside OURS, those that hold nothing but posts' pages


_ISOLATES = re.compile("[\u2066-\u2069]")


class Proof:
    """A message taken apart. Raises nothing: what is not there is empty."""

    def __init__(self, message: bytes, scene: Scene) -> None:
        self.scene = scene
        parsed = message_from_bytes(message, EmailMessage, policy=policy.default)
        self.headers: Mapping[str, str] = {name.lower(): str(value) for name, value in parsed.items()}
        parts = {part.get_content_type(): str(part.get_content()) for part in parsed.walk() if _is_text(part)}
        self.html, self.text = parts.get("text/html", ""), parts.get("text/plain", "")
        self.page: _Element = read_page(self.html)

    @property
    def subject(self) -> str:
        """What inboxes show first, without the marks that keep names apart in it (UAX #9, section 2.4)."""
        return _ISOLATES.sub("", self.headers.get("subject", ""))

    @property
    def of_list(self) -> bool:
        """Whether it goes to a mailing list; else it is a word to one person, such as a receipt."""
        return "auto-submitted" not in self.headers

    @property
    def unsubscribe(self) -> str:
        """Where the reader's own link to leave by leads."""
        return self.headers.get("list-unsubscribe", "").strip("<> ")

    @cached_property
    def style(self) -> str:
        """All style sheets that stay in the mail."""
        return "\n".join(style.text or "" for style in self.page.iter("style"))

    @cached_property
    def light(self) -> Mapping[_Element, Look]:
        """How each element looks, in document order."""
        return looks(self.page, {})

    @cached_property
    def dark(self) -> Mapping[_Element, Look]:
        """How each element looks to those who read in dark mode; empty where the mail has none."""
        over = darkened(self.page, self.style)
        return looks(self.page, over, NIGHT if KNOWS_NIGHT(self.style) else Look()) if over else {}

    @cached_property
    def seen(self) -> str:
        """All words that a reader sees, as one line."""
        return seen_words(self.page, lambda element: self.light[element].shown)

    def passages(self, drawn: Mapping[_Element, Look]) -> Iterator[tuple[_Element, str, Look]]:
        """Every element that holds words of its own, with these and its look, hidden ones too."""
        for element, look in drawn.items():
            if words := own_words(element):
                yield element, words, look

    def spoken(self, drawn: Mapping[_Element, Look]) -> Iterator[tuple[_Element, str, Look]]:
        """Every picture with the words that stand in its place while it is not shown, and their look."""
        for element, _ in self.pictures():
            if words := (element.get("alt") or "").strip():
                yield element, words, drawn.get(element, Look())

    def links(self) -> Iterator[tuple[_Element, str]]:
        """Every link that a reader sees, with its address."""
        for element in self.page.iter("a", "area"):
            if self.light[element].shown:
                yield element, (element.get("href") or "").strip()

    def pictures(self) -> Iterator[tuple[_Element, str]]:
        """Every picture, with its address."""
        for element in self.page.iter("img"):
            yield element, (element.get("src") or "").strip()

    def is_dead(self, url: str) -> bool:
        """Whether an address of the site leads to nothing that Dispatch knows of."""
        return url.startswith(f"{self.scene.site}/") and not self.scene.is_known_page(url)

    def is_in_our_care(self, url: str) -> bool:
        """Whether nobody else can have put something at an address of the site."""
        return url.removeprefix(f"{self.scene.site}/").startswith((*OURS, *self.scene.folders))

    def is_of_settings(self, url: str) -> bool:
        """Whether the settings put a picture into every mail, as they do a logo."""
        return place(self.scene.settings, [url]) is not None

    def place_of_link(self, link: _Element) -> str:
        """Where its author wrote a link; else its line in the HTML."""
        url = (link.get("href") or "").strip()
        clues = [*clues_of_address(url, self.scene.site), *clues_of_words(all_words(link))]
        return place(self.scene.written, clues) or self._post_with(url) or line_in_html(link)

    def place_of_picture(self, picture: _Element) -> str:
        """Where its author, or the settings, put a picture; else its line in the HTML."""
        url = (picture.get("src") or "").strip()
        name, words = self.scene.files.get(url, ""), (picture.get("alt") or "").strip()
        clues = [f"![{words}](" if words else "", name, *clues_of_address(url, self.scene.site)]
        found = place(self.scene.written, clues) or place(self.scene.settings, [url]) or self._post_with(url)
        return found or line_in_html(picture)

    def _post_with(self, url: str) -> str:
        """The post that holds an address which its author wrote in a way that is not known here; empty: none does."""
        whole = f'="{escape(url)}"'
        return next((post.where for post in self.scene.posts if url and whole in post.html), "")

    def place_of_words(self, element: _Element, words: str) -> str:
        """Where its author wrote these words; else the element's line in the HTML."""
        return place(self.scene.written, [words] if len(words.split()) > 1 else []) or line_in_html(element)


def line_in_html(element: _Element) -> str:
    """An element's line in the HTML part."""
    return f"{HTML}:{element.sourceline}"


def _is_text(part: EmailMessage) -> bool:
    return part.get_content_maintype() == "text"
