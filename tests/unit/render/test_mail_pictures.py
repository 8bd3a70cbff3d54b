"""Mail shows the pictures that were made for it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from dispatch.model.post import Asset, Picture, Post
from dispatch.render.mail_pictures import with_mail_pictures

WEB, MAIL = "media/0123456789ab/boat.webp", "media/0123456789ab/boat-mail.jpg"
SITE = "https://news.example.org"
ASSETS = (Asset(Path("boat.webp"), WEB), Asset(Path("boat.webp"), MAIL, WEB))
HTML = f'<p>A &amp; B <a href="{SITE}/{WEB}"><img alt="Boat" src="{SITE}/{WEB}" width="2400" height="1200"></a></p>'


def test_a_picture_s_address_is_exchanged_and_nothing_else(make_post: Callable[..., Post]) -> None:
    """The link to the original and the size at which it is shown stay."""
    post = with_mail_pictures(replace(make_post(html=HTML), assets=ASSETS))
    assert post.html == HTML.replace(f'src="{SITE}/{WEB}"', f'src="{SITE}/{MAIL}"')


def test_the_lead_picture_too(make_post: Callable[..., Post]) -> None:
    """With its words and size."""
    image = Picture(f"{SITE}/{WEB}", "Boat", 2400, 1200)
    post = with_mail_pictures(replace(make_post(), image=image, assets=ASSETS))
    assert post.image == replace(image, url=f"{SITE}/{MAIL}")


def test_a_post_of_before_is_as_it_was(make_post: Callable[..., Post]) -> None:
    """Stored without any picture for mail, it is rendered from what it has."""
    post = replace(make_post(html=HTML), assets=ASSETS[:1])
    assert with_mail_pictures(post) is post


def test_a_publication_that_moved_is_no_matter(make_post: Callable[..., Post]) -> None:
    """Pictures are known by their place below the site."""
    post = with_mail_pictures(replace(make_post(html=HTML.replace(SITE, "https://new.example/news")), assets=ASSETS))
    assert f'src="https://new.example/news/{MAIL}"' in post.html


def test_somebody_else_s_picture_of_that_name_stays(make_post: Callable[..., Post]) -> None:
    """Another folder is another picture."""
    html = '<img alt="" src="https://elsewhere.example/media/ffffffffffff/boat.webp"><img alt="" src="boat.webp">'
    assert with_mail_pictures(replace(make_post(html=html), assets=ASSETS)).html == html
