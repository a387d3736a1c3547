"""Query parameters that are taken strictly: a misspelt filter must not return everything.

An unknown parameter, an empty value, a parameter given twice and a value of the wrong kind are
each a 400 that names the parameter; the unknown one lists those that are known.
"""

import re
from datetime import date
from functools import cache
from typing import Any, cast

from rest_framework import serializers
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request

from common.access_rights import access_of
from common.value_limits import MAX_HOTEL_ID, MAX_YEAR, MIN_YEAR

IGNORED = {"format"}  # chosen and checked by the content negotiation
_WHOLE_NUMBER = re.compile(r"-?[0-9]{1,19}", re.ASCII)


class WholeNumberField(serializers.IntegerField):
    """Decimal digits only: Python's own reading also takes `1_000` and ` 1.0`."""

    def to_internal_value(self, data: Any) -> int:
        if not isinstance(data, str) or not _WHOLE_NUMBER.fullmatch(data):
            self.fail("invalid")
        return int(super().to_internal_value(data))


class DateField(serializers.DateField):
    """A date as YYYY-MM-DD and in no other spelling."""

    def to_internal_value(self, value: Any) -> date:
        if not isinstance(value, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
            raise serializers.ValidationError("must be a date like 2024-05-01")
        found = super().to_internal_value(value)
        if not MIN_YEAR <= found.year <= MAX_YEAR:
            raise serializers.ValidationError(f"must lie in the years {MIN_YEAR} to {MAX_YEAR}")
        return found


class HotelField(WholeNumberField):
    """A hotel's number."""

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=1, max_value=MAX_HOTEL_ID, help_text="Which hotel.", **options)


class QuerySerializer(serializers.Serializer):
    """Declares the parameters of an endpoint; `read` gives them as a dict."""

    @classmethod
    def read(cls, request: Request) -> dict[str, Any]:
        """The valid parameters of a request. Raises: ValidationError naming every wrong one."""
        given = request.query_params
        parameters = {name: given[name] for name in given if name not in IGNORED}
        serializer = _of_process(cls)
        errors: dict[str, list[str]] = {}
        for name in given:
            if name in IGNORED:
                continue
            if name not in serializer.fields:
                errors[name] = [f"unknown parameter; known are: {', '.join(serializer.fields)}"]
            elif len(given.getlist(name)) > 1:
                errors[name] = ["given more than once"]
            elif not given[name].strip():
                errors[name] = ["empty: give a value or leave the parameter out"]
        try:
            valid = serializer.run_validation(parameters)
        except ValidationError as error:
            errors = {**cast(dict[str, Any], error.detail), **errors}
        if errors:
            raise ValidationError(errors)
        return dict(valid)


class NoParameters(QuerySerializer):
    """For what takes no parameters."""


@cache
def _of_process(kind: type[QuerySerializer]) -> QuerySerializer:
    """One for all requests: it keeps nothing of them, and making its fields costs the most."""
    return kind()


def hotel_number(request: Request, text: str) -> int:
    """The hotel in an address, which the asker may see. Raises: NotFound, PermissionDenied."""
    is_number = text.isascii() and text.isdigit() and len(text) <= len(str(MAX_HOTEL_ID))
    number = int(text) if is_number else 0
    if not 1 <= number <= MAX_HOTEL_ID:
        raise NotFound(f"a hotel's number lies between 1 and {MAX_HOTEL_ID}")
    access_of(request).must_see([number])
    return number


class StrictInput(serializers.Serializer):
    """A JSON object with known fields only. What is left out stays as it is."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, dict):
            raise serializers.ValidationError({"detail": "send a JSON object"})
        unknown = [name for name in data if name not in self.fields]
        if unknown:
            known = ", ".join(self.fields)
            raise serializers.ValidationError(
                {name: [f"unknown field; known are: {known}"] for name in unknown}
            )
        return super().to_internal_value(data)
