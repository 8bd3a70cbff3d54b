"""Finds and loads templates: the only importer of jinja2.

A publication's own `templates/` comes before those Dispatch ships; a template of its own can extend the shipped one,
`{% extends "shipped/email/issue.html" %}`, and say some of its blocks anew. Templates run in Jinja2's sandbox, escape
by default, and a name that is not defined is an error, not an empty string.
"""

import hashlib
import os
from collections.abc import Callable, Iterator
from functools import partial
from importlib import resources
from pathlib import Path
from traceback import walk_tb
from typing import Any

from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    FileSystemLoader,
    PrefixLoader,
    StrictUndefined,
    TemplateNotFound,
    TemplateSyntaxError,
    pass_eval_context,
)
from jinja2.nodes import EvalContext
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

from dispatch.catalogue import ENGLISH, MOST, Catalogue, Catalogues
from dispatch.errors import TemplateError
from dispatch.language import isolated

Look = tuple[int, int, int]  # of a file: when it was changed, its size, its number

SHIPPED = "shipped"  # before a template's name: the one that Dispatch ships, whatever the publication has
FACES = ("email", "web", "words")  # the folders below templates/ that readers see


def shipped_templates() -> Path:
    """The folder of Dispatch's own templates: beside the package in a wheel, the checkout's in an editable install."""
    packaged = Path(str(resources.files("dispatch"))) / "templates"
    return packaged if packaged.is_dir() else Path(__file__).parents[2] / "templates"


def trusted(html: str) -> Markup:
    """Mark HTML that `content` has cleaned, so that a template prints it as it is."""
    return Markup(html)  # noqa: S704 - the one place where cleaned HTML is vouched for


class Theme:
    """The templates of one publication."""

    def __init__(self, own: Path | None = None) -> None:
        self._folders = [folder for folder in (own, shipped_templates()) if folder and folder.is_dir()]
        self._loader = ChoiceLoader(
            [FileSystemLoader(self._folders), PrefixLoader({SHIPPED: FileSystemLoader(shipped_templates())})]
        )
        self._catalogues = Catalogues([folder / "words" for folder in self._folders])
        self._environments: dict[str, tuple[Catalogue, ImmutableSandboxedEnvironment]] = {}
        self._contents: dict[str, tuple[Look, bytes]] = {}

    def catalogue(self, language: str) -> Catalogue:
        """The sentences of a BCP 47 language, for code that speaks to readers. Raises TemplateError."""
        return self._catalogues.of(language)

    def languages(self) -> list[str]:
        """The tags of all catalogues; English needs none."""
        return self._catalogues.languages()

    def missing(self, language: str) -> list[str]:
        """The sentences that nobody translated into a language: they are said in English. Raises TemplateError."""
        return self._catalogues.missing(language)

    def render(self, name: str, *, language: str = ENGLISH, **values: Any) -> str:
        """Fill the template `name` (below templates/), which says its words in a BCP 47 language.

        The template sees as `language` what it speaks: English, where there is no catalogue. Raises TemplateError
        naming file and line.
        """
        catalogue = self.catalogue(language)
        try:
            return self._environment(catalogue).get_template(name).render(values, language=catalogue.language)
        except TemplateSyntaxError as error:
            raise TemplateError(f"templates/{error.name or name}:{error.lineno}: {error.message}") from error
        except UnicodeDecodeError as error:
            raise TemplateError(f"templates/{name} or a part of it is not UTF-8: {error}") from error
        except Exception as error:  # a template is a program of its author's: whatever goes wrong in it is theirs
            raise TemplateError(f"{self._place(error, name)}: {_in_words(error)}") from error

    def read(self, name: str) -> str:
        """The text of a template as it stands, such as a style sheet. Raises TemplateError if there is none."""
        for folder in self._folders:
            if (folder / name).is_file():
                return _text(folder / name)
        raise TemplateError(f"templates/{name} is missing.")

    def _place(self, error: Exception, name: str) -> str:
        """The innermost file and line of a template that the error went through; Jinja2 gives each its own frame."""
        for frame, line in reversed(list(walk_tb(error.__traceback__))):
            path = Path(frame.f_code.co_filename)
            if folder := next((folder for folder in self._folders if path.is_relative_to(folder)), None):
                return f"templates/{path.relative_to(folder).as_posix()}:{line}"
        return f"templates/{name}"

    def _environment(self, catalogue: Catalogue) -> ImmutableSandboxedEnvironment:
        """One a language: files that a template imports see no values, so the words must be known to all of them."""
        known = self._environments.get(catalogue.language)
        if known is None or known[0] is not catalogue:
            if len(self._environments) >= MOST:
                self._environments.clear()
            self._environments[catalogue.language] = known = catalogue, _environment(self._loader, catalogue)
        return known[1]

    @property
    def digest(self) -> str:
        """A hash over every template and catalogue as they are now: changes when any of them does."""
        digest = hashlib.sha256()
        for name, path in self._files():
            digest.update(name.encode() + b"\0" + self._content(path) + b"\0")
        return digest.hexdigest()

    def _content(self, path: str) -> bytes:
        """A hash over a file, which is read again only where it looks different: this is asked in every pass."""
        try:
            found = os.stat(path)
        except OSError:  # taken away meanwhile, or a link that leads nowhere
            return b""
        look = (found.st_mtime_ns, found.st_size, found.st_ino)
        known = self._contents.get(path)
        if known is None or known[0] != look:
            self._contents[path] = known = look, hashlib.sha256(Path(path).read_bytes()).digest()
        return known[1]

    def _files(self) -> Iterator[tuple[str, str]]:
        for folder in map(str, self._folders):
            for face in FACES:
                walk = os.walk(os.path.join(folder, face))
                for path in sorted(os.path.join(place, name) for place, _, names in walk for name in names):
                    yield path.removeprefix(folder), path


def _environment(loader: BaseLoader, catalogue: Catalogue) -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        loader=loader,
        autoescape=lambda name: name is not None and name.endswith((".html", ".xml")),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals |= _words(catalogue)
    environment.filters["isolated"] = partial(isolated, language=catalogue.language)
    return environment


def _words(catalogue: Catalogue) -> dict[str, Callable[..., str]]:
    """`_` and `ngettext`: where values are escaped, so is the sentence."""
    escaped = catalogue.marked(escape)

    @pass_eval_context
    def say(context: EvalContext, sentence: str, /, **values: object) -> str:
        return (escaped if context.autoescape else catalogue).gettext(sentence, **values)

    @pass_eval_context
    def count(context: EvalContext, one: str, many: str, number: int, /, **values: object) -> str:
        return (escaped if context.autoescape else catalogue).ngettext(one, many, number, **values)

    return {"_": say, "ngettext": count}


def _in_words(error: Exception) -> str:
    if isinstance(error, TemplateNotFound):
        return f"there is no template {error.name!r}. Those that Dispatch ships are shipped/email/… and shipped/web/…"
    if isinstance(error, RecursionError):
        return "extends or includes itself. To build on the one that Dispatch ships, name it shipped/…"
    return str(error)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise TemplateError(f"{path} is not UTF-8: {error}") from error
