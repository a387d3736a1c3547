"""Log lines about requests that reach no view: one line each, with the client's address.

Whoever looks for weak spots asks for paths that do not exist, so these lines are for the operator
and for programs that block addresses. The path is quoted and cut, and cannot imitate other fields.
"""

import logging
from urllib.parse import quote

from django.http import HttpRequest

from accounts.rate_limits import address

logger = logging.getLogger("access")

MAX_PATH_CHARACTERS = 200


def log_request(request: HttpRequest, outcome: str) -> None:
    """Log a request that was answered before any view."""
    path = quote(request.path, safe="/%:@!$&'()*+,;=~-._")[:MAX_PATH_CHARACTERS]
    method = request.method if str(request.method).isalpha() else "?"
    logger.info("%s %s from %s: %s", method, path, address(request), outcome)
