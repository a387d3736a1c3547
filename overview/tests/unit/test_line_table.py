"""The portfolio's table: order, filter, totals."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overview.portfolio.line_table import (
    ORDERS,
    SORTS,
    TableLine,
    filter_lines,
    sort_lines,
    table_lines,
    totals,
    usual_order,
)
from overview.tests.made_up_lines import line


def rows(*lines: object) -> list[TableLine]:
    return table_lines(list(lines), with_prices=True)  # type: ignore[arg-type]


def numbers(found: list[TableLine]) -> list[int]:
    return [row.line.state.hotel_id for row in found]


def test_what_needs_most_comes_first_and_equals_by_name() -> None:
    hotels = rows(
        line(1, "Zebra"), line(2, "anker"), line(3, "Mitte", waiting=4, mode="suggest"),
        line(4, "Berg", rooms=None), line(5, "Anker"),
    )  # fmt: skip
    for some in permutations(hotels):
        assert numbers(sort_lines(some, "attention", "desc")) == [4, 3, 2, 5, 1]


@pytest.mark.parametrize("order", ORDERS)
def test_unknown_figures_come_last_either_way(order: str) -> None:
    hotels = rows(line(1, rooms=None), line(2, sold=9), line(3, sold=1))
    assert numbers(sort_lines(hotels, "occupancy_30", order))[-1] == 1


@given(st.lists(st.integers(-50, 50), max_size=12), st.sampled_from(sorted(SORTS)))
def test_every_column_sorts_every_line_once(pickups: list[int], sort: str) -> None:
    hotels = rows(*(line(n, pickup=p, pace=(p + 50, 50)) for n, p in enumerate(pickups, 1)))
    found = sort_lines(hotels, sort, usual_order(sort))
    assert sorted(numbers(found)) == numbers(hotels)
    if sort in ("pickup", "pace"):
        keys = [SORTS[sort](row) for row in found]
        assert keys == sorted(keys, reverse=True)


def test_the_filter_finds_names_in_any_case_and_numbers() -> None:
    hotels = rows(line(1, "Zum Löwen"), line(2, "Anker"), line(31))
    assert numbers(filter_lines(hotels, " LÖWEN ")) == [1]
    assert numbers(filter_lines(hotels, "2")) == [2]
    assert numbers(filter_lines(hotels, "hotel 31")) == [31]
    assert numbers(filter_lines(hotels, "")) == [1, 2, 31]
    assert filter_lines(hotels, "nirgends") == []


def test_totals_are_by_currency_and_leave_out_what_is_not_known() -> None:
    found = totals(
        rows(
            line(1, sold=6, revenue=600_000, pickup=3, pace=(10, 8)),
            line(2, sold=2, revenue=100_000, pickup=-1, rooms=None),
            line(3, currency="CHF", sold=1, revenue=90_000),
            line(4, currency=None, sold=7),
        )
    )
    assert [(total.currency, total.hotels) for total in found] == [
        ("EUR", 2),
        ("CHF", 1),
        (None, 1),
    ]
    euros, _, unknown = found
    tonight = euros.spans[0]
    assert (tonight["room_nights"], tonight["revenue"], tonight["average_rate"]) == (
        8, "700.00", "87.50",
    )  # fmt: skip
    assert (tonight["occupancy"], tonight["revpar"]) == (0.6, "60.00"), "of the hotel with rooms"
    assert (euros.hotels_without_rooms, euros.hotels_without_pace) == (1, 1)
    assert (euros.pickup, euros.pace and euros.pace.difference) == (2, 2)
    assert (unknown.spans[0]["revenue"], unknown.spans[0]["occupancy"]) == (None, 0.7)
