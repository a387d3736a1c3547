"""Public holidays of the hotel's country as proposed events, over REST."""

from datetime import date, timedelta
from typing import Any

import pytest

from dashboard_service.models import HotelProfile
from pricing_service.tests.hotels import (
    DATABASES,
    HOTEL,
    book,
    create_hotel,
    create_rules,
    set_rooms_by_date,
    today,
)
from pricing_service.tests.integration.test_pricing_rules_rest import send

pytestmark = [pytest.mark.one_database, pytest.mark.django_db(databases=DATABASES)]
RULES = f"/prices/hotels/{HOTEL}/"


@pytest.fixture(autouse=True)
def hotel(settings: Any) -> None:
    settings.API_AUTH = "open"
    create_hotel()


def proposed() -> list[dict[str, Any]]:
    response = send("GET", f"{RULES}proposal/")
    assert response.status_code == 200, response.content
    events: list[dict[str, Any]] = response.json()["events"]
    return events


def set_country(country: str, region: str = "") -> None:
    HotelProfile.objects.filter(pk=HOTEL).update(country=country, region=region)


def past_christmas() -> date:
    """Return the eve of the last Christmas that is over for some days."""
    year = today().year if today() > date(today().year, 12, 31) else today().year - 1
    return date(year, 12, 24)


def test_without_a_country_there_are_none() -> None:
    assert proposed() == []


def test_two_years_of_holidays_of_the_country_and_its_region() -> None:
    set_country("DE")
    country = {event["name"] for event in proposed()}
    set_country("DE", "BY")
    events = proposed()
    names = [event["name"] for event in events]
    assert names.count("Good Friday to Easter Monday") == 2
    assert any("Corpus Christi" in name for name in names)
    assert not any("Corpus Christi" in name for name in country)
    assert all(event["factor"] is None for event in events), "no history"
    assert events == sorted(events, key=lambda event: event["first"])
    assert date.fromisoformat(events[0]["last"]) > today()
    assert date.fromisoformat(events[-1]["first"]) <= today() + timedelta(days=730)


def test_the_factor_is_learned_from_what_the_holiday_sold() -> None:
    """Christmas sells twice as much as the weeks around: half of the way is +50 %."""
    set_country("US")
    christmas = past_christmas()
    nights = [christmas + timedelta(days=number) for number in range(-60, 61)]
    # From the eve of the day off before it to the end of the long weekend, in every year.
    special = {christmas + timedelta(days=number) for number in range(-3, 5)}
    for night in nights:
        if night < today():
            book(night, 12 if night in special else 6, day=night - timedelta(days=5))
    factors = {event["factor"] for event in proposed() if event["name"].startswith("Christmas")}
    assert factors == {1.5}
    set_rooms_by_date(christmas - timedelta(days=3), christmas + timedelta(days=4), 0)
    factors = {event["factor"] for event in proposed() if event["name"].startswith("Christmas")}
    assert factors == {None}, "closed at Christmas"


def test_an_event_that_the_hotel_has_is_not_proposed_again() -> None:
    create_rules()
    set_country("DE", "BY")
    before = proposed()
    taken, other = before[0], before[1]
    rows = [
        {**taken, "factor": 1.3, "last": taken["first"], "name": taken["name"].upper()},
        {**taken, "factor": 1.2, "first": other["first"], "last": other["last"]},
    ]
    assert send("PATCH", RULES, {"events": rows}).status_code == 200
    assert proposed() == before[1:]
