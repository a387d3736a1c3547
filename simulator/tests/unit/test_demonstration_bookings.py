"""The demonstration hotel's live stream: reproducible, divisible into intervals, plausible."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.demonstration_bookings import HORIZON_DAYS, demonstration_events
from simulator.hotel_demand import hotel_profile
from simulator.simulated_event import BOOKING, CANCELLATION

SEASIDE, TOWN = hotel_profile(1), hotel_profile(2)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)

moments = st.datetimes(
    min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC)
)
spans = st.timedeltas(min_value=timedelta(0), max_value=timedelta(seconds=90))


@settings(deadline=None)
@given(start=moments, span=spans, seed=st.integers())
def test_the_same_arguments_give_the_same_events(
    start: datetime, span: timedelta, seed: int
) -> None:
    first, second = (demonstration_events(TOWN, start, start + span, seed) for _ in range(2))
    assert first == second


@settings(deadline=None)
@given(start=moments, one=spans, other=spans)
def test_the_parts_of_an_interval_give_what_the_whole_gives(
    start: datetime, one: timedelta, other: timedelta
) -> None:
    middle, end = start + one, start + one + other
    parts = demonstration_events(TOWN, start, middle, 1) + demonstration_events(
        TOWN, middle, end, 1
    )
    assert parts == demonstration_events(TOWN, start, end, 1)


@settings(deadline=None)
@given(start=moments, span=spans)
def test_events_lie_inside_the_interval(start: datetime, span: timedelta) -> None:
    for event in demonstration_events(TOWN, start, start + span, 1):
        assert start <= datetime.fromisoformat(str(event["event_timestamp"])) < start + span


HOUR = demonstration_events(SEASIDE, NOON, NOON + timedelta(hours=1), 1)


def test_the_start_of_the_interval_is_included() -> None:
    moment = datetime.fromisoformat(str(HOUR[0]["event_timestamp"]))
    first = demonstration_events(SEASIDE, moment, moment + timedelta(seconds=1), 1)
    assert first[0] == HOUR[0]


def test_a_reservation_is_made_every_two_to_four_seconds() -> None:
    booked = {e["room_reservation_id"] for e in HOUR if e["status"] == BOOKING}
    assert 2 <= 3600 / len(booked) <= 4


def test_events_differ_by_seed_and_hotel() -> None:
    streams = [
        demonstration_events(hotel_profile(hotel_id), NOON, NOON + timedelta(minutes=5), seed)
        for hotel_id, seed in ((1, 1), (1, 2), (3, 1))
    ]
    ids = [{event["room_reservation_id"] for event in stream} for stream in streams]
    assert len(set.union(*ids)) == sum(map(len, ids))


def test_a_quarter_is_cancelled_within_minutes() -> None:
    booked: dict[int | str, str] = {}
    cancelled: dict[int | str, str] = {}
    for event in HOUR:
        timestamps = booked if event["status"] == BOOKING else cancelled
        timestamps[event["room_reservation_id"]] = str(event["event_timestamp"])
    delays = [
        datetime.fromisoformat(when) - datetime.fromisoformat(booked[reservation])
        for reservation, when in cancelled.items()
        if reservation in booked
    ]
    assert len(delays) / len(booked) == pytest.approx(0.25, abs=0.06)
    assert timedelta(0) < min(delays) < max(delays) < timedelta(minutes=5)


def test_a_cancellation_covers_the_nights_that_were_booked() -> None:
    nights: dict[tuple[int | str, int | str], list[int | str]] = {}
    for event in HOUR:
        key = event["room_reservation_id"], event["status"]
        nights.setdefault(key, []).append(event["night_of_stay"])
    pairs = [
        (cancelled, nights[reservation, BOOKING])
        for (reservation, status), cancelled in nights.items()
        if status == CANCELLATION and (reservation, BOOKING) in nights
    ]
    assert pairs
    assert all(cancelled == booked for cancelled, booked in pairs)


def test_nights_lie_in_the_coming_half_year() -> None:
    ahead = [date.fromisoformat(str(e["night_of_stay"])) - NOON.date() for e in HOUR]
    assert timedelta(days=1) <= min(ahead)
    assert timedelta(days=90) < max(ahead) < timedelta(days=HORIZON_DAYS + 14)


def test_no_identity_occurs_twice() -> None:
    assert len({tuple(event.values())[:5] for event in HOUR}) == len(HOUR)


def test_events_are_json_objects_for_the_rest_api() -> None:
    assert list(HOUR[0]) == [
        "hotel_id",
        "event_timestamp",
        "status",
        "room_reservation_id",
        "night_of_stay",
        "rate",
        "currency",
        "room_type",
        "channel",
        "segment",
    ]
    assert str(HOUR[0]["event_timestamp"]).startswith("2026-03-01T12:00:")
    assert str(HOUR[0]["event_timestamp"]).endswith("Z")


def test_a_naive_datetime_is_refused() -> None:
    naive = datetime(2026, 3, 1, 12)
    with pytest.raises(TypeError):
        demonstration_events(SEASIDE, naive, naive + timedelta(minutes=1), 1)
