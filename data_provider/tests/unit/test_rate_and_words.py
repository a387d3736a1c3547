"""The rules for rate, currency and words, the same for JSON and CSV."""

import io
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.currencies import CURRENCY_DECIMALS, format_thousandths
from data_provider.csv_loading.csv_reader import EventFile, RejectedRow
from data_provider.event_validation import EventRow, optional_values, parse_event
from data_provider.rate_and_words import NO_OPTIONAL_VALUES, OPTIONAL

EVENT = {
    "hotel_id": "7",
    "event_timestamp": "2024-03-01 10:00:00",
    "status": "1",
    "room_reservation_id": "3f2b8c1e-0d4a-4b6e-9a51-0123456789ab",
    "night_of_stay": "2024-05-01",
}


def parsed(**values: Any) -> Any:
    """Return the optional values of an event, or the reasons by field."""
    row, errors = parse_event({**EVENT, **values})
    assert (row is None) == bool(errors)
    return errors if row is None else optional_values(row)


def read_csv(values: dict[str, str], delimiter: str = ",") -> EventRow | RejectedRow:
    """Return the row of a file whose values are quoted where they need it."""
    cells = [*EVENT.values()]
    for value in values.values():
        needs_quotes = set(value) & {delimiter, '"', "\n", "\r"}
        cells.append('"' + value.replace('"', '""') + '"' if needs_quotes else value)
    text = f"{delimiter.join([*EVENT, *values])}\n{delimiter.join(cells)}\n"
    [record] = EventFile("test", io.BytesIO(text.encode())).records()
    assert isinstance(record, EventRow | RejectedRow)
    return record


@pytest.mark.parametrize(
    ("value", "thousandths"),
    [("0", 0), ("120", 120_000), ("120.5", 120_500), ("120.50", 120_500), (" 0.001 ", 1),
     ("999999999.999", 999_999_999_999), (120, 120_000), (120.5, 120_500), (0.001, 1),
     (999999999.999, 999_999_999_999), (0.1, 100), ("007", 7_000)],
)  # fmt: skip
def test_a_rate_is_read_exactly(value: Any, thousandths: int) -> None:
    assert parsed(rate=value, currency="EUR")[0] == thousandths


@pytest.mark.parametrize(
    "value",
    ["", " ", "-1", "+1", "1e2", "1E2", "NaN", "Infinity", "1,5", "1.", ".5", "1.2345", "1 000", "1_000",
     "1000000000", "0000000001", "€5", "५", "0x1", "1.0.0", "1\x00", True, -1, -0.0, 1.2345, 1e9, 1e-7, 1e300, [], {},
     float("nan"), float("inf"), 10**9],
)  # fmt: skip
def test_anything_else_is_no_rate(value: Any) -> None:
    assert list(parsed(rate=value, currency="EUR")) == ["rate"]


@pytest.mark.parametrize(
    "value", ["", "EURO", "EU", "€", "XXX", "XTS", "XAU", "ABC", 978, True, []]
)
def test_anything_but_a_currency_of_iso_4217_is_refused(value: Any) -> None:
    assert list(parsed(rate="1", currency=value)) == ["currency"]


@pytest.mark.parametrize("value", ["EUR", "eur", " EUR ", "Eur"])
def test_a_currency_is_stored_in_capitals(value: str) -> None:
    assert parsed(rate="1", currency=value)[1] == "EUR"


def test_withdrawn_currencies_of_a_hotels_history_are_known() -> None:
    assert {"HRK", "BGN", "DEM", "LTL"} <= CURRENCY_DECIMALS.keys()


def test_rate_and_currency_stand_together() -> None:
    assert list(parsed(rate="1")) == ["currency"]
    assert list(parsed(currency="EUR")) == ["currency"]
    assert list(parsed(rate="x")) == ["rate", "currency"]
    assert parsed(rate=None, currency=None) == NO_OPTIONAL_VALUES


@pytest.mark.parametrize("name", ["room_type", "channel", "segment"])
@pytest.mark.parametrize(
    "value",
    [
        "",
        " ",
        "\t",
        "a" * 41,
        "a\x00b",
        "a\nb",
        "a\x1bb",
        "a\x7fb",
        "a\u2028b",
        "\ud800",
        7,
        True,
        [],
        {},
    ],
)
def test_a_word_that_is_no_word_is_refused(name: str, value: Any) -> None:
    assert list(parsed(**{name: value})) == [name]


@pytest.mark.parametrize(
    "value",
    ["A", "a" * 40, "Zimmer für 2, Meerblick", "スイート", "1", " trimmed ", 'the "best"', "👩‍👧"],
)
def test_a_word_is_kept_as_it_is(value: str) -> None:
    assert parsed(channel=value)[3] == value.strip()


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [(120_500, "EUR", "120.50"), (120_000, "JPY", "120"), (120_500, "JPY", "120.5"), (1, "EUR", "0.001"),
     (120_500, "KWD", "120.500"), (0, "EUR", "0.00"), (0, "JPY", "0"), (-1_250, "EUR", "-1.25"), (100_000, "JPY", "100")],
)  # fmt: skip
def test_an_amount_is_written_with_the_decimals_of_its_currency(
    amount: int, currency: str, text: str
) -> None:
    assert format_thousandths(amount, currency) == text


@given(st.integers(0, 10**12 - 1), st.sampled_from(sorted(CURRENCY_DECIMALS)))
def test_what_is_written_is_read_as_it_was(amount: int, currency: str) -> None:
    text = format_thousandths(amount, currency)
    assert Decimal(text) == Decimal(amount) / 1000
    assert parsed(rate=text, currency=currency)[0] == amount
    assert parsed(rate=amount / 1000, currency=currency)[0] == amount, "as a JSON number"


CELLS = st.one_of(
    st.sampled_from(
        ["", " ", "EUR", "eur", "XXX", "12.50", " 7", "1e3", "-1", "0", "Web", "a" * 41]
    ),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=45),
    st.from_regex(r"[0-9]{1,10}(\.[0-9]{0,4})?", fullmatch=True),
)


@given(st.dictionaries(st.sampled_from(OPTIONAL), CELLS), st.sampled_from(",;\t"))
def test_csv_and_json_have_the_same_rules(values: dict[str, str], delimiter: str) -> None:
    if any(set(value) & set("\r\n\0") for value in values.values()):
        return  # a matter of lines, see test_csv_reader
    record = read_csv(values, delimiter)
    row, errors = parse_event(EVENT | {n: v for n, v in values.items() if v.strip()})
    if row is not None:
        assert record == row
    else:
        assert isinstance(record, RejectedRow)
        assert all(name in record.reason for name in errors)


def test_a_file_without_the_columns_is_read_as_before() -> None:
    row = read_csv({})
    assert isinstance(row, EventRow)
    assert optional_values(row) == NO_OPTIONAL_VALUES
    assert read_csv({"remark": "x"}) == read_csv({})


def test_bytes_that_are_no_utf_8_are_refused_in_a_word() -> None:
    text = f"{','.join([*EVENT, 'channel'])}\n{','.join([*EVENT.values(), 'caf'])}".encode()
    [record] = EventFile("test", io.BytesIO(text + b"\xe9\n")).records()
    assert isinstance(record, RejectedRow)
    assert "channel must have no" in record.reason
