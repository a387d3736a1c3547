"""CSV lines of simulated events, and the invalid lines that are added between them."""

import re
from datetime import date, datetime
from random import Random
from uuid import UUID

import pytest

from data_provider.csv_loading.csv_columns import CSV_HEADER
from simulator.booking_history import simulate_history
from simulator.hotel_demand import hotel_profile
from simulator.invalid_csv_lines import add_invalid_lines

EVENTS = simulate_history(hotel_profile(1), date(2024, 1, 1), date(2025, 12, 31), 1)
LINES = [event.as_csv_line() for event in EVENTS]


def is_rate(text: str) -> bool:
    return not text or re.fullmatch(r"[0-9]{1,4}\.[0-9]{2}", text) is not None


def is_event(line: str) -> bool:
    """Return whether a line is valid, by code that is independent of simulator and reader."""
    try:
        hotel, status, stamp, night, reservation, _, rate, *_ = line.split(",")
        datetime.strptime(stamp, "%Y-%m-%d %H:%M:%S")
        date.fromisoformat(night)
        UUID(reservation)
        return 1 <= int(hotel) <= 2_147_483_647 and int(status) in (1, 2, 3) and is_rate(rate)
    except ValueError:
        return False


def test_csv_line_is_an_event_with_the_headers_columns() -> None:
    event = EVENTS[0]
    line = dict(zip(CSV_HEADER.split(","), event.as_csv_line().split(","), strict=True))
    assert line == {
        "hotel_id": "1",
        "status": "1",
        "event_timestamp": event.event_timestamp.strftime("%Y-%m-%d %H:%M:%S"),
        "night_of_stay": event.night_of_stay.isoformat(),
        "room_reservation_id": str(event.room_reservation_id),
        "id": "1",
        "rate": f"{(event.rate or 0) / 1000:.2f}",
        "currency": "EUR",
        "room_type": event.room_type,
        "channel": event.channel,
        "segment": event.segment,
    }


def test_a_share_of_0_adds_nothing() -> None:
    assert list(add_invalid_lines(LINES, Random(1), 0)) == LINES


@pytest.mark.parametrize("share", [0.01, 0.1, 0.5, 0.9])
def test_the_share_of_invalid_lines_is_as_requested(share: float) -> None:
    lines = list(add_invalid_lines(LINES, Random(1), share))
    invalid = sum(not is_event(line) for line in lines)
    assert invalid / len(lines) == pytest.approx(share, rel=0.2)


@pytest.mark.parametrize("share", [0.01, 0.5])
def test_the_valid_lines_are_all_simulated_events(share: float) -> None:
    assert [line for line in add_invalid_lines(LINES, Random(1), share) if is_event(line)] == LINES


def test_a_share_of_1_leaves_no_valid_line() -> None:
    lines = list(add_invalid_lines(LINES, Random(1), 1))
    assert len(lines) == len(LINES)
    assert not any(is_event(line) for line in lines)


def test_every_kind_of_damage_occurs() -> None:
    lines = list(add_invalid_lines(LINES, Random(1), 1))
    fields = [line.split(",") for line in lines]
    assert "" in lines
    assert {len(line) for line in fields} == {1, 2, 3, 4, 11}
    for column, wrong in enumerate(["-1", "4", "2024-02-30 12:00:00", "2023-02-29", "R-4711"]):
        values = {line[column] for line in fields if len(line) == 11}
        assert {wrong, ""} <= values
