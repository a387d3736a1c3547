"""Events dated in the future are on the books at once, in pickup too, and the pages count them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from dashboard_service.figures.pickup import pickup_rows
from dashboard_service.figures.recent_activity import recent_activity
from dashboard_service.models import HotelProfile
from dashboard_service.tests.page_helpers import count_events, get_page, visible_text

pytestmark = [
    pytest.mark.one_database,
    pytest.mark.django_db(databases=["default", "dashboard_service", "pricing_service"]),
]
NOW = datetime.now(UTC)
NIGHT = f"{NOW + timedelta(days=3):%Y-%m-%d}"


def book(rooms: int, **ahead: float) -> None:
    """Count bookings of NIGHT that are dated some time ahead of now."""
    count_events((f"{NOW + timedelta(**ahead):%Y-%m-%dT%H:%M:%S}", NIGHT, 1, rooms))


def night_row(**parameters: Any) -> dict[str, Any]:
    rows = pickup_rows(7, parameters.get("as_of"), 10)
    [row] = [row for row in rows if str(row["night_of_stay"]) == NIGHT]
    return row


@pytest.mark.parametrize("ahead", [{"hours": 13}, {"days": 2}, {"days": 365 * 100}])
def test_future_events_are_on_the_books(ahead: dict[str, float]) -> None:
    book(5, days=-9)
    book(8, **ahead)
    row = night_row(as_of=NOW.date())
    assert row["on_the_books"] == 13
    assert [row[f"pickup_{days}"] for days in (1, 7, 30)] == [8, 8, 13]


def test_a_hotel_whose_events_are_all_in_the_future_has_today_as_newest_day() -> None:
    book(8, days=400)
    row = night_row()
    assert (row["as_of"], row["on_the_books"]) == (NOW.date(), 8)


def test_loaded_history_with_an_event_in_the_future() -> None:
    count_events(
        ("2024-03-01T10:00:00", "2024-03-02", 1, 2), ("2199-03-01T10:00:00", "2024-03-02", 1, 1)
    )
    rows = pickup_rows(7, None, 2)
    assert str(rows[0]["as_of"]) == "2024-03-01"
    assert [row["on_the_books"] for row in rows] == [0, 3]


def test_a_day_in_the_past_does_not_know_them() -> None:
    book(5, days=-9)
    book(1)
    book(8, days=2)
    assert night_row(as_of=(NOW - timedelta(days=1)).date())["on_the_books"] == 5


def test_local_times_of_the_next_hours_have_come_in() -> None:
    book(5, hours=-2)
    book(8, hours=9)
    book(1, days=300)
    assert recent_activity(7)[0].net == 13


def test_the_page_says_how_many_there_are_and_why(client: Client) -> None:
    book(5, days=-1)
    assert "in the future" not in visible_text(get_page(client, "?hotel_id=7"))
    book(1200, days=2)
    book(34, days=300)
    text = visible_text(get_page(client, "?hotel_id=7"))
    assert "1,234 events are dated in the future" in text
    assert "without offset" in text


def test_events_of_tomorrow_in_the_hotels_own_day_are_not_the_same_as_future(
    client: Client,
) -> None:
    """East of Greenwich a new day has begun: its events are not in the future."""
    HotelProfile.objects.create(
        hotel_id=7, time_zone="Pacific/Kiritimati", counted_time_zone="Pacific/Kiritimati"
    )
    book(5, hours=-1)
    assert "in the future" not in visible_text(get_page(client, "?hotel_id=7"))
