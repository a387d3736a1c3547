"""Groups: what was booked together, from the learned or told number of rooms on."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard_service.figures_for_pricing import BookedRoom, BookedTogether, RoomNightChange
from pricing_service.demand.bookings import Bookings
from pricing_service.demand.group_bookings import find_groups, learned_threshold

MINUTE = datetime(2026, 3, 1, 10, 17, tzinfo=UTC)
TODAY = date(2026, 3, 5)
BOOKED_ON = MINUTE.date().toordinal()
NIGHT = date(2026, 6, 1)


def room(first: int = 0, nights: int = 1, cancelled_after: int | None = None) -> BookedRoom:
    """A room from so many nights after NIGHT on, all of whose nights were cancelled at once."""
    stay = [NIGHT.toordinal() + first + number for number in range(nights)]
    changes = [RoomNightChange(night, BOOKED_ON, 1) for night in stay]
    if cancelled_after is not None:
        changes += [RoomNightChange(night, BOOKED_ON + cancelled_after, -1) for night in stay]
    return BookedRoom(frozenset(stay), changes)


def together(*rooms: BookedRoom, minute: datetime = MINUTE) -> BookedTogether:
    return BookedTogether(minute, list(rooms))


@pytest.mark.parametrize(
    ("rooms", "learned"), [(None, 10), (4, 5), (50, 5), (51, 6), (60, 6), (100, 10), (900, 10)]
)
def test_the_learned_number_is_a_tenth_of_the_rooms_from_five_to_ten(
    rooms: int | None, learned: int
) -> None:
    assert learned_threshold(rooms) == learned


def test_so_many_rooms_for_one_night_are_a_group_and_one_less_is_none() -> None:
    five = together(*[room()] * 5)
    assert [len(group.rooms) for group in find_groups([five], 5, is_learned=True).bookings] == [5]
    assert find_groups([five], 6, is_learned=True).bookings == []


def test_rooms_for_other_nights_do_not_make_a_group() -> None:
    strangers = together(*[room(first=10 * number) for number in range(8)])
    assert find_groups([strangers], 5, is_learned=True).bookings == []


def test_a_group_keeps_its_early_arrivals_and_leaves_a_stranger_of_the_same_minute_out() -> None:
    members = [*[room(nights=2)] * 5, room(first=-2, nights=3)]
    [group] = find_groups([together(*members, room(first=60))], 5, is_learned=True).bookings
    assert group.rooms == members
    assert [group.rooms_booked(NIGHT + timedelta(days=ahead)) for ahead in (-2, 0, 1, 60)] == [
        1, 6, 5, 0,
    ]  # fmt: skip


def test_cancelled_rooms_leave_the_books_and_stay_members() -> None:
    groups = find_groups(
        [together(*[room()] * 3, *[room(cancelled_after=2)] * 2)], 5, is_learned=True
    )
    nights = groups.room_nights(TODAY, TODAY)
    days = [date.fromordinal(BOOKED_ON + after) for after in (-1, 0, 1, 2, 3)]
    assert [nights.on_the_books(day, NIGHT, 1).tolist() for day in days] == [
        [0], [5], [5], [3], [3],
    ]  # fmt: skip


def test_what_is_dated_in_the_future_counts_at_once() -> None:
    groups = find_groups([together(*[room()] * 5)], 5, is_learned=True)
    earlier = date.fromordinal(BOOKED_ON - 3)
    nights = groups.room_nights(earlier, earlier)
    assert nights.on_the_books(earlier, NIGHT, 1).tolist() == [5]


def clocked(minutes: list[int]) -> list[BookedTogether]:
    return [
        together(*[room(first=day)] * 6, minute=MINUTE + timedelta(days=day, minutes=minute))
        for day, minute in enumerate(minutes)
    ]


def test_groups_that_a_clock_made_are_none_unless_a_person_tells_a_number() -> None:
    nightly = clocked([0, 0, 0, 25])
    learned = find_groups(nightly, 5, is_learned=True)
    assert (learned.bookings, learned.is_clocked) == ((), True)
    told = find_groups(nightly, 5, is_learned=False)
    assert (len(told.bookings), told.is_clocked) == (4, False)


@pytest.mark.parametrize("minutes", [[0, 0, 0], [0, 0, 13, 25]])
def test_few_groups_or_times_of_all_kinds_are_no_clock(minutes: list[int]) -> None:
    assert len(find_groups(clocked(minutes), 5, is_learned=True).bookings) == len(minutes)


ROOMS = st.lists(
    st.builds(room, st.integers(0, 3), st.integers(1, 3), st.none() | st.integers(0, 4)),
    max_size=12,
)


@given(st.lists(ROOMS, max_size=3), st.integers(2, 6), st.randoms(use_true_random=False))
def test_groups_do_not_depend_on_the_order_of_rooms_and_are_fewer_with_a_higher_number(
    minutes: list[list[BookedRoom]], threshold: int, random: object
) -> None:
    ordered = [
        together(*rooms, minute=MINUTE + timedelta(hours=number))
        for number, rooms in enumerate(minutes)
    ]
    mixed = [BookedTogether(minute, sorted(rooms, key=lambda _: random.random()))  # type: ignore[attr-defined]
             for minute, rooms in ordered]  # fmt: skip
    days = [date.fromordinal(BOOKED_ON + after) for after in range(5)]

    def books(found: list[BookedTogether], least: int) -> list[list[int]]:
        nights = find_groups(found, least, is_learned=True).room_nights(TODAY, TODAY)
        return [nights.on_the_books(day, NIGHT, 6).tolist() for day in days]

    assert books(ordered, threshold) == books(mixed, threshold)
    more, fewer = books(ordered, threshold), books(ordered, threshold + 1)
    assert all(a >= b >= 0 for day, less in zip(more, fewer, strict=True)
               for a, b in zip(day, less, strict=True))  # fmt: skip


def test_bookings_without_others_are_the_rest() -> None:
    night, day = NIGHT.toordinal(), BOOKED_ON
    both = Bookings([night, night], [day, day + 1], [7, 2])
    rest = both.without(Bookings([night], [day], [5]))
    assert rest.on_the_books(MINUTE.date(), NIGHT, 1).tolist() == [2]
    assert rest.on_the_books(TODAY, NIGHT, 1).tolist() == [4]
