"""Pagination of REST lists: a plain array, and the next page's address in a `Link` header."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from rest_framework.request import Request
from rest_framework.response import Response

from common.strict_input import WholeNumberField

DEFAULT_PAGE_SIZE = 1_000
MAX_PAGE_SIZE = 10_000


class PageSizeField(WholeNumberField):
    """The parameter for the number of rows on a page."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            required=False,
            default=DEFAULT_PAGE_SIZE,
            min_value=1,
            max_value=MAX_PAGE_SIZE,
            help_text="How many rows at most.",
            **options,
        )


def page_response(
    request: Request, rows: list[Any], next_page: Mapping[str, Any] | None
) -> Response:
    """Return rows as a response with a `Link` to the next page.

    Args:
        next_page: query parameters in which the next page differs; None on the last page.
    """
    response = Response(rows)
    if next_page is not None:
        query = urlencode({**request.query_params.dict(), **next_page})
        address = request.build_absolute_uri(f"{request.path}?{query}")
        response["Link"] = f'<{address}>; rel="next"'
    return response
