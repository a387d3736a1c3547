"""Group quotes over REST and on the page: amounts that agree, words, and what is refused."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from common.currencies import why_not_in_minor_units
from dashboard_service.models import DashboardData, HotelProfile, PickupData
from pricing_service.decisions.automatic_pricing import reprice
from pricing_service.models import Mode, NightPrice, PriceDecision, PricingRules
from pricing_service.tests.hotels import (
    DATABASES,
    HOTEL,
    ROOMS,
    book,
    create_hotel,
    create_rules,
    night,
    put_price,
    set_rooms_by_date,
    today,
)
from pricing_service.tests.integration.test_pricing_rules_rest import send
from tests.prepared_rows import prepared_rows

pytestmark = [pytest.mark.django_db(databases=DATABASES), pytest.mark.one_database]
PATH = "/prices/group-quote/"


@pytest.fixture(scope="module")
def prepared_hotel(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with prepared_rows(django_db_blocker, DATABASES, create_priced_hotel):
        yield


@pytest.fixture(autouse=True)
def api_without_authentication(prepared_hotel: None, settings: Any) -> None:
    settings.API_AUTH = "open"


def create_priced_hotel() -> None:
    """Create a hotel of twenty rooms; the night in 31 days has four left."""
    create_hotel()
    create_rules()
    book(night(31), ROOMS - 4)
    reprice(HOTEL)


def ask(**changes: Any) -> Any:
    """Ask for 4 rooms on the quiet and the busy night; a change to None leaves the field out."""
    body = {
        "hotel_id": HOTEL, "arrival": str(night(30)), "departure": str(night(32)), "rooms": 4,
        **changes,
    }  # fmt: skip
    return send("POST", PATH, {name: value for name, value in body.items() if value is not None})


def quote(**changes: Any) -> dict[str, Any]:
    response = ask(**changes)
    assert response.status_code == 200, response.content
    answer: dict[str, Any] = response.json()
    return answer


def test_a_quote_has_amounts_that_agree_and_says_what_it_means() -> None:
    answer = quote(rate="95.50")
    quiet, busy = answer["nights"]
    rate, room_nights = Decimal(answer["least_rate"]), 4 * 2
    assert (answer["hotel_id"], answer["currency"]) == (HOTEL, "EUR")
    assert Decimal(answer["least_total"]) == rate * room_nights
    assert (answer["offered_rate"], answer["offered_total"]) == ("95.50", "764.00")
    assert Decimal(answer["gain"]) == Decimal("764.00") - Decimal(answer["least_total"])
    lost = sum(Decimal(row["displaced_revenue"]) for row in answer["nights"])
    assert 0 <= Decimal(answer["least_total"]) - lost + Decimal("0.02") <= Decimal("0.12")
    assert (busy["night"], busy["days_before"], busy["rooms_left"]) == (str(night(31)), 31, 4)
    assert quiet["rooms_left"] == ROOMS
    assert Decimal(busy["least_rate"]) > 2 * Decimal(quiet["least_rate"]) > 0
    assert 2 < busy["displaced_room_nights"] <= 4
    assert busy["note"].startswith("Nearly full: 16 of 20 rooms are booked. No room is left then.")
    assert "full" not in quiet["note"]
    row = NightPrice.objects.get(night=night(31))
    assert Decimal(busy["price"]) == row.price
    sentence = answer["sentence"]
    assert sentence.startswith("4 rooms from ")
    assert (
        f"(2 nights): at {answer['least_rate']} EUR a room-night or more you earn as " in sentence
    )
    assert f"{night(31):%A} {night(31).day} {night(31):%B}" in sentence
    assert "Offered 95.50: " in sentence


def test_at_the_least_rate_it_is_as_good_and_below_it_worse() -> None:
    least = Decimal(quote()["least_rate"])
    assert quote(rate=str(least))["gain"] == "0.00"
    assert quote(rate=str(least))["sentence"].endswith("as much as without the group.")
    worse = quote(rate=str(least - 1))
    assert worse["gain"] == "-8.00"
    assert worse["sentence"].endswith("8.00 worse than without the group.")


def test_without_a_rate_nothing_is_offered() -> None:
    for answer in (quote(), send("POST", PATH, {
        "hotel_id": HOTEL, "nights": [str(night(31)), str(night(30))], "rooms": 4, "rate": None,
    }).json()):  # fmt: skip
        assert answer["offered_rate"] is answer["offered_total"] is answer["gain"] is None
        assert "Offered" not in answer["sentence"]
        assert [row["night"] for row in answer["nights"]] == [str(night(30)), str(night(31))]
    assert answer == quote()


def test_nothing_is_stored_and_nothing_changes() -> None:
    def stored() -> list[Any]:
        return [
            list(model.objects.order_by("pk").values())
            for model in (NightPrice, PriceDecision, PricingRules, HotelProfile)
        ]

    before = stored()
    assert quote(rate="95") == quote(rate="95")
    assert stored() == before


def test_a_price_that_a_person_keeps_is_what_the_night_loses() -> None:
    free = quote(nights=[str(night(31))], arrival=None, departure=None)
    put_price(31, 70, is_held=True)
    held = quote(nights=[str(night(31))], arrival=None, departure=None)
    assert held["nights"][0]["price"] == "70.00"
    assert Decimal(held["least_rate"]) <= 70 < Decimal(free["least_rate"])
    assert held["nights"][0]["note"].endswith("Counted at the price that a person set.")


def test_a_price_below_what_the_night_loses_is_explained() -> None:
    """In suggest mode prices stay until a person accepts others; the loss is the better one's."""
    NightPrice.objects.filter(night=night(31)).update(price=61, recommended=150)
    assert quote()["nights"][1]["note"].endswith("Counted with recommended prices: now 150.00.")


def test_amounts_have_the_decimals_of_the_currency() -> None:
    PricingRules.objects.update(currency="JPY")
    answer = quote(rate="9500")
    amounts = [answer[name] for name in ("least_rate", "least_total", "offered_total", "gain")]
    for row in answer["nights"]:
        amounts += [row["least_rate"], row["displaced_revenue"]]
    assert not [why for text in amounts if (why := why_not_in_minor_units(Decimal(text), "JPY"))]
    assert "." not in "".join(amounts)
    assert ask(rate="95.5").json() == {"rate": ["JPY amounts have no decimals"]}


def test_a_hotel_with_prices_off_has_a_quote_without_prices() -> None:
    PricingRules.objects.update(mode=Mode.OFF)
    assert [row["price"] for row in quote()["nights"]] == [None, None]


@pytest.mark.usefixtures("a_year_of_nights")
def test_a_hotel_whose_events_stopped_is_quoted_as_of_its_newest() -> None:
    for model in (PickupData, DashboardData):
        model.objects.all().delete()
    book(night(20), ROOMS - 4, day=night(-90))
    answer = quote(arrival=str(night(20)), departure=str(night(21)))
    assert answer["nights"][0]["days_before"] == 20
    since = f"{night(-90).day} {night(-90):%B %Y}"
    assert answer["sentence"].endswith(
        f"No event since {since}: what was booked later is not in it."
    )
    far = ask(arrival=str(night(300)), departure=str(night(301))).json()["departure"]
    assert far == [
        f"{night(300)} is too far: no events since {night(-90)}, and the last night with a "
        f"forecast is {night(275)}"
    ]


def test_nights_are_as_of_the_day_that_a_person_chose() -> None:
    PricingRules.objects.update(try_as_of=today() - timedelta(days=100))
    answer = quote(arrival=str(night(-99)), departure=str(night(-98)))
    assert answer["nights"][0]["days_before"] == 1
    assert ask(arrival=str(night(-100)), departure=str(night(-98))).status_code == 400


@pytest.mark.parametrize(
    ("change", "field", "reason"),
    [
        ({"arrival": str(night(-2)), "departure": str(night(2))}, "arrival", "is past"),
        ({"nights": [str(night(-2))], "arrival": None, "departure": None}, "nights", "is past"),
        ({"arrival": str(night(360)), "departure": str(night(380))}, "departure", "too far"),
        ({"departure": str(night(30))}, "departure", "must be after the arrival"),
        ({"departure": str(night(62))}, "departure", "at most 31 nights"),
        ({"departure": None}, "departure", "is required"),
        ({"arrival": None, "departure": None}, "arrival", "is required, or `nights`"),
        ({"nights": [str(night(30))]}, "nights", "not both"),
        ({"nights": [str(night(30))] * 2, "arrival": None, "departure": None}, "nights", "twice"),
        ({"nights": [], "arrival": None, "departure": None}, "nights", "at least 1"),
        ({"arrival": "30 May"}, "arrival", "must be a date"),
        ({"rooms": 0}, "rooms", "1"),
        ({"rooms": None}, "rooms", "required"),
        ({"rooms": [3]}, "rooms", "must be one value"),
        ({"rooms": 5}, "rooms", f"only 4 rooms are left on {night(31)}"),
        ({"rooms": ROOMS + 1}, "rooms", f"only 20 rooms are left on {night(30)}"),
        ({"rate": "-1"}, "rate", "greater than or equal to 0"),
        ({"rate": "95.555"}, "rate", "EUR amounts have at most 2 decimals"),
        ({"rate": "NaN"}, "rate", "valid number"),
        ({"rate": "1e30"}, "rate", "digits"),
        ({"hotel_id": HOTEL + 1}, "hotel_id", "has no pricing rules"),
        ({"hotel_id": 0}, "hotel_id", "1"),
        ({"guests": 4}, "guests", "unknown field"),
    ],
)
def test_a_wrong_request_is_refused_at_its_field(
    change: dict[str, Any], field: str, reason: str
) -> None:
    response = ask(**change)
    assert (response.status_code, list(response.json())) == (400, [field])
    assert reason in str(response.json()[field])


def test_unknown_parameters_are_refused() -> None:
    assert send("POST", f"{PATH}?rooms=3", {}).json().keys() == {"rooms"}


def test_a_night_without_rooms_is_refused() -> None:
    set_rooms_by_date(night(30), night(30), 0)
    assert ask().json() == {"arrival": [f"the hotel is closed on {night(30)}"]}
    book(night(40), ROOMS)
    full = ask(arrival=str(night(40)), departure=str(night(41)))
    assert full.json() == {"rooms": [f"no room is left on {night(40)}"]}
    HotelProfile.objects.update(rooms=None)
    reason = f"nobody told how many rooms hotel {HOTEL} has on {night(31)}"
    assert ask(arrival=str(night(31))).json() == {"hotel_id": [reason]}


def test_a_quote_that_would_take_too_long_is_refused() -> None:
    HotelProfile.objects.update(rooms=400)
    assert "at most 12 nights" in str(ask(departure=str(night(45))).json()["departure"])
    HotelProfile.objects.update(rooms=50_000)
    assert "too many" in str(ask().json()["hotel_id"])


def test_the_documented_example_works() -> None:
    document = send("GET", "/swagger.json", None).json()
    example = document["definitions"]["GroupQuoteInput"]["example"]
    create_hotel(example["hotel_id"])
    create_rules(example["hotel_id"])
    reprice(example["hotel_id"])
    assert send("POST", PATH, example).status_code == 200


def page(**fields: Any) -> tuple[int, str]:
    response = Client().get("/pricing/group-quote/", {"hotel_id": HOTEL, **fields})
    return response.status_code, response.content.decode()


def test_the_page_answers_its_form() -> None:
    status, html = page()
    assert status == 200
    assert 'id="quote"' not in html
    fields = {"arrival": str(night(30)), "departure": str(night(32)), "rooms": "4", "rate": "95,5"}
    status, html = page(**fields)
    assert status == 200
    assert quote(rate="95.5")["sentence"] in html
    assert 'value="95,5"' in html
    assert html.count("<tr>") == 3
    assert page(**fields | {"rate": ""})[0] == 200, "a field that stays empty"


def test_the_page_says_what_is_wrong_at_the_field() -> None:
    status, html = page(arrival=str(night(30)), departure=str(night(32)), rooms="5", rate="x")
    assert status == 400
    assert 'id="rate-wrong">A valid number is required.' in html
    assert 'id="rooms-wrong"' not in html
    _, html = page(arrival=str(night(30)), departure=str(night(32)), rooms="5")
    assert f'id="rooms-wrong">only 4 rooms are left on {night(31)}' in html
    assert 'value="5"' in html, "what was typed stays"
    _, html = page(departure=str(night(32)))
    assert 'id="arrival-wrong">must be a date like 2024-05-01' in html
    assert 'id="rooms-wrong">A valid integer is required.' in html
    assert page(guests="4")[0] == 400


def test_the_page_of_a_hotel_without_rules_and_the_way_to_the_page() -> None:
    PricingRules.objects.all().delete()
    status, html = page(rooms="3")
    assert status == 200
    assert "has no prices yet" in html
    assert "group-quote" not in Client().get(f"/pricing/?hotel_id={HOTEL}").content.decode()
    create_rules()
    html = Client().get(f"/pricing/?hotel_id={HOTEL}").content.decode()
    assert f'href="/pricing/group-quote?hotel_id={HOTEL}"' in html
