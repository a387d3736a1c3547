"""Rooms for sale belong to the hotel's profile: prices and dashboard read the same ones."""

from datetime import date, timedelta
from typing import Any

import orjson
import pytest
from django.test import Client

from dashboard_service.models import HotelProfile
from pricing_service.decisions import repricing_schedule
from pricing_service.decisions.automatic_pricing import reprice
from pricing_service.demand.demand_outlook import load_outlook
from pricing_service.laboratory.forecast_backtest import backtest_hotel
from pricing_service.models import PricingRules, PricingState, RoomsForSale
from pricing_service.tasks import price_what_changed
from pricing_service.tests.hotels import (
    DATABASES,
    HOTEL,
    ROOMS,
    book,
    create_hotel,
    create_rules,
    due_hotels,
    night,
    set_rooms_by_date,
    today,
)

pytestmark = [pytest.mark.one_database, pytest.mark.django_db(databases=DATABASES)]


@pytest.fixture(autouse=True)
def open_hotel(settings: Any) -> None:
    settings.API_AUTH = "open"
    create_hotel()


def send(method: str, path: str, body: Any = None) -> Any:
    """Return the response to a JSON request."""
    data = b"" if body is None else orjson.dumps(body)
    response = Client().generic(method, path, data, content_type="application/json")
    assert response.status_code == 200, response.content
    return response.json()


def span(first: date, last: date, rooms: int) -> dict[str, Any]:
    return {"first": str(first), "last": str(last), "rooms": rooms}


def profile_rooms() -> Any:
    return send("GET", f"/dashboard/hotels/{HOTEL}/")["rooms_by_date"]


def pricing_rooms() -> Any:
    return send("GET", f"/prices/hotels/{HOTEL}/")["rooms_for_sale"]


def occupancy_on_both_pages(at: date) -> tuple[Any, Any]:
    day = f"period=day&year={at.year}&month={at.month}&day={at.day}"
    [figures] = send("GET", f"/dashboard/performance/?hotel_id={HOTEL}&{day}")
    [price] = send("GET", f"/prices/?hotel_id={HOTEL}&from={at}&to={at}")
    return figures["occupancy"], price["occupancy"]


def sell_every_night(nights: int, sold: int, last_back: int = 0) -> None:
    """Sell nights up to tonight, or `last_back` days ago, ten days before each."""
    for back in range(last_back, last_back + nights):
        past = today() - timedelta(days=back)
        book(past, sold, day=past - timedelta(days=10))


def test_five_of_twenty_rooms_for_sale_are_the_same_occupancy_on_both_pages() -> None:
    create_rules()
    book(night(3), 4)
    send("PATCH", f"/dashboard/hotels/{HOTEL}/", {"rooms_by_date": [span(night(3), night(3), 5)]})
    reprice(HOTEL)
    assert occupancy_on_both_pages(night(3)) == (0.8, 0.8)


@pytest.mark.parametrize("path", [f"/prices/hotels/{HOTEL}/", f"/dashboard/hotels/{HOTEL}/"])
def test_rooms_set_on_either_side_are_those_of_the_other(path: str) -> None:
    create_rules()
    rooms = [span(night(3), night(4), 5), span(night(20), night(40), 0)]
    field = "rooms_for_sale" if path.startswith("/prices") else "rooms_by_date"
    answer = send("PATCH", path, {field: rooms})
    assert answer[field] == pricing_rooms() == profile_rooms() == rooms
    assert send("PATCH", path, {field: []})[field] == pricing_rooms() == profile_rooms() == []


def test_new_rules_have_the_profile_s_rooms_in_their_preview() -> None:
    rooms = [span(night(3), night(3), 0)]
    send("PATCH", f"/dashboard/hotels/{HOTEL}/", {"rooms_by_date": rooms})
    rows = send("POST", f"/prices/hotels/{HOTEL}/preview/", {"base_price": 100})
    assert [row["night"] for row in rows if "No room is for sale" in row["sentence"]] == [
        str(night(3))
    ]


def test_a_preview_of_other_rooms_saves_none() -> None:
    create_rules()
    body = {"rooms_for_sale": [span(night(3), night(3), 0)]}
    rows = send("POST", f"/prices/hotels/{HOTEL}/preview/", body)
    assert [row["night"] for row in rows if row["would_be"] is None] == [str(night(3))]
    assert profile_rooms() == pricing_rooms() == []


@pytest.mark.parametrize(
    "row",
    [
        {"first": "2026-05-02", "last": "2026-05-01", "rooms": 5},
        {"first": "2026-05-02", "last": "2026-05-03", "rooms": -1},
        {"first": "2026-05-02", "last": "2026-05-03", "rooms": 100_001},
        {"first": "2026-05-02", "last": "2026-05-03"},
    ],
)
def test_wrong_rooms_are_refused(row: dict[str, Any]) -> None:
    create_rules()
    body = orjson.dumps({"rooms_for_sale": [row]})
    path = f"/prices/hotels/{HOTEL}/"
    response = Client().patch(path, body, content_type="application/json")
    assert (response.status_code, list(response.json())) == (400, ["rooms_for_sale"])


class TestCarriedOver:
    """Rooms by date that pricing had before they belonged to the profile."""

    @pytest.fixture(autouse=True)
    def rooms_of_the_version_before(self, monkeypatch: pytest.MonkeyPatch) -> None:
        # Each run looks at all hotels, as scheduled ones do.
        monkeypatch.setattr(repricing_schedule, "ALL_HOTELS_SECONDS", 0)
        self.rules = create_rules()
        self.add_old_row(night(3), night(6), 5)

    def add_old_row(self, first: date, last: date, rooms: int) -> None:
        RoomsForSale.objects.create(profile=self.rules, first=first, last=last, rooms=rooms)

    def test_they_become_the_profile_s(self) -> None:
        price_what_changed()
        assert profile_rooms() == [span(night(3), night(6), 5)]
        book(night(3), 4)
        reprice(HOTEL)
        assert occupancy_on_both_pages(night(3)) == (0.8, 0.8)

    def test_they_count_before_the_first_task_ran(self) -> None:
        assert pricing_rooms() == profile_rooms() == [span(night(3), night(6), 5)]

    def test_they_stay_readable_for_the_version_before(self) -> None:
        price_what_changed()
        assert RoomsForSale.objects.filter(rooms=5).count() == 1

    def test_where_the_profile_has_rooms_by_date_those_count(self) -> None:
        set_rooms_by_date(night(4), night(5), 9)
        price_what_changed()
        assert profile_rooms() == [
            span(night(3), night(3), 5),
            span(night(4), night(5), 9),
            span(night(6), night(6), 5),
        ]

    def test_an_emptied_list_stays_empty(self) -> None:
        price_what_changed()
        send("PATCH", f"/prices/hotels/{HOTEL}/", {"rooms_for_sale": []})
        price_what_changed()
        assert pricing_rooms() == profile_rooms() == []

    def test_an_interrupted_carry_over_is_repeated_without_harm(self) -> None:
        price_what_changed()
        RoomsForSale.objects.update(is_in_profile=False)
        price_what_changed()
        assert profile_rooms() == [span(night(3), night(6), 5)]

    def test_rows_that_the_version_before_still_inserts_follow(self) -> None:
        price_what_changed()
        self.add_old_row(night(10), night(11), 0)
        price_what_changed()
        assert profile_rooms() == [span(night(3), night(6), 5), span(night(10), night(11), 0)]


def test_rooms_changed_on_the_dashboard_are_priced_anew_although_no_figure_changed() -> None:
    create_rules()
    book(night(3), 5)
    reprice(HOTEL)
    state = PricingState.objects.get()
    assert state.priced_at
    state.priced_at -= timedelta(minutes=1)
    state.save()
    PricingRules.objects.update(updated_at=state.priced_at - timedelta(minutes=1))
    assert due_hotels() == []
    for change in ({"rooms_by_date": [span(night(3), night(3), 6)]}, {"rooms": ROOMS + 1}):
        send("PATCH", f"/dashboard/hotels/{HOTEL}/", change)
        assert due_hotels() == [HOTEL]
        reprice(HOTEL)
        PricingState.objects.update(priced_at=state.priced_at)
        assert due_hotels() == []
    prices = send("GET", f"/prices/?hotel_id={HOTEL}&from={night(3)}&to={night(4)}")
    assert [row["rooms"] for row in prices] == [6, ROOMS + 1]


def test_a_hotel_that_grows_is_forecast_up_to_its_new_rooms() -> None:
    """30 rooms, 60 from next week on: the forecast of a busy night does not end at 30."""
    HotelProfile.objects.update(rooms=30)
    set_rooms_by_date(night(7), night(700), 60)
    sell_every_night(120, 28)
    book(night(20), 31)
    outlook = load_outlook(HOTEL, None)
    rooms = {situation.night: situation.rooms for situation in outlook.situations}
    assert {count for at, count in rooms.items() if at < night(7)} == {30}
    assert {count for at, count in rooms.items() if at >= night(7)} == {60}
    assert [row.expected > 31 for row in outlook.forecasts if row.night == night(20)] == [True]
    assert max(row.high for row in outlook.forecasts if row.night < night(7)) <= 30


def test_a_closed_season_is_not_a_season_without_demand() -> None:
    """Sold evenly while it was open; closed for 90 nights of the last year."""
    sell_every_night(61, 12)
    sell_every_night(500, 12, last_back=151)
    set_rooms_by_date(night(-150), night(-61), 0)
    proposal = load_outlook(HOTEL, None).proposal
    assert set(proposal.month_factors or []) == {1.0}
    assert set(proposal.weekday_factors or []) == {1.0}


def test_the_backtest_forecasts_nothing_for_a_closed_night() -> None:
    sell_every_night(60, 12, last_back=21)
    set_rooms_by_date(night(-10), night(-1), 0)
    [result] = backtest_hotel(HOTEL, night(-10), night(-1), [1]).results
    assert result.mean_absolute_error == 0
