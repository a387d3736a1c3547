"""Minimum stays: of each night, and proposals for nights whose neighbours would stay empty."""

import itertools
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing_service.engine.minimum_stays import MinimumStayRule, minimum_stay
from pricing_service.engine.seasons import Season
from pricing_service.rules.minimum_stay_proposals import NightDemand, propose_minimum_stays

SATURDAY = date(2026, 7, 4)
DAY = timedelta(days=1)


def test_the_narrowest_rule_counts_and_1_without_one() -> None:
    summer = Season(first=date(2026, 6, 1), last=date(2026, 8, 31))
    rules = [
        MinimumStayRule(summer, 3),
        MinimumStayRule(Season(first=SATURDAY, last=SATURDAY), 1),
    ]
    nights = (SATURDAY - DAY, SATURDAY, date(2026, 9, 1))
    assert [minimum_stay(rules, night) for night in nights] == [3, 1, 1]
    assert minimum_stay([], SATURDAY) == 1


def demand(*shares: float, days_before: int = 30, books: float = 0.5, rooms: int = 20) -> list[Any]:
    """Nights from Friday on with these forecasts, as shares of the rooms."""
    return [
        NightDemand(
            SATURDAY + (number - 1) * DAY, days_before + number, rooms, round(books * rooms),
            share * rooms,
        )
        for number, share in enumerate(shares)
    ]  # fmt: skip


def proposals(nights: list[NightDemand], current: int = 1) -> list[tuple[date, date, int]]:
    found = propose_minimum_stays(nights, lambda _: current)
    return [(stay.first, stay.last, stay.nights) for stay in found]


def test_a_strong_night_between_weak_ones() -> None:
    nights = demand(0.5, 0.95, 0.45)
    [stay] = propose_minimum_stays(nights, lambda _: 1)
    assert (stay.first, stay.last, stay.nights) == (SATURDAY, SATURDAY, 2)
    assert stay.reason.render() == (
        "The forecast is 95 % on Saturday, but 50 % on Friday and 45 % on Sunday; "
        "10 rooms can still be sold to longer stays."
    )


def test_two_strong_nights_between_weak_ones() -> None:
    assert proposals(demand(0.5, 0.95, 0.92, 0.5)) == [(SATURDAY, SATURDAY + DAY, 3)]


@pytest.mark.parametrize(
    ("nights", "why"),
    [
        (demand(0.5, 0.89, 0.45), "not strong"),
        (demand(0.75, 0.95, 0.45), "one neighbour sells"),
        (demand(0.45, 0.95, 0.75), "the other one sells"),
        (demand(0.5, 0.95, 0.95, 0.95, 0.5), "three strong nights fill one another"),
        (demand(0.5, 0.95, 0.45, books=0.95), "nearly nothing is unsold"),
        (demand(0.5, 0.95, 0.45, days_before=5), "too late"),
        (demand(0.5, 0.95, 0.45, days_before=120), "too early"),
        (demand(0.95, 0.5), "what is before the first night is not known"),
        (demand(0.5, 0.95), "what is after the last night is not known"),
        (demand(0.5, 0.95, 0.45, rooms=0), "closed"),
        ([], "no nights"),
    ],
)
def test_where_nothing_is_proposed(nights: list[NightDemand], why: str) -> None:
    assert proposals(nights) == [], why


def test_a_closed_neighbour_would_not_stay_empty() -> None:
    nights = demand(0.5, 0.95, 0.45)
    nights[2] = NightDemand(nights[2].night, 31, 0, 0, 0.0)
    assert proposals(nights) == []


def test_what_the_rules_have_already_is_not_proposed() -> None:
    assert proposals(demand(0.5, 0.95, 0.45), current=2) == []


@given(st.lists(st.floats(0, 1.2), max_size=40))
def test_every_proposed_stay_reaches_beyond_its_peak_and_peaks_are_apart(
    shares: list[float],
) -> None:
    found = proposals(demand(*shares, days_before=7))
    for first, last, nights in found:
        assert nights == (last - first).days + 2
        assert nights <= 3
    assert all(one[1] + DAY < other[0] for one, other in itertools.pairwise(found))
