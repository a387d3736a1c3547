"""The paths of urls.py."""

import re
from collections.abc import Iterator
from typing import Any

from django.urls import get_resolver

# In a closed system everybody may see these.
PUBLIC = {
    "/healthz", "/readyz", "/favicon.ico", "/help", "/login", "/admin/login", "/swagger", "/redoc",
    "/swagger.json", "/password/forgotten", "/language", "/language/en/texts.js",
    "/password/new/1/1",  # says that the link is not valid
}  # fmt: skip
TRANSLATIONS = "/admin/jsi18n"  # of the admin's scripts: no data
# Of the admin, what holds no data: the frame, the translations, the logout.
EMPTY_ADMIN = {"/admin", TRANSLATIONS, "/admin/logout", "/admin/password_change/done"}


def resolver_paths(resolver: Any = None, prefix: str = "") -> Iterator[str]:
    """Yield a path for every pattern of the resolver, without its last slash."""
    for entry in (resolver or get_resolver()).url_patterns:
        pattern = prefix + str(entry.pattern)
        if hasattr(entry, "url_patterns"):
            yield from resolver_paths(entry, pattern)
            continue
        path = re.sub(r"\(\?P<\w+>(?:(\w+)\|[^)]*|[^)]*)\)", r"\1", pattern)
        path = re.sub(r"<(\w+:)?\w+>", "1", path.replace("//", "/1/").replace("//", "/1/"))
        yield "/" + re.sub(r"[\^$?]|\\(?=\.)", "", path).strip("/")
