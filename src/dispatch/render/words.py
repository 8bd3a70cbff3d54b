"""The words that templates say, each in one place, by language; a language without words of its own gets English."""

from collections.abc import Mapping
from types import MappingProxyType

ENGLISH: Mapping[str, str] = MappingProxyType(
    {
        "digest_subject": "{list}: {title} and {count} more",
        "also": "Also: {titles}",
        "by": "By {names}",
        "number": "No. {number}",
        "contents": "In this issue",
        "posts": "{count} posts",
        "read_on": "Read on",
        "cut": "This is where the mail ends; the post goes on.",
        "left_out": "{count} more on the web",
        "on_the_web": "Read on the web",
        "why": "You get this because {email} is subscribed to {list}.",
        "unsubscribe": "Unsubscribe",
        "archive": "All issues",
        "reply": "Reply to this mail, and it reaches us.",
        "picture": "Picture",
    }
)
GERMAN: Mapping[str, str] = MappingProxyType(
    {
        "digest_subject": "{list}: {title} und {count} weitere",
        "also": "Außerdem: {titles}",
        "by": "Von {names}",
        "number": "Nr. {number}",
        "contents": "In dieser Ausgabe",
        "posts": "{count} Beiträge",
        "read_on": "Weiterlesen",
        "cut": "Hier endet die Mail; der Beitrag geht weiter.",
        "left_out": "{count} weitere im Web",
        "on_the_web": "Im Web lesen",
        "why": "Diese Mail geht an {email}, denn diese Adresse hat {list} abonniert.",
        "unsubscribe": "Abbestellen",
        "archive": "Alle Ausgaben",
        "reply": "Antworten auf diese Mail erreichen uns.",
        "picture": "Bild",
    }
)
FRENCH: Mapping[str, str] = MappingProxyType(
    {
        "digest_subject": "{list} : {title} et {count} de plus",
        "also": "Aussi : {titles}",
        "by": "Par {names}",
        "number": "N° {number}",
        "contents": "Dans ce numéro",
        "posts": "{count} articles",
        "read_on": "Lire la suite",
        "cut": "Le message s’arrête ici ; l’article continue.",
        "left_out": "{count} de plus sur le web",
        "on_the_web": "Lire sur le web",
        "why": "Vous recevez ce message parce que {email} est abonné à {list}.",
        "unsubscribe": "Se désabonner",
        "archive": "Tous les numéros",
        "reply": "Répondez à ce message, et nous vous lirons.",
        "picture": "Image",
    }
)
JAPANESE: Mapping[str, str] = MappingProxyType(
    {
        "digest_subject": "{list}：{title} ほか{count}件",
        "also": "ほかに：{titles}",
        "by": "{names}",
        "number": "第{number}号",
        "contents": "この号の内容",
        "posts": "{count}件の記事",
        "read_on": "続きを読む",
        "cut": "メールはここまでです。記事には続きがあります。",
        "left_out": "ほか{count}件はウェブで",
        "on_the_web": "ウェブで読む",
        "why": "{email} が {list} を購読しているため、このメールをお送りしています。",
        "unsubscribe": "購読を解除する",
        "archive": "バックナンバー",
        "reply": "このメールに返信すると、私たちに届きます。",
        "picture": "画像",
    }
)
WORDS: Mapping[str, Mapping[str, str]] = MappingProxyType({"en": ENGLISH, "de": GERMAN, "fr": FRENCH, "ja": JAPANESE})


def words_of(language: str) -> Mapping[str, str]:
    """The words of a BCP 47 language."""
    return WORDS.get(language.partition("-")[0].lower(), ENGLISH)


def spoken(language: str) -> str:
    """The language itself where it has words, else the one whose words stand in for it."""
    return language if language.partition("-")[0].lower() in WORDS else "en"
