"""Prices in currencies with other decimals, and a change of a hotel's currency."""

import csv
import io
from datetime import date
from decimal import Decimal
from typing import Any

import orjson
import pytest
from django.contrib.auth.models import User
from django.test import Client

from pricing_service.decisions import automatic_pricing, undo
from pricing_service.models import FixedPrice, NightPrice, PriceDecision, PricingRules
from pricing_service.tests.hotels import (
    DATABASES,
    HOTEL,
    ROOMS,
    book,
    create_hotel,
    create_rules,
    night,
    set_rooms_by_date,
)

pytestmark = [pytest.mark.one_database, pytest.mark.django_db(databases=DATABASES)]
RULES = f"/prices/hotels/{HOTEL}/"
HELD, FIXED, CLOSED = 8, 9, 10
IN_YEN: dict[str, Any] = {
    "currency": "JPY", "base_price": 12000, "minimum_price": 8000, "maximum_price": 40000,
}  # fmt: skip


@pytest.fixture(autouse=True)
def hotel() -> None:
    create_hotel()
    book(night(5), ROOMS)


def send(method: str, path: str, body: Any = None, status: int = 200) -> Any:
    data = b"" if body is None else orjson.dumps(body)
    response = Client().generic(method, path, data, content_type="application/json")
    assert response.status_code == status, response.content
    return response.json()


def decide(action: str, ahead: int, status: int = 200, **more: Any) -> Any:
    body = {"hotel_id": HOTEL, "nights": [str(night(ahead))], "action": action, **more}
    return send("POST", "/prices/decisions/", body, status)


def price_row(ahead: int) -> dict[str, Any]:
    rows = send("GET", f"/prices/?hotel_id={HOTEL}&from={night(ahead)}&to={night(ahead)}")
    row: dict[str, Any] = rows[0]
    return row


def saved() -> list[Any]:
    return [*PricingRules.objects.values(), *NightPrice.objects.values()]


class TestMinorUnits:
    @pytest.mark.parametrize(
        ("currency", "base", "text", "step"),
        [("JPY", "12000", "12000", "1"), ("KWD", "37.5", "37.500", "0.125"),
         ("EUR", "120.5", "120.50", "0.5"), ("IDR", "12500000", "12500000.00", "1")],
    )  # fmt: skip
    def test_amounts_have_the_currencys_decimals(
        self, currency: str, base: str, text: str, step: str
    ) -> None:
        change = {"currency": currency, "base_price": base, "price_step": step}
        fixed = [{"night": str(night(FIXED)), "price": base}]
        bounds = [{"first": str(night(1)), "last": str(night(2)), "minimum_price": base}]
        rules = send("PATCH", RULES, {**change, "fixed_prices": fixed, "bounds": bounds})
        assert rules == send("GET", RULES) | {"updated_at": rules["updated_at"]}
        assert (rules["base_price"], rules["fixed_prices"][0]["price"]) == (text, text)
        assert rules["bounds"][0]["minimum_price"] == text
        row = price_row(FIXED)
        assert (row["price"], row["currency"]) == (text, currency)
        details = send("GET", f"/prices/night/?hotel_id={HOTEL}&night={night(FIXED)}")
        assert (details["base_price"], details["decisions"][0]["new_price"]) == (text, text)
        assert details["decisions"][0]["currency"] == currency
        assert details["decisions"][0]["made_from"]["base_price"] == text
        decimals = len(text.partition(".")[2])
        listed = Client().get(f"/prices/?hotel_id={HOTEL}&format=csv").content.decode()
        prices = [row["price"] for row in csv.DictReader(io.StringIO(listed))]
        assert {len(price.partition(".")[2]) for price in prices} == {decimals}
        preview = send("POST", f"{RULES}preview/", {"aggressiveness": 5})
        assert {len(row["would_be"].partition(".")[2]) for row in preview} == {decimals}

    @pytest.mark.parametrize(
        ("change", "field", "reason"),
        [
            ({"base_price": "12000.5"}, "base_price", "JPY amounts have no decimals"),
            ({"price_step": "0.5"}, "price_step", "JPY amounts have no decimals"),
            ({"minimum_price": "1.2345"}, "minimum_price", "more than 3 decimals"),
            ({"minimum_price": "0"}, "minimum_price", "must be more than 0"),
            ({"price_step": 9000, "minimum_price": 9500, "maximum_price": 13000}, "minimum_price",
             "no multiple of the price step 9000 is from 9500 to 13000"),
            ({"fixed_prices": [{"night": "2030-01-01", "price": 1},
                               {"night": "2030-01-02", "price": "1.5"}]}, "fixed_prices",
             "1: JPY amounts have no decimals"),
            ({"bounds": [{"first": "2030-01-01", "last": "2030-01-02", "minimum_price": "9000.5"}]},
             "bounds", "0: JPY amounts have no decimals"),
        ],
    )  # fmt: skip
    @pytest.mark.parametrize("method", ["PATCH", "POST"])
    def test_what_the_currency_does_not_have_is_refused(
        self, method: str, change: dict[str, Any], field: str, reason: str
    ) -> None:
        send("PATCH", RULES, IN_YEN)
        before = saved()
        path = RULES + ("preview/" if method == "POST" else "")
        errors = send(method, path, change, status=400)
        assert reason in str(errors[field])
        assert saved() == before

    def test_decimals_that_are_zeros_are_none(self) -> None:
        assert send("PATCH", RULES, IN_YEN | {"base_price": "12000.00"})["base_price"] == "12000"

    def test_an_override_off_the_step_is_refused_with_its_neighbours(self) -> None:
        create_rules(mode="suggest", minimum_price="60.50")
        automatic_pricing.reprice(HOTEL)
        for price, reason in {
            "120.30": "120.30 is not a multiple of the price step 1: 120 or 121",
            "60.70": "60.70 is not a multiple of the price step 1: 61",
            "120.305": "EUR amounts have at most 2 decimals",
        }.items():
            assert decide("override", 3, 400, price=price) == {"price": [reason]}
        assert decide("override", 3, price="120")[0]["price"] == "120.00"

    def test_a_price_moves_to_a_step_inside_the_new_bounds(self) -> None:
        create_rules(mode="suggest")
        automatic_pricing.reprice(HOTEL)
        send("PATCH", RULES, {"minimum_price": "110.50", "base_price": 130})
        assert price_row(3)["price"] == "111.00"

    def test_a_fixed_price_is_free_of_the_step(self) -> None:
        create_rules(mode="suggest", price_step=10)
        send("PATCH", RULES, {"fixed_prices": [{"night": str(night(FIXED)), "price": "77.77"}]})
        assert price_row(FIXED)["price"] == "77.77"


class TestUnknownCurrencies:
    @pytest.mark.parametrize("code", ["XXX", "XTS", "ABC", "DEM", "eur"])
    def test_they_are_refused(self, code: str) -> None:
        errors = send("PATCH", RULES, {"base_price": 100, "currency": code}, status=400)
        assert "EUR" in errors["currency"][0]
        create_rules()
        assert "currency" in send("PATCH", RULES, {**IN_YEN, "currency": code}, status=400)

    def test_a_hotel_that_has_one_is_read_and_changed(self) -> None:
        create_rules(mode="suggest", currency="DEM", base_price="100.50")
        assert send("PATCH", RULES, {"aggressiveness": 5})["currency"] == "DEM"
        assert send("PATCH", RULES, {"currency": "DEM", "base_price": 110})["base_price"] == (
            "110.00"
        )
        assert price_row(3)["currency"] == "DEM"

    def test_amounts_of_before_block_no_other_change(self) -> None:
        create_rules(mode="suggest", currency="JPY", base_price="100.50", price_step="0.50")
        assert send("PATCH", RULES, {"aggressiveness": 5})["base_price"] == "100.5"


@pytest.fixture
def priced_in_euro() -> None:
    set_rooms_by_date(night(CLOSED), night(CLOSED), 0)
    rules = create_rules(mode="suggest")
    FixedPrice.objects.create(profile=rules, night=night(FIXED), price=Decimal("77.50"))
    automatic_pricing.reprice(HOTEL)
    decide("override", HELD, price=135)


@pytest.mark.usefixtures("priced_in_euro")
class TestChangeOfCurrency:
    @pytest.mark.parametrize("method", ["PATCH", "POST"])
    def test_it_is_refused_without_all_amounts(self, method: str) -> None:
        before = saved()
        path = RULES + ("preview/" if method == "POST" else "")
        errors = send(method, path, {"currency": "USD", "base_price": 100}, status=400)
        assert errors.keys() == {"currency", "minimum_price", "maximum_price", "fixed_prices"}
        assert "give minimum_price, maximum_price, fixed_prices in USD" in errors["currency"][0]
        assert "or an empty list" in errors["fixed_prices"][0]
        PricingRules.objects.update(price_step=Decimal("0.50"))
        errors = send("PATCH", RULES, {**IN_YEN, "fixed_prices": []}, status=400)
        assert errors.keys() == {"currency", "price_step"}
        PricingRules.objects.update(price_step=1)
        assert [row["price"] for row in NightPrice.objects.values()] == [
            row["price"] for row in before[1:]
        ]

    def test_every_night_is_made_anew_and_says_so(self) -> None:
        fixed = [{"night": str(night(FIXED)), "price": 9500}]
        preview = send("POST", f"{RULES}preview/", {**IN_YEN, "fixed_prices": fixed})
        assert price_row(3)["currency"] == "EUR"
        send("PATCH", RULES, {**IN_YEN, "fixed_prices": fixed})
        assert price_row(3)["price"] == "12000"
        assert (price_row(HELD)["price"], price_row(HELD)["state"]) == ("12000", "suggested")
        assert price_row(FIXED)["price"] == "9500"
        assert price_row(CLOSED)["state"] == "closed"
        assert set(NightPrice.objects.values_list("currency", flat=True)) == {"JPY"}
        decisions = send("GET", f"/prices/decisions/?hotel_id={HOTEL}&from={night(HELD)}"
                                f"&to={night(HELD)}")  # fmt: skip
        assert [(row["action"], row["new_price"], row["currency"]) for row in decisions] == [
            ("currency", "12000", "JPY"), ("override", "135.00", "EUR"), ("start", "100.00", "EUR")
        ]  # fmt: skip
        assert decisions[0]["old_price"] is None
        assert "135.00 EUR, which a person held, is released" in decisions[0]["reason"]
        for row in preview:
            assert row["currency_would_be"] == "JPY"
            if row["night"] == str(night(HELD)):
                assert (row["price"], row["currency"], row["price_would_be"]) == (
                    "135.00", "EUR", "12000",
                )  # fmt: skip

    def test_it_is_undone_as_one_step(self) -> None:
        before = price_row(HELD), price_row(FIXED), price_row(3)
        change = {**IN_YEN, "minimum_price": 60, "fixed_prices": []}
        send("PATCH", RULES, change)
        step = undo.newest_step(HOTEL)
        assert step is not None
        send("POST", "/prices/undo/", {"hotel_id": HOTEL, "step": step.id})
        after = price_row(HELD), price_row(FIXED), price_row(3)
        for row in (*before, *after):
            del row["priced_at"]
        assert after == before
        rules = send("GET", RULES)
        assert (rules["currency"], rules["minimum_price"]) == ("EUR", "60.00")

    def test_until_it_is_made_anew_a_price_is_in_its_own_currency(self) -> None:
        NightPrice.objects.update(currency="")  # as a process of the version before saves them
        PriceDecision.objects.update(currency="")
        undo.save_rules_and_step(
            HOTEL, {**{k: Decimal(v) if isinstance(v, int) else v for k, v in IN_YEN.items()},
                    "fixed_prices": []}, "Ada"
        )  # fmt: skip
        assert (price_row(3)["price"], price_row(3)["currency"]) == ("100.00", "EUR")
        assert "being made anew in JPY" in decide("lock", 3, 400)["nights"][0]
        automatic_pricing.reprice(HOTEL)
        assert price_row(3)["currency"] == "JPY"
        assert PriceDecision.objects.earliest("id").currency == "EUR"
        automatic_pricing.reprice(HOTEL)
        assert PriceDecision.objects.filter(action="currency", night=night(3)).count() == 1

    def test_a_new_currency_does_not_count_changes_of_the_old_one(self) -> None:
        send("PATCH", RULES, {"mode": "automatic", "changes_per_day": 1})
        changes = PriceDecision.objects.filter(action="automatic", night=night(5))
        assert changes.count() == 1
        send("PATCH", RULES, {**IN_YEN, "fixed_prices": []})
        assert price_row(5)["price"] == price_row(5)["recommended"]
        book(night(5), -ROOMS)
        automatic_pricing.reprice(HOTEL)
        assert changes.count() == 2, "the limit of one a day counts anew"

    def test_the_admin_leaves_it_to_page_and_rest(self) -> None:
        User.objects.create_superuser("ada", password="x")
        client = Client()
        client.force_login(User.objects.get())
        path = f"/admin/pricing_service/pricingrules/{HOTEL}/change/"
        page = client.get(path).content
        assert b'name="base_price"' in page
        assert b'name="currency"' not in page


def test_pages_write_amounts_in_the_currencys_decimals() -> None:
    send("PATCH", RULES, IN_YEN)
    first: date = night(3)
    page = Client().get(f"/pricing/?hotel_id={HOTEL}&night={first}").content.decode()
    assert 'value="12000"' in page
    assert '<data value="12000" data-as="money">12,000</data>' in page
    assert "12000.00" not in page
    send("PATCH", RULES, {"currency": "KWD", "base_price": "37.525", "minimum_price": "20",
                          "maximum_price": "90", "price_step": "0.005"})  # fmt: skip
    page = Client().get(f"/pricing/?hotel_id={HOTEL}&night={first}").content.decode()
    assert '<data value="37.525" data-as="money">37.525</data>' in page
    assert 'value="20.000"' in page
