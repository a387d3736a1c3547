"""Snapshots of reservations, whatever their order and repetition, leave the ledger equal to the
newest one."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from data_provider.models import Event, Reservation
from data_provider.reservations.known_reservations import find_reservation, reservations_arriving
from data_provider.reservations.snapshot import ReservationSnapshot, parse_reservation
from data_provider.reservations.snapshot_recording import Appended, record_snapshots

pytestmark = pytest.mark.django_db(databases=["data_provider"])

HOTEL = 7
UUID = "3f2b8c1e-0d4a-4b6e-9a51-0123456789ab"


def snapshot(**changed: Any) -> ReservationSnapshot:
    return parse_reservation(posted(**changed))


def posted(**changed: Any) -> dict[str, Any]:
    return {
        "hotel_id": HOTEL,
        "reservation_id": "R1",
        "status": "confirmed",
        "booked_at": "2026-01-01T10:00:00Z",
        "updated_at": "2026-01-01T10:00:00Z",
        "currency": "EUR",
        "channel": "Website",
        "rooms": [room()],
        **changed,
    }


def room(room_id: str = "1", first: str = "2026-05-01", nights: int = 3, **changed: Any) -> Any:
    start = date.fromisoformat(first)
    return {
        "room_id": room_id,
        "room_type": "Double",
        "arrival": first,
        "departure": str(start + timedelta(days=nights)),
        "rate": "100.00",
        **changed,
    }


def record(**changed: Any) -> Appended:
    [outcome] = record_snapshots([snapshot(**changed)])
    return outcome


def events() -> list[tuple[str, str, int]]:
    return [
        (f"{event.timestamp:%m-%d %H:%M}", f"{event.night_of_stay:%m-%d}", event.rpg_status)
        for event in Event.objects.order_by("timestamp", "night_of_stay", "rpg_status")
    ]


def described(one: ReservationSnapshot) -> dict[tuple[str, str], Any]:
    """Return what a snapshot says of each room and night, without its history."""
    return {
        (room.room_id, night): (
            rate, rate is not None and one.currency, room.room_type, one.channel, one.segment
        )
        for room in one.rooms
        for night, rate in room.nights
        if one.status != "cancelled"
    }  # fmt: skip


def on_the_books(reservation_id: str = "R1") -> dict[tuple[str, str], Any]:
    found = find_reservation(HOTEL, reservation_id)
    assert found is not None
    return described(found)


def test_a_new_reservation_is_booked_when_it_was_booked() -> None:
    assert record(updated_at="2026-02-01T00:00:00Z") == Appended(bookings=3)
    assert events() == [("01-01 10:00", f"05-0{day}", 1) for day in (1, 2, 3)]


def test_the_same_again_appends_nothing() -> None:
    record()
    assert record() == Appended()
    assert record(updated_at="2026-01-02T00:00:00Z") == Appended()


def test_an_older_one_appends_nothing_and_says_so() -> None:
    record(updated_at="2026-02-01T00:00:00Z")
    assert record(rooms=[room(nights=9)]) == Appended(is_outdated=True)


def test_a_stay_that_is_moved() -> None:
    record()
    moved = record(updated_at="2026-01-05T12:00:00Z", rooms=[room(first="2026-05-02")])
    assert moved == Appended(bookings=1, cancellations=1)
    assert events()[3:] == [("01-05 12:00", "05-01", 2), ("01-05 12:00", "05-04", 1)]


def test_a_stay_that_is_repriced_names_only_the_rate() -> None:
    record()
    assert record(updated_at="2026-01-05T12:00:00Z", rooms=[room(rate="90.00")]) == Appended(
        changes=3
    )
    change = Event.objects.filter(rpg_status=Event.Status.CHANGE)[0]
    assert (change.rate, change.currency, change.room_type) == (90, "EUR", None)


def test_a_word_that_is_taken_away_is_booked_anew() -> None:
    record()
    outcome = record(updated_at="2026-01-05T12:00:00Z", channel=None)
    assert outcome == Appended(bookings=3, cancellations=3)
    assert {channel for *_, channel, _ in on_the_books().values()} == {None}


def test_a_room_that_is_added_and_one_that_is_removed() -> None:
    record()
    added = record(updated_at="2026-01-02T00:00:00Z", rooms=[room(), room("2")])
    assert added == Appended(bookings=3)
    removed = record(updated_at="2026-01-03T00:00:00Z", rooms=[room("2")])
    assert removed == Appended(cancellations=3)
    assert {room_id for room_id, _ in on_the_books()} == {"2"}


def test_a_cancelled_one_that_is_new_is_booked_and_cancelled() -> None:
    record(
        status="cancelled", updated_at="2026-03-01T00:00:00Z", cancelled_at="2026-02-01T00:00:00Z"
    )
    assert [time for time, _, _ in events()] == ["01-01 10:00"] * 3 + ["02-01 00:00"] * 3
    assert on_the_books() == {}


def test_a_cancellation_on_the_day_of_the_booking() -> None:
    record(
        status="cancelled", updated_at="2026-01-01T00:00:00Z", cancelled_at="2026-01-01T00:00:00Z"
    )
    assert on_the_books() == {}


def test_a_cancelled_one_without_rooms() -> None:
    record()
    outcome = record(status="cancelled", rooms=[], updated_at="2026-01-05T00:00:00Z")
    assert outcome == Appended(cancellations=3)
    assert record(updated_at="2026-01-06T00:00:00Z") == Appended(bookings=3), "and reinstated"


def test_a_no_show_stays_on_the_books() -> None:
    record()
    assert record(status="no_show", updated_at="2026-05-02T00:00:00Z") == Appended()
    assert len(on_the_books()) == 3


def test_single_events_of_its_uuid_are_what_is_known_of_it() -> None:
    record(reservation_id=UUID)
    Reservation.objects.all().delete()  # as if the events had come from a file
    assert len(on_the_books(UUID)) == 3
    outcome = record(
        reservation_id=UUID, updated_at="2026-01-05T00:00:00Z", rooms=[room(rate="90.00")]
    )
    assert outcome == Appended(changes=3)
    assert {rate for rate, *_ in on_the_books(UUID).values()} == {90_000}


def test_a_later_event_than_the_snapshot_does_not_hide_it() -> None:
    record(updated_at="2026-01-02T00:00:00Z")
    record(updated_at="2026-03-02T00:00:00Z", rooms=[room(rate="90.00")])
    outcome = record(
        status="cancelled", updated_at="2026-03-03T00:00:00Z", cancelled_at="2026-02-01T00:00:00Z"
    )
    assert outcome == Appended(cancellations=3)
    assert on_the_books() == {}


def test_two_hotels_with_the_same_number_are_two_reservations() -> None:
    record()
    assert record(hotel_id=8) == Appended(bookings=3)


def test_those_that_arrive_in_a_span() -> None:
    for number, first in enumerate(("2026-05-01", "2026-05-31", "2026-06-01")):
        record(reservation_id=f"R{number}", rooms=[room(first=first)])
    record(reservation_id="R0", status="cancelled", updated_at="2026-01-02T00:00:00Z")
    found = reservations_arriving(HOTEL, date(2026, 5, 1), date(2026, 5, 31))
    assert [one.reservation_id for one in found] == ["R1"]


NIGHTS = [str(date(2026, 5, 1) + timedelta(days=day)) for day in range(4)]
WORDS = st.sampled_from([None, "A", "B"])
RATES = st.sampled_from([None, "80.00", "90.5"])
ROOMS = st.lists(
    st.fixed_dictionaries(
        {
            "room_id": st.sampled_from(["1", "2", "x"]),
            "room_type": WORDS,
            "nights": st.lists(
                st.fixed_dictionaries({"night": st.sampled_from(NIGHTS), "rate": RATES}),
                unique_by=lambda night: str(night["night"]),
                min_size=1,
            ),
        }
    ),
    unique_by=lambda room: str(room["room_id"]),
    min_size=1,
    max_size=3,
)
VERSIONS = st.lists(
    st.fixed_dictionaries(
        {
            "status": st.sampled_from(["confirmed", "cancelled", "no_show"]),
            "updated_at": st.integers(0, 50).map(
                lambda hour: f"2026-01-0{1 + hour // 24}T{hour % 24:02}:00:00Z"
            ),
            "booked_at": st.sampled_from(["2026-01-01T00:00:00Z", "2026-01-02T12:00:00Z"]),
            "currency": st.sampled_from(["EUR", "JPY"]),
            "channel": WORDS,
            "segment": WORDS,
            "rooms": ROOMS,
        }
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda version: str(version["updated_at"]),
)


class AnyOrder(TestCase):
    databases = {"data_provider"}

    @given(VERSIONS, st.data())
    def test_any_sequence_ends_equal_to_the_newest(
        self, versions: list[dict[str, Any]], data: st.DataObject
    ) -> None:
        snapshots = [snapshot(**version) for version in versions]
        deliveries = data.draw(
            st.lists(st.sampled_from(snapshots), max_size=4).flatmap(
                lambda again: st.permutations([*snapshots, *again])
            )
        )
        size = data.draw(st.integers(1, len(deliveries)))
        for start in range(0, len(deliveries), size):
            record_snapshots(deliveries[start : start + size])
        newest = max(snapshots, key=lambda one: one.updated_at)
        count = Event.objects.count()
        assert on_the_books() == described(newest)
        record_snapshots(deliveries)
        assert Event.objects.count() == count, "all of them again append nothing"
