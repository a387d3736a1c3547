"""The body of `POST /events/`: an event as a JSON object, or an array of events.

Promise: a body that holds neither is refused with what was received, what to send instead, and a
short example; never with a list of fields that nobody meant to send.
"""

from typing import Any

from rest_framework.exceptions import ParseError, UnsupportedMediaType
from rest_framework.request import Request

from common.error_limits import quote_value
from common.renderers_and_parsers import EmptyBody, SeveralJsonValues
from data_provider.event_validation import REQUIRED

HOW_TO_SEND = (
    'send one event as a JSON object, or several as an array of them: [{"hotel_id": 1, '
    '"status": 1, "event_timestamp": "2025-06-01T10:00:00Z", "room_reservation_id": '
    '"3f2b8c1e-0d4a-4b6e-9a51-0123456789ab", "night_of_stay": "2025-07-04"}, …]'
)
_KINDS = {str: "a string", bool: "true or false", int: "a number", float: "a number"}


def read_body(request: Request) -> dict[str, Any] | list[Any]:
    """Return a request's event, or array of events, before their validation.

    Raises:
        ParseError: the body holds no event.
        UnsupportedMediaType: the body is of another type than JSON.
        APIException: it is too large, did not arrive, or has an encoding that is not known.
    """
    if not int(request.META.get("CONTENT_LENGTH") or 0):
        raise _refusal("the body is empty")
    try:
        body = request.data
    except EmptyBody as error:
        raise _refusal("the body is empty") from error
    except SeveralJsonValues as error:
        raise _refusal("the body is one event a line (NDJSON), not an array") from error
    except ParseError as error:
        raise _refusal(str(error.detail)) from error
    except UnsupportedMediaType as error:
        kind = request.content_type or "of no type"
        raise UnsupportedMediaType(
            kind,
            f"the body is {kind}: with the header Content-Type: application/json {HOW_TO_SEND}",
        ) from error
    if isinstance(body, dict):
        _require_some_field(body)
        return body
    if isinstance(body, list):
        return body
    kind = "null" if body is None else _KINDS[type(body)]
    if isinstance(body, str) and body.strip()[:1] in ("{", "["):
        kind += " of JSON (was it encoded twice?)"
    raise _refusal(f"the body is {kind}")


def _require_some_field(body: dict[str, Any]) -> None:
    """Refuse an object without any field of an event, such as one with an array in it."""
    if any(name in body for name in REQUIRED):
        return
    if len(body) == 1:
        [(name, value)] = body.items()
        if isinstance(value, dict | list):
            raise _refusal(
                f"the body is an object with {quote_value(name)} in it: leave out "
                f"{{{quote_value(name)}: …}} around it"
            )
    raise _refusal("the body has no field of an event")


def _refusal(problem: str) -> ParseError:
    return ParseError(f"{problem}; {HOW_TO_SEND}")
