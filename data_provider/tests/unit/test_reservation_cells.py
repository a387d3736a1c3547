"""Dates, amounts and words of exports; what could be read in two ways is not guessed."""

from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_provider.field_errors import FieldError
from data_provider.reservation_import.cell_values import (
    decimal_sign,
    parse_amount,
    parse_day,
    parse_status,
    parse_time,
)
from data_provider.reservation_import.mapping import Mapping, MappingError
from data_provider.reservation_import.reservation_assembly import spread
from data_provider.reservation_import.spellings import Spellings


@pytest.mark.parametrize(
    ("cell", "order", "time"),
    [
        ("2026-04-03", None, "2026-04-03 00:00:00"),
        ("2026-04-03T09:05", None, "2026-04-03 09:05:00"),
        ("20260403", None, "2026-04-03 00:00:00"),
        ("03.04.2026", "day", "2026-04-03 00:00:00"),
        ("03/04/2026", "month", "2026-03-04 00:00:00"),
        ("3/4/26 9:05 PM", "month", "2026-03-04 21:05:00"),
        ("3/4/2026 12:05 am", "day", "2026-04-03 00:05:00"),
        ("2026-04-03 09:05:07+02:00", None, "2026-04-03 09:05:07+02:00"),
        (datetime(2026, 4, 3, 9, 5), None, "2026-04-03 09:05:00"),
        (date(2026, 4, 3), None, "2026-04-03 00:00:00"),
    ],
)
def test_times(cell: Any, order: str | None, time: str) -> None:
    assert parse_time(cell, order) == time


@pytest.mark.parametrize("cell", ["", "soon", "31/02/2026", "2026-13-01", "1/1/2026 13:00 PM", 3])
def test_what_is_no_date_is_refused(cell: Any) -> None:
    with pytest.raises(FieldError):
        parse_time(cell, "day")


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_a_date_is_the_same_in_every_spelling(day: date) -> None:
    for text, order in (
        (f"{day:%d.%m.%Y}", "day"), (f"{day:%d/%m/%y}", "day"), (f"{day:%m/%d/%Y}", "month"),
        (f"{day:%Y/%m/%d}", None), (f"{day:%Y%m%d}", None),
    ):  # fmt: skip
        assert parse_day(text, order) == day


@pytest.mark.parametrize(
    ("cell", "decimal", "amount", "currency"),
    [
        ("1,234.50", ".", 1_234_500, None),
        ("1.234,50 €", ",", 1_234_500, "EUR"),
        ("CHF 1'234.50", ".", 1_234_500, "CHF"),
        ("1\u00a0234,5", ",", 1_234_500, None),
        ("$99", None, 99_000, None),
        ("£0.00", ".", 0, "GBP"),
        (33.333333, None, 33_333, None),
        (120, None, 120_000, None),
    ],
)
def test_amounts(cell: Any, decimal: str | None, amount: int, currency: str | None) -> None:
    assert parse_amount(cell, decimal) == (amount, currency)


@pytest.mark.parametrize("cell", ["-5", "free", "1.2.3,4,5", "", True])
def test_what_is_no_amount_is_refused(cell: Any) -> None:
    with pytest.raises(FieldError):
        parse_amount(cell, ".")


@pytest.mark.parametrize(
    ("text", "sign"),
    [("12.5", "."), ("12,50", ","), ("1.234,5", ","), ("1,234.5", "."), ("1.234.567", ","),
     ("1.234", None), ("1,234", None), ("1234", None), ("0.125", "."), ("1234.567", ".")],
)  # fmt: skip
def test_the_decimal_sign(text: str, sign: str | None) -> None:
    assert decimal_sign(text) == sign


@pytest.mark.parametrize(
    ("word", "status"),
    [("Check-Out", "confirmed"), ("CANCELED", "cancelled"), ("Storniert", "cancelled"),
     ("Annulée", "cancelled"), ("No-Show", "no_show"), ("bestätigt", "confirmed")],
)  # fmt: skip
def test_status_words(word: str, status: str) -> None:
    assert parse_status(word, {}) == status


def test_the_mappings_words_come_first_and_unknown_ones_are_refused() -> None:
    assert parse_status("Canceled", {"canceled": "no_show"}) == "no_show"
    with pytest.raises(FieldError, match="unknown word 'x'"):
        parse_status("x", {})


def settle(*rows: list[Any], **told: Any) -> Mapping:
    spellings = Spellings({"arrival": 0, "rate": 1})
    for row in rows:
        spellings.look_at(row)
    mapping = Mapping(name="m", line="reservation", columns={}, **told)
    return spellings.settle(mapping, "file", None)


def test_one_clear_cell_decides_for_the_file() -> None:
    settled = settle(["03/04/2026", "1.234"], ["13/04/2026", "12,5"])
    assert (settled.date_order, settled.decimal) == ("day", ",")


@pytest.mark.parametrize("row", [["03/04/2026", "1"], ["2026-01-01", "1.234"]])
def test_where_nothing_decides_it_has_to_be_told(row: list[Any]) -> None:
    with pytest.raises(MappingError, match=r"Say it with --(date-order day or month|decimal)"):
        settle(row)
    settle(row, date_order="day", decimal=".")


@given(st.integers(0, 10**9), st.integers(1, 400), st.sampled_from(["EUR", "JPY", "KWD", "HUF"]))
def test_a_total_is_spread_so_that_the_cents_add_up(total: int, nights: int, code: str) -> None:
    amounts = spread(total, nights, code)
    assert sum(amounts) == total
    assert max(amounts) - min(amounts) <= {"JPY": 1_000, "KWD": 1}.get(code, 10)
