"""Responses and parameters that the API documentation lists for several endpoints."""

from drf_yasg import openapi

from common.pagination import DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE

EXAMPLE_PAGE_SIZE = 100

DETAIL = openapi.Schema(
    type=openapi.TYPE_OBJECT, properties={"detail": openapi.Schema(type=openapi.TYPE_STRING)}
)
BAD_REQUEST = openapi.Response(
    "Refused; each wrong field or parameter with its reasons. Nothing was changed.",
    openapi.Schema(
        type=openapi.TYPE_OBJECT,
        additional_properties=True,  # a list of reasons, or for a batch such objects by index
    ),
    examples={"application/json": {"hotel_id": ["must be a whole number, not 'abc'"]}},
)
ACCESS_ERRORS = {
    401: openapi.Response("No key, or one that is not known, expired or revoked", DETAIL),
    403: openapi.Response("Not for this hotel, or may not do this", DETAIL),
    429: openapi.Response("Too many requests; `Retry-After` says when to try again", DETAIL),
}
BODY_ERRORS = {
    408: openapi.Response("The body did not arrive", DETAIL),
    411: openapi.Response("The body came in pieces, without a Content-Length", DETAIL),
    413: openapi.Response("The body is too large, once decoded", DETAIL),
    415: openapi.Response("The body is not application/json, plain or gzip", DETAIL),
}
ANY_TIME = {
    **ACCESS_ERRORS,
    406: openapi.Response("No such kind of answer; ask for application/json", DETAIL),
    503: openapi.Response("The database does not answer; try again", DETAIL),
}


def page_size_parameter(name: str) -> openapi.Parameter:
    """Return the documentation of a PageSizeField for pages of events.

    "Try it out" asks for EXAMPLE_PAGE_SIZE rows: a browser takes many seconds to draw a thousand.
    """
    return openapi.Parameter(
        name,
        openapi.IN_QUERY,
        type=openapi.TYPE_INTEGER,
        description="How many rows at most.",
        minimum=1,
        maximum=MAX_PAGE_SIZE,
        default=DEFAULT_PAGE_SIZE,
        x_example=EXAMPLE_PAGE_SIZE,
    )
