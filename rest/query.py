"""Query parameters that are taken strictly: a misspelt filter must not return everything.

An unknown parameter, an empty value, a parameter given twice and a value of the wrong kind are
each a 400 that names the parameter; the unknown one lists those that are known.
"""

import re
from functools import cache
from typing import Any, cast

from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

IGNORED = {"format"}  # chosen and checked by the content negotiation
_WHOLE_NUMBER = re.compile(r"-?[0-9]{1,19}", re.ASCII)


class WholeNumberField(serializers.IntegerField):
    """Decimal digits only: Python's own reading also takes `1_000` and ` 1.0`."""

    def to_internal_value(self, data: Any) -> int:
        if not isinstance(data, str) or not _WHOLE_NUMBER.fullmatch(data):
            self.fail("invalid")
        return int(super().to_internal_value(data))


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


@cache
def _of_process(kind: type[QuerySerializer]) -> QuerySerializer:
    """One for all requests: it keeps nothing of them, and making its fields costs the most."""
    return kind()
