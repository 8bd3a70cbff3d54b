"""The pages made at the moment they are asked for: style included, no address but the publication's own."""

from dispatch.acts.subscriber import LeavePage
from dispatch.language import direction
from dispatch.model.issue import Publication
from dispatch.syndicate.pages import style
from dispatch.theme import Theme, trusted


class Notices:
    """Renders single pages in the publication's look."""

    def __init__(self, publication: Publication, theme: Theme) -> None:
        self._theme = theme
        self._common = {
            "publication": publication,
            "root": f"{publication.url}/",
            "direction": direction,
            "css": trusted(style(publication, theme)),
        }

    def not_found(self) -> str:
        """What answers an address that leads nowhere."""
        return self._notice("Nothing is here", "The address may be mistyped, or the page has moved.")

    def forged(self) -> str:
        """What answers an unsubscribe link that was not made here."""
        return self._notice(
            "This link does not work",
            "It was not made by this publication or is incomplete, and nothing has been changed. "
            "Open the link in the mail itself, or copy it whole.",
        )

    def busy(self) -> str:
        """What answers when the store cannot be reached."""
        return self._notice("Not now", "Your wish could not be recorded at this moment. Please try again in a minute.")

    def too_long(self) -> str:
        """What answers a request with more in it than an unsubscribe request holds."""
        return self._notice("Too much was sent", "Nothing has been changed. Open the link in the mail itself.")

    def leave(self, page: LeavePage) -> str:
        """The page with the one button, or, for those who have left, the page that says so."""
        return self._theme.render("web/left.html" if page.already_left else "web/leave.html", page=page, **self._common)

    def left(self, page: LeavePage) -> str:
        """The page after the button."""
        return self._theme.render("web/left.html", page=page, **self._common)

    def _notice(self, heading: str, explanation: str) -> str:
        return self._theme.render("web/not_found.html", heading=heading, explanation=explanation, **self._common)
