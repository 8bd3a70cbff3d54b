"""A real browser on the pages that people see."""

import re
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Page, sync_playwright

AXE = Path(__file__).parents[1] / "judges" / "node_modules" / "axe-core" / "axe.min.js"
TABLE = "| one | two | three | four | five | six |\n|---|---|---|---|---|---|\n" + "| a-rather-long-cell " * 6 + "|\n"
CODE = "```python\n" + "very_long_name = 'a' * 80  # " + "x" * 120 + "\n```\n"


@pytest.fixture(scope="module")
def site_of(tools: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A service with one mailed post that is hard to fit on a phone."""
    port = tools.free_port()
    publication = tools.Publication(tmp_path_factory.mktemp("wide")).settings(url=f"http://127.0.0.1:{port}")
    publication.people("ada@example.org", "bob@example.org")
    word = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen" * 2
    publication.post(
        "one.md", "A wide one", f"{word}\n\n{TABLE}\n{CODE}\nhttps://example.org/{'x' * 100}\n", tags="[sea]"
    )
    publication.once()
    with publication.service(port) as running:
        publication.url = running.url
        yield publication


@pytest.fixture
def page() -> Iterator[Page]:
    """A page 360 pixels wide, whose console errors count as failures."""
    errors: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        shown = browser.new_page(viewport={"width": 360, "height": 740})
        shown.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        shown.on("pageerror", lambda error: errors.append(str(error)))
        yield shown
        browser.close()
    assert errors == []


@pytest.fixture
def open_to_all(tools: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A service with a list that anybody can join, at once or weekly, and that says goodbye."""
    port = tools.free_port()
    since = 'since = 2026-01-01\ncadences = ["weekly"]\ngoodbye = true'
    publication = tools.Publication(tmp_path_factory.mktemp("open")).settings(
        url=f"http://127.0.0.1:{port}", since=since
    )
    publication.post("one.md", "The first", tags="[sea]")
    publication.once()
    with publication.service(port) as running:
        publication.url = running.url
        yield publication


def _link(publication: Any, tools: Any, address: str, path: str) -> str:
    """The link below `path` in the mail to somebody, as soon as it is in the outbox."""

    def found() -> list[str]:
        texts = [_text(mail) for mail in publication.mails() if tools.address_of(mail["To"]) == address]
        return [link for text in texts for link in re.findall(rf"http://\S+/{path}/[^\s)>]+", text)]

    return str(tools.until(found)[0])


def _text(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body
    return str(body.get_content())


def _press(page: Page, name: str) -> str:
    """Press a button; the heading of the page that answers."""
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).click()
    assert _width(page) <= 360
    assert page.context.cookies() == []
    return page.locator("h1").inner_text()


def _width(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth"))


def test_unsubscribing_in_a_browser(site_of: Any, page: Page) -> None:
    """Open the link, see one button, click it, read that it is done; the subscription has ended."""
    link = str(site_of.mails()[0]["List-Unsubscribe"]).strip("<> ")
    page.goto(link)
    assert page.locator("button").count() == 1
    assert "Tide News" in page.locator("h1").inner_text()
    assert _width(page) <= 360
    with page.expect_navigation():
        page.locator("button").click()
    assert "You are unsubscribed" in page.locator("h1").inner_text()
    assert _width(page) <= 360
    assert page.context.cookies() == []
    assert "ended" in site_of.run("subscriber", "show", "ada@example.org").stdout


def test_a_feed_of_ones_own(site_of: Any, tools: Any, page: Page) -> None:
    """Make it, take its address to a reader, give it a new one, switch it off: each by one button, with no script."""
    page.goto(_link(site_of, tools, "bob@example.org", "p"))
    _press(page, "Make me a feed")
    assert "its address stands below" in page.get_by_role("status").inner_text()
    first = _address_shown(page)
    assert "A wide one" in tools.fetch(first).body
    page.get_by_text("In other formats").click()
    assert tools.fetch(page.get_by_label("JSON Feed").input_value()).status == 200
    _press(page, "New address")
    second = _address_shown(page)
    assert [tools.fetch(one).status for one in (first, second)] == [410, 200]
    _press(page, "Switch it off")
    assert "switched off" in page.get_by_role("status").inner_text()
    assert [tools.fetch(one).status for one in (first, second)] == [410, 410]
    assert page.get_by_role("button", name="Make me a feed").is_visible()


def _address_shown(page: Page) -> str:
    """What somebody copies: a field that can be read and not written."""
    field = page.get_by_label("Address", exact=True)
    assert field.get_attribute("readonly") is not None
    return field.input_value()


@pytest.mark.parametrize(
    "path", ["/", "/lists/news/", "/posts/one/", "/tags/sea/", "/follow/", "/lists/news/issues/", "/issues/1/"]
)
def test_no_page_scrolls_sideways_on_a_phone(site_of: Any, page: Page, path: str) -> None:
    """At 360 pixels no page is wider than the screen, whatever the post holds."""
    answer = page.goto(site_of.url + path)
    assert answer is not None
    assert answer.status == 200
    assert page.locator("h1").count() == 1
    assert _width(page) <= 360


def test_the_list_page_leads_to_posts_and_feeds(site_of: Any, page: Page) -> None:
    """From the list's page a click opens the post; its feeds are advertised."""
    page.goto(f"{site_of.url}/lists/news/")
    feeds = page.locator("link[rel=alternate]").evaluate_all("links => links.map(link => link.href)")
    assert f"{site_of.url}/lists/news/feed.xml" in feeds
    page.get_by_role("link", name="A wide one").first.click()
    page.wait_for_url("**/posts/one/")
    assert page.locator("h1").inner_text() == "A wide one"


def test_from_the_lists_page_to_the_last_mail(open_to_all: Any, tools: Any, page: Page) -> None:
    """Sign up, confirm by the mail's link, be welcomed, choose another pace, leave: all by links and buttons."""
    page.goto(f"{open_to_all.url}/lists/news/")
    page.get_by_role("link", name="Subscribe").first.click()
    page.get_by_label("Mail address").fill("ada@example.org")
    page.get_by_label("Once a week").check()
    assert _press(page, "Subscribe") == "Look into your inbox"
    link = _link(open_to_all, tools, "ada@example.org", "confirm")
    tools.fetch(link)  # a scanner that follows it changes nothing
    assert "pending" in open_to_all.run("subscriber", "show", "ada@example.org").stdout
    page.goto(link)
    assert _press(page, "Yes, subscribe me") == "You are on Tide News"
    page.goto(_link(open_to_all, tools, "ada@example.org", "p"))
    assert page.get_by_label("Once a week").is_checked()
    page.get_by_label("As soon as").check()
    page.get_by_label("sea").check()
    _press(page, "Save")
    assert "how often it comes" in page.get_by_role("status").inner_text()
    shown = open_to_all.run("subscriber", "show", "ada@example.org").stdout
    assert "immediate" in shown
    assert "sea" in shown
    _press(page, "Leave Tide News")
    assert "you have left it" in page.get_by_role("status").inner_text()
    assert "ended" in open_to_all.run("subscriber", "show", "ada@example.org").stdout
    assert tools.until(lambda: len(open_to_all.mails()) == 3)


def test_a_form_filled_in_wrongly_says_where(open_to_all: Any, page: Page) -> None:
    """Without the browser's own checks: the field is named, keeps what was typed, and can be mended."""
    page.goto(f"{open_to_all.url}/subscribe/news")
    page.get_by_label("Mail address").fill("ada@example")
    page.locator("form").evaluate("form => form.noValidate = true")
    page.route("**/subscribe/news", _as_a_success)
    _press(page, "Subscribe")
    field = page.get_by_label("Mail address")
    assert field.get_attribute("aria-invalid") == "true"
    assert field.input_value() == "ada@example"
    assert field.get_attribute("aria-describedby") == "email-wrong"
    assert page.locator("#email-wrong").is_visible()


def _as_a_success(route: Any) -> None:
    """Chromium writes every 422 into its console, where faults of ours would stand."""
    answer = route.fetch()
    assert answer.status == 422
    route.fulfill(response=answer, status=200)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nobody_is_kept_out(open_to_all: Any, tools: Any, page: Page, scheme: Literal["light", "dark"]) -> None:
    """axe-core finds nothing at all on the pages on which people join, choose and leave, nor any wider than a phone."""
    who = f"{scheme}@example.org"
    tools.fetch(f"{open_to_all.url}/subscribe/news", f"email={who}".encode())
    confirm = _link(open_to_all, tools, who, "confirm")
    browser = page.context.browser
    assert browser
    context = browser.new_context(bypass_csp=True, color_scheme=scheme, viewport={"width": 320, "height": 700})
    seen = context.new_page()
    for step in ("/subscribe/", "/preferences/", "/", "/follow/", "/lists/news/", "/posts/one/", confirm):
        seen.goto(step if step == confirm else open_to_all.url + step)
        _examine(seen)
    _press(seen, "Yes, subscribe me")
    _examine(seen)
    with seen.expect_navigation():
        seen.get_by_role("link", name="Change what you get").click()
    _examine(seen)
    _press(seen, "Save")
    _examine(seen)
    _press(seen, "Make me a feed")
    seen.get_by_text("In other formats").click()
    _examine(seen)
    seen.goto(seen.url.replace("/p/", "/u/"))
    _examine(seen)


def _examine(page: Page) -> None:
    page.add_script_tag(path=AXE)
    found = page.evaluate("async () => (await axe.run()).violations.map(one => `${one.id}: ${one.nodes[0].html}`)")
    assert found == [], page.url
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
