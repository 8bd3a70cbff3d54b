"""The service mails of a list as a subscriber would see them. Touches no state."""

import asyncio
from dataclasses import replace

from dispatch.acts.act import Desk
from dispatch.acts.preview import SAMPLE, Preview, bodies
from dispatch.acts.shaping import known_list
from dispatch.errors import TemplateError
from dispatch.message.compile import compile_edition
from dispatch.message.splice import Splicer
from dispatch.model.service_mail import ServiceMailKind
from dispatch.publish.rhythm import rhythm_of
from dispatch.publish.service_mails import NAMELESS


async def preview_service_mail(desk: Desk, slug: str, kind: ServiceMailKind, language: str = "") -> Preview:
    """What somebody gets who reads a language, the publication's if none is named. Raises ActError, TemplateError."""
    from dispatch.render.service_mail import render_service_mail  # loads the tree work: most commands look at no mail

    one, context = known_list(desk, slug), desk.context
    edition = await asyncio.to_thread(
        render_service_mail,
        kind,
        one,
        context.publication,
        context.theme,
        context.clock(),
        language=language or context.publication.language,
        rhythm=rhythm_of(context, one, one.cadence),
    )
    reader = replace(SAMPLE, name="" if kind in NAMELESS else SAMPLE.name, confirm="https://example.org/confirm/sample")
    message = Splicer(compile_edition(edition)).splice(reader)
    html, text = bodies(message)
    return Preview("", edition.subject, message, html, text)


async def broken_service_mails(desk: Desk, slug: str) -> list[str]:
    """What is wrong with the templates of a list's service mails: a sentence for each that cannot be rendered."""
    said = []
    for kind in ServiceMailKind:
        try:
            await preview_service_mail(desk, slug, kind)
        except TemplateError as error:
            said.append(str(error))
    return list(dict.fromkeys(said))
