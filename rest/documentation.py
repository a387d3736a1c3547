"""The answers that every documented endpoint shares."""

from drf_yasg import openapi

DETAIL = openapi.Schema(
    type=openapi.TYPE_OBJECT, properties={"detail": openapi.Schema(type=openapi.TYPE_STRING)}
)
BAD_REQUEST = openapi.Response(
    "Refused; each wrong field or parameter with its reasons. Nothing was changed.",
    openapi.Schema(
        type=openapi.TYPE_OBJECT,
        additional_properties=openapi.Schema(
            type=openapi.TYPE_ARRAY, items=openapi.Schema(type=openapi.TYPE_STRING)
        ),
    ),
    examples={"application/json": {"hotel_id": ["must be a whole number, not 'abc'"]}},
)
BODY_ERRORS = {
    411: openapi.Response("The body came in pieces, without a Content-Length", DETAIL),
    413: openapi.Response("The body is too large", DETAIL),
    415: openapi.Response("The body is not application/json", DETAIL),
}
UNAVAILABLE = {503: openapi.Response("The database does not answer; try again", DETAIL)}
