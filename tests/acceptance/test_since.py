"""What is mailed and what is archive: `since`, and never a flood."""

from datetime import date, timedelta
from typing import Any


def _old_blog(publication: Any, size: int = 60) -> None:
    for number in range(size):
        day = date(2024, 1, 1) + timedelta(days=number)
        publication.post(f"old-{number:02}.md", f"Old post {number}", date=day.isoformat())


def test_an_old_blog_fills_feeds_and_pages_and_mails_nobody(publication: Any) -> None:
    """Sixty posts, a list without `since`: all have pages, the feed is full, nobody is mailed."""
    publication.settings(since="")
    publication.people("ada@example.org")
    _old_blog(publication)
    assert "60 new" in publication.once()
    assert publication.mailed() == []
    assert len(publication.titles()) == 30
    assert len(list((publication.folder / "public/posts").glob("*/index.html"))) == 60
    publication.once()
    assert publication.mailed() == []


def test_the_next_post_of_an_old_blog_goes_out(publication: Any) -> None:
    """After the archive, one more post is one mail with this post alone."""
    publication.settings(since="")
    publication.people("ada@example.org")
    _old_blog(publication, 5)
    publication.once()
    publication.post("next.md", "The next one", date="2026-11-01")
    publication.once()
    assert publication.mailed() == ["ada@example.org"]
    text = publication.mails()[0].get_body(("plain",)).get_content()
    assert "The next one" in text
    assert "Old post" not in text


def test_a_backdated_post_is_new_where_no_since_says_otherwise(publication: Any) -> None:
    """Without `since`, new means arrived after the first pass, whatever the post's date."""
    publication.settings(since="")
    publication.people("ada@example.org")
    _old_blog(publication, 2)
    publication.once()
    publication.post("late.md", "Found in a drawer", date="2019-01-01")
    publication.once()
    assert publication.mailed() == ["ada@example.org"]


def test_since_mails_posts_of_that_day_and_none_before(publication: Any) -> None:
    """`since` opens the gate on that very day, in the publication's zone."""
    publication.settings(since="since = 2026-06-01")
    publication.people("ada@example.org")
    publication.post("before.md", "The day before", date="2026-05-31T23:59:00+02:00")
    publication.post("same.md", "The very day", date="2026-06-01T00:01:00+02:00")
    publication.once()
    text = "".join(mail.get_body(("plain",)).get_content() for mail in publication.mails())
    assert "The very day" in text
    assert "The day before" not in text
    assert len(publication.titles()) == 2


def test_three_new_posts_are_three_mails_and_four_are_one(started: Any) -> None:
    """Up to three new posts at once go out one by one; more are one issue, not a flood."""
    for number in range(3):
        started.post(f"single-{number}.md", f"Single {number}", date=f"2026-10-0{number + 1}")
    started.once()
    assert started.mailed() == ["ada@example.org"] * 3
    for number in range(4):
        started.post(f"many-{number}.md", f"Many {number}", date=f"2026-10-1{number + 1}")
    started.once()
    assert started.mailed() == ["ada@example.org"] * 4
    digest = next(mail for mail in started.mails() if "Many" in str(mail["Subject"]))
    text = digest.get_body(("plain",)).get_content()
    assert all(f"Many {number}" in text for number in range(4))
