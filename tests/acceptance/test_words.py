"""Mail in a language that the publication adds itself."""

from typing import Any

ITALIAN = r"""
msgid ""
msgstr ""
"Plural-Forms: nplurals=2; plural=(n != 1);\n"

msgid "Unsubscribe"
msgstr "Disiscriviti"

msgid "By %(names)s"
msgstr "Di %(names)s"
"""


def test_a_publication_adds_a_language(publication: Any) -> None:
    """Its subscribers are spoken to in it, `check` counts what is left to translate, and nobody compiles anything."""
    publication.settings()
    publication.write("templates/words/it.po", ITALIAN)
    publication.write("subscribers/news.csv", "email,language\nada@example.org,it\ngrace@example.org,nl\n")
    publication.post("ebb.md", "Ebb", summary="The water goes.")
    publication.once()
    texts = {mail["To"]: mail.get_body(("plain",)).get_content() for mail in publication.mails()}
    assert "Di Hanne · " in texts["ada@example.org"]
    assert "\nDisiscriviti: " in texts["ada@example.org"]
    assert "\nUnsubscribe: " in texts["grace@example.org"]
    assert "sentences are not translated and come in English" in publication.run("check").stdout


def test_a_translation_that_cannot_be_filled_mails_nobody(publication: Any) -> None:
    """File, line and cure are named, before anything is sent."""
    publication.settings()
    publication.write("templates/words/it.po", ITALIAN.replace("Di %(names)s", "Di %(name)s"))
    publication.write("subscribers/news.csv", "email,language\nada@example.org,it\n")
    publication.post("ebb.md", "Ebb")
    done = publication.run("run", "--once")
    assert done.returncode == 1
    assert "templates/words/it.po:9: 'name' is no name that 'By %(names)s' fills" in done.stdout + done.stderr
    assert publication.mailed() == []
    assert publication.run("check").returncode == 1
