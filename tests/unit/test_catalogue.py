"""Words come from catalogues: the publication's first, then the shipped ones, then the English in the template."""

import ast
import re
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import escape

from dispatch.catalogue import Catalogues
from dispatch.errors import TemplateError
from dispatch.theme import Theme, shipped_templates

ROOT = Path(__file__).parents[2]
SHIPPED = shipped_templates() / "words"
LANGUAGES = ["de", "fr", "ja"]
HEADER = 'msgid ""\nmsgstr ""\n"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'
BY = 'msgid "By %(names)s"\n'
POSTS = 'msgid "%(count)s post"\nmsgid_plural "%(count)s posts"\n'


def entry(sentence: str, translation: str, flag: str = "") -> str:
    """One message of a .po file."""
    return f'{flag}msgid "{sentence}"\nmsgstr "{translation}"\n\n'


def theme(folder: Path, **files: str) -> Theme:
    """A theme with catalogues of its own; their header comes by itself."""
    (folder / "words").mkdir(exist_ok=True)
    for tag, text in files.items():
        (folder / "words" / f"{tag.replace('_', '-')}.po").write_text(HEADER + text, encoding="utf-8")
    return Theme(folder)


def said(theme: Theme, language: str, sentence: str = "Read on", **values: object) -> str:
    """A sentence in a language."""
    return theme.catalogue(language).gettext(sentence, **values)


def test_each_sentence_is_looked_up_by_itself(tmp_path: Path) -> None:
    """Own regional, own base, shipped, English: whoever is first to say it."""
    own = theme(
        tmp_path, de_AT=entry("Read on", "Geht scho"), de=entry("Read on", "Weiter") + entry("Unsubscribe", "Raus")
    )
    assert [said(own, "de-AT", one) for one in ("Read on", "Unsubscribe", "Reply")] == [
        "Geht scho",
        "Raus",
        "Antworten",
    ]
    assert said(own, "de-CH") == "Weiter"
    assert said(own, "de-AT", "Nobody translated this") == "Nobody translated this"


def test_a_publication_adds_a_language(tmp_path: Path) -> None:
    """What its catalogue lacks stays English, and the language is named as what it is."""
    own = theme(tmp_path, it=entry("Read on", "Continua"))
    assert (said(own, "it-CH"), said(own, "it", "Unsubscribe")) == ("Continua", "Unsubscribe")
    assert own.catalogue("it-CH").language == "it-CH"
    assert own.languages() == sorted([*LANGUAGES, "it"])


def test_what_a_new_language_lacks_is_known(tmp_path: Path) -> None:
    """Whatever its file says besides; a shipped language lacks nothing."""
    listed = len(sentences(shipped("messages.pot")))
    own = theme(tmp_path, it=entry("Read on", "Continua") + entry("Ours alone", "Solo nostro") + entry("Reply", ""))
    assert len(own.missing("it-CH")) == listed - 1
    assert {"Reply", "%(count)s post"} <= set(own.missing("it"))
    assert own.missing("de-AT") == []


def test_an_english_sentence_amid_others_keeps_its_full_stop(tmp_path: Path) -> None:
    """Where a catalogue that runs from right to left lacks it, also escaped; elsewhere it stays bare."""
    hebrew = theme(tmp_path, he=entry("Read on", "עוד")).catalogue("he")
    assert hebrew.gettext("Read on") == "עוד"
    assert hebrew.gettext("It is late.") == "\u2068It is late.\u2069"
    assert hebrew.ngettext("One post.", "%(count)s posts.", 2) == "\u20682 posts.\u2069"
    assert hebrew.marked(escape).gettext("Tea & cake.") == "\u2068Tea &amp; cake.\u2069"
    assert theme(tmp_path).catalogue("de").gettext("It is late.") == "It is late."


def test_a_publication_says_an_english_sentence_its_own_way(tmp_path: Path) -> None:
    """Also to those whose language has no catalogue; those who have one keep theirs."""
    own = theme(tmp_path, en=entry("Read on", "Go on"))
    assert [said(own, tag) for tag in ("en-GB", "nl", "de")] == ["Go on", "Go on", "Weiterlesen"]


def test_a_language_without_a_catalogue_is_shown_as_what_it_says() -> None:
    """A screen reader must not read English as Dutch; a region without words of its own is still itself."""
    assert [Theme().catalogue(tag).language for tag in ("nl", "", "de-AT", "en-GB")] == ["en", "en", "de-AT", "en-GB"]


def test_what_is_fuzzy_or_empty_is_not_used(tmp_path: Path) -> None:
    """A guess of a tool is no translation, whatever it says."""
    own = theme(tmp_path, de=entry("Read on", "Wohl %(this)s", flag="#, fuzzy\n") + entry("Unsubscribe", ""))
    assert (said(own, "de"), said(own, "de", "Unsubscribe")) == ("Weiterlesen", "Abbestellen")


def test_an_edit_is_seen_at_once(tmp_path: Path) -> None:
    """As with templates, nothing has to be started anew."""
    own = theme(tmp_path, it=entry("Read on", "Continua"))
    assert said(own, "it") == "Continua"
    theme(tmp_path, it=entry("Read on", "Leggi tutto"))
    assert said(own, "it") == "Leggi tutto"


@pytest.mark.parametrize(
    ("language", "one", "many"),
    [("en", "1 post", "1,234 posts"), ("de", "1 Beitrag", "1.234 Beiträge"), ("ja", "1件の記事", "1,234件の記事")],
)
def test_a_count_takes_the_form_and_the_figures_of_its_language(language: str, one: str, many: str) -> None:
    """One form or several, and thousands as they are written there."""
    words = Theme().catalogue(language)
    assert [words.ngettext("%(count)s post", "%(count)s posts", count) for count in (1, 1234)] == [one, many]


def test_three_forms_are_three_forms(tmp_path: Path) -> None:
    """The catalogue's own rule counts; a form may do without the figure."""
    (tmp_path / "words").mkdir()
    rule = '"Plural-Forms: nplurals=3; plural=(n==1 ? 0 : n>=2 && n<=4 ? 1 : 2);\\n"'
    forms = 'msgstr[0] "jeden článek"\nmsgstr[1] "%(count)s články"\nmsgstr[2] "%(count)s článků"\n'
    (tmp_path / "words/cs.po").write_text(f'msgid ""\nmsgstr ""\n{rule}\n\n{POSTS}{forms}', encoding="utf-8")
    words = Theme(tmp_path).catalogue("cs")
    said = [words.ngettext("%(count)s post", "%(count)s posts", count) for count in (1, 3, 5)]
    assert said == ["jeden článek", "3 články", "5 článků"]


BROKEN = [
    (BY + 'msgstr "Di %(name)s"\n', r"it\.po:5: 'name' is no name .*%\(names\)s"),
    (BY + 'msgstr "Di me"\n', r"it\.po:5: .*lacks %\(names\)s"),
    (BY + 'msgstr "Di %(names)s, 100 % x"\n', r"it\.po:5: .*%%"),
    (BY + 'msgstr "Di %(names)s e %(names)d"\n', r"it\.po:5: .*%%"),
    (BY + 'msgstr "Di %(names)s\n', r"it\.po:6: .*does not end"),
    (BY + 'msgstr "Di "noi" %(names)s"\n', r"it\.po:6: .*does not end"),
    (BY, r"it\.po:5: missing msgstr"),
    ("nonsense\n", r"it\.po:5: "),
    (POSTS + 'msgstr[0] "%(count)s"\n', r"it\.po:5: .*fewer forms"),
    (POSTS + 'msgstr[0] "a"\nmsgstr[1] "b"\nmsgstr[2] "c"\n', r"it\.po:5: .*more translations"),
    (POSTS + 'msgstr[0] "a %(sum)s"\nmsgstr[1] "b"\n', r"it\.po:5: 'sum'"),
]


@pytest.mark.parametrize(("text", "message"), BROKEN)
def test_a_broken_catalogue_names_file_and_line(tmp_path: Path, text: str, message: str) -> None:
    """Before anything is sent in that language; all others go on."""
    own = theme(tmp_path, it=text)
    with pytest.raises(TemplateError, match=f"templates/words/{message}"):
        own.render("email/subject.txt", language="it")
    assert said(own, "de") == "Weiterlesen"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\xff\xfe", "not UTF-8"),
        (b'msgid ""\nmsgstr ""\n"Plural-Forms: nplurals=2; plural=(n ! 1);\\n"\n', "header"),
        (b'msgid ""\nmsgstr ""\n"Plural-Forms: nplurals=2; plural=(1 / (n - 7));\\n"\n', "header"),
        (b'msgid ""\nmsgstr ""\n"Plural-Forms: nplurals=two; plural=(n != 1);\\n"\n', "header"),
    ],
)
def test_a_file_that_is_no_catalogue_is_named(tmp_path: Path, data: bytes, message: str) -> None:
    """With what is wrong and what to do."""
    (tmp_path / "words").mkdir()
    (tmp_path / "words/it.po").write_bytes(data)
    with pytest.raises(TemplateError, match=rf"templates/words/it\.po.*{message}.*\. "):
        Theme(tmp_path).catalogue("it")


@given(text=st.text() | st.text('msgidstr_plural[01] "\\n%()#,~|fuzzy:\n', max_size=120))
def test_no_file_breaks_it_without_a_word(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    """Whatever stands in a catalogue, it is used or it is a TemplateError."""
    folder = tmp_path_factory.mktemp("own")
    (folder / "xx.po").write_bytes(text.encode("utf-8", "surrogatepass"))
    try:
        problem = Catalogues([folder]).of("xx").gettext("Read on") and ""
    except TemplateError as error:
        problem = str(error)
    assert not problem or "templates/words/xx.po" in problem


def test_a_per_cent_sign_is_text_where_nothing_is_filled(tmp_path: Path) -> None:
    """Also where code has values at hand; elsewhere it is doubled, as the error for a single one says."""
    own = theme(tmp_path, it=entry("Goodbye", "Al 100 %") + POSTS + 'msgstr[0] "il 100 %%"\nmsgstr[1] "%(count)s %%"\n')
    assert said(own, "it", "Goodbye", list="x") == "Al 100 %"
    assert own.catalogue("it").ngettext("%(count)s post", "%(count)s posts", 1) == "il 100 %"


def test_sentence_and_values_are_escaped_where_html_is(tmp_path: Path) -> None:
    """Neither a translation nor a name can bring tags in; what a template marks as HTML stays it."""
    own = theme(tmp_path, de=entry("By %(names)s", "Von <b> & %(names)s"))
    (tmp_path / "email").mkdir()
    for name in ("a.html", "a.txt"):
        (tmp_path / "email" / name).write_text("{{ _('By %(names)s', names=who) }}")
    assert own.render("email/a.html", language="de", who="<i>") == "Von &lt;b&gt; &amp; &lt;i&gt;"
    assert own.render("email/a.txt", language="de", who="<i>") == "Von <b> & <i>"
    (tmp_path / "email/a.html").write_text("{% set b %}<b>{{ who }}</b>{% endset %}{{ _('By %(names)s', names=b) }}")
    assert own.render("email/a.html", language="en", who="<i>") == "By <b>&lt;i&gt;</b>"


def test_imported_parts_speak_the_language_of_the_page(tmp_path: Path) -> None:
    """Also what they say when they are loaded, and in many threads at once."""
    own = theme(tmp_path)
    (tmp_path / "web").mkdir()
    (tmp_path / "web/own.html").write_text("{% set on = _('Read on') %}{% macro say() %}{{ on }}{% endmacro %}")
    (tmp_path / "web/a.html").write_text("{% import 'web/own.html' as own %}{{ language }} {{ own.say() }}")
    expected = {"en": "en Read on", "de": "de Weiterlesen", "fr": "fr Lire la suite", "nl": "en Read on"}
    with ThreadPoolExecutor(8) as pool:
        tags = [*expected] * 30
        made = list(pool.map(lambda tag: own.render("web/a.html", language=tag), tags))
    assert made == [expected[tag] for tag in tags]


def test_the_digest_changes_with_a_catalogue(tmp_path: Path) -> None:
    """Pages and editions are made anew when their words change."""
    own = theme(tmp_path)
    digests = {own.digest}
    for word in ("Continua", "Avanti"):
        theme(tmp_path, it=entry("Read on", word))
        digests.add(own.digest)
    assert len(digests) == 3


def test_the_catalogues_in_the_docs_can_be_used(tmp_path: Path) -> None:
    """What people copy from there works as it stands."""
    (tmp_path / "words").mkdir()
    text = (ROOT / "docs" / "extend.md").read_text(encoding="utf-8")
    one_sentence, a_language = re.findall(r"```po\n(.*?)```", text, re.S)
    (tmp_path / "words/en.po").write_text(one_sentence, encoding="utf-8")
    (tmp_path / "words/it.po").write_text(a_language, encoding="utf-8")
    own = Theme(tmp_path)
    assert said(own, "en-GB") == "Go on reading"
    assert said(own, "it", "By %(names)s", names="Ada") == "Di Ada"
    assert own.catalogue("it").ngettext("%(count)s post", "%(count)s posts", 2) == "2 articoli"


def sentences(catalog: Catalog) -> set[str | tuple[str, ...]]:
    """What a catalogue has messages for."""
    return {message.id if isinstance(message.id, str) else tuple(message.id) for message in catalog if message.id}


def shipped(name: str) -> Catalog:
    """A catalogue as a translator's program reads it."""
    with (SHIPPED / name).open("rb") as file:
        return read_po(file, abort_invalid=True)


def marked_in_code() -> Iterator[str]:
    """Every sentence that code hands to a catalogue; an extractor overlooks those inside f-strings."""
    for path in sorted((ROOT / "src").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                if name in ("gettext", "ngettext", "phrase"):
                    yield node.args[0].value


def test_the_list_of_sentences_is_what_templates_and_code_say() -> None:
    """Otherwise: `make words`."""
    mappings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["babel"]["mappings"]
    methods = [(one["pattern"], one["method"]) for one in mappings]
    found = set()
    for top in ("src", "templates"):
        here = [(pattern.removeprefix(f"{top}/"), method) for pattern, method in methods if pattern.startswith(top)]
        found |= {row[2] for row in extract_from_dir(ROOT / top, here, keywords=DEFAULT_KEYWORDS | {"phrase": None})}
    listed = sentences(shipped("messages.pot"))
    assert found == listed
    assert set(marked_in_code()) <= {one if isinstance(one, str) else one[0] for one in listed}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_translated(language: str) -> None:
    """Whole, and by a person: none empty, none fuzzy, none that nobody says any more."""
    catalog = shipped(f"{language}.po")
    assert sentences(catalog) == sentences(shipped("messages.pot"))
    assert not catalog.obsolete
    for message in catalog:
        assert not message.fuzzy, message.id
        assert all([message.string] if isinstance(message.string, str) else message.string), message.id
    assert said(Theme(), language) != "Read on"
