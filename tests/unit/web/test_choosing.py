"""The page of preferences: it shows what is, and does what its forms say."""

from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import httpx
import pytest

from dispatch.acts.preferences import Choices, ListWish, Saved, Wish
from dispatch.acts.private_feed import OwnFeed
from dispatch.web.choosing import CHANGED


class Fields(HTMLParser):
    """The fields of a page's main form as a browser would send them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.sent: list[tuple[str, str]] = []
        self._select = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take a field that has a value to send."""
        has = dict(attrs)
        chosen = has.get("type") not in ("radio", "checkbox") or "checked" in has
        if tag == "input" and chosen:
            self.sent.append((has["name"] or "", has.get("value") or ""))
        if tag == "select":
            self._select = has["name"] or ""
        if tag == "option" and "selected" in has:
            self.sent.append((self._select, has["value"] or ""))


def data(page: str) -> dict[str, list[str]]:
    """The fields, to be sent."""
    fields: dict[str, list[str]] = {}
    for name, value in Fields(page).sent:
        fields.setdefault(name, []).append(value)
    return fields


async def test_saving_the_page_as_it_is_wishes_for_what_is(web: httpx.AsyncClient, choosings: Any) -> None:
    """Every field shows what is chosen: names escaped, an hour that is none of the full ones, a tag of one's own."""
    await web.post("/p/good", data=data((await web.get("/p/good")).text))
    assert choosings.done == [
        Wish(
            {"name": 'Ada "<b>"', "language": "", "timezone": ""},
            {"news": ListWish("weekly", ("<sea>",), "07:30", "2026-12-24")},
        )
    ]


async def test_a_form_without_a_field_wishes_for_nothing_there(web: httpx.AsyncClient, choosings: Any) -> None:
    """A page that was open while something changed undoes nothing; all tags unchosen means everything."""
    await web.post("/p/good", data={"shown": "news"})
    await web.post("/p/good", data={"shown": "news", "tagged:news": "yes", "until:news": ""})
    assert choosings.done == [
        Wish({}, {"news": ListWish()}),
        Wish({}, {"news": ListWish(tags=(), until="")}),
    ]


@pytest.mark.parametrize(
    ("act", "done"),
    [
        ("leave:news", ("leave", "news")),
        ("leave-all", ("leave", "")),
        ("join:letters", ("join", "letters")),
        ("resume:news", Wish(lists={"news": ListWish(until="")})),
        ("feed:3", ("feed", 3)),
        ("no-feed", "no-feed"),
        ("nonsense", Wish()),
        ("leave:", Wish()),
        ("feed:", Wish()),
        ("feed:²", Wish()),
    ],
)
async def test_each_button_does_one_thing(web: httpx.AsyncClient, choosings: Any, act: str, done: object) -> None:
    """And a button that is none does nothing: nobody leaves everything by half a word."""
    assert (await web.post("/p/good", data={"act": act})).status_code == 200
    assert choosings.done == [done]


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"])
async def test_only_post_changes_anything(web: httpx.AsyncClient, choosings: Any, method: str) -> None:
    """Scanners that follow or probe links choose nothing and ask for nothing."""
    for path in ("/p/good", "/preferences/"):
        await web.request(method, path, params={"act": "leave-all", "email": "ada@example.org"})
    assert choosings.done == []


async def test_the_page_says_what_changed(web: httpx.AsyncClient, choosings: Any) -> None:
    """By list; and where nothing differed, that."""
    assert "Nothing was different" in (await web.post("/p/good")).text
    choosings.saved = Saved(choosings.choices, (("news", "cadence"), ("", "name")))
    page = (await web.post("/p/good")).text
    assert "The &lt;News&gt;: how often it comes" in page
    assert "your name" in page
    assert 'role="status"' in page


async def test_what_is_wrong_stands_beside_its_field(web: httpx.AsyncClient, choosings: Any) -> None:
    """With what was typed, for they will want to mend it."""
    choosings.saved = Saved(choosings.choices, wrong={"until:news": "?", "name": "?", "cadence:news": "?"})
    answer = await web.post("/p/good", data={"shown": "news", "until:news": "2020-01-01", "name": "Long"})
    assert answer.status_code == 422
    assert 'value="2020-01-01" aria-describedby="until:news-hint until:news-wrong" aria-invalid="true"' in answer.text
    assert 'value="Long"' in answer.text
    assert 'role="alert"' in answer.text
    assert answer.text.count('class="error"') == 3


async def test_whoever_was_forgotten_reads_that(web: httpx.AsyncClient, choosings: Any) -> None:
    """There is nothing to choose."""
    choosings.choices = Choices(known=False)
    for answer in (await web.get("/p/good"), await web.post("/p/good")):
        assert answer.status_code == 200
        assert "<form" not in answer.text
        assert "erased" in answer.text


async def test_a_stopped_address_is_told_so(web: httpx.AsyncClient, choosings: Any) -> None:
    """And to whom to write."""
    choosings.choices = replace(choosings.choices, suppressed=True, others=())
    page = (await web.get("/p/good")).text
    assert "No mail goes to this address" in page
    assert "mailto:ann@example.org" in page


async def test_the_page_speaks_its_readers_language(web: httpx.AsyncClient, choosings: Any) -> None:
    """Theirs, whatever the browser asks for."""
    choosings.choices = replace(choosings.choices, language="de")
    assert '<html lang="de"' in (await web.get("/p/good", headers={"accept-language": "fr"})).text


async def test_asking_for_the_link_tells_nothing(web: httpx.AsyncClient, choosings: Any) -> None:
    """The answer to every address is the same; what is no address is said to be none; the trap is answered as ever."""
    one, other = [
        (await web.post("/preferences/", data={"email": f"{who}@example.org"})).text for who in ("ada", "bob")
    ]
    assert one.replace("ada", "bob") == other
    assert (await web.post("/preferences/", data={"email": "ada@example.org", "subject": "x"})).text == one
    assert choosings.done == ["ada@example.org", "bob@example.org"]
    wrong = await web.post("/preferences/", data={"email": "<ada>"})
    assert wrong.status_code == 422
    assert 'value="&lt;ada&gt;"' in wrong.text


@pytest.mark.parametrize("what", ["feed", "moved-feed"])
async def test_news_of_an_own_feed_leads_to_its_address(web: httpx.AsyncClient, choosings: Any, what: str) -> None:
    """It may stand several screens below."""
    own = OwnFeed(4, "https://news.example/f/token")
    choosings.saved = Saved(replace(choosings.choices, feed=own), (("", what),))
    page = (await web.post("/p/good", data={"act": "feed:3"})).text
    assert f'<a href="#feed">{CHANGED[what]}</a>' in page
    assert page.index('href="#feed"') < page.index(' id="feed"') < page.index(f'value="{own.address}"')
