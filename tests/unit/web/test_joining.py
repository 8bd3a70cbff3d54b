"""Signing up and confirming: GET asks, POST does, and nobody learns who is subscribed."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from dispatch.acts.joining import SignUp, Standing
from dispatch.theme import Theme

PAGES = ["/subscribe/", "/subscribe", "/subscribe/news", "/subscribe/news/", "/confirm/good"]
ADA = {"email": "ada@example.org"}


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"])
async def test_only_post_changes_anything(web: httpx.AsyncClient, joinings: Any, page: str, method: str) -> None:
    """Scanners that follow or probe links sign nobody up and confirm nothing."""
    await web.request(method, page, params=ADA)
    assert (joinings.wishes, joinings.standing) == ([], Standing.WAITS)


async def test_the_form_has_all_that_can_be_chosen(web: httpx.AsyncClient) -> None:
    """The title escaped, a label for each field, a cadence chosen already, no script."""
    page = (await web.get("/subscribe/news")).text
    assert "Subscribe to The &lt;News&gt;" in page
    for field in ("email", "name", "language"):
        assert f'<label for="{field}">' in page
    assert re.findall(r'value="(\w+)"( checked)?>', page)[:2] == [("immediate", " checked"), ("weekly", "")]
    assert "<script" not in page


async def test_a_list_without_choice_offers_none(web: httpx.AsyncClient) -> None:
    """One cadence is said, not asked for; all lists are a page away."""
    page = (await web.get("/subscribe/letters")).text
    assert 'type="radio"' not in page
    assert "once a month" in page
    lists = (await web.get("/subscribe/")).text
    assert "/subscribe/news" in lists
    assert "/subscribe/letters" in lists


async def test_where_there_is_one_list_its_form_is_the_page(web: httpx.AsyncClient, joinings: Any) -> None:
    """And takes what is filled in, too."""
    joinings.offered = replace(joinings.offered, lists={"letters": joinings.offered.lists["letters"]})
    assert '<label for="email">' in (await web.get("/subscribe/")).text
    await web.post("/subscribe/", data=ADA)
    assert [wish.list_slug for wish in joinings.wishes] == ["letters"]


async def test_what_is_filled_in_arrives(web: httpx.AsyncClient, joinings: Any) -> None:
    """And the answer says where to look, in the language chosen."""
    given = {**ADA, "name": "Ada", "cadence": "weekly", "language": "de"}
    answer = await web.post("/subscribe/news", data=given)
    assert (answer.status_code, joinings.wishes) == (200, [SignUp("news", "ada@example.org", "Ada", "weekly", "de")])
    assert '<html lang="de"' in answer.text
    assert not {"set-cookie", "location"} & set(answer.headers)


@pytest.mark.parametrize(("accepts", "spoken"), [("de-AT,en;q=0.5", "de"), ("fr", "en"), ("", "en"), ("*;q=x", "en")])
async def test_without_a_choice_the_browser_says_the_language(
    web: httpx.AsyncClient, joinings: Any, accepts: str, spoken: str
) -> None:
    """Among those that the publication has."""
    await web.post("/subscribe/news", data=ADA, headers={"accept-language": accepts})
    assert joinings.wishes[0].language == spoken


async def test_a_wrong_address_is_said_beside_it(web: httpx.AsyncClient, joinings: Any) -> None:
    """The form comes back as it was filled in, escaped, and the field points to what is wrong with it."""
    answer = await web.post("/subscribe/news", data={"email": '"><b>', "name": "Ada", "cadence": "weekly"})
    assert (answer.status_code, joinings.wishes) == (422, [])
    assert 'value="&#34;&gt;&lt;b&gt;"' in answer.text
    assert 'aria-describedby="email-wrong" aria-invalid="true"' in answer.text
    assert 'id="email-wrong"' in answer.text
    assert 'value="weekly" checked' in answer.text
    assert 'value="Ada"' in answer.text


async def test_the_trap_catches_programs(web: httpx.AsyncClient, joinings: Any) -> None:
    """Who fills in what nobody sees is answered as ever, and nothing is done."""
    trapped = await web.post("/subscribe/news", data={**ADA, "subject": "cheap"})
    honest = await web.post("/subscribe/news", data=ADA)
    assert trapped.text == honest.text
    assert len(joinings.wishes) == 1


@pytest.mark.parametrize("path", ["/subscribe/news", "/preferences/"])
async def test_the_time_of_an_answer_tells_nothing(
    web: httpx.AsyncClient, watch: Any, joinings: Any, choosings: Any, path: str
) -> None:
    """Whatever there is to do behind it, were it nothing, the answer leaves on one beat; if long, on the next."""
    for takes, leaves, trap in ((0.0, 0.25, ""), (0.002, 0.25, ""), (0.2, 0.25, ""), (0.0, 0.25, "x"), (0.3, 0.5, "")):
        watch.now, joinings.takes, choosings.takes = 0.0, takes, takes
        await web.post(path, data={**ADA, "subject": trap})
        assert watch.now == pytest.approx(leaves)


async def test_one_visitor_signs_up_ten_times_a_minute(web: httpx.AsyncClient, joinings: Any) -> None:
    """The eleventh is asked to wait, whatever address it names."""
    answers = [await web.post("/subscribe/news", data={"email": f"a{one}@example.org"}) for one in range(12)]
    assert [answer.status_code for answer in answers] == [200] * 10 + [429] * 2
    assert answers[-1].headers["retry-after"] == "60"
    assert len(joinings.wishes) == 10


@pytest.mark.parametrize("page", ["/subscribe/news", "/confirm/good", "/p/good", "/preferences/"])
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"sec-fetch-site": "same-origin"}, 200),
        ({"sec-fetch-site": "none"}, 200),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "cross-site", "origin": "https://evil.example"}, 403),
        ({"sec-fetch-site": "cross-site", "origin": "https://news.example.org"}, 200),
        ({"origin": "https://news.example.org"}, 200),
        ({"origin": "https://NEWS.example.org"}, 200),
        ({"origin": "http://news.example.org.evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "null", "host": ""}, 403),
        ({"origin": ""}, 403),
        ({"origin": "https://[bad"}, 403),
        ({"origin": "https://[::1]]:x", "host": "[bad"}, 403),
        ({"origin": "https://news.example.org@evil.example"}, 403),
        ({"sec-fetch-site": "[bad"}, 403),
    ],
)
async def test_other_sites_cannot_press_our_buttons(
    web: httpx.AsyncClient, page: str, headers: dict[str, str], status: int
) -> None:
    """The browser tells where a form comes from: by Sec-Fetch-Site, else by Origin."""
    answer = await web.post(page, data=ADA, headers=headers)
    assert answer.status_code == status
    if status == 403:
        assert "another site" in answer.text


@pytest.mark.parametrize("page", ["/subscribe/news", "/confirm/good", "/p/good", "/preferences/", "/u/good"])
@pytest.mark.parametrize(
    "headers",
    [
        {"host": "[bad"},
        {"x-forwarded-for": "[bad, 1.2.3", "x-forwarded-proto": "ftp:[", "x-forwarded-host": "[bad"},
        {"content-length": "-1"},
        {"content-length": "much"},
        {"content-type": "application/x-www-form-urlencoded; charset=no-such"},
        {"content-type": 'application/x-www-form-urlencoded; charset="'},
        {"accept-language": "de;q=nan, [;q=1e999, *;q="},
        {"referer": "https://[bad"},
    ],
)
async def test_no_header_breaks_a_page(web: httpx.AsyncClient, page: str, headers: dict[str, str]) -> None:
    """Whatever a stranger writes there, the form is taken."""
    assert (await web.post(page, data=ADA, headers=headers)).status_code == 200


async def test_a_page_says_what_it_takes(web: httpx.AsyncClient) -> None:
    """To look and to act (RFC 9110, section 15.5.6)."""
    for page in (*PAGES, "/p/good", "/preferences", "/preferences/", "/u/good"):
        for method in ("PUT", "DELETE", "OPTIONS", "NONSENSE"):
            answer = await web.request(method, page)
            assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD, POST")


@pytest.mark.parametrize("page", ["/subscribe/news", "/confirm/good", "/p/good", "/preferences/", "/u/good"])
async def test_a_long_body_is_refused(web: httpx.AsyncClient, joinings: Any, choosings: Any, page: str) -> None:
    """Nobody fills our memory by the way of a form."""
    answer = await web.post(page, data={"email": "x" * 1_000_000})
    assert answer.status_code == 413
    assert (joinings.wishes, joinings.standing, choosings.done) == ([], Standing.WAITS, [])


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"email=a%FF", "application/x-www-form-urlencoded", 400),
        (b"a=1&" * 600, "application/x-www-form-urlencoded", 400),
        (b"{}", "application/json", 415),
        (b"--x--", "multipart/form-data; boundary=x", 415),
        (b"email=ada@example.org", "text/plain", 415),
    ],
)
async def test_what_no_form_sends_is_refused(
    web: httpx.AsyncClient, joinings: Any, body: bytes, kind: str, status: int
) -> None:
    """By its status, on a page that says what to do."""
    answer = await web.post("/subscribe/news", content=body, headers={"content-type": kind})
    assert (answer.status_code, joinings.wishes) == (status, [])
    assert "Nothing has been changed" in answer.text


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("path", ["/subscribe/nonsense", "/confirm/forged", "/confirm/%00", "/confirm/ü", "/p/forged"])
async def test_what_is_not_there_is_404(web: httpx.AsyncClient, method: str, path: str) -> None:
    """A list that is none, a link that was not made here."""
    assert (await web.request(method, path)).status_code == 404


@pytest.mark.parametrize("path", ["/subscribe/", "/subscribe/news", "/confirm/good", "/p/broken"])
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_broken_store_is_no_success(web: httpx.AsyncClient, joinings: Any, method: str, path: str) -> None:
    """503 with a time."""
    joinings.broken = True
    answer = await web.request(method, path)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")


async def test_nobody_waits_for_a_mail_that_does_not_come(web: httpx.AsyncClient) -> None:
    """Both answers say how often we send one at most, to everybody, for nobody is told whether one was sent."""
    for path in ("/subscribe/news", "/preferences/"):
        answer = await web.post(path, data=ADA)
        assert "one such mail in a quarter of an hour; after that, try again" in answer.text


async def test_one_press_confirms(web: httpx.AsyncClient, joinings: Any) -> None:
    """The page has one button; after it they are in, and so they are the next time; their page is a click away."""
    page = (await web.get("/confirm/good")).text
    assert page.count("<button") == page.count("<form") == 1
    assert "The &lt;News&gt;" in page
    assert "a…@example.org" in page
    for answer in (await web.post("/confirm/good"), await web.post("/confirm/good"), await web.get("/confirm/good")):
        assert answer.status_code == 200
        assert "You are on The &lt;News&gt;" in answer.text
        assert "/p/pass" in answer.text
        assert "<button" not in answer.text


@pytest.mark.parametrize(
    ("standing", "words"), [(Standing.EXPIRED, "/subscribe/news"), (Standing.CLOSED, "mailto:ann@example.org")]
)
async def test_a_link_that_lets_nobody_in_says_what_to_do(
    web: httpx.AsyncClient, joinings: Any, standing: Standing, words: str
) -> None:
    """An old one offers the form again; behind a closed one are people."""
    joinings.standing = standing
    for answer in (await web.get("/confirm/good"), await web.post("/confirm/good")):
        assert words in answer.text
        assert "<button" not in answer.text


@pytest.mark.parametrize("path", ["/subscribe/news", "/confirm/good", "/p/good", "/preferences/", "/p/forged"])
async def test_the_address_stays_between_us(web: httpx.AsyncClient, path: str) -> None:
    """No cache keeps the page, no other site learns the token, none frames the button."""
    headers = (await web.get(path)).headers
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] in ("no-referrer", "same-origin")
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-robots-tag"] == "noindex"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "script-src" not in headers["content-security-policy"]


class TestABrokenTemplate:
    """A publication's own template that cannot be rendered."""

    @pytest.fixture
    def theme(self, tmp_path: Path) -> Theme:
        """Its page to confirm names what is not there."""
        (tmp_path / "own" / "web").mkdir(parents=True)
        (tmp_path / "own" / "web" / "confirm.html").write_text("{{ nothing }}")
        return Theme(tmp_path / "own")

    async def test_is_told_to_its_author(self, web: httpx.AsyncClient, said: list[str]) -> None:
        """File and reason go to whoever watches the service; the reader sees neither, and the other pages answer."""
        answer = await web.get("/confirm/good")
        assert answer.status_code == 500
        assert "nothing" not in answer.text
        assert ["confirm.html" in line and "nothing" in line for line in said] == [True]
        assert (await web.get("/subscribe/news")).status_code == 200
