"""Odd filters in the address of an admin list: back to the list with a message, not a 500.

Django's admin passes any lookup on a model's own fields from the query string to the database. It
redirects for what it cannot parse, but not for what fails later: a year 0, a range with one end, a
number that no column can hold, a NUL, a broken regular expression, and whatever one database
refuses and another does not.
"""

import logging
import sqlite3
from collections.abc import Callable
from urllib.parse import quote

from django.contrib import messages
from django.core.exceptions import FieldError, ValidationError
from django.db import DataError, NotSupportedError, OperationalError, ProgrammingError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

logger = logging.getLogger(__name__)

BAD_FILTER = (
    ValueError, OverflowError, TypeError, LookupError, FieldError, ValidationError,
    DataError, ProgrammingError, NotSupportedError, NotImplementedError,
)  # fmt: skip
MAX_LOGGED_CHARACTERS = 200


def is_bad_filter(error: Exception) -> bool:
    if isinstance(error, OperationalError):
        # SQLite's code for a statement that it cannot run (a broken regular expression, too many
        # values); a database that is away, locked or full has other codes.
        return getattr(error.__cause__, "sqlite_errorcode", None) == sqlite3.SQLITE_ERROR
    return isinstance(error, BAD_FILTER)


class AdminFilterMiddleware:
    """Redirects an admin list that fails on its query string to the list without it.

    A list that fails without a query string is an error of the program, and stays a 500.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        match = request.resolver_match
        is_list = (
            match and match.namespace == "admin" and str(match.url_name).endswith("_changelist")
        )
        query = request.META.get("QUERY_STRING", "")
        if not (is_list and query and request.method in ("GET", "HEAD") and is_bad_filter(error)):
            return None
        shown = quote(query, safe="=&%+,:;/@!$'()*~.-_")[:MAX_LOGGED_CHARACTERS]
        logger.warning("%s: the filter %s failed: %s", request.path, shown, type(error).__name__)
        messages.warning(
            request, f"The filter {shown} cannot be applied; the list is not filtered."
        )
        return HttpResponseRedirect(request.path)
