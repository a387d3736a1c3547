"""Strict input: unknown, repeated, empty and malformed query parameters are refused by name."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rest_framework import serializers
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from common.strict_input import QuerySerializer, StrictInput, WholeNumberField, hotel_number


class Example(QuerySerializer):
    """A required and an optional parameter."""

    hotel_id = WholeNumberField(min_value=1, max_value=9)
    limit = WholeNumberField(required=False, default=5, min_value=0)


def read(query: str) -> dict[str, Any]:
    return Example.read(Request(APIRequestFactory().get(f"/?{query}")))


def test_valid_parameters_are_returned() -> None:
    assert read("hotel_id=7") == {"hotel_id": 7, "limit": 5}


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["hotel_id"]),
        ("hotel_id=", ["hotel_id"]),
        ("hotel_id=%20", ["hotel_id"]),
        ("hotel_id=1&hotel_id=2", ["hotel_id"]),
        ("hotel_id=abc", ["hotel_id"]),
        ("hotel_id=1_0", ["hotel_id"]),
        ("hotel_id=%2B1", ["hotel_id"]),
        ("hotel_id=1.0", ["hotel_id"]),
        ("hotel_id=10", ["hotel_id"]),
        ("hotel_id=%EF%BC%91", ["hotel_id"]),
        ("hotel_id=1&limit=" + "9" * 5000, ["limit"]),
        ("hotle_id=1", ["hotel_id", "hotle_id"]),
        ("hotel_id=1&LIMIT=1", ["LIMIT"]),
    ],
)
def test_a_wrong_parameter_is_named(query: str, names: list[str]) -> None:
    with pytest.raises(ValidationError) as refused:
        read(query)
    assert isinstance(refused.value.detail, dict)
    assert sorted(refused.value.detail) == sorted(names)


def test_the_error_of_an_unknown_parameter_lists_the_valid_ones() -> None:
    with pytest.raises(ValidationError, match="known are: hotel_id, limit"):
        read("hotel_id=1&hotel=1")


@given(st.text(max_size=20), st.text(max_size=20))
def test_any_other_parameter_is_refused_or_valid(name: str, value: str) -> None:
    request = Request(APIRequestFactory().get("/", {"hotel_id": "1", name: value}))
    try:
        parameters = Example.read(request)
    except ValidationError:
        return
    assert name in ("hotel_id", "limit", "format")
    assert set(parameters) == {"hotel_id", "limit"}


class ExampleBody(StrictInput):
    """A JSON object with one field."""

    rooms = serializers.IntegerField(required=False)


def test_a_body_with_an_unknown_field_is_refused_by_name() -> None:
    body = ExampleBody(data={"rooms": 3, "room": 4})
    assert not body.is_valid()
    assert body.errors == {"room": ["unknown field; known are: rooms"]}


def test_a_body_that_is_no_object_is_refused() -> None:
    body = ExampleBody(data=[1])
    assert not body.is_valid()
    assert str(body.errors["detail"]) == "send a JSON object"


@pytest.mark.parametrize("text", ["0", "abc", "-1", "2147483648", "\N{FULLWIDTH DIGIT ONE}", ""])
def test_a_path_without_a_valid_hotel_number_is_not_found(text: str) -> None:
    with pytest.raises(NotFound):
        hotel_number(Request(APIRequestFactory().get("/")), text)
