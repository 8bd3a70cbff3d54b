"""What an inbox shows of an issue: by an editor's word, else by a template."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from dispatch.errors import TemplateError
from dispatch.model.issue import Cohort, Edition, Issue, MailingList, Publication, Words
from dispatch.model.post import Post
from dispatch.render.subject import subject_of
from dispatch.theme import Theme

Render = Callable[..., Edition]
MakePost = Callable[..., Post]
INTRO = "Dear readers,\n\nthe ice *came* early."


def test_an_editors_words_go_before_the_template(render: Render, make_post: MakePost) -> None:
    """As they stand, but on one line."""
    edition = render(make_post(), default=Words(subject="Ice\r\nBcc: x", preheader="and *snow*"))
    assert (edition.subject, edition.preheader) == ("Ice Bcc: x", "and *snow*")


def test_each_language_has_its_own_subject(render: Render, make_post: MakePost) -> None:
    """Two languages are one issue."""
    words = {"default": Words(subject="Ice"), "de": Words(subject="Eis")}
    assert render(make_post(), language="de-AT", **words).subject == "Eis"
    assert render(make_post(), language="en", **words).subject == "Ice"


def test_an_editors_subject_may_be_longer_than_a_templates(render: Render, make_post: MakePost) -> None:
    """It is shortened only where no inbox would show it any more."""
    assert render(make_post(), default=Words(subject="x" * 250)).subject == "x" * 250
    assert render(make_post(), default=Words(subject="x" * 251)).subject == "x" * 249 + "…"


def test_an_intro_alone_lends_the_subject_its_first_line(render: Render) -> None:
    """And the preheader goes on where the subject ends."""
    edition = render(default=Words(intro="# We move\n\nThe *new* desk.\n\nSoup."))
    assert (edition.subject, edition.preheader) == ("We move", "The new desk. Soup.")


def test_a_salutation_is_no_subject(render: Render) -> None:
    """Where the first line only greets, the list and its number say more."""
    edition = render(default=Words(intro=INTRO))
    assert (edition.subject, edition.preheader) == ("The Weekly · No. 7", "Dear readers, the ice came early.")


def test_a_subject_that_begins_like_the_intro_takes_nothing_from_the_preheader(render: Render) -> None:
    """Only a line that the subject says in full is said."""
    assert render(default=Words(intro="Icebreakers\n\nare out", subject="Ice")).preheader == "Icebreakers are out"


def test_posts_that_the_limit_leaves_over_are_counted(render: Render, make_post: MakePost) -> None:
    """The subject speaks of all that is new."""
    assert render(make_post(1), make_post(2), more=3).subject == "The Weekly: Sea and land and 4 more"
    assert render(make_post(1), more=3).subject == "The Weekly: Sea and land and 3 more"


@pytest.mark.parametrize("intro", ["", INTRO])
def test_an_intro_leaves_the_subject_to_the_posts(render: Render, make_post: MakePost, intro: str) -> None:
    """With posts, the shipped templates speak of the posts."""
    edition = render(make_post(), default=Words(intro=intro))
    assert (edition.subject, edition.preheader) == ("Sea and land", "What the tide left.")


def test_what_an_issue_will_be_called_is_known_before_it_is_frozen(
    render: Render, make_post: MakePost, issue: Issue, mailing_list: MailingList, publication: Publication
) -> None:
    """The acts and the mail say the same."""
    cohort = Cohort((make_post(1), make_post(2)), "en", ())
    draft = replace(issue, frozen=None)
    assert subject_of(draft, cohort, mailing_list, publication, Theme()) == render(*cohort.posts).subject


def test_even_an_empty_draft_has_a_name(issue: Issue, mailing_list: MailingList, publication: Publication) -> None:
    """An editor sees it in lists before anything is in it."""
    empty = replace(issue, frozen=None)
    assert subject_of(empty, Cohort((), "de", ()), mailing_list, publication, Theme()) == "The Weekly · Nr. 7"


NAMES = (
    "{{ number }}|{{ day }}|{{ language }}|{{ list_title }}|{{ count }}|{{ first_title }}|{{ publication.title }}|"
    "{{ posts|map(attribute='title')|join('+') }}|{{ intro }}|{{ _('No. %(number)s', number=number) }}|"
    "{{ shorten('a b c', 4) }}"
)


def test_a_publication_writes_its_own_subject(
    tmp_path: Path, issue: Issue, mailing_list: MailingList, publication: Publication, make_post: MakePost
) -> None:
    """All the docs name is at its hand; nothing is escaped, for a subject is no HTML."""
    (tmp_path / "email").mkdir()
    (tmp_path / "email/subject.txt").write_text(NAMES.replace("}}|{{", "}}\n|{{"))
    said = replace(issue, words={"": Words(intro="A <b>&amp;</b> *B*\n\nC")})
    cohort = Cohort((make_post(1, "X & Y"), make_post(2, "Z")), "en", ())
    assert subject_of(said, cohort, mailing_list, publication, Theme(tmp_path)).startswith(
        "7 |November 22, 2026 |en |The Weekly |2 |X & Y |Harbour News |X & Y+Z |A & B C |No. 7 |a b…"
    )


def test_a_template_that_says_nothing_leaves_the_lists_title(
    tmp_path: Path, issue: Issue, mailing_list: MailingList, publication: Publication, make_post: MakePost
) -> None:
    """No mail goes out without a subject."""
    (tmp_path / "email").mkdir()
    (tmp_path / "email/subject.txt").write_text("{% if false %}x{% endif %}\n")
    cohort = Cohort((make_post(),), "en", ())
    assert subject_of(issue, cohort, mailing_list, publication, Theme(tmp_path)) == "The Weekly"


@pytest.mark.parametrize("name", ["subject", "preheader"])
def test_a_broken_template_is_named(
    tmp_path: Path, name: str, issue: Issue, mailing_list: MailingList, publication: Publication, make_post: MakePost
) -> None:
    """Its author has to find it."""
    (tmp_path / "email").mkdir()
    (tmp_path / f"email/{name}.txt").write_text("{{ nothing }}")
    with pytest.raises(TemplateError, match=rf"templates/email/{name}\.txt.*nothing"):
        subject_of(issue, Cohort((make_post(),), "en", ()), mailing_list, publication, Theme(tmp_path))
