"""The simulated booking history is plausible, and the same arguments give the same events."""

import hashlib
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.booking_history import ARRIVAL_HOUR_UTC, simulate_history
from simulator.demonstration_bookings import demonstration_events
from simulator.hotel_demand import HotelProfile, hotel_profile
from simulator.simulated_event import BOOKING, CANCELLATION, CHANGE, SimulatedEvent

FIRST_NIGHT, LAST_NIGHT = date(2024, 1, 1), date(2025, 12, 31)
SEASIDE, TOWN = hotel_profile(1), hotel_profile(2)
ROOM_NIGHTS = {BOOKING: 1, CANCELLATION: -1, CHANGE: 0}
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
PROJECT = Path(__file__).resolve().parents[3]


def history(profile: HotelProfile = SEASIDE, seed: int = 1) -> list[SimulatedEvent]:
    return simulate_history(profile, FIRST_NIGHT, LAST_NIGHT, seed)


def by_reservation(events: list[SimulatedEvent]) -> Iterator[list[SimulatedEvent]]:
    reservations: dict[UUID, list[SimulatedEvent]] = {}
    for event in events:
        reservations.setdefault(event.room_reservation_id, []).append(event)
    yield from reservations.values()


def bookings(events: list[SimulatedEvent]) -> list[list[SimulatedEvent]]:
    """Return, for each reservation, the events of its first booking."""
    return [
        [event for event in stay if event.event_timestamp == stay[0].event_timestamp]
        for stay in by_reservation(events)
    ]


def lead_days(booking: list[SimulatedEvent]) -> int:
    return (booking[0].night_of_stay - booking[0].event_timestamp.date()).days


# --- reproducible ---------------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_events() -> None:
    assert history(seed=7) == history(seed=7)


def test_another_seed_gives_other_events() -> None:
    assert history(seed=7) != history(seed=8)


def test_another_hotel_has_other_reservations() -> None:
    one, other = (history(hotel_profile(hotel_id)) for hotel_id in (1, 3))
    assert {e.room_reservation_id for e in one}.isdisjoint(e.room_reservation_id for e in other)


@pytest.mark.parametrize("hash_seed", ["0", "1"])
def test_hash_seed_changes_nothing(hash_seed: str) -> None:
    program = (
        "import hashlib; from datetime import *\n"
        "from simulator.booking_history import simulate_history\n"
        "from simulator.demonstration_bookings import demonstration_events\n"
        "from simulator.hotel_demand import hotel_profile\n"
        "events = simulate_history(hotel_profile(1), date(2024, 1, 1), date(2024, 3, 31), 1)\n"
        "noon = datetime(2026, 3, 1, 12, tzinfo=UTC)\n"
        "stream = demonstration_events(hotel_profile(1), noon, noon + timedelta(minutes=5), 1)\n"
        "print(hashlib.sha256(repr((events, stream)).encode()).hexdigest())"
    )
    environment = os.environ | {"PYTHONHASHSEED": hash_seed}
    printed = subprocess.check_output(
        [sys.executable, "-c", program], cwd=PROJECT, env=environment, text=True
    )
    events = simulate_history(SEASIDE, date(2024, 1, 1), date(2024, 3, 31), 1)
    stream = demonstration_events(SEASIDE, NOON, NOON + timedelta(minutes=5), 1)
    assert printed.strip() == hashlib.sha256(repr((events, stream)).encode()).hexdigest()


# --- plausible ------------------------------------------------------------------------------------


@settings(deadline=None)  # a slow machine must not fail the test
@given(rooms=st.integers(1, 12), seed=st.integers(), nights=st.integers(1, 60))
def test_never_overbooked(rooms: int, seed: int, nights: int) -> None:
    profile = hotel_profile(1, rooms)
    occupied: Counter[date] = Counter()
    first_night = date(2024, 8, 1)
    for event in simulate_history(profile, first_night, first_night + timedelta(nights), seed):
        occupied[event.night_of_stay] += ROOM_NIGHTS[event.status]
        assert 0 <= occupied[event.night_of_stay] <= rooms


def test_some_nights_are_full() -> None:
    occupied: Counter[date] = Counter()
    for event in history():
        occupied[event.night_of_stay] += ROOM_NIGHTS[event.status]
    assert SEASIDE.rooms in occupied.values()


@pytest.mark.parametrize("profile", [SEASIDE, TOWN])
def test_no_identity_twice(profile: HotelProfile) -> None:
    identities = Counter(event[:5] for event in history(profile))
    assert identities.most_common(1)[0][1] == 1


def test_events_are_in_order_of_time() -> None:
    stamps = [event.event_timestamp for event in history()]
    assert stamps == sorted(stamps)


def test_ids_are_consecutive() -> None:
    events = history()
    assert [event.id for event in events] == list(range(1, len(events) + 1))


def test_timestamps_are_whole_seconds_in_utc() -> None:
    stamps = [event.event_timestamp for event in history()]
    assert {(stamp.tzinfo, stamp.microsecond) for stamp in stamps} == {(UTC, 0)}


def test_reservation_ids_are_uuids_of_version_4() -> None:
    assert {event.room_reservation_id.version for event in history()} == {4}


def test_nights_stay_inside_the_span() -> None:
    nights = {event.night_of_stay for event in history()}
    assert (min(nights), max(nights)) == (FIRST_NIGHT, LAST_NIGHT)


def test_stays_are_1_to_14_nights_in_a_row() -> None:
    for booking in bookings(history()):
        first = booking[0].night_of_stay
        assert len(booking) <= 14
        assert [e.night_of_stay for e in booking] == [
            first + timedelta(days=n) for n in range(len(booking))
        ]


def test_stays_are_mostly_short() -> None:
    lengths = Counter(len(booking) for booking in bookings(history()))
    assert lengths[1] + lengths[2] + lengths[3] > 0.7 * lengths.total()
    assert max(lengths) == 14


def test_a_cancellation_lies_between_booking_and_arrival() -> None:
    for stay in by_reservation(history()):
        arrival = datetime.combine(stay[0].night_of_stay, time(ARRIVAL_HOUR_UTC), UTC)
        for event in stay:
            if event.status == CANCELLATION:
                assert stay[0].event_timestamp < event.event_timestamp < arrival


def test_a_night_is_booked_and_cancelled_in_turn() -> None:
    for stay in by_reservation(history()):
        for night in {event.night_of_stay for event in stay}:
            statuses = [
                event.status
                for event in stay
                if event.night_of_stay == night and event.status != CHANGE
            ]
            expected = [BOOKING, CANCELLATION, BOOKING]
            assert statuses == expected[: len(statuses)]


def test_some_stays_lose_only_their_last_nights() -> None:
    shortened = 0
    for stay in by_reservation(history()):
        booked = [e.night_of_stay for e in stay if e.event_timestamp == stay[0].event_timestamp]
        cancelled = [e.night_of_stay for e in stay if e.status == CANCELLATION]
        assert cancelled == booked[len(booked) - len(cancelled) :]
        shortened += 0 < len(cancelled) < len(booked)
    assert shortened > 0


def test_some_cancelled_nights_are_booked_again() -> None:
    assert any(
        [e for e in stay if e.status != CHANGE][-1].status == BOOKING
        and any(event.status == CANCELLATION for event in stay)
        for stay in by_reservation(history())
    )


@pytest.mark.parametrize("profile", [SEASIDE, TOWN])
def test_the_share_of_cancellations_is_the_profiles(profile: HotelProfile) -> None:
    stays = list(by_reservation(history(profile)))
    cancelled = sum(any(event.status == CANCELLATION for event in stay) for stay in stays)
    assert cancelled / len(stays) == pytest.approx(profile.cancellation_share, abs=0.04)


# --- demand ---------------------------------------------------------------------------------------


def test_longer_lead_times_are_rarer() -> None:
    leads = [lead_days(booking) for booking in bookings(history(hotel_profile(1, 60)))]
    months = [sum(first <= lead < first + 30 for lead in leads) for first in (0, 30, 60, 90, 120)]
    assert months == sorted(months, reverse=True)
    assert months[0] > 3 * months[2]


def test_some_book_on_the_day_of_arrival() -> None:
    leads = [lead_days(booking) for booking in bookings(history())]
    assert min(leads) == 0
    assert 0.03 < leads.count(0) / len(leads) < 0.15


def test_demand_follows_the_season() -> None:
    events = history(hotel_profile(1, 60))
    nights = Counter(e.night_of_stay.month for e in events if e.status == BOOKING)
    assert nights[8] > 2 * nights[1]


def test_arrivals_follow_the_weekday() -> None:
    def arrivals(profile: HotelProfile) -> Counter[int]:
        return Counter(b[0].night_of_stay.weekday() for b in bookings(history(profile)))

    seaside, town = arrivals(SEASIDE), arrivals(TOWN)
    assert seaside[4] > 1.2 * seaside[1]  # Friday, Tuesday
    assert town[1] > 1.2 * town[5]  # Tuesday, Saturday


# --- money ----------------------------------------------------------------------------------------


def mean_rate(events: list[SimulatedEvent]) -> float:
    rates = [event.rate for event in events if event.status == BOOKING and event.rate is not None]
    return sum(rates) / len(rates) / 1000


def test_a_booking_has_rate_and_words_and_a_cancellation_has_none() -> None:
    for event in history():
        optional = event[6:]
        assert (None in optional) == (event.status != BOOKING)
        assert (event.rate is None) == (event.status == CANCELLATION)


def test_rates_follow_season_and_room_type() -> None:
    events = history()
    high, low = (
        mean_rate([event for event in events if event.night_of_stay.month == month])
        for month in (8, 1)
    )
    assert 1.2 * low < high < 3 * low
    suites, doubles = (
        mean_rate([event for event in events if event.room_type == name])
        for name in ("Suite", "Double Standard")
    )
    assert 1.5 * doubles < suites < 2.2 * doubles
    assert 60 < mean_rate(events) < 250


def test_a_change_names_sold_nights_and_another_rate() -> None:
    rates: dict[tuple[UUID, date], int | None] = {}
    changes = 0
    for event in history():
        key = (event.room_reservation_id, event.night_of_stay)
        if event.status == CHANGE:
            changes += 1
            assert rates[key] is not None, "changed while it was not sold"
            assert rates[key] != event.rate
        rates[key] = event.rate
    assert 0.02 < changes / len(history()) < 0.1
