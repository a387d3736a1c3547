"""Nights without a room for sale have no price; nights whose rooms nobody knows are not priced."""

from datetime import timedelta
from typing import Any

import orjson
import pytest
from django.test import Client

from dashboard_service.models import HotelProfile
from pricing_service.decisions.automatic_pricing import reprice
from pricing_service.decisions.manual_decisions import InvalidDecision, decide
from pricing_service.demand.demand_outlook import load_outlook
from pricing_service.models import Action, NightPrice, PriceDecision
from pricing_service.tests.hotels import (
    DATABASES,
    HOTEL,
    ROOMS,
    book,
    create_hotel,
    create_rules,
    night,
    set_rooms_by_date,
    today,
)

pytestmark = [pytest.mark.one_database, pytest.mark.django_db(databases=DATABASES)]
CLOSED = 3  # days ahead


@pytest.fixture(autouse=True)
def open_hotel(settings: Any) -> None:
    settings.API_AUTH = "open"
    create_hotel()


def row_of(ahead: int = CLOSED) -> NightPrice:
    return NightPrice.objects.get(hotel_id=HOTEL, night=night(ahead))


def shown(ahead: int = CLOSED) -> Any:
    [row] = Client().get(f"/prices/?hotel_id={HOTEL}&from={night(ahead)}&to={night(ahead)}").json()
    return row


def close(first: int = CLOSED, last: int = CLOSED) -> None:
    set_rooms_by_date(night(first), night(last), 0)
    reprice(HOTEL)


def actions(ahead: int = CLOSED) -> list[str]:
    rows = PriceDecision.objects.filter(hotel_id=HOTEL, night=night(ahead)).order_by("id")
    return [row.action for row in rows]


@pytest.mark.parametrize("mode", ["suggest", "automatic"])
def test_a_closed_night_has_no_price_and_says_that_it_is_closed(mode: str) -> None:
    create_rules(mode=mode)
    close()
    row = shown()
    assert (row["state"], row["price"], row["recommended"]) == ("closed", None, None)
    assert (row["forecast"], row["occupancy"]) == (0, None)
    assert actions() == ["close"]


def test_a_night_that_opens_again_has_its_price_of_before() -> None:
    create_rules(mode="suggest")
    reprice(HOTEL)
    decide(HOTEL, [night(CLOSED)], Action.LOCK, "Ada")
    close()
    set_rooms_by_date(night(CLOSED), night(CLOSED), ROOMS)
    reprice(HOTEL)
    assert (shown()["price"], shown()["state"]) == ("100.00", "held")
    assert actions() == ["start", "lock", "close", "open"]


@pytest.mark.parametrize("action", [Action.ACCEPT, Action.LOCK])
def test_a_closed_night_is_not_decided(action: Action) -> None:
    create_rules(mode="suggest")
    close()
    with pytest.raises(InvalidDecision, match="is closed"):
        decide(HOTEL, [night(CLOSED), night(CLOSED + 1)], action, "Ada")
    assert not PriceDecision.objects.exclude(action__in=["start", "close"]).exists()


def test_a_closed_night_is_in_no_total_of_the_month() -> None:
    """20 rooms, half of them booked on each night; a closed night with bookings changes nothing."""
    create_rules(mode="suggest")
    month = (today().replace(day=28) + timedelta(days=8)).replace(day=1)
    first = (month - today()).days
    for ahead in range(first, first + 7):
        book(night(ahead), ROOMS // 2)
    set_rooms_by_date(night(first + 7), night(first + 40), 0)
    book(night(first + 8), 19)
    reprice(HOTEL)
    page = Client().get(f"/pricing/?hotel_id={HOTEL}&month={month:%Y-%m}").content.decode()
    assert "<strong>50 %</strong>" in page
    assert page.count('class="cell closed"') >= 20


def test_closed_nights_of_the_past_leave_curve_and_forecast_as_they_are() -> None:
    """A hotel that sold 10 of 20 rooms in each open night expects 10, however long it was closed."""
    create_rules(mode="suggest")
    for back in range(-20, 300):
        if not 5 <= back <= 40:
            book(night(-back), 10, day=night(min(-back - 10, 0)))
    expected_open = [row.expected for row in load_outlook(HOTEL, None).forecasts[30:60]]
    set_rooms_by_date(night(-40), night(-5), 0)
    expected_closed = [row.expected for row in load_outlook(HOTEL, None).forecasts[30:60]]
    assert max(expected_open) < 9
    assert min(expected_closed) > 9


def test_a_season_in_which_nothing_was_sold_counts_as_closed_in_the_proposals() -> None:
    """Open seven months of the year and evenly sold: no month gets a factor."""
    HotelProfile.objects.update(rooms=ROOMS)
    for back in range(1, 730):
        if (night(-back)).month in range(4, 11):
            book(night(-back), 12, day=night(-back - 10))
    assert set(load_outlook(HOTEL, None).proposal.month_factors or []) == {1.0}


class TestUnknownRooms:
    """Nobody told how many rooms the hotel has."""

    @pytest.fixture(autouse=True)
    def rooms_not_told(self) -> None:
        HotelProfile.objects.update(rooms=None)

    def test_without_rooms_or_history_there_is_no_price(self) -> None:
        create_rules(mode="automatic")
        assert reprice(HOTEL) == 0
        assert not NightPrice.objects.exists()
        page = Client().get(f"/pricing/?hotel_id={HOTEL}").content.decode()
        assert "How many rooms" in page

    @pytest.mark.usefixtures("a_year_of_nights")
    def test_telling_them_prices_all_nights(self) -> None:
        create_rules(mode="automatic")
        reprice(HOTEL)
        body = orjson.dumps({"rooms": ROOMS})
        path = f"/dashboard/hotels/{HOTEL}/"
        assert Client().patch(path, body, content_type="application/json").status_code == 200
        assert reprice(HOTEL) == 365

    def test_rooms_by_date_price_their_nights(self) -> None:
        create_rules(mode="automatic")
        set_rooms_by_date(night(10), night(19), ROOMS)
        assert reprice(HOTEL) == 10

    def test_proposed_rooms_make_suggestions_but_no_automatic_price(self) -> None:
        for back in range(1, 90):
            book(night(-back), 10, day=night(-back - 20))
        create_rules(mode="automatic")
        reprice(HOTEL)
        book(night(5), 10)
        reprice(HOTEL)
        row = row_of(5)
        assert (row.rooms, row.price) == (10, 100)
        assert row.recommended > 120
        assert (
            "proposed from the bookings"
            in Client().get(f"/pricing/?hotel_id={HOTEL}").content.decode()
        )
        HotelProfile.objects.update(rooms=10)
        reprice(HOTEL)
        assert row_of(5).price > 100
