"""Mails about posts that nobody wrote: a list's templates are tried on them, also before it has a post of its own."""

from collections.abc import Mapping

from dispatch.acts.act import Desk
from dispatch.acts.preview import Preview, preview_cohort
from dispatch.acts.shaping import known_list
from dispatch.context import Context
from dispatch.errors import DispatchError
from dispatch.model.issue import Cohort, Issue, IssueState, Words
from dispatch.model.post import Post, PostState
from dispatch.model.subscriber import Cadence

KINDS: Mapping[str, int] = {"letter": 0, "post": 1, "digest": 2}  # how many posts an issue of each kind holds
INTRO = "Here stand an editor's words, in an issue that has some."
BODY = "<p>Here stands what you write, with a <strong>loud</strong> word and a quiet one.</p>"
SUMMARY = "What it is about, in a sentence."


async def specimen(desk: Desk, slug: str, kind: str = "post") -> Preview:
    """A mail of one of KINDS, as a list would send it. Raises ActError for an unknown list, TemplateError."""
    one, now = known_list(desk, slug), desk.context.clock()
    words = {} if KINDS[kind] else {"": Words(INTRO)}
    issue = Issue(0, one.slug, Cadence.BY_HAND, IssueState.HELD, 0, 0, now, now, words=words)
    posts = tuple(_post(desk.context, number) for number in range(KINDS[kind]))
    return await preview_cohort(desk, issue, Cohort(posts, desk.context.publication.language, ()))


async def broken_mails(desk: Desk, slug: str) -> list[str]:
    """What is wrong with the templates of a list's issues: a sentence for each kind that cannot be rendered."""
    said = []
    for kind in KINDS:
        try:
            await specimen(desk, slug, kind)
        except DispatchError as error:
            said.append(str(error))
    return list(dict.fromkeys(said))


def _post(context: Context, number: int) -> Post:
    now, title = context.clock(), f"The title of post {number + 1}"
    return Post(
        id=number,
        uid=f"specimen {number}",
        source="",
        ref="",
        where="a sample",
        slug="",
        url=f"{context.publication.url}/",
        title=title,
        html=BODY,
        summary=SUMMARY,
        language=context.publication.language,
        state=PostState.LIVE,
        revision="",
        published=now,
        updated=now,
        changed=now,
        authors=(context.publication.author or "Its author",),
        tags=("a tag",),
    )
