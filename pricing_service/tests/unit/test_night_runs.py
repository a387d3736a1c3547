"""Nights as people name them: runs of nights, and weekdays of a season."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing_service.engine.night_runs import runs, seasons
from pricing_service.texts.nights_in_words import nights_in_words

FIRST = date(2027, 5, 1)  # a Saturday


def nights(*ahead: int) -> list[date]:
    return [FIRST + timedelta(days=days) for days in ahead]


def weekends(weeks: int) -> list[date]:
    """Return the Fridays and Saturdays of so many weeks, of which the first has no Friday."""
    return nights(*(day for day in range(7 * weeks) if (FIRST.weekday() + day) % 7 in (4, 5)))


def test_runs_are_nights_in_a_row_in_order_of_time() -> None:
    assert runs(nights(5, 1, 0, 6, 6, 9)) == [
        tuple(nights(0, 1)),
        tuple(nights(5, 6)),
        tuple(nights(9, 9)),
    ]


@given(st.sets(st.integers(0, 60), min_size=1), st.sets(st.integers(0, 6), min_size=1))
def test_seasons_have_exactly_the_nights(days: set[int], weekdays: set[int]) -> None:
    some = nights(*days)
    on_weekdays = [night for night in nights(*range(61)) if night.weekday() in weekdays]
    for chosen in (some, on_weekdays):
        found = seasons(chosen)
        had = [night for night in nights(*range(61)) if any(one.has(night) for one in found)]
        assert had == sorted(chosen)
    assert len(seasons(on_weekdays)) == 1


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        (nights(3), "1 night, 4 May 2027"),
        (nights(0, 1, 2), "3 nights from 1 May 2027 to 3 May 2027"),
        (nights(*range(14)), "14 nights from 1 May 2027 to 14 May 2027"),
        (weekends(4), "8 nights, Fridays and Saturdays from 1 May 2027 to 28 May 2027"),
        (nights(0, 7, 14), "3 nights, Saturdays from 1 May 2027 to 15 May 2027"),
        (nights(0, 4, 20), "3 nights from 1 May 2027 to 21 May 2027"),
    ],
)
def test_in_words(chosen: list[date], words: str) -> None:
    assert nights_in_words(chosen).render() == words
