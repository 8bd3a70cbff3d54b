"""A real browser on the pages that people see."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, sync_playwright

TABLE = "| one | two | three | four | five | six |\n|---|---|---|---|---|---|\n" + "| a-rather-long-cell " * 6 + "|\n"
CODE = "```python\n" + "very_long_name = 'a' * 80  # " + "x" * 120 + "\n```\n"


@pytest.fixture(scope="module")
def site_of(tools: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A service with one mailed post that is hard to fit on a phone."""
    port = tools.free_port()
    publication = tools.Publication(tmp_path_factory.mktemp("wide")).settings(url=f"http://127.0.0.1:{port}")
    publication.people("ada@example.org")
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


def _width(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth"))


def test_unsubscribing_in_a_browser(site_of: Any, page: Page) -> None:
    """Open the link, see one button, click it, read that it is done; the subscription has ended."""
    link = str(site_of.mails()[0]["List-Unsubscribe"]).strip("<>")
    page.goto(link)
    assert page.locator("button").count() == 1
    assert "Tide News" in page.locator("h1").inner_text()
    assert _width(page) <= 360
    page.locator("button").click()
    page.wait_for_load_state()
    assert "You are unsubscribed" in page.locator("h1").inner_text()
    assert _width(page) <= 360
    assert page.context.cookies() == []
    assert "ended" in site_of.run("subscriber", "show", "ada@example.org").stdout


@pytest.mark.parametrize("path", ["/", "/lists/news/", "/posts/one/", "/tags/sea/"])
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
