"""Chromium: what a mail looks like, and what axe-core says of it to those who cannot see it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import css_inline
from playwright.sync_api import Page, Route, sync_playwright

from .editions import HERE, Complaint, Mail

AXE = HERE / "node_modules" / "axe-core" / "axe.min.js"
PICTURE = HERE / "posts" / "pictures" / "quay.png"
WIDTHS = (320, 600, 1024)  # CSS pixels: a small telephone, a mail's own width, a desk
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
GRAVE = ("serious", "critical")

# In dark colours only they differ.
RULES = {"light": {}, "dark": {"runOnly": {"type": "rule", "values": ["color-contrast"]}}}
TOO_WIDE = """width => [...document.querySelectorAll('body *')]
  .filter(element => { const box = element.getBoundingClientRect(); return box.right > width + 1 || box.left < -1; })
  .map(element => element.outerHTML.slice(0, 90)).at(-1) ?? ''"""
SHADES = """() => [['.sheet', 'backgroundColor'], ['h1', 'color'], ['.page', 'color']]
  .map(([where, what]) => getComputedStyle(document.querySelector(where))[what])"""

# The longhands that the style sheet to be inlined says, and what they come to for each element.
PROPERTIES = """() => [...new Set([...document.styleSheets[0].cssRules].flatMap(rule => [...rule.style]))].sort()"""
COMPUTED = """names => [...document.querySelectorAll('body, body *')].map(element => {
  const style = getComputedStyle(element);
  return element.tagName + '.' + element.className + ' ' + names.map(name => style.getPropertyValue(name)).join('; ');
})"""


@contextmanager
def open_page() -> Iterator[Page]:
    """A page in which every picture is the same one, and from which nothing is fetched."""
    picture = PICTURE.read_bytes()

    def answer(route: Route) -> None:
        if route.request.resource_type == "image":
            route.fulfill(body=picture, content_type="image/png")
        else:
            route.abort()

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 600, "height": 900})
        page.route("**/*", answer)
        yield page
        browser.close()


def barriers(mails: Sequence[Mail]) -> list[Complaint]:
    """Everything serious or critical that axe-core finds, in light and in dark."""
    with open_page() as page:
        return [complaint for mail in mails for complaint in _barriers(page, mail)]


def _barriers(page: Page, mail: Mail) -> Iterator[Complaint]:
    page.set_content(mail.html)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        found: dict[str, Any] = page.evaluate(
            "rules => axe.run(rules)", {"resultTypes": ["violations"], **RULES[scheme]}
        )
        for rule in found["violations"]:
            for node in rule["nodes"] if rule["impact"] in GRAVE else ():
                yield Complaint(mail.name, f"{scheme}: {rule['id']}: {node['html'][:120]}: {_why(node)}")


def _why(node: dict[str, Any]) -> str:
    return str(node["any"][0]["message"] if node["any"] else node["failureSummary"])


def sideways(mails: Sequence[Mail]) -> list[Complaint]:
    """Every mail that is wider than the screen, with the last element that reaches out."""
    with open_page() as page:
        return [complaint for mail in mails for complaint in _sideways(page, mail)]


def _sideways(page: Page, mail: Mail) -> Iterator[Complaint]:
    page.set_content(mail.html)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        reached = page.evaluate("document.documentElement.scrollWidth")
        if reached > width:
            widest = page.evaluate(TOO_WIDE, width)
            yield Complaint(mail.name, f"{reached} pixels wide on a screen of {width}: {widest}")


def undarkened(mails: Sequence[Mail]) -> list[Complaint]:
    """Every mail that looks the same by night: whose paper or whose text keeps its colour."""
    with open_page() as page:
        return [Complaint(mail.name, "as bright as by day") for mail in mails if not _darkens(page, mail)]


def _darkens(page: Page, mail: Mail) -> bool:
    page.set_content(mail.html)
    shades = []
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        shades.append(page.evaluate(SHADES))
    return all(light != dark for light, dark in zip(*shades, strict=True))


@dataclass(frozen=True, slots=True)
class Look:
    """One way to show a mail."""

    width: int
    scheme: Literal["light", "dark"]


LOOKS = (Look(1024, "light"), Look(375, "dark"))


def restyled(mails: Sequence[Mail]) -> list[Complaint]:
    """Every element that inlining, ours or another's, shows otherwise than the style sheet does."""
    with open_page() as page:
        return [complaint for mail in mails if not mail.cut for complaint in _restyled(page, mail)]


def _restyled(page: Page, mail: Mail) -> Iterator[Complaint]:
    styled = mail.bare.replace("<head>", f"<head><style>{mail.sheet}</style>", 1)
    page.set_content(styled)
    names = page.evaluate(PROPERTIES)
    wanted = _computed(page, styled, names)
    for inliner, html in (("premailer", mail.inlined), ("css-inline", by_css_inline(mail))):
        found = _computed(page, html, names)
        if len(found) != len(wanted):
            yield Complaint(mail.name, f"{inliner} left {len(found)} of {len(wanted)} elements")
        pairs = zip(wanted, found, strict=False)
        changed = [_difference(before, after, names) for before, after in pairs if before != after]
        for said in sorted(changed, key=_causes_first)[:3]:
            yield Complaint(mail.name, f"{inliner} changed {said}")


def _causes_first(difference: str) -> int:
    """What changed grows, and with it all that it stands in, by a height alone: that comes last."""
    return -difference.count(" from ")


def by_css_inline(mail: Mail) -> str:
    """The mail as css-inline inlines its style sheet; the other, for dark and narrow screens, stays as it is."""
    inliner = css_inline.CSSInliner(
        inline_style_tags=False, keep_style_tags=True, extra_css=mail.sheet, load_remote_stylesheets=False
    )
    return inliner.inline(mail.bare)


def _computed(page: Page, html: str, names: Sequence[str]) -> list[str]:
    page.set_content(html)
    shown: list[str] = []
    for look in LOOKS:
        page.set_viewport_size({"width": look.width, "height": 900})
        page.emulate_media(color_scheme=look.scheme)
        shown += page.evaluate(COMPUTED, names)
    return shown


def _difference(before: str, after: str, names: Sequence[str]) -> str:
    element = before.partition(" ")[0]
    pairs = zip(names, before[len(element) + 1 :].split("; "), after.partition(" ")[2].split("; "), strict=False)
    return element + ": " + ", ".join(f"{name} from {was} to {now}" for name, was, now in pairs if was != now)
