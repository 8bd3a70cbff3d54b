"""Addresses that were once read lead on: by the command line alone, as an editor works."""

from typing import Any

MOVED = 'http-equiv="refresh" content="0; url='


def ways(publication: Any) -> list[str]:
    """The lines of `_redirects` that lead somewhere."""
    file = publication.folder / "public" / "_redirects"
    return file.read_text().splitlines()[1:] if file.exists() else []


def page(publication: Any, path: str) -> str:
    """A page below public/."""
    return str((publication.folder / "public" / path / "index.html").read_text())


def test_a_post_is_found_through_all_its_names(publication: Any) -> None:
    """Its slug is renamed, the pattern changes, and it is withdrawn: each address leads on, then says so."""
    publication.post(
        "tide.md", "The tide", slug="tide", date="2026-05-01", aliases='["/old/tide.html", "//evil.example/"]'
    )
    publication.post("ebb.md", "The ebb", "[To the tide](tide.md)")
    assert "posts/tide.md:5: aliases: '//evil.example/' names another site" in publication.once()
    publication.post("tide.md", "The tide", slug="flood", date="2026-05-01", aliases='["/old/tide.html"]')
    publication.once()
    assert ways(publication) == ["/old/tide.html /posts/flood/ 301", "/posts/tide/ /posts/flood/ 301"]
    assert f"{MOVED}../../posts/flood/" in page(publication, "posts/tide")
    publication.env["DISPATCH_PUBLICATION__PERMALINK"] = "/{year}/{slug}/"
    publication.once()
    assert ways(publication) == [
        "/old/tide.html /2026/flood/ 301",
        "/posts/ebb/ /2026/ebb/ 301",
        "/posts/flood/ /2026/flood/ 301",
        "/posts/tide/ /2026/flood/ 301",
    ]
    assert {entry.link for entry in publication.feed().entries} == {
        "https://tide.example.org/2026/flood/",
        "https://tide.example.org/2026/ebb/",
    }
    assert publication.run("post", "withdraw", "1").returncode == 0
    publication.once()
    assert ways(publication) == ["/old/tide.html /2026/flood/ 301", "/posts/ebb/ /2026/ebb/ 301"]
    for path in ("2026/flood", "posts/flood", "posts/tide"):
        assert "has been withdrawn" in page(publication, path)
        assert (publication.folder / "public" / path / ".gone").exists()


def test_a_wrong_redirect_is_refused(publication: Any) -> None:
    """With its table and what is wrong, before anything is done."""
    publication.settings(more='[redirects]\n"/feed.xml" = "/x"')
    done = publication.run("run", "--once")
    assert done.returncode == 1
    assert "[redirects] /feed.xml: is an address that the site itself uses" in done.stderr
