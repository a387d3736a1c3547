"""What a booking system is told of a night: price and currency, held or closed, from tonight on."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from dashboard_service.models import HotelProfile
from pricing_service.decisions import automatic_pricing, manual_decisions
from pricing_service.delivery import present_prices, webhook_delivery
from pricing_service.delivery.delivery_status import delivery_status, status_in_words
from pricing_service.delivery.webhook_models import WebhookReceiver
from pricing_service.models import Action, NightPrice, PriceDecision, PricingRules
from pricing_service.rules.pricing_rules import save_rules
from pricing_service.tests.hotels import (
    DATABASES,
    HOTEL,
    create_hotel,
    create_rules,
    night,
    put_price,
    set_rooms_by_date,
)
from pricing_service.tests.receivers import Receiver

pytestmark = [pytest.mark.one_database, pytest.mark.django_db(databases=DATABASES)]

# Another currency, with the amounts that have to come with it.
IN_USD: dict[str, Any] = {
    "currency": "USD", "base_price": Decimal(110), "minimum_price": Decimal(66),
    "maximum_price": Decimal(275),
}  # fmt: skip


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    """The receiver of a hotel whose prices people accept; it knows a year of them."""
    settings.WEBHOOK_INTERNAL_HOSTS = ["127.0.0.1"]
    server = Receiver()
    create_hotel()
    create_rules(mode="suggest", webhook_url=server.url, webhook_secret="a secret")
    automatic_pricing.reprice(HOTEL)
    assert webhook_delivery.deliver_due() == 1
    yield server
    server.close()


def known(receiver: Receiver, ahead: int) -> tuple[str | None, str, str]:
    webhook_delivery.deliver_due()
    return receiver.known[night(ahead).isoformat()]


def decide(action: Action, ahead: int, price: int | None = None) -> None:
    amount = None if price is None else Decimal(price)
    manual_decisions.decide(HOTEL, [night(ahead)], action, "a person", amount)


@pytest.mark.usefixtures("a_year_of_nights")
def test_a_held_night_says_so_until_it_is_released(receiver: Receiver) -> None:
    assert known(receiver, 4) == ("100.00", "in force", "EUR")
    decide(Action.LOCK, 4)
    assert known(receiver, 4) == ("100.00", "held", "EUR"), "though its price is the same"
    decide(Action.OVERRIDE, 4, 120)
    assert known(receiver, 4) == ("120.00", "held", "EUR")
    decide(Action.RELEASE, 4)
    assert known(receiver, 4) == ("120.00", "in force", "EUR")
    assert [len(prices) for prices in receiver.prices()] == [365, 1, 1, 1]


def test_a_closed_night_says_so_and_has_no_price(receiver: Receiver) -> None:
    set_rooms_by_date(night(4), night(5), 0)
    automatic_pricing.reprice(HOTEL)
    assert known(receiver, 4)[:2] == (None, "closed")
    assert receiver.prices()[-1] == [
        {
            "night": night(ahead).isoformat(), "price": None, "state": "closed",
            "minimum_stay": None,
        }
        for ahead in (4, 5)
    ]  # fmt: skip
    set_rooms_by_date(night(4), night(5), 10)
    automatic_pricing.reprice(HOTEL)
    assert known(receiver, 4) == ("100.00", "in force", "EUR")


@pytest.mark.parametrize("mode", ["suggest", "automatic"])
def test_a_change_of_the_currency_sends_prices_that_were_made_in_it(
    receiver: Receiver, mode: str
) -> None:
    decide(Action.OVERRIDE, 4, 130)
    webhook_delivery.deliver_due()
    save_rules(HOTEL, {**IN_USD, "mode": mode})
    assert webhook_delivery.deliver_due() == 0, "no price was made in USD yet"
    automatic_pricing.reprice(HOTEL)
    assert known(receiver, 4)[1:] == ("in force", "USD"), "130 EUR, which a person held, are gone"
    assert {row[2] for row in receiver.known.values()} == {"USD"}
    reason = PriceDecision.objects.filter(night=night(4))[0].reason
    assert "130.00 EUR, which a person held, is released" in reason
    decide(Action.OVERRIDE, 5, 140)
    assert known(receiver, 5) == ("140.00", "held", "USD")


def test_a_fixed_price_is_sent_in_the_new_currency_once_it_is_made_in_it(
    receiver: Receiver,
) -> None:
    save_rules(HOTEL, {"fixed_prices": [{"night": night(4), "price": Decimal(90)}]})
    automatic_pricing.reprice(HOTEL)
    assert known(receiver, 4) == ("90.00", "in force", "EUR")
    fixed = [{"night": night(4), "price": Decimal(95)}]
    save_rules(HOTEL, {**IN_USD, "fixed_prices": fixed})
    automatic_pricing.reprice(HOTEL)
    assert known(receiver, 4) == ("95.00", "in force", "USD")


def test_a_price_of_the_version_before_is_in_the_hotels_currency(receiver: Receiver) -> None:
    NightPrice.objects.filter(night=night(4)).update(currency="", price=Decimal(77))
    [price] = [
        price
        for price in present_prices.present_prices(PricingRules.objects.get())
        if price.night == night(4)
    ]
    assert (price.price, price.currency) == (Decimal(77), "EUR")
    decide(Action.LOCK, 4)
    assert NightPrice.objects.get(night=night(4)).currency == "EUR"


def test_nights_are_sent_from_tonight_on_in_the_hotels_own_date() -> None:
    rules = create_rules()
    for ahead in (-2, -1, 0, 1, 2):
        put_price(ahead, 100)
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
        HotelProfile.objects.update_or_create(
            hotel_id=HOTEL, defaults={"time_zone": zone, "counted_time_zone": zone}
        )
        offset = {"Pacific/Kiritimati": 14, "Pacific/Pago_Pago": -11}[zone]
        tonight = (datetime.now(UTC) + timedelta(hours=offset)).date()
        assert present_prices.present_prices(rules)[0].night == tonight, zone


def test_prices_that_are_off_are_not_sent(receiver: Receiver) -> None:
    save_rules(HOTEL, {"mode": "off"})
    decide(Action.OVERRIDE, 4, 130)
    assert webhook_delivery.deliver_due() == 0
    assert "prices are off, and nothing is sent" in status_in_words(PricingRules.objects.get())


@pytest.mark.usefixtures("a_year_of_nights")
def test_the_status_in_words(receiver: Receiver) -> None:
    rules = PricingRules.objects.get()
    last = WebhookReceiver.objects.get().delivered_at
    assert status_in_words(rules) == f"Told 365 nights, last at {last:%H:%M}; nothing waits."
    decide(Action.OVERRIDE, 4, 130)
    assert status_in_words(rules).endswith("; 1 night waits.")
    receiver.status = 503
    webhook_delivery.deliver_due()
    status = delivery_status(rules)
    assert status is not None
    assert status.next_try_at is not None
    assert status.failing_since is not None
    assert status_in_words(rules).endswith(
        f"; 1 night waits, next try at {status.next_try_at:%H:%M}: answered 503, failing since "
        f"{status.failing_since:%H:%M}."
    )
    rules.webhook_url = "http://127.0.0.1:1/another"
    assert status_in_words(rules) == "Told nothing yet; 365 nights wait."
    rules.webhook_url = ""
    assert (delivery_status(rules), status_in_words(rules)) == (None, "")


def need_stays(nights: int, *spans: tuple[int, int]) -> None:
    """Make these spans of nights the only ones with a minimum stay, as saving the rules does."""
    rows = [{"first": night(first), "last": night(last), "nights": nights} for first, last in spans]
    save_rules(HOTEL, {"minimum_stays": rows})


def last_stays(receiver: Receiver) -> dict[str, int | None]:
    """Return the minimum stays that the last post had, by night."""
    return {row["night"]: row["minimum_stay"] for row in receiver.prices()[-1]}


def test_a_minimum_stay_that_changes_is_sent(receiver: Receiver) -> None:
    """Also where nothing else of a night changes."""
    second, third = (night(ahead).isoformat() for ahead in (2, 3))
    need_stays(3, (2, 3))
    webhook_delivery.deliver_due()
    assert last_stays(receiver) == {second: 3, third: 3}
    need_stays(2, (2, 2))
    webhook_delivery.deliver_due()
    assert last_stays(receiver) == {second: 2, third: None}
    need_stays(1, (2, 2))  # lets the night off: no minimum stay
    webhook_delivery.deliver_due()
    assert last_stays(receiver) == {second: None}
    need_stays(1)
    assert webhook_delivery.deliver_due() == 0


def test_a_closed_night_has_no_minimum_stay(receiver: Receiver) -> None:
    need_stays(4, (1, 3))
    put_price(2, 102, action=Action.CLOSE, rooms=0)
    webhook_delivery.deliver_due()
    assert receiver.prices()[-1][1] == {
        "night": night(2).isoformat(), "price": None, "state": "closed", "minimum_stay": None,
    }  # fmt: skip
