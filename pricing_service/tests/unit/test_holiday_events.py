"""Public holidays as events: the nights before free days, and factors of the same holidays before."""

import itertools
from datetime import date, timedelta

import pytest

from common.public_holidays import holidays_of, weekend_of
from pricing_service.rules.holiday_events import (
    HolidayEvent,
    holiday_events,
    with_learned_factors,
)

WEEKEND = frozenset({5, 6})


@pytest.mark.parametrize(
    ("holidays", "name", "first", "last"),
    [
        # Wednesday: its eve alone.
        ({"2026-07-01": "Day"}, "Day", "2026-06-30", "2026-06-30"),
        # Thursday: with Friday as bridge day, Wednesday night to Saturday night.
        ({"2026-07-02": "Day"}, "Day", "2026-07-01", "2026-07-04"),
        # Monday: the long weekend, Friday night to Sunday night.
        ({"2026-07-06": "Day"}, "Day", "2026-07-03", "2026-07-05"),
        # Tuesday: with Monday as bridge day.
        ({"2026-07-07": "Day"}, "Day", "2026-07-03", "2026-07-06"),
        # Saturday: the nights of that weekend.
        ({"2026-07-04": "Day"}, "Day", "2026-07-03", "2026-07-04"),
        (
            {"2026-04-03": "Good Friday", "2026-04-06": "Easter Monday"},
            "Good Friday to Easter Monday", "2026-04-02", "2026-04-05",
        ),
        (
            {"2025-12-25": "Christmas Day", "2025-12-26": "Boxing Day"},
            "Christmas Day and Boxing Day", "2025-12-24", "2025-12-27",
        ),
    ],
)  # fmt: skip
def test_free_days_in_a_row_are_one_event_of_the_nights_before_them(
    holidays: dict[str, str], name: str, first: str, last: str
) -> None:
    days = {date.fromisoformat(day): [text] for day, text in holidays.items()}
    [event] = holiday_events(days, WEEKEND)
    assert (event.name, str(event.first), str(event.last)) == (name, first, last)


def test_a_country_s_own_weekend_counts() -> None:
    thursday = date(2026, 7, 2)
    [event] = holiday_events({thursday: ["Day"]}, frozenset({4, 5}))
    assert (event.first, event.last) == (thursday - timedelta(days=1), thursday + timedelta(days=1))


def test_no_two_events_share_a_night_in_any_country() -> None:
    for country, region in (("DE", "BY"), ("CH", "ZH"), ("US", "NY"), ("JP", ""), ("IR", "")):
        events = holiday_events(holidays_of(country, region, 2027), weekend_of(country))
        assert events, country
        pairs = itertools.pairwise(events)
        assert all(one.last < other.first for one, other in pairs), country
        assert all(1 <= len(event.name) <= 60 for event in events), country


def event(name: str, first: date, nights: int = 3) -> HolidayEvent:
    return HolidayEvent(name, first, first + timedelta(days=nights - 1), frozenset({name}))


def history(last_year: date, before: float, holiday: float) -> dict[date, float]:
    """Every night sells `before`, three nights from last_year on `holiday`."""
    start = date(2025, 1, 1)
    nights = {start + timedelta(days=number): before for number in range(365)}
    return nights | {last_year + timedelta(days=number): holiday for number in range(3)}


@pytest.mark.parametrize(
    ("sold", "factor"),
    [(10, 1.0), (14, 1.2), (6, 0.8), (40, 1.5), (0, 0.7)],
)
def test_the_factor_goes_half_of_the_way_that_the_same_holiday_sold(
    sold: float, factor: float
) -> None:
    last_year = date(2025, 5, 28)
    past = [event("Ascension Day", last_year)]
    coming = [event("Ascension Day", date(2026, 5, 13)), event("Labor Day", date(2026, 5, 13))]
    found = with_learned_factors(coming, past, history(last_year, 10, sold))
    assert [one.factor for one in found] == [factor, None]


def test_a_holiday_of_another_season_is_another_holiday() -> None:
    past = [event("Substitute Holiday", date(2025, 2, 24))]
    coming = [event("Substitute Holiday", date(2026, 11, 3))]
    [found] = with_learned_factors(coming, past, history(date(2025, 2, 24), 10, 20))
    assert found.factor is None


def test_other_holidays_around_are_not_what_is_ordinary() -> None:
    last_year = date(2025, 5, 28)
    other = [event("Pentecost", last_year + timedelta(days=7 * shift)) for shift in (1, 2)]
    sold = history(last_year, 10, 10)
    for one in other:
        sold |= {one.first + timedelta(days=number): 40 for number in range(3)}
    past = [event("Ascension Day", last_year), *other]
    [found] = with_learned_factors([event("Ascension Day", date(2026, 5, 13))], past, sold)
    assert found.factor == 1.0


def test_nights_that_were_closed_or_too_few_say_nothing() -> None:
    last_year = date(2025, 5, 28)
    past, coming = [event("Day", last_year)], [event("Day", date(2026, 5, 27))]
    closed = history(last_year, 10, 20)
    for number in range(3):
        del closed[last_year + timedelta(days=number)]
    few = {night: sold for night, sold in history(last_year, 10, 20).items()
           if abs((night - last_year).days) < 14}  # fmt: skip
    for sold in (closed, few, {}):
        [found] = with_learned_factors(coming, past, sold)
        assert found.factor is None
