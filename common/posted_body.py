"""The body of a POST that takes one JSON object, or an array of them.

Promise: a body that holds neither is refused with what was received, what to send instead, and a
short example; never with a list of fields that nobody meant to send.
"""

from collections.abc import Callable, Collection
from typing import Any, NamedTuple, TypeVar

from rest_framework.exceptions import ParseError, UnsupportedMediaType, ValidationError
from rest_framework.request import Request

from common.error_limits import ErrorCollector, quote_value
from common.renderers_and_parsers import EmptyBody, SeveralJsonValues

Row = TypeVar("Row")


class Kind(NamedTuple):
    """What is posted."""

    noun: str
    article: str
    fields: Collection[str]  # an object without any of them is none of this kind
    example: str

    @property
    def how_to_send(self) -> str:
        return (
            f"send one {self.noun} as a JSON object, or several as an array of them: "
            f"[{self.example}, …]"
        )

    def refusal(self, problem: str) -> ParseError:
        return ParseError(f"{problem}; {self.how_to_send}")


_KINDS = {str: "a string", bool: "true or false", int: "a number", float: "a number"}


def read_body(request: Request, kind: Kind) -> dict[str, Any] | list[Any]:
    """Return a request's object, or array of objects, before their validation.

    Raises:
        ParseError: the body holds nothing of this kind.
        UnsupportedMediaType: the body is of another type than JSON.
        APIException: it is too large, did not arrive, or has an encoding that is not known.
    """
    if not int(request.META.get("CONTENT_LENGTH") or 0):
        raise kind.refusal("the body is empty")
    try:
        body = request.data
    except EmptyBody as error:
        raise kind.refusal("the body is empty") from error
    except SeveralJsonValues as error:
        raise kind.refusal(f"the body is one {kind.noun} a line (NDJSON), not an array") from error
    except ParseError as error:
        raise kind.refusal(str(error.detail)) from error
    except UnsupportedMediaType as error:
        media = request.content_type or "of no type"
        raise UnsupportedMediaType(
            media,
            f"the body is {media}: with the header Content-Type: application/json "
            f"{kind.how_to_send}",
        ) from error
    if isinstance(body, dict):
        _require_some_field(body, kind)
        return body
    if isinstance(body, list):
        return body
    found = "null" if body is None else _KINDS[type(body)]
    if isinstance(body, str) and body.strip()[:1] in ("{", "["):
        found += " of JSON (was it encoded twice?)"
    raise kind.refusal(f"the body is {found}")


def parse_array(
    body: list[Any],
    plural: str,
    most: int,
    parse: Callable[[dict[str, Any]], tuple[Row | None, Any]],
) -> list[Row]:
    """Return the rows of a posted array, of which none counts if one is wrong.

    Args:
        plural: of what is posted, for the message about too many.
        most: how many an array may have.
        parse: returns an object's row, or None and its errors by field.
    Raises:
        ValidationError: it has too many, or names the errors of each wrong one under its index.
    """
    if len(body) > most:
        raise ValidationError(
            {"detail": f"{len(body):,} {plural}; send at most {most:,} at a time"}
        )
    rows: list[Row] = []
    errors = ErrorCollector()
    for index, item in enumerate(body):
        if not isinstance(item, dict):
            errors.add(str(index), {"non_field_errors": ["must be a JSON object"]})
            continue
        row, reasons = parse(item)
        if row is None:
            errors.add(str(index), reasons)
        else:
            rows.append(row)
    if errors:
        raise ValidationError(errors.detail())
    return rows


def _require_some_field(body: dict[str, Any], kind: Kind) -> None:
    """Refuse an object without any field of the kind, such as one with an array in it."""
    if any(name in body for name in kind.fields):
        return
    if len(body) == 1:
        [(name, value)] = body.items()
        if isinstance(value, dict | list):
            raise kind.refusal(
                f"the body is an object with {quote_value(name)} in it: leave out "
                f"{{{quote_value(name)}: …}} around it"
            )
    raise kind.refusal(f"the body has no field of {kind.article} {kind.noun}")
