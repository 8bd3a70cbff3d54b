"""Finds and loads templates: the only importer of jinja2.

A publication's own `templates/` comes before those Dispatch ships. Templates run in Jinja2's sandbox,
escape by default, and a name that is not defined is an error, not an empty string.
"""

import hashlib
from collections.abc import Iterator
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from dispatch.errors import TemplateError

FACES = ("email", "web")  # the folders below templates/ that readers see


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
        self._environment = ImmutableSandboxedEnvironment(
            loader=FileSystemLoader(self._folders),
            autoescape=lambda name: name is not None and name.endswith((".html", ".xml")),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )

    def render(self, name: str, **values: Any) -> str:
        """Fill the template `name` (below templates/). Raises TemplateError naming file and line."""
        try:
            return self._environment.get_template(name).render(values)
        except TemplateSyntaxError as error:
            raise TemplateError(f"templates/{error.name or name}:{error.lineno}: {error.message}") from error
        except UnicodeDecodeError as error:
            raise TemplateError(f"templates/{name} or a part of it is not UTF-8: {error}") from error
        except Exception as error:  # a template is a program of its author's: whatever goes wrong in it is theirs
            raise TemplateError(f"templates/{name}: {error}") from error

    def read(self, name: str) -> str:
        """The text of a template as it stands, such as a style sheet. Raises TemplateError if there is none."""
        for folder in self._folders:
            if (folder / name).is_file():
                return _text(folder / name)
        raise TemplateError(f"templates/{name} is missing.")

    @cached_property
    def digest(self) -> str:
        """A hash over every template: changes when any of them does."""
        digest = hashlib.sha256()
        for name, path in self._files():
            digest.update(name.encode() + b"\0" + path.read_bytes() + b"\0")
        return digest.hexdigest()

    def _files(self) -> Iterator[tuple[str, Path]]:
        for folder in self._folders:
            for face in FACES:
                for path in sorted(path for path in (folder / face).rglob("*") if path.is_file()):
                    yield path.relative_to(folder).as_posix(), path


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise TemplateError(f"{path} is not UTF-8: {error}") from error
