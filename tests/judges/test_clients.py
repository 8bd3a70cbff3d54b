"""No client is asked for what it does not have, as caniemail.com's tables say."""

from collections.abc import Sequence
from dataclasses import replace

from .clients import CLIENTS, complaints, findings, unneeded
from .editions import Mail, listed

LACKING = {
    '<div style="display:grid">x</div>': "display:grid is not supported by",
    '<img src="https://a.example/b.svg" alt="">': "SVG image format is not supported by",
    '<p style="position:fixed">x</p>': "position is not supported by",
    '<p style="white-space:nowrap">x</p>': "white-space is not supported by outlook.windows, samsung-email.android",
    "<video controls></video>": "<video> element is not supported by",
}


def test_every_client_supports_every_mail(mails: Sequence[Mail]) -> None:
    """In what stands outside of `<style>`, where clients drop what they do not know; every exception is needed."""
    everything = findings(mails)
    found = listed(complaints(everything, mails))
    assert not found, found
    assert unneeded(everything) == []


def test_what_a_client_lacks_is_named(mails: Sequence[Mail]) -> None:
    """With the clients that lack it."""
    worse = [replace(mails[0], name=html, html=mails[0].html.replace("</body>", f"{html}</body>")) for html in LACKING]
    found = list(complaints(findings(worse), worse))
    for html, said in LACKING.items():
        assert any(complaint.mail == html and said in complaint.said for complaint in found), (html, listed(found))


def test_sixteen_clients_are_asked() -> None:
    """As many as the mails of other programs were judged by."""
    assert len(set(CLIENTS)) == 16
