"""The unsubscribe link: GET asks, POST does, a forged one does nothing."""

from typing import Any

import httpx
import pytest

ONE_CLICK = {"content-type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"])
async def test_only_post_changes_anything(web: httpx.AsyncClient, leavings: Any, method: str) -> None:
    """Scanners that follow or probe links unsubscribe nobody."""
    await web.request(method, "/u/good")
    assert leavings.active == {"good"}


async def test_get_shows_one_button(web: httpx.AsyncClient) -> None:
    """The page names list and masked address, escaped, with one form and no script."""
    answer = await web.get("/u/good")
    assert answer.status_code == 200
    assert answer.text.count("<button") == answer.text.count("<form") == 1
    assert "a…@example.org" in answer.text
    assert "The &lt;Weekly&gt;" in answer.text
    assert "<script" not in answer.text


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"List-Unsubscribe=One-Click", "application/x-www-form-urlencoded"),
        (
            b'--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n',
            "multipart/form-data; boundary=x",
        ),
        (b"", "text/plain"),
    ],
)
async def test_one_post_ends_it(web: httpx.AsyncClient, leavings: Any, body: bytes, kind: str) -> None:
    """Mail programs and the button get 200 at once: no redirect, no cookie, no login (RFC 8058, section 3.1)."""
    answer = await web.post("/u/good", content=body, headers={"content-type": kind})
    assert answer.status_code == 200
    assert leavings.active == set()
    assert "unsubscribed" in answer.text
    assert not {"set-cookie", "location", "www-authenticate"} & set(answer.headers)


async def test_twice_is_as_good_as_once(web: httpx.AsyncClient) -> None:
    """A second POST says the same, and the link then shows that they have left."""
    for _ in range(2):
        assert (await web.post("/u/good", content=b"List-Unsubscribe=One-Click")).status_code == 200
    page = (await web.get("/u/good")).text
    assert "You are unsubscribed" in page
    assert "<button" not in page


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("token", ["forged", "good.x", "%00", "good%20", "ü"])
async def test_a_forged_link_does_nothing(web: httpx.AsyncClient, leavings: Any, method: str, token: str) -> None:
    """It is told so, with 404."""
    answer = await web.request(method, f"/u/{token}")
    assert answer.status_code == 404
    assert "This link does not work" in answer.text
    assert leavings.active == {"good"}


async def test_a_long_body_is_refused(web: httpx.AsyncClient, leavings: Any) -> None:
    """Nobody fills our memory by the way of unsubscribing."""
    answer = await web.post("/u/good", content=b"x" * 9000, headers=ONE_CLICK)
    assert answer.status_code == 413
    assert leavings.active == {"good"}


async def test_a_broken_store_is_no_success(web: httpx.AsyncClient, leavings: Any) -> None:
    """503 with a time makes mail programs try again; nobody is told that it worked."""
    leavings.broken = True
    answer = await web.post("/u/good", content=b"List-Unsubscribe=One-Click")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
    assert "unsubscribed" not in answer.text


@pytest.mark.parametrize("token", ["good", "forged"])
async def test_the_address_stays_between_us(web: httpx.AsyncClient, token: str) -> None:
    """No cache keeps the page, no referrer tells the token, no site frames the button."""
    headers = (await web.get(f"/u/{token}")).headers
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
