"""Times without offset that are a hotel's local times: converted to UTC while a file is read."""

import io
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from data_provider.csv_loading.csv_reader import EventFile, RejectedRow
from data_provider.csv_loading.local_times import ZoneOfHotel, ZoneUnknown
from data_provider.event_validation import EventRow

HEADER = "hotel_id,status,event_timestamp,night_of_stay,room_reservation_id\n"
ROME = ZoneInfo("Europe/Rome")
ZONES = ("Europe/Rome", "America/St_Johns", "Pacific/Kiritimati", "Australia/Lord_Howe", "UTC")


def in_rome(hotel_id: int) -> ZoneInfo:
    return ROME


def record(time: str, zone_of_hotel: ZoneOfHotel | None, hotel: str = "7") -> object:
    """Return what the reader makes of a row with this time: its time in UTC, or the rejected row."""
    row = f"{hotel},1,{time},2024-05-01,3f2b8c1e-0d4a-4b6e-9a51-000000000001\n"
    file = EventFile("test", io.BytesIO((HEADER + row).encode()), zone_of_hotel)
    [result] = file.records()
    return result.timestamp if isinstance(result, EventRow) else result


@pytest.mark.parametrize("quote", ["", '"'])  # in canonical spelling and not
@pytest.mark.parametrize(
    ("local", "utc"),
    [
        ("2024-07-01 10:00:00", "2024-07-01 08:00:00"),
        ("2024-01-01T00:30:00", "2023-12-31 23:30:00"),
        # 2:00 to 3:00 does not exist: read with the offset before the gap, 2:30 is 3:30.
        ("2024-03-31 01:59:59", "2024-03-31 00:59:59"),
        ("2024-03-31 02:30:00", "2024-03-31 01:30:00"),
        ("2024-03-31 03:30:00", "2024-03-31 01:30:00"),
        # 2:00 to 3:00 occurs twice: the first pass is meant.
        ("2024-10-27 01:59:59", "2024-10-26 23:59:59"),
        ("2024-10-27 02:30:00", "2024-10-27 00:30:00"),
        ("2024-10-27 03:00:00", "2024-10-27 02:00:00"),
    ],
)
def test_a_time_without_offset_is_local(local: str, utc: str, quote: str) -> None:
    assert record(f"{quote}{local}{quote}", in_rome) == utc
    assert record(f"{quote}{local}{quote}", None) == local.replace("T", " "), "without the option"


@pytest.mark.parametrize(
    ("time", "utc"),
    [
        ("2024-07-01T10:00:00Z", "2024-07-01 10:00:00"),
        ("2024-07-01 10:00:00 UTC", "2024-07-01 10:00:00"),
        ("2024-07-01T10:00:00-05:00", "2024-07-01 15:00:00"),
        ("20240701T1000+05", "2024-07-01 05:00:00"),
        ("20240701T1000", "2024-07-01 08:00:00"),
        ("2024-07-01 10:00:00.25", "2024-07-01 08:00:00.250000"),
    ],
)
def test_an_offset_in_the_file_wins(time: str, utc: str) -> None:
    assert record(time, in_rome) == utc


@given(
    st.datetimes(datetime(1901, 1, 1), datetime(2199, 12, 30)).map(
        lambda value: value.replace(microsecond=0)
    ),
    st.sampled_from(ZONES),
    st.booleans(),
)
@example(datetime(2024, 3, 31, 2, 30), "Europe/Rome", False)
@example(datetime(2024, 4, 7, 1, 45), "Australia/Lord_Howe", True)
def test_it_is_the_same_event_as_with_the_offset_of_its_zone(
    local: datetime, name: str, quoted: bool
) -> None:
    """What a sender that knows its offset writes: both ways into the ledger give one identity."""
    zone = ZoneInfo(name)
    quote = '"' if quoted else ""
    utc = record(f"{quote}{local}{quote}", lambda hotel_id: zone)
    assert isinstance(utc, str)
    moment = datetime.fromisoformat(utc).replace(tzinfo=UTC)
    assert moment == local.replace(tzinfo=zone).astimezone(UTC)
    seen = moment.astimezone(zone)
    if seen.replace(tzinfo=None) == local:
        assert seen.fold == 0, "of two passes the first"
        if len(seen.isoformat()) == 25:  # offsets of long ago have seconds, which ISO 8601 lacks
            assert record(seen.isoformat(), None) == utc
    else:  # in a gap: later by its length
        assert timedelta(0) < seen.replace(tzinfo=None) - local <= timedelta(days=1)


def test_the_zone_is_that_of_the_rows_hotel() -> None:
    zones = {7: ROME, 8: ZoneInfo("America/New_York")}
    assert record("2024-07-01 10:00:00", zones.__getitem__, "7") == "2024-07-01 08:00:00"
    assert record("2024-07-01 10:00:00", zones.__getitem__, "8") == "2024-07-01 14:00:00"
    assert record("2024-07-01 10:00:00", zones.__getitem__, "0008") == "2024-07-01 14:00:00"


@pytest.mark.parametrize(
    ("time", "hotel", "reason"),
    [
        ("1900-01-01 00:30:00", "7", "must lie in the years 1900 to 2199, not '1899-12-31"),
        ("2200-01-01 02:00:00", "7", "must lie in the years 1900 to 2199, not '2200-01-01"),
        ("0001-01-01 00:00:00", "7", "must lie in the years 1900 to 2199"),
        ("2024-02-30 10:00:00", "7", "is no real time"),
        ("yesterday", "7", "must be a date and a time"),
        ("2024-07-01 10:00:00", "x", "hotel_id must be a whole number"),
        ("", "7", "event_timestamp is required"),
    ],
)
def test_an_invalid_row_is_rejected_with_its_reason(time: str, hotel: str, reason: str) -> None:
    rejected = record(time, in_rome, hotel)
    assert isinstance(rejected, RejectedRow)
    assert reason in rejected.reason


def test_years_are_limited_in_utc() -> None:
    assert record("2200-01-01 00:30:00", in_rome) == "2199-12-31 23:30:00"


def test_a_zone_that_is_unknown_ends_the_reading() -> None:
    def nobody_knows(hotel_id: int) -> ZoneInfo:
        raise ZoneUnknown(f"hotel {hotel_id}")

    for quote in ("", '"'):
        with pytest.raises(ZoneUnknown, match="hotel 7"):
            record(f"{quote}2024-07-01 10:00:00{quote}", nobody_knows)
    assert record("2024-07-01T10:00:00Z", nobody_knows) == "2024-07-01 10:00:00", "not asked for"
