"""The page says that a hotel's events have stopped, by the hotel's own rhythm; else it does not."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from dashboard_service.hotel_profiles import update_profile
from dashboard_service.tests.page_helpers import count_events, get_page, visible_text

pytestmark = [
    pytest.mark.one_database,
    pytest.mark.django_db(databases=["dashboard_service", "pricing_service"]),
]


def today() -> date:
    return timezone.now().date()


def sell_until(quiet: int) -> date:
    """Count an event of each of sixty days; the newest is so many days ago. Return its day."""
    newest = today() - timedelta(days=quiet)
    days = [newest - timedelta(days=back) for back in range(60)]
    count_events(*((f"{day}T12:00:00", f"{day + timedelta(days=9)}", 1, 1) for day in days))
    return newest


def is_stale(html: str) -> bool:
    assert ('id="stale-since"' in html) == ('id="stale"' in html), "header and notice agree"
    return 'id="stale"' in html


@pytest.mark.parametrize(("quiet", "stale"), [(0, False), (3, False), (4, True), (400, True)])
def test_a_hotel_that_sells_every_day_is_stale_after_three_quiet_days(
    client: Client, quiet: int, stale: bool
) -> None:
    sell_until(quiet)
    assert is_stale(get_page(client, "?hotel_id=7")) is stale


def test_it_says_since_when_and_for_how_long(client: Client) -> None:
    newest = sell_until(330)
    text = visible_text(get_page(client, "?hotel_id=7")).replace("\N{NO-BREAK SPACE}", " ")
    in_words = f"{newest.day} {newest:%b} {newest.year}"
    assert f"Stale · no event since {in_words}" in text
    assert f"The newest event is of {in_words}: 10 months ago, which is longer than Hotel 7" in text


def test_nights_without_rooms_are_no_silence(client: Client) -> None:
    newest = sell_until(30)
    span = {"first": newest + timedelta(days=1), "last": today(), "rooms": 0}
    update_profile(7, rooms_by_date=[span])
    assert not is_stale(get_page(client, "?hotel_id=7"))


def test_an_event_of_the_future_is_no_sign_of_life(client: Client) -> None:
    sell_until(30)
    count_events((f"{today() + timedelta(days=200)}T12:00:00", "2031-01-01", 1, 1))
    assert is_stale(get_page(client, "?hotel_id=7"))
    count_events((f"{today()}T00:00:00", "2031-01-01", 1, 1))
    assert not is_stale(get_page(client, "?hotel_id=7"))
