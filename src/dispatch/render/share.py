"""How readers pass a mail on: plain links, which nobody sees but those who follow them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import quote

from dispatch.content.excerpt import shorten
from dispatch.message.address import ascii_address, ascii_url, split_sender
from dispatch.model.issue import Publication, Share

# The addresses at which each service takes what is to be shared, and what it calls itself.
SERVICES: Mapping[Share, tuple[str, str]] = MappingProxyType(
    {
        "bluesky": ("Bluesky", "https://bsky.app/intent/compose?text={title}%20{url}"),
        "facebook": ("Facebook", "https://www.facebook.com/sharer/sharer.php?u={url}"),
        "linkedin": ("LinkedIn", "https://www.linkedin.com/sharing/share-offsite/?url={url}"),
        "reddit": ("Reddit", "https://www.reddit.com/submit?url={url}&title={title}"),
        "telegram": ("Telegram", "https://t.me/share/url?url={url}&text={title}"),
        "whatsapp": ("WhatsApp", "https://wa.me/?text={title}%20{url}"),
        "x": ("X", "https://x.com/intent/post?url={url}&text={title}"),
    }
)


TITLE = 100  # characters


@dataclass(frozen=True, slots=True)
class Passing:
    """What a reader can do with a mail beside reading it; every address is ASCII."""

    reply: str  # mailto: (RFC 6068)
    forward: str
    share: tuple[tuple[str, str], ...]  # a service's name and the address to go to


def passing_on(publication: Publication, answer_to: str, subject: str, url: str) -> Passing:
    """The links of one mail. `answer_to` is a mailbox, `url` where the mail stands on the web; empty: nowhere."""
    subject = shorten(subject, TITLE)  # encoded, a letter may take twelve, and it stands in every link
    address = quote(ascii_address(split_sender(answer_to)[1]), safe="@")
    body = quote(f"{subject}\r\n{ascii_url(url)}" if url else subject, safe="")
    return Passing(
        reply=f"mailto:{address}?subject={quote(f'Re: {subject}')}",
        forward=f"mailto:?subject={quote(subject)}&body={body}",
        share=tuple(_services(publication.share, subject, ascii_url(url))) if url else (),
    )


def _services(chosen: tuple[Share, ...], title: str, url: str) -> Iterator[tuple[str, str]]:
    for name in dict.fromkeys(chosen):
        label, pattern = SERVICES[name]
        yield label, pattern.format(title=quote(title, safe=""), url=quote(url, safe=""))
