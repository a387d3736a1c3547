"""One event, however it is spelled, is one identity; everything else is refused by its field."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_provider.event_validation import (
    MAX_HOTEL_ID,
    FieldError,
    canonical_timestamp,
    moment,
    parse_event,
    reservation,
    whole_number,
)

EVENT = {
    "hotel_id": 7,
    "event_timestamp": "2024-03-01 10:00:00",
    "status": 1,
    "room_reservation_id": "3f2b8c1e-0d4a-4b6e-9a51-0123456789ab",
    "night_of_stay": "2024-05-01",
}
MOMENTS = st.datetimes(datetime(1901, 1, 1), datetime(2198, 12, 31), timezones=st.just(UTC)).map(
    lambda found: found.replace(microsecond=0)
)
OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


def parsed(**changes: Any) -> Any:
    row, errors = parse_event({**EVENT, **changes})
    assert (row is None) == bool(errors)
    return row or errors


@given(MOMENTS, OFFSETS)
def test_a_moment_in_any_time_zone_and_spelling_is_one(found: datetime, zone: timezone) -> None:
    local = found.astimezone(zone)
    spellings = [
        local.isoformat(),
        local.isoformat().replace("T", " "),
        local.isoformat(timespec="milliseconds"),
        local.strftime("%Y%m%dT%H%M%S%z"),
        found.strftime("%Y-%m-%dT%H:%M:%SZ"),
        found.strftime("%Y-%m-%d %H:%M:%S"),
        found.strftime("%Y-%m-%dt%H:%M:%S,0z"),
    ]
    rows = {parsed(event_timestamp=text) for text in spellings}
    assert rows == {parsed(event_timestamp=canonical_timestamp(found))}


@given(st.text(max_size=40))
def test_text_is_a_moment_exactly_when_python_says_so_too(text: str) -> None:
    try:
        found = moment(text)
    except FieldError:
        return
    again = datetime.fromisoformat(text.upper().replace(",", "."))
    assert found == (again if again.tzinfo else again.replace(tzinfo=UTC))


@pytest.mark.parametrize(
    "value",
    ["2024-02-30 10:00:00", "2024-03-01", "2024-03-01 24:00:01", "2024-03-01 24:00:00", "2024-03-01T24:00Z", "2024-03-01 10:00:60", "0024-03-01 10:00:00",
     "20224-03-01 10:00:00", "1709287200", 1709287200, "now", "2024-03-01T10:00:00+25:00", " 2024-03-01 10:00:00",
     "2024-03-01 10:00:00\x00", "\uff12\uff10\uff12\uff14-03-01 10:00:00", True, [], {}],
)  # fmt: skip
def test_what_is_no_time_is_refused(value: Any) -> None:
    assert list(parsed(event_timestamp=value)) == ["event_timestamp"]


@pytest.mark.parametrize(
    ("field", "value"),
    [("hotel_id", value) for value in (0, -1, MAX_HOTEL_ID + 1, 1.0, "1.0", "1_0", " 1", "१", True, "0x1", 1e3)]
    + [("status", value) for value in (0, 3, "booked", True, 1.0, "01x")]
    + [("night_of_stay", value) for value in ("2023-02-29", "2024-5-1", "20240501", "2024-05-01T00:00", 20240501)]
    + [("room_reservation_id", value) for value in ("", "x" * 36, "3f2b8c1e", 7, "{3f2b8c1e-0d4a-4b6e-9a51-0123456789ab}")],
)  # fmt: skip
def test_what_is_no_value_is_refused_by_its_field(field: str, value: Any) -> None:
    assert list(parsed(**{field: value})) == [field]


def test_every_wrong_field_is_named_at_once() -> None:
    errors = parsed(hotel_id="x", status=9, night_of_stay=None)
    assert set(errors) == {"hotel_id", "status", "night_of_stay"}


def test_a_message_never_repeats_a_long_value() -> None:
    [[reason]] = parsed(room_reservation_id="x" * 10_000).values()
    assert len(reason) < 100


@pytest.mark.parametrize("text", [EVENT["room_reservation_id"], "3F2B8C1E0D4A4B6E9A510123456789AB"])
def test_a_reservation_in_any_spelling_is_one(text: str) -> None:
    assert reservation(text) == "3f2b8c1e0d4a4b6e9a510123456789ab"


@given(st.integers(1, MAX_HOTEL_ID))
def test_a_number_and_its_digits_are_one(number: int) -> None:
    assert whole_number(number, 1, MAX_HOTEL_ID) == whole_number(str(number), 1, MAX_HOTEL_ID)


@pytest.mark.parametrize(
    ("given_number", "kept"), [("17", 17), (17, 17), ("R-17", None), ("-1", None), ("9" * 30, None)]
)
def test_the_senders_number_is_kept_where_it_is_one_and_refuses_nothing(
    given_number: Any, kept: int | None
) -> None:
    assert parsed(source_id=given_number).source_id == kept
