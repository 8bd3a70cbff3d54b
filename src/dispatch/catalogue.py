"""The sentences that templates say, in the reader's language. The only importer of babel.messages.

The English sentences in templates and code are the message ids. Catalogues are gettext's .po files, one a language,
named by its BCP 47 tag (`de.po`, `pt-BR.po`), and are read as they are: nobody compiles them. Each sentence is
looked up by itself, in the publication's own files before the shipped ones and in `de-AT` before `de`, and what
nobody translated stays English. (https://www.gnu.org/software/gettext/manual/html_node/PO-Files.html)
"""

import gettext
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po

from dispatch.errors import TemplateError
from dispatch.language import isolated, number

ENGLISH = "en"
MOST = 32  # languages that are kept at hand: subscribers may name any
LIST = "messages.pot"  # all sentences, beside the shipped catalogues
PLACEHOLDER = re.compile(r"%\((\w*)\)s")
STRING = re.compile(r'(?:msg[a-z_]+(?:\[\d+\])?\s*)?"(?P<rest>(?:[^"\\]|\\.)*"\s*$)?')
COUNT = "count"  # the one name that a plural form may leave out: "one post"
FORMS = ("one", "many")  # stand for any sentence, to try a plural rule
Stamp = tuple[tuple[Path, int, int], ...]


def phrase(sentence: str) -> str:
    """Mark a sentence of a table for extraction; it is said later, by `Catalogue.gettext`."""
    return sentence


@dataclass(frozen=True)
class Catalogue:
    """All sentences in one language."""

    language: str  # BCP 47: the reader's, or `en` where nobody translated anything into it
    _found: gettext.NullTranslations = field(repr=False)
    _mark: Callable[[str], str] = str  # what a sentence goes through before it is filled

    def gettext(self, sentence: str, /, **values: object) -> str:
        """A sentence with its `%(name)s` filled."""
        return self._filled(self._found.gettext(sentence), (sentence,), values)

    def ngettext(self, one: str, many: str, count: int, /, **values: object) -> str:
        """A sentence in the grammatical number that the language has for `count`; `%(count)s` is the count in words."""
        said = self._found.ngettext(one, many, count)
        return self._filled(said, (many, one), {COUNT: self.number(count), **values})

    def number(self, count: int) -> str:
        """A whole number as the language writes it: 38,120; 38.120; 38 120."""
        return number(count, self.language)

    def marked(self, mark: Callable[[str], str]) -> "Catalogue":
        """The same, each sentence handed through `mark`, such as an escape, before it is filled."""
        return replace(self, _mark=mark)

    def _filled(self, said: str, originals: tuple[str, ...], values: dict[str, object]) -> str:
        """A sentence found or, where nobody translated it, the English one: its full stop stays at its end."""
        english = said in originals and PLACEHOLDER.sub("", said).strip(" :")
        marked = self._mark(isolated(said, self.language) if english else said)
        if not PLACEHOLDER.search(originals[0]):  # "100 %" stands for itself
            return marked
        return marked % {name: self._isolated(value) for name, value in values.items()}

    def _isolated(self, value: object) -> object:
        """A value as a sentence can hold it; mark-up says by itself which way it runs."""
        plain = isinstance(value, str) and not hasattr(value, "__html__")
        return isolated(str(value), self.language) if plain else value


class Catalogues:
    """The catalogues of some folders of .po files; of two files for a language the earlier folder's comes first."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = tuple(folders)
        self._known: dict[str, tuple[Stamp, Catalogue]] = {}

    def of(self, language: str) -> Catalogue:
        """The sentences for a BCP 47 language; read again when a file has changed. Raises TemplateError."""
        files = [self._index(folder) for folder in self._folders]
        own = list(_chain(language, files))
        spoken = language.replace("_", "-") if own or _base(language) == ENGLISH else ENGLISH
        chain = list(dict.fromkeys([*own, *_chain(ENGLISH, files)]))
        stamp = _stamp(chain)
        known = self._known.get(spoken)
        if known is None or known[0] != stamp:
            if len(self._known) >= MOST:
                self._known.clear()
            self._known[spoken] = known = stamp, Catalogue(spoken, _read_all(chain))
        return known[1]

    def languages(self) -> list[str]:
        """The tags of all files, in order."""
        return sorted({path.stem.replace("_", "-") for folder in self._folders for path in _files(folder)})

    def missing(self, language: str) -> list[str]:
        """The sentences of shipped templates that nobody translated into a language. Raises TemplateError."""
        chain = _chain(language, [self._index(folder) for folder in self._folders])
        said = {_key(message) for path in chain for message in _opened(path)[0]}
        listed = read_po((self._folders[-1] / LIST).read_text(encoding="utf-8").splitlines(keepends=True))
        return [_key(message) for message in listed if message.id and _key(message) not in said]

    def _index(self, folder: Path) -> dict[str, Path]:
        return {path.stem.replace("_", "-").lower(): path for path in _files(folder)}


def _stamp(files: Sequence[Path]) -> Stamp:
    """What tells that a file is another than before."""
    try:
        return tuple((path, path.stat().st_mtime_ns, path.stat().st_size) for path in files)
    except OSError as error:
        raise TemplateError(f"{error.filename} cannot be read: {error.strerror}.") from error


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*.po") if path.is_file())


def _chain(language: str, files: Sequence[dict[str, Path]]) -> Iterator[Path]:
    """The files that speak a language, from the nearest to the farthest (lookup by RFC 4647, section 3.4)."""
    for index in files:
        tag = language.replace("_", "-").lower()
        while tag:
            if tag in index:
                yield index[tag]
            tag = tag.rpartition("-")[0]


def _base(language: str) -> str:
    return language.replace("_", "-").partition("-")[0].lower()


def _read_all(chain: Sequence[Path]) -> gettext.NullTranslations:
    found = gettext.NullTranslations()
    for path in reversed(chain):
        _, nearer = _opened(path)
        nearer.add_fallback(found)
        found = nearer
    return found


def _opened(path: Path) -> tuple[Catalog, gettext.NullTranslations]:
    """One file without what is fuzzy or not translated, as read and to be asked. Raises TemplateError with its line."""
    try:
        catalog = _parsed(path)
        _judge(path, catalog)
        return catalog, _compiled(catalog)
    except OSError as error:
        raise TemplateError(f"{_name(path)} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise TemplateError(f"{_name(path)} is not UTF-8: {error}. Save it as UTF-8.") from error
    except PoFileError as error:
        said = str(error).rpartition(" on ")[0]
        raise TemplateError(f"{_name(path)}:{error.lineno + 1}: {said}. Mend the line, or take it out.") from error
    except (ValueError, LookupError, ArithmeticError) as error:  # of a header: neither library has its own
        said = f"its header is wrong: {error}. Mend it, or take it from messages.pot"
        raise TemplateError(f"{_name(path)}: {said}.") from error


def _parsed(path: Path) -> Catalog:
    lines = path.read_text(encoding="utf-8-sig").splitlines(keepends=True)
    for at, line in enumerate(lines, 1):
        found = STRING.match(line.strip())
        if found and found["rest"] is None:
            raise TemplateError(f'{_name(path)}:{at}: the text does not end with one ". Inside it, write \\".')
    catalog = read_po(lines, locale=path.stem.replace("-", "_"), abort_invalid=True)
    catalog.charset = "utf-8"
    return catalog


def _judge(path: Path, catalog: Catalog) -> None:
    """Take out what is not to be used. Raises TemplateError where a translation fills other names than its original."""
    for message in [message for message in catalog if message.id]:
        if message.fuzzy or not any(_forms(message)):
            catalog.delete(message.id, message.context)
        elif fault := _fault(message):
            raise TemplateError(f"{_name(path)}:{message.lineno}: {fault}")


def _compiled(catalog: Catalog) -> gettext.NullTranslations:
    data = BytesIO()
    write_mo(data, catalog)
    data.seek(0)
    found = gettext.GNUTranslations(data)
    for count in range(200):  # a rule that divides by nothing would fail at some count only
        found.ngettext(*FORMS, count)
    return found


def _key(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def _forms(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ())


def _fault(message: Message) -> str:
    """What is wrong with the names that a translation fills; empty: nothing."""
    source = message.id if isinstance(message.id, str) else message.id[-1]
    given = _names(source)
    needed = given - {COUNT} if message.pluralizable else given
    for form in _forms(message):
        if not form:
            return f"the translation of {source!r} has fewer forms than Plural-Forms asks for. Add msgstr[…] lines."
        names = _names(form)
        if unknown := sorted(names - given):
            return f"{unknown[0]!r} is no name that {source!r} fills. Use {_listed(given)}."
        if missing := sorted(needed - names):
            return f"the translation of {source!r} lacks %({missing[0]})s. Put it where the value belongs."
        if given and not _fills(form, names):
            return f"the translation of {source!r} holds a % that fills nothing. Write it as %%."
    return ""


def _names(sentence: str) -> set[str]:
    return set(PLACEHOLDER.findall(sentence))


def _listed(names: set[str]) -> str:
    return " and ".join(f"%({name})s" for name in sorted(names)) or "none"


def _fills(sentence: str, names: set[str]) -> bool:
    try:
        return "%(" not in PLACEHOLDER.sub("", sentence) and bool(sentence % dict.fromkeys(names, "x"))
    except (ValueError, TypeError, KeyError):
        return False


def _name(path: Path) -> str:
    return f"templates/words/{path.name}"
