"""Links within a post, such as those to its notes, once it is read away from its page."""

import html
import re

# As nh3 writes tags: each attribute in double quotes. A `<` in running text is escaped, so that this finds none there.
WITHIN = re.compile(r'(<(?:a|area)(?: [^\s"=<>]+="[^"]*")*? href=")(?=#)')


def lead_home(content: str, url: str) -> str:
    """The clean HTML with links to fragments of itself leading to its page: many readers drop ids or know no base."""
    start = html.escape(url)
    return WITHIN.sub(lambda tag: tag[1] + start, content)
