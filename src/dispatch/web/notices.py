"""The pages made at the moment they are asked for: style included, no address but the publication's own."""

from typing import Any

from dispatch.acts.subscriber import LeavePage
from dispatch.catalogue import phrase
from dispatch.language import direction
from dispatch.model.issue import Publication
from dispatch.syndicate.pages import feed_links, style
from dispatch.syndicate.topics import ALL
from dispatch.theme import Theme, trusted


class Notices:
    """Renders single pages in the publication's look."""

    def __init__(self, publication: Publication, theme: Theme) -> None:
        self._theme = theme
        self._common: dict[str, Any] = {
            "publication": publication,
            "language": publication.language,
            "root": f"{publication.url}/",
            "direction": direction,
            "feeds": feed_links(publication, ALL, publication.title),
            "css": trusted(style(publication, theme)),
        }

    def not_found(self) -> str:
        """What answers an address that leads nowhere."""
        return self.notice("", phrase("Nothing is here"), phrase("The address may be mistyped, or the page has moved."))

    def forged(self, language: str = "") -> str:
        """What answers a link that acts and was not made here."""
        return self.notice(
            language,
            phrase("This link does not work"),
            phrase(
                "It was not made by this publication or is incomplete, and nothing has been changed. "
                "Open the link in the mail itself, or copy it whole."
            ),
        )

    def busy(self, language: str = "") -> str:
        """What answers when the store cannot be reached."""
        return self.notice(
            language,
            phrase("Not now"),
            phrase("Your wish could not be recorded at this moment. Please try again in a minute."),
        )

    def too_long(self) -> str:
        """What answers a request with more in it than an unsubscribe request holds."""
        return self.notice(
            "", phrase("Too much was sent"), phrase("Nothing has been changed. Open the link in the mail itself.")
        )

    def leave(self, page: LeavePage) -> str:
        """The page with the one button, or, for those who have left, the page that says so."""
        return self.left(page) if page.already_left else self.page("web/leave.html", page.language, page=page)

    def left(self, page: LeavePage) -> str:
        """The page after the button."""
        return self.page("web/left.html", page.language, page=page)

    def notice(self, language: str, heading: str, explanation: str) -> str:
        """A page of two sentences of the catalogues, in a reader's language; empty: the publication's."""
        say = self._theme.catalogue(language or self._common["language"]).gettext
        return self.page("web/not_found.html", language, heading=say(heading), explanation=say(explanation))

    def page(self, name: str, language: str, **values: Any) -> str:
        """A page by the name of its template, in a reader's language; empty: the publication's."""
        common = {**self._common, "language": language} if language else self._common
        return self._theme.render(name, **common, **values)
