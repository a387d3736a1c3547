"""Event validation: spellings of one event give one identity; an invalid field is named."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.value_limits import MAX_HOTEL_ID
from data_provider.event_validation import (
    FieldError,
    canonical_timestamp,
    parse_event,
    parse_reservation_id,
    parse_timestamp,
    parse_whole_number,
)

EVENT = {
    "hotel_id": 7,
    "event_timestamp": "2024-03-01 10:00:00",
    "status": 1,
    "room_reservation_id": "3f2b8c1e-0d4a-4b6e-9a51-0123456789ab",
    "night_of_stay": "2024-05-01",
}
TIMESTAMPS = st.datetimes(datetime(1901, 1, 1), datetime(2198, 12, 31), timezones=st.just(UTC)).map(
    lambda timestamp: timestamp.replace(microsecond=0)
)
OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


def parsed(**changes: Any) -> Any:
    row, errors = parse_event({**EVENT, **changes})
    assert (row is None) == bool(errors)
    return row or errors


@given(TIMESTAMPS, OFFSETS)
def test_a_timestamp_in_any_time_zone_and_spelling_is_the_same(
    timestamp: datetime, zone: timezone
) -> None:
    local = timestamp.astimezone(zone)
    spellings = [
        local.isoformat(),
        local.isoformat().replace("T", " "),
        local.isoformat(timespec="milliseconds"),
        local.strftime("%Y%m%dT%H%M%S%z"),
        timestamp.strftime("%Y-%m-%dT%H:%M:%SZ"),
        timestamp.strftime("%Y-%m-%d %H:%M:%S"),
        timestamp.strftime("%Y-%m-%dt%H:%M:%S,0z"),
    ]
    rows = {parsed(event_timestamp=text) for text in spellings}
    assert rows == {parsed(event_timestamp=canonical_timestamp(timestamp))}


@given(st.text(max_size=40))
def test_a_parsed_timestamp_is_what_python_parses(text: str) -> None:
    try:
        parsed_value = parse_timestamp(text)
    except FieldError:
        return
    expected = datetime.fromisoformat(text.upper().replace(",", "."))
    assert parsed_value == (expected if expected.tzinfo else expected.replace(tzinfo=UTC))


@pytest.mark.parametrize(
    "value",
    ["2024-02-30 10:00:00", "2024-03-01", "2024-03-01 24:00:01", "2024-03-01 24:00:00", "2024-03-01T24:00Z", "2024-03-01 10:00:60", "0024-03-01 10:00:00",
     "20224-03-01 10:00:00", "1709287200", 1709287200, "now", "2024-03-01T10:00:00+25:00", " 2024-03-01 10:00:00",
     "2024-03-01 10:00:00\x00", "\uff12\uff10\uff12\uff14-03-01 10:00:00", True, [], {}],
)  # fmt: skip
def test_an_invalid_timestamp_is_refused(value: Any) -> None:
    assert list(parsed(event_timestamp=value)) == ["event_timestamp"]


@pytest.mark.parametrize(
    ("field", "value"),
    [("hotel_id", value) for value in (0, -1, MAX_HOTEL_ID + 1, 1.0, "1.0", "1_0", " 1", "१", True, "0x1", 1e3)]
    + [("status", value) for value in (0, 4, "booked", True, 1.0, "01x")]
    + [("night_of_stay", value) for value in ("2023-02-29", "2024-5-1", "20240501", "2024-05-01T00:00", 20240501)]
    + [("room_reservation_id", value) for value in ("", "x" * 36, "3f2b8c1e", 7, "{3f2b8c1e-0d4a-4b6e-9a51-0123456789ab}")],
)  # fmt: skip
def test_an_invalid_value_is_refused_and_its_field_named(field: str, value: Any) -> None:
    assert list(parsed(**{field: value})) == [field]


def test_every_wrong_field_is_named_at_once() -> None:
    errors = parsed(hotel_id="x", status=9, night_of_stay=None)
    assert set(errors) == {"hotel_id", "status", "night_of_stay"}


def test_an_error_message_cuts_a_long_value() -> None:
    [[reason]] = parsed(room_reservation_id="x" * 10_000).values()
    assert len(reason) < 100


@pytest.mark.parametrize("text", [EVENT["room_reservation_id"], "3F2B8C1E0D4A4B6E9A510123456789AB"])
def test_a_reservation_id_in_any_spelling_is_the_same(text: str) -> None:
    assert parse_reservation_id(text) == "3f2b8c1e0d4a4b6e9a510123456789ab"


@given(st.integers(1, MAX_HOTEL_ID))
def test_a_number_and_its_digits_are_the_same(number: int) -> None:
    text = str(number)
    assert parse_whole_number(number, 1, MAX_HOTEL_ID) == parse_whole_number(text, 1, MAX_HOTEL_ID)


@pytest.mark.parametrize(
    ("given_number", "source_id"),
    [("17", 17), (17, 17), ("R-17", None), ("-1", None), ("9" * 30, None)],
)
def test_a_source_id_that_is_no_number_is_dropped_and_the_event_accepted(
    given_number: Any, source_id: int | None
) -> None:
    assert parsed(source_id=given_number).source_id == source_id
