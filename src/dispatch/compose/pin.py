"""What an approval covers, as one value: any edit after it is another one."""

import hashlib
import json
from collections.abc import Mapping, Sequence

from dispatch.model.issue import Words
from dispatch.model.post import Post


def pin(words: Mapping[str, Words], posts: Sequence[Post]) -> str:
    """SHA-256, in hex, over intro, subject and preheader in each language, and the posts as they are, in their order.

    The bytes are JSON (RFC 8259) in ASCII, with the languages sorted: no two contents have the same.
    """
    said = [[language, one.intro, one.subject, one.preheader] for language, one in sorted(words.items())]
    content = {"words": said, "posts": [[post.id, post.revision] for post in posts]}
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()
