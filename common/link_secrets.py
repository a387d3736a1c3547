"""Links that give access to whoever has them: their secret part is in no log.

Their paths begin with one of LINK_PATHS; what follows it is the secret.
"""

import re

LINK_PATHS = ("/invitation/", "/password/new/", "/unsubscribe/", "/connections/webhook/")
HIDDEN = "<hidden>"

_SECRET = re.compile(rf"({'|'.join(map(re.escape, LINK_PATHS))})[\w:.%=/+~-]+")


def hide_link_secrets(text: str) -> str:
    """Return a text, like a log's line or a path, without the secrets of such links in it."""
    if not any(path in text for path in LINK_PATHS):
        return text
    return _SECRET.sub(rf"\1{HIDDEN}", text)
