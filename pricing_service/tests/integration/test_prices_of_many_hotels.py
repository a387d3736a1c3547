"""What of many hotels' prices needs a person: each number is what the hotel's own page shows."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from pricing_service import price_listing
from pricing_service.decisions import manual_decisions
from pricing_service.decisions.automatic_pricing import reprice
from pricing_service.decisions.undo import undo
from pricing_service.decisions.undo_models import UndoStep
from pricing_service.delivery.told_prices import fingerprint
from pricing_service.delivery.webhook_models import WebhookReceiver
from pricing_service.models import Action, PricingRules
from pricing_service.prices_of_many_hotels import (
    WAITING_NIGHTS,
    price_states,
    prices_to_look_at,
)
from pricing_service.tests.hotels import (
    DATABASES,
    HOTEL,
    create_hotel,
    create_rules,
    night,
    put_price,
    set_rooms_by_date,
    today,
)

pytestmark = pytest.mark.django_db(databases=DATABASES)
OTHER = 8


def look_at(*hotels: int) -> dict[int, tuple[int, int]]:
    found = prices_to_look_at(dict.fromkeys(hotels, today()))
    return {number: (prices.waiting, prices.at_bound) for number, prices in found.items()}


def test_waiting_prices_are_the_suggested_nights_of_the_price_list() -> None:
    create_hotel()
    set_rooms_by_date(night(3), night(3), 0)
    create_rules(mode="suggest", smallest_change_percent=2)
    reprice(HOTEL)
    for ahead, price in ((1, 99), (2, 90), (3, 90), (4, 70), (WAITING_NIGHTS, 70)):
        put_price(ahead, price)
    put_price(5, 70, is_held=True)
    listed = price_listing.list_prices(HOTEL, today(), night(WAITING_NIGHTS - 1))
    suggested = sum(row["state"] == "suggested" for row in listed)
    assert suggested
    assert look_at(HOTEL)[HOTEL][0] == suggested
    PricingRules.objects.update(mode="automatic")
    assert look_at(HOTEL)[HOTEL][0] == 0, "nobody has to accept them"


def test_nights_at_a_bound_are_open_ones_of_the_next_days() -> None:
    create_hotel()
    create_rules(mode="automatic")
    for ahead, bound, rooms in (
        (0, "minimum", 5),
        (29, "maximum", 5),
        (30, "maximum", 5),
        (2, "", 5),
        (3, "minimum", 0),
    ):
        put_price(ahead, 60, made_from={"bound": bound}, rooms=rooms)
    assert look_at(HOTEL) == {HOTEL: (0, 2)}


def test_hotels_without_prices_have_nothing_to_look_at() -> None:
    create_hotel()
    create_rules(mode="off")
    states = price_states([HOTEL, OTHER])
    assert [states[number].has_prices for number in (HOTEL, OTHER)] == [False, False]
    assert look_at(HOTEL, OTHER) == {HOTEL: (0, 0), OTHER: (0, 0)}


def test_failing_deliveries_count_at_the_present_address_only() -> None:
    create_hotel()
    url = "https://pms.example.com/prices"
    create_rules(webhook_url=url, webhook_secret="a secret")
    since = timezone.now() - timedelta(hours=3)
    WebhookReceiver.objects.create(
        hotel_id=HOTEL, failing_since=since, address_fingerprint=fingerprint(url)
    )
    assert price_states([HOTEL])[HOTEL].failing_since == since
    WebhookReceiver.objects.update(address_fingerprint=fingerprint("https://old.example.com/"))
    assert price_states([HOTEL])[HOTEL].failing_since is None


def test_whatever_changes_prices_changes_what_they_depend_on() -> None:
    create_hotel()
    rules = create_rules(mode="suggest")
    reprice(HOTEL)
    seen = [price_states([HOTEL])[HOTEL].parts]

    def has_changed() -> bool:
        seen.append(price_states([HOTEL])[HOTEL].parts)
        return seen[-1] not in seen[:-1]

    assert not has_changed()
    manual_decisions.decide(HOTEL, [night(4)], Action.OVERRIDE, "mia", price=Decimal(77))
    assert has_changed()
    undo(HOTEL, UndoStep.objects.get().id, "mia")
    assert has_changed()
    reprice(HOTEL)
    assert has_changed()
    rules.save()
    assert has_changed()


def test_the_number_of_statements_does_not_grow_with_the_hotels(
    django_assert_num_queries: Any,
) -> None:
    for hotels in (range(1, 3), range(1, 61)):
        for number in hotels:
            PricingRules.objects.update_or_create(
                hotel_id=number,
                defaults={"base_price": 100, "minimum_price": 60, "maximum_price": 200},
            )
        with django_assert_num_queries(7, using="pricing_service"):
            price_states(hotels)
            prices_to_look_at(dict.fromkeys(hotels, today()))
