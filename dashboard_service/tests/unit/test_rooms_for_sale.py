"""Rooms by date: which of several spans counts, and how two lists become one."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from dashboard_service.figures.rooms_for_sale import (
    RoomsForSaleByNight,
    RoomSpan,
    add_where_free,
)

FIRST = date(2026, 1, 1)


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def spans() -> st.SearchStrategy[list[RoomSpan]]:
    span = st.tuples(st.integers(0, 20), st.integers(0, 8), st.integers(0, 3))
    return st.lists(
        span.map(lambda row: RoomSpan(day(row[0]), day(row[0] + row[1]), row[2])), max_size=6
    )


def test_the_span_that_begins_later_counts_then_the_shorter_one() -> None:
    rooms = RoomsForSaleByNight(
        20, [RoomSpan(day(0), day(9), 5), RoomSpan(day(3), day(8), 7), RoomSpan(day(3), day(4), 0)]
    )
    assert [rooms(day(number)) for number in (0, 3, 4, 5, 8, 9, 10)] == [5, 0, 0, 7, 7, 5, 20]


@given(spans(), spans())
def test_what_is_added_counts_in_free_nights_only(
    kept: list[RoomSpan], added: list[RoomSpan]
) -> None:
    merged = add_where_free(kept, added)
    before, wanted = RoomsForSaleByNight(None, kept), RoomsForSaleByNight(None, added)
    after = RoomsForSaleByNight(None, merged)
    for number in range(-1, 32):
        expected = before(day(number))
        assert after(day(number)) == (wanted(day(number)) if expected is None else expected)
    assert sorted(add_where_free(merged, added)) == sorted(merged)


def test_the_last_date_that_there_is() -> None:
    whole, part = RoomSpan(day(0), date.max, 3), RoomSpan(day(2), day(3), 1)
    assert add_where_free([part], [whole]) == [
        RoomSpan(day(0), day(1), 3),
        part,
        RoomSpan(day(4), date.max, 3),
    ]
