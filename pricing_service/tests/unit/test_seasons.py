"""Seasons: which nights they have, which rule counts, and whether two can meet on a night."""

from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing_service.engine.seasons import Season, narrowest

FIRST, LAST = date(2026, 6, 1), date(2026, 8, 31)
SATURDAY = date(2026, 7, 4)


@dataclass(frozen=True)
class Rule:
    season: Season
    name: str = ""


any_season = st.builds(
    lambda first, days, weekdays, every_year: Season(
        first=first,
        last=first + timedelta(days=days % 365 if every_year else days),
        weekdays=weekdays,
        every_year=every_year,
    ),
    st.dates(date(2023, 1, 1), date(2025, 12, 31)),
    st.integers(0, 500),
    st.frozensets(st.integers(0, 6)),
    st.booleans(),
)


def test_it_works() -> None:
    season = Season(first=FIRST, last=LAST)
    nights = [FIRST - timedelta(days=1), FIRST, LAST, LAST + timedelta(days=1)]
    assert [season.has(night) for night in nights] == [False, True, True, False]


def test_weekdays_limit_it() -> None:
    season = Season(first=FIRST, last=LAST, weekdays=frozenset({4, 5}))
    week = [SATURDAY + timedelta(days=shift) for shift in range(-2, 3)]
    assert [season.has(night) for night in week] == [False, True, True, False, False]


def test_a_season_of_every_year_comes_back_also_across_new_year() -> None:
    winter = Season(first=date(2020, 12, 20), last=date(2021, 1, 6), every_year=True)
    for year in (1999, 2026, 2100):
        assert winter.has(date(year, 12, 20))
        assert winter.has(date(year, 1, 6))
        assert not winter.has(date(year, 1, 7))
        assert not winter.has(date(year, 12, 19))


def test_the_narrowest_rule_counts_in_whatever_order() -> None:
    summer = Rule(Season(first=FIRST, last=LAST), "summer")
    weekends = Rule(Season(first=FIRST, last=LAST, weekdays=frozenset({4, 5})), "weekends")
    fair = Rule(Season(first=SATURDAY, last=SATURDAY), "fair")
    for rules in ([summer, weekends, fair], [fair, weekends, summer]):
        found = [narrowest(rules, SATURDAY + timedelta(days=shift)) for shift in (0, -1, -2, 90)]
        assert [rule and rule.name for rule in found] == ["fair", "weekends", "summer", None]


def test_of_two_equally_narrow_ones_a_single_year_s_counts_then_the_later() -> None:
    yearly = Rule(Season(first=FIRST, last=FIRST + timedelta(days=9), every_year=True), "yearly")
    once = Rule(Season(first=FIRST, last=FIRST + timedelta(days=9)), "once")
    day = timedelta(days=1)
    later = Rule(Season(first=FIRST + day, last=FIRST + 10 * day), "later")
    night = FIRST + timedelta(days=3)
    assert narrowest([yearly, once], night) is once
    assert narrowest([once, later], night) is later


@given(any_season, any_season)
def test_seasons_that_share_a_night_meet(one: Season, other: Season) -> None:
    start = date(2022, 1, 1)
    nights = (start + timedelta(days=number) for number in range(6 * 366))
    if any(one.has(night) and other.has(night) for night in nights):
        assert one.meets(other)
        assert other.meets(one)


@given(st.dates(date(2023, 1, 1), date(2024, 12, 31)), st.integers(0, 90), st.integers(1, 90))
def test_seasons_of_one_year_that_share_no_night_do_not_meet(
    first: date, days: int, gap: int
) -> None:
    one = Season(first=first, last=first + timedelta(days=days))
    start = one.last + timedelta(days=gap)
    other = Season(first=start, last=start + timedelta(days=days))
    assert not one.meets(other)
    assert not other.meets(one)


@pytest.mark.parametrize(
    ("season", "text"),
    [
        (Season(first=FIRST, last=LAST), "1 Jun 2026 to 31 Aug 2026"),
        (Season(first=FIRST, last=FIRST), "1 Jun 2026"),
        (
            Season(first=FIRST, last=LAST, weekdays=frozenset({5, 4}), every_year=True),
            "1 Jun to 31 Aug of every year, Fri, Sat",
        ),
    ],
)
def test_it_is_written_as_people_do(season: Season, text: str) -> None:
    assert str(season) == text
