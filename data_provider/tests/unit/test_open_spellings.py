"""Spellings of exports that look decided and are not, or that would be read as another number."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_provider.field_errors import FieldError
from data_provider.reservation_import.cell_values import parse_amount
from data_provider.reservation_import.mapping import Mapping, MappingError, mapping_of
from data_provider.reservation_import.spellings import Spellings


def settle(*rows: list[Any]) -> Mapping:
    spellings = Spellings({"arrival": 0, "rate": 1})
    for row in rows:
        spellings.look_at(row)
    return spellings.settle(Mapping(name="m", line="reservation", columns={}), "file", None)


@pytest.mark.parametrize(
    "cell", ["3/4/2026 9:05 p.m.", "3/4/2026 09:05:00.000", "03/04/2026 9:05 A.M."]
)
def test_a_full_stop_in_the_time_does_not_decide_the_order_of_the_date(cell: str) -> None:
    with pytest.raises(MappingError, match="day or the month"):
        settle([cell, "1"])


@pytest.mark.parametrize("cell", ["31/31/2026", "13-13-2026", "0/40/2026"])
def test_what_is_no_date_in_either_order_asks_nothing(cell: str) -> None:
    assert settle([cell, "1"], ["2026-01-01", "1"]).date_order is None


@pytest.mark.parametrize(
    ("cell", "decimal"),
    [("12,50", "."), ("12.50", ","), ("1,234,56", "."), ("1.23,50", ","), ("1,2.50", "."),
     ("1234,567.00", "."), (",500", "."), ("1 2,50", ",")],
)  # fmt: skip
def test_an_amount_with_another_decimal_sign_is_refused_and_not_a_hundred_times_as_much(
    cell: str, decimal: str
) -> None:
    with pytest.raises(FieldError, match="is no amount"):
        parse_amount(cell, decimal)


@given(
    st.integers(0, 99_999_999_999), st.sampled_from([".,", ",.", ". ", ",\u00a0", ".'", ".", ","])
)
def test_an_amount_is_the_same_in_every_spelling(cents: int, signs: str) -> None:
    decimal, grouping = signs[0], signs[1:]
    text = f"{cents // 100:,}".replace(",", grouping) + f"{decimal}{cents % 100:02}"
    assert parse_amount(text, decimal) == (cents * 10, None)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"hotel_id": "101"}, "hotel_id"),
        ({"hotel_id": 0}, "hotel_id"),
        ({"hotel_id": 2**70}, "hotel_id"),
        ({"columns": ["Arrival"]}, "columns"),
        ({"columns": {"arrival": 3}}, "columns"),
        ({"statuses": "Gebucht"}, "statuses"),
        ({"statuses": {"Gebucht": ["confirmed"]}}, "statuses"),
        ({"name": 5}, "name"),
        ({"line": ["room"]}, "line"),
    ],
)
def test_a_mapping_with_a_wrong_value_is_refused(content: dict[str, Any], message: str) -> None:
    with pytest.raises(MappingError, match=message):
        mapping_of(content, "m.toml")
