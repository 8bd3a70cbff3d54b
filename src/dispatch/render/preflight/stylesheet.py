"""The style sheets that stay in the mail: Gmail drops those that it finds too long or cannot read."""

from collections.abc import Iterator

from dispatch.render.look import STYLE_LIMIT
from dispatch.render.preflight.proof import Proof, line_in_html
from dispatch.render.preflight.remark import Remark, Severity
from dispatch.render.styles import blocks


def stylesheet(proof: Proof) -> Iterator[Remark]:
    """Too long, with an @ inside an @, or one that would fetch something."""
    sheets = list(proof.page.iter("style"))
    length = len(proof.style.encode())
    if length > STYLE_LIMIT:
        said = f"<style> has {length:,} bytes; Gmail drops what is longer than {STYLE_LIMIT:,}, and with it dark mode"
        yield Remark(Severity.WARNING, line_in_html(sheets[0]), said, "Shorten email/kept.css.")
    for sheet in sheets:
        css, where = sheet.text or "", line_in_html(sheet)
        if any(inner.is_at_rule for outer in blocks(css) if outer.is_at_rule for inner in blocks(outer.body)):
            cure = "Let each @ stand by itself in email/kept.css."
            yield Remark(Severity.WARNING, where, "an @ rule stands inside another, for which Gmail drops all", cure)
        if "@import" in css.lower() or "@font-face" in css.lower():
            said = "a style sheet or a font would be fetched from elsewhere, which most mail programs refuse"
            yield Remark(Severity.WARNING, where, said, "Use fonts that readers have.")
