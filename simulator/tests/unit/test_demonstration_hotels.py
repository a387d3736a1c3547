"""The demonstration's hotels look alive on whatever day they are made, and nothing is impossible."""

import csv
import gzip
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest

from simulator import demonstration_files
from simulator.demonstration_files import (
    find_demonstration,
    make_demonstration,
    simulate_demonstration,
)
from simulator.demonstration_hotels import NAME_ENDING, DemonstrationHotel, demonstration_hotels
from simulator.simulated_event import BOOKING, CANCELLATION, CHANGE, SimulatedEvent

# A winter's evening, a leap day, and the middle of a summer.
MOMENTS = [
    datetime(2026, 11, 26, 21, 30, tzinfo=UTC),
    datetime(2028, 2, 29, 6, tzinfo=UTC),
    datetime(2027, 7, 15, 12, tzinfo=UTC),
]
DAY = timedelta(days=1)
NET = {BOOKING: 1, CANCELLATION: -1, CHANGE: 0}


@pytest.fixture(scope="module", params=MOMENTS, ids=lambda moment: f"{moment:%Y-%m-%d}")
def moment(request: pytest.FixtureRequest) -> datetime:
    return request.param  # type: ignore[no-any-return]


simulate_once = cache(simulate_demonstration)


@pytest.fixture(scope="module")
def events(moment: datetime) -> tuple[list[SimulatedEvent], list[SimulatedEvent]]:
    return simulate_once(moment)


@pytest.fixture
def hotels(moment: datetime) -> list[DemonstrationHotel]:
    return list(demonstration_hotels(moment.date()))


def sold(events: Iterable[SimulatedEvent], hotel: DemonstrationHotel) -> Counter[date]:
    """Return how many rooms are on the books, by night."""
    count: Counter[date] = Counter()
    for event in events:
        if event.hotel_id == hotel.profile.hotel_id:
            count[event.night_of_stay] += NET[event.status]
    return count


def occupancy(
    events: Iterable[SimulatedEvent], hotel: DemonstrationHotel, first: date, nights: int
) -> float:
    """Return the share of the rooms of open nights that is on the books."""
    days = [first + n * DAY for n in range(nights)]
    is_open = [day for day in days if not hotel.profile.is_closed(day)]
    count = sold(events, hotel)
    return sum(count[day] for day in is_open) / len(is_open) / hotel.profile.rooms


def test_the_same_moment_gives_the_same_events() -> None:
    assert simulate_demonstration(MOMENTS[0]) == simulate_once(MOMENTS[0])


def test_nothing_is_dated_after_the_moment_and_the_rest_comes_later(
    events: tuple[list[SimulatedEvent], list[SimulatedEvent]], moment: datetime
) -> None:
    past, coming = events
    assert max(event.event_timestamp for event in past) <= moment
    assert min(event.event_timestamp for event in coming) > moment
    assert [event.id for event in past] == list(range(1, len(past) + 1))
    assert 30_000 < len(past) < 60_000


def test_two_years_behind_are_sold_as_in_a_good_hotel(
    events: tuple[list[SimulatedEvent], list[SimulatedEvent]],
    hotels: list[DemonstrationHotel],
    moment: datetime,
) -> None:
    for hotel in hotels:
        for years in (1, 2):
            start = moment.date() - years * 365 * DAY
            assert 0.55 < occupancy(events[0], hotel, start, 365) < 0.85


def test_on_the_books_falls_with_lead_time_and_reaches_a_year_ahead(
    events: tuple[list[SimulatedEvent], list[SimulatedEvent]],
    hotels: list[DemonstrationHotel],
    moment: datetime,
) -> None:
    today = moment.date()
    for hotel in hotels:
        ahead = [
            occupancy(events[0], hotel, today + start * DAY, 60) for start in (0, 90, 180, 270)
        ]
        assert ahead == sorted(ahead, reverse=True)
        assert ahead[0] > 0.35
        assert 0 < ahead[2] < 0.25 and ahead[3] > 0
        assert sold(events[0], hotel)[today] > 0.2 * hotel.profile.rooms
        past_days = {event.event_timestamp.date() for event in events[0][-500:]}
        assert {today, today - DAY} & past_days


def test_no_night_is_overbooked_at_any_time_and_no_room_type_neither(
    events: tuple[list[SimulatedEvent], list[SimulatedEvent]], hotels: list[DemonstrationHotel]
) -> None:
    rooms: dict[object, int] = {}
    for hotel in hotels:
        profile = hotel.profile
        assert sum(profile.rooms_by_type) == profile.rooms
        rooms[profile.hotel_id] = profile.rooms
        for (name, _, _), number in zip(profile.room_types, profile.rooms_by_type, strict=True):
            rooms[profile.hotel_id, name] = number
    taken: Counter[tuple[object, date]] = Counter()
    types: dict[object, str | None] = {}
    for event in (*events[0], *events[1]):
        reserved = (event.room_reservation_id, event.night_of_stay)
        if event.room_type:
            assert event.status == BOOKING or event.room_type == types[reserved]
            types[reserved] = event.room_type
        for key in (event.hotel_id, (event.hotel_id, types[reserved])):
            taken[key, event.night_of_stay] += NET[event.status]
            assert 0 <= taken[key, event.night_of_stay] <= rooms[key], event


def test_one_hotel_has_a_closed_season_without_guests_and_is_open_for_weeks(
    events: tuple[list[SimulatedEvent], list[SimulatedEvent]],
    hotels: list[DemonstrationHotel],
    moment: datetime,
) -> None:
    [hotel] = [each for each in hotels if each.profile.closed]
    count = sold((*events[0], *events[1]), hotel)
    closed = [night for night in count if hotel.profile.is_closed(night)]
    assert closed == []
    days = [moment.date() + n * DAY for n in range(-730, 366)]
    assert sum(map(hotel.profile.is_closed, days)) > 70
    assert not any(map(hotel.profile.is_closed, days[730:790]))


def test_every_day_of_a_year_starts_with_two_open_hotels() -> None:
    for number in range(366):
        today = date(2028, 1, 1) + number * DAY
        for hotel in demonstration_hotels(today):
            nights = [today + n * DAY for n in range(60)]
            assert not any(map(hotel.profile.is_closed, nights)), today
            year = [today + n * DAY for n in range(365)]
            assert any(map(hotel.profile.is_closed, year)) == bool(hotel.profile.closed)


def test_a_group_came_and_a_festival_is_asked_for(
    events: tuple[list[SimulatedEvent], list[SimulatedEvent]],
    hotels: list[DemonstrationHotel],
    moment: datetime,
) -> None:
    hotel = hotels[0]
    [group] = hotel.groups
    rooms = [e for e in events[0] if e.event_timestamp == group.booked_at and e.hotel_id == 1]
    assert len({e.room_reservation_id for e in rooms}) >= 8
    assert {e.segment for e in rooms} == {"Group"}
    assert group.booked_at <= moment - DAY
    [week] = [w for w in hotel.profile.special_nights if 0 < (w.first - moment.date()).days < 365]
    assert (week.first.weekday(), (week.last - week.first).days) == (0, 6)
    books = [occupancy(events[0], hotel, week.first + n * DAY, 7) for n in (-14, 0, 14)]
    assert books[1] > max(books[0], books[2])


def test_everything_is_named_and_has_a_rate(
    events: tuple[list[SimulatedEvent], list[SimulatedEvent]], hotels: list[DemonstrationHotel]
) -> None:
    assert all(hotel.name.endswith(NAME_ENDING) for hotel in hotels)
    for event in events[0]:
        if event.status == BOOKING:
            assert event.rate and event.currency and event.channel and event.segment, event


# --- files ----------------------------------------------------------------------------------------


def test_the_files_are_made_once_and_again_as_they_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demonstration_files, "simulate_demonstration", simulate_once)
    assert find_demonstration(tmp_path) is None
    made = make_demonstration(tmp_path, MOMENTS[0])
    content = made.events.read_bytes()
    with gzip.open(made.events, "rt") as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) == len(simulate_once(MOMENTS[0])[0])
    again = make_demonstration(tmp_path, MOMENTS[1])
    assert (again, again.events.read_bytes()) == (made, content)
    made.events.unlink()  # as if the first time had been cut short
    assert make_demonstration(tmp_path, MOMENTS[2]).events.read_bytes() == content
    assert made.made_at == MOMENTS[0]
    assert [hotel.name for hotel in made.hotels] == [
        "Seaview Hotel (demonstration)", "Alpine Lodge (demonstration)",
    ]  # fmt: skip
