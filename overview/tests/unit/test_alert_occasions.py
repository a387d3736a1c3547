"""Occasions of alerts: found from their threshold on, with a key that nothing else has."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard_service.figures.rooms_for_sale import RoomsForSaleByNight
from overview.alerts.alert_models import AlertKind
from overview.alerts.alert_occasions import find_occasions
from overview.alerts.alert_thresholds import THRESHOLDS, proposed_threshold
from overview.alerts.hotel_situation import HotelSituation
from overview.alerts.nights_at_bound import NightAtBound

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
TODAY = NOW.date()
YESTERDAY = TODAY - timedelta(days=1)
ROOMS = RoomsForSaleByNight(20, [(date(2026, 8, 1), date(2026, 8, 2), 0)])


def situation(**known: Any) -> HotelSituation:
    values = {"rooms": ROOMS, "time_zone": "UTC", "now": NOW, **known}
    return HotelSituation(hotel_id=7, name="Alpine Lodge", **values)


def keys(kind: AlertKind, threshold: int, first_day: date = YESTERDAY, **known: Any) -> list[str]:
    found = find_occasions(kind, threshold, situation(**known), first_day)
    return [occasion.key for occasion in found]


def night(ahead: int) -> date:
    return TODAY + timedelta(days=ahead)


def test_pickup_of_a_night_counts_each_day_by_itself() -> None:
    changes = {
        (night(5), TODAY): 4,
        (night(5), YESTERDAY): 4,
        (night(6), TODAY): 3,
        (night(7), TODAY): -9,
        (YESTERDAY, YESTERDAY): 9,  # is over
        (night(5), TODAY - timedelta(days=2)): 9,  # two days ago
    }
    assert keys(AlertKind.NIGHT_PICKUP, 4, changes=changes) == [
        "night-pickup/2026-07-06/2026-06-30",
        "night-pickup/2026-07-06/2026-07-01",
    ]


def test_what_came_before_the_day_of_switching_on_is_no_alert() -> None:
    changes = {(night(5), TODAY): 4, (night(5), YESTERDAY): 4}
    found = keys(AlertKind.NIGHT_PICKUP, 4, first_day=TODAY, changes=changes)
    assert found == ["night-pickup/2026-07-06/2026-07-01"]


def test_pickup_of_the_house_is_net() -> None:
    changes = {(night(5), TODAY): 6, (night(6), TODAY): 5, (night(7), TODAY): -2}
    assert keys(AlertKind.HOUSE_PICKUP, 9, changes=changes) == ["house-pickup/2026-07-01"]
    assert keys(AlertKind.HOUSE_PICKUP, 10, changes=changes) == []


def test_cancellations_of_a_day() -> None:
    cancelled = {TODAY: 5, YESTERDAY: 4}
    assert keys(AlertKind.CANCELLATIONS, 5, cancelled=cancelled) == ["cancellations/2026-07-01"]


def test_occupancy_is_reached_exactly_and_never_of_a_closed_or_past_night() -> None:
    books = {night(1): 18, night(2): 17, YESTERDAY: 20, date(2026, 8, 1): 3}
    found = keys(AlertKind.OCCUPANCY, 90, on_the_books=books)
    assert found == ["occupancy/2026-07-02/90"]
    unknown = RoomsForSaleByNight(None, [])
    assert keys(AlertKind.OCCUPANCY, 90, on_the_books=books, rooms=unknown) == []


def test_a_price_at_its_bound_counts_from_its_last_change() -> None:
    at_bound = (
        NightAtBound(night(3), "maximum", NOW - timedelta(days=3)),
        NightAtBound(night(4), "minimum", NOW - timedelta(days=2, hours=23)),
    )
    assert keys(AlertKind.BOUND, 3, at_bound=at_bound) == ["bound/2026-07-04/maximum/2026-06-28"]
    assert keys(AlertKind.BOUND, 3, at_bound=at_bound, stale_since=YESTERDAY) == []


def test_troubles_that_last_have_one_occasion() -> None:
    since = NOW - timedelta(minutes=59)
    assert keys(AlertKind.DELIVERIES, 1, failing_since=since) == []
    for hours in (1, 2, 3):
        failing = NOW - timedelta(hours=1)
        later = situation(failing_since=failing, now=NOW + timedelta(hours=hours))
        [occasion] = find_occasions(AlertKind.DELIVERIES, 1, later, TODAY)
        assert occasion.key == "deliveries/2026-07-01T11:00:00+00:00"
    assert keys(AlertKind.STALE, 0, stale_since=YESTERDAY) == ["stale/2026-06-30"]


@pytest.mark.parametrize("kind", AlertKind)
@pytest.mark.parametrize("rooms", [None, 0, 1, 12, 40, 100_000])
def test_a_proposed_threshold_is_a_possible_one(kind: AlertKind, rooms: int | None) -> None:
    limits, proposed = THRESHOLDS[kind], proposed_threshold(kind, rooms)
    assert (limits is None and proposed == 0) or (
        limits is not None and limits.least <= proposed <= limits.most
    )


@given(
    st.dictionaries(
        st.tuples(st.integers(-3, 40), st.integers(-3, 1)), st.integers(-9, 9), max_size=30
    ),
    st.integers(1, 9),
)
def test_keys_are_unique_and_short(table: dict[tuple[int, int], int], threshold: int) -> None:
    changes = {(night(ahead), night(day)): number for (ahead, day), number in table.items()}
    for kind in (AlertKind.NIGHT_PICKUP, AlertKind.HOUSE_PICKUP):
        found = keys(kind, threshold, changes=changes)
        assert len(found) == len(set(found))
        assert all(len(key) <= 100 for key in found)
