"""The last step: what is left of a post after this may be mailed, fed and shown. The only importer of nh3."""

import nh3

from dispatch.language import is_language

TAGS_IN_WORDS = (
    "a abbr b bdi bdo blockquote br caption cite code col colgroup dd del details dfn div dl dt em figcaption "
    "figure h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q rp rt ruby s samp small span strong sub summary sup "
    "table tbody td tfoot th thead time tr u ul var wbr"
)
TAGS = set(TAGS_IN_WORDS.split())
EVERYWHERE = {"lang", "dir", "id"}
ATTRIBUTES = {
    "*": EVERYWHERE,
    "a": {"href", "title"},
    "abbr": {"title"},
    "blockquote": {"cite"},
    "code": {"class"},
    "col": {"span"},
    "colgroup": {"span"},
    "del": {"cite", "datetime"},
    "img": {"src", "alt", "width", "height", "title"},
    "ins": {"cite", "datetime"},
    "li": {"value"},
    "ol": {"start", "reversed", "type"},
    "q": {"cite"},
    "td": {"colspan", "rowspan", "align"},
    "th": {"colspan", "rowspan", "scope", "align"},
    "time": {"datetime"},
}
SCHEMES = {"http", "https", "mailto", "tel"}
DIRECTIONS = ("ltr", "rtl", "auto")


def _attribute(tag: str, name: str, value: str) -> str | None:
    """The value to keep, or None for none: closed vocabularies and whole numbers only."""
    if name == "class":
        return next((word for word in value.split() if word.startswith("language-")), None)
    if name == "lang":
        return value if is_language(value) else None
    if name == "dir":
        return value if value.lower() in DIRECTIONS else None
    if name in ("width", "height", "colspan", "rowspan", "start", "span"):
        return value if value.isascii() and value.isdigit() and len(value) <= 5 else None
    return value


CLEANER = nh3.Cleaner(
    tags=TAGS,
    attributes=ATTRIBUTES,
    attribute_filter=_attribute,
    url_schemes=SCHEMES,
    link_rel=None,
    strip_comments=True,
)


def sanitise(html: str) -> str:
    """The HTML with known elements, attributes and address schemes only, well formed."""
    return CLEANER.clean(html).strip()
