"""Strict validation of query parameters and JSON bodies: a misspelt name must not be ignored.

A misspelt filter would return everything, a misspelt field would change nothing; both are a 400
that names the parameter or field and lists the valid ones. So are an empty parameter, one given
twice, and a value of the wrong kind.

`QuerySerializer` declares query parameters, `StrictInput` the fields of a JSON body, `StrictRows`
and `StrictListField` lists in it, whose length is checked before what is in them; the fields before
them accept one spelling of each value.
"""

import re
from datetime import date
from functools import cache
from itertools import islice
from typing import Any, Final, cast

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import serializers
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request

from common.access_rights import access_of
from common.error_limits import MAX_REPORTED_ERRORS, ErrorCollector
from common.number_and_date_texts import number_text
from common.value_limits import MAX_HOTEL_ID, MAX_ROWS, MAX_YEAR, MIN_YEAR

FORMAT_PARAMETERS = {"format"}  # checked by the content negotiation, unless it is declared
NO_LIST = gettext_lazy("must be one value, not a list")
NO_OBJECT = gettext_lazy("must be one value, not an object")
_WHOLE_NUMBER = re.compile(r"-?[0-9]{1,19}", re.ASCII)


class WholeNumberField(serializers.IntegerField):
    """An integer in decimal digits only; Python's `int` also accepts `1_000` and ` 1.0`."""

    def to_internal_value(self, data: Any) -> int:
        if not isinstance(data, str) or not _WHOLE_NUMBER.fullmatch(data):
            self.fail("invalid")
        return int(super().to_internal_value(data))


class DateField(serializers.DateField):
    """A date in the form YYYY-MM-DD only."""

    def to_internal_value(self, value: Any) -> date:
        if not isinstance(value, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
            raise serializers.ValidationError(_("must be a date like 2024-05-01"))
        day = super().to_internal_value(value)
        if not MIN_YEAR <= day.year <= MAX_YEAR:
            raise serializers.ValidationError(
                _("must lie in the years %(first)d to %(last)d")
                % {"first": MIN_YEAR, "last": MAX_YEAR}
            )
        return day


class HotelField(WholeNumberField):
    """A hotel's id."""

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=1, max_value=MAX_HOTEL_ID, help_text="Which hotel.", **options)


class QuerySerializer(serializers.Serializer):
    """Declares the query parameters of an endpoint; `read` returns their valid values."""

    @classmethod
    def read(cls, request: Request) -> dict[str, Any]:
        """Return a request's valid parameters. Raises: ValidationError naming all wrong ones."""
        query = request.query_params
        serializer = _shared_instance(cls)
        elsewhere = FORMAT_PARAMETERS - serializer.fields.keys()
        values = {name: query[name] for name in query if name not in elsewhere}
        errors = ErrorCollector()
        try:
            valid = serializer.run_validation(values)
        except ValidationError as error:
            for name, reasons in cast(dict[str, Any], error.detail).items():
                errors.add(name, reasons)
        for name in values:
            if name not in serializer.fields:
                known = ", ".join(serializer.fields)
                errors.add(name, [_("unknown parameter; known are: %(names)s") % {"names": known}])
            elif len(query.getlist(name)) > 1:
                errors.add(name, [_("given more than once")])
            elif not query[name].strip():
                errors.add(name, [_("empty: give a value or leave the parameter out")])
        if errors:
            raise ValidationError(errors.detail())
        return dict(valid)


class NoParameters(QuerySerializer):
    """For endpoints without query parameters."""


def _too_many(message: str, number: int, most: int) -> str:
    return message % {"number": number_text(number), "most": number_text(most)}


@cache
def _shared_instance(kind: type[QuerySerializer]) -> QuerySerializer:
    """Return one instance for all requests: it has no state, and creating its fields is slow."""
    return kind()


def hotel_number(request: Request, text: str) -> int:
    """Return the hotel id in a path, after checking that the request's sender has access to it.

    Raises: NotFound, PermissionDenied.
    """
    is_number = text.isascii() and text.isdigit() and len(text) <= len(str(MAX_HOTEL_ID))
    hotel_id = int(text) if is_number else 0
    if not 1 <= hotel_id <= MAX_HOTEL_ID:
        raise NotFound(_("a hotel's number lies between 1 and %(last)d") % {"last": MAX_HOTEL_ID})
    access_of(request).must_see([hotel_id])
    return hotel_id


class StrictInput(serializers.Serializer):
    """Declares the fields of a JSON object. Unknown ones are errors, missing ones unchanged."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, dict):
            raise serializers.ValidationError({"detail": _("send a JSON object")})
        fields = dict(self.fields)
        errors = ErrorCollector()
        for name in fields.keys() & data.keys():
            value = data[name]
            is_several = isinstance(value, list | dict)
            if is_several and not isinstance(fields[name], FIELDS_OF_SEVERAL_VALUES):
                # REST framework would turn it into text, whatever its size and depth.
                is_list = isinstance(value, list)
                errors.add(name, [NO_LIST if is_list else NO_OBJECT])
        unknown = (name for name in data if name not in fields)
        named = list(islice(unknown, MAX_REPORTED_ERRORS))
        for name in named:
            known = ", ".join(fields)
            errors.add(name, [_("unknown field; known are: %(names)s") % {"names": known}])
        errors.leave_out(len(data) - len(fields.keys() & data.keys()) - len(named))
        if errors:
            raise serializers.ValidationError(errors.detail())
        return super().to_internal_value(data)


class StrictRows(serializers.ListSerializer):
    """A list of at most MAX_ROWS JSON objects.

    A row class names it as its `list_serializer_class`.
    """

    def to_internal_value(self, data: Any) -> list[Any]:
        if not isinstance(data, list):
            raise serializers.ValidationError([_("must be a list of objects")])
        if len(data) > MAX_ROWS:
            raise serializers.ValidationError(
                [_too_many(_("%(number)s rows; send at most %(most)s"), len(data), MAX_ROWS)]
            )
        rows, errors = [], ErrorCollector()
        for index, item in enumerate(data):
            try:
                rows.append(self.run_child_validation(item))
            except serializers.ValidationError as error:
                errors.add(index, error.detail)
        if errors:
            raise serializers.ValidationError(errors.detail())
        return rows


class StrictListField(serializers.ListField):
    """A list of values, whose `max_length` is checked first."""

    def to_internal_value(self, data: Any) -> list[Any]:
        if not isinstance(data, list):
            raise serializers.ValidationError(_("must be a list"))
        if self.max_length is not None and len(data) > self.max_length:
            raise serializers.ValidationError(
                _too_many(_("%(number)s values; send at most %(most)s"), len(data), self.max_length)
            )
        return super().to_internal_value(data)


class ParsedJsonField(serializers.JSONField):
    """Any JSON value, as the parser read it; its validators check length and kind.

    REST framework's own field writes the value as JSON again, which fails on deep nesting.
    """

    def to_internal_value(self, data: Any) -> Any:
        return data


FIELDS_OF_SEVERAL_VALUES: Final = (
    serializers.ListField,
    serializers.DictField,
    serializers.JSONField,
    serializers.BaseSerializer,
)
