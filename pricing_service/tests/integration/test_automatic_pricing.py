"""Prices in force: who may change them, how far, how often, and that each change is kept."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from pricing_service.decisions import automatic_pricing, repricing_schedule
from pricing_service.decisions.manual_decisions import decide
from pricing_service.demand.demand_outlook import STALE_DAYS, load_outlook
from pricing_service.models import (
    Action,
    FixedPrice,
    NightPrice,
    PriceDecision,
    PricingRules,
    PricingState,
    RoomsForSale,
)
from pricing_service.rules import pricing_rules
from pricing_service.tests.hotels import (
    DATABASES,
    HOTEL,
    ROOMS,
    book,
    create_hotel,
    create_rules,
    night,
    today,
)

pytestmark = pytest.mark.django_db(databases=DATABASES)
NIGHT = 5  # days ahead


@pytest.fixture(autouse=True)
def open_hotel() -> None:
    create_hotel()


def price_of(ahead: int = NIGHT) -> NightPrice:
    return NightPrice.objects.get(hotel_id=HOTEL, night=night(ahead))


def fill(rooms: int = ROOMS, ahead: int = NIGHT) -> None:
    book(night(ahead), rooms)
    automatic_pricing.reprice(HOTEL)


def kept(ahead: int = NIGHT) -> list[str]:
    rows = PriceDecision.objects.filter(hotel_id=HOTEL, night=night(ahead)).order_by("id")
    return [row.action for row in rows]


def test_a_year_of_nights_gets_prices_and_each_says_why() -> None:
    create_rules()
    assert automatic_pricing.reprice(HOTEL) == 365
    rows = list(NightPrice.objects.order_by("night"))
    assert [row.night for row in rows] == [night(ahead) for ahead in range(1, 366)]
    assert all(row.sentence and row.factors for row in rows)
    assert PriceDecision.objects.filter(action=Action.START).count() == 365


def test_with_suggestions_a_person_decides() -> None:
    create_rules(mode="suggest")
    automatic_pricing.reprice(HOTEL)
    fill()
    row = price_of()
    assert (row.price, kept()) == (100, ["start"])
    assert row.recommended > 120


def test_automatic_prices_follow_as_far_as_one_step_may_go() -> None:
    create_rules(mode="automatic", largest_change_percent=10)
    automatic_pricing.reprice(HOTEL)
    before = price_of().price
    fill()
    row = price_of()
    assert row.recommended > before * Decimal("1.1")
    assert row.price == (before * Decimal("1.1")).to_integral_value("ROUND_FLOOR")
    assert kept() == ["start", "automatic"]


def test_a_day_has_a_limit_of_changes_and_of_their_sum() -> None:
    create_rules(
        mode="automatic", largest_change_percent=10, largest_day_percent=15, changes_per_day=3
    )
    automatic_pricing.reprice(HOTEL)
    morning = price_of().price
    for _ in range(6):
        fill(rooms=3)
    assert price_of().price <= morning * Decimal("1.15")
    assert kept().count("automatic") <= 3


def test_a_price_stays_where_little_would_change() -> None:
    create_rules(mode="automatic", smallest_change_percent=6)
    automatic_pricing.reprice(HOTEL)
    fill(rooms=1, ahead=300)
    row = price_of(300)
    assert (row.price, row.recommended) == (100, 105)
    assert kept(300) == ["start"]


@pytest.mark.parametrize("mode", ["suggest", "automatic"])
def test_what_a_person_holds_stays(mode: str) -> None:
    create_rules(mode=mode)
    automatic_pricing.reprice(HOTEL)
    decide(HOTEL, [night(NIGHT)], Action.OVERRIDE, "Ada", Decimal(130))
    fill()
    assert price_of().price == 130


def test_what_a_person_released_follows_again() -> None:
    create_rules(mode="automatic")
    automatic_pricing.reprice(HOTEL)
    decide(HOTEL, [night(NIGHT)], Action.OVERRIDE, "Ada", Decimal(70))
    decide(HOTEL, [night(NIGHT)], Action.RELEASE, "Ada")
    fill()
    assert price_of().price > 70
    assert kept() == ["start", "override", "release", "automatic"]


def test_a_fixed_price_is_in_force_at_once_and_outside_the_bounds_too() -> None:
    told = create_rules(mode="suggest")
    automatic_pricing.reprice(HOTEL)
    FixedPrice.objects.create(profile=told, night=night(NIGHT), price=Decimal(300))
    told.save()
    automatic_pricing.reprice(HOTEL)
    assert price_of().price == 300


def test_new_bounds_hold_for_what_nobody_holds() -> None:
    create_rules(mode="suggest")
    automatic_pricing.reprice(HOTEL)
    decide(HOTEL, [night(1)], Action.LOCK, "Ada")
    pricing_rules.save_rules(HOTEL, {"minimum_price": Decimal(110), "base_price": Decimal(120)})
    automatic_pricing.reprice(HOTEL)
    assert price_of(2).price == 110
    assert price_of(1).price == 100


def test_rooms_for_sale_by_date() -> None:
    told = create_rules()
    RoomsForSale.objects.create(profile=told, first=night(3), last=night(4), rooms=5)
    automatic_pricing.reprice(HOTEL)
    assert [price_of(ahead).rooms for ahead in (2, 3, 4, 5)] == [ROOMS, 5, 5, ROOMS]
    assert price_of(3).forecast_high <= 5


def test_only_nights_whose_figures_changed_are_renewed_on_the_same_day() -> None:
    create_rules()
    automatic_pricing.reprice(HOTEL)
    book(night(NIGHT), 2)
    assert automatic_pricing.reprice(HOTEL) == 1


def test_a_new_day_renews_all() -> None:
    create_rules()
    automatic_pricing.reprice(HOTEL)
    PricingState.objects.update(as_of=today() - timedelta(days=1))
    assert automatic_pricing.reprice(HOTEL) == 365


def test_a_new_profile_is_priced_and_one_without_changes_is_not() -> None:
    create_rules()
    assert repricing_schedule.hotels_due_for_repricing() == [HOTEL]
    automatic_pricing.reprice(HOTEL)
    later(repricing_schedule.REPRICING_INTERVAL_SECONDS + 1)
    assert repricing_schedule.hotels_due_for_repricing() == []


def test_new_figures_new_rules_and_a_new_day_ask_for_new_prices() -> None:
    told = create_rules()
    changes: list[Any] = [
        lambda: book(night(NIGHT), 1),
        lambda: told.save(),
        lambda: PricingState.objects.update(as_of=today() - timedelta(days=1)),
    ]
    for change in changes:
        automatic_pricing.reprice(HOTEL)
        later(repricing_schedule.REPRICING_INTERVAL_SECONDS + 1)
        change()
        assert repricing_schedule.hotels_due_for_repricing() == [HOTEL]


def later(seconds: float) -> None:
    """As if a hotel had been priced so long ago."""
    state = PricingState.objects.get()
    assert state.priced_at
    state.priced_at -= timedelta(seconds=seconds)
    state.save()
    PricingRules.objects.update(updated_at=state.priced_at - timedelta(seconds=1))


def test_a_hotel_is_not_priced_again_at_once() -> None:
    create_rules()
    automatic_pricing.reprice(HOTEL)
    book(night(NIGHT), 1)
    assert repricing_schedule.hotels_due_for_repricing() == []


def test_without_a_profile_or_switched_off_there_are_no_prices() -> None:
    assert automatic_pricing.reprice(HOTEL) == 0
    create_rules(mode="off")
    assert repricing_schedule.hotels_due_for_repricing() == []
    assert automatic_pricing.reprice(HOTEL) == 0
    assert not NightPrice.objects.exists()


def test_a_hotel_without_any_event_is_priced_too() -> None:
    create_rules(hotel_id=HOTEL + 1, booking_window_days=30)
    assert automatic_pricing.reprice(HOTEL + 1) == 365


def test_history_is_looked_at_as_of_its_newest_day() -> None:
    long_ago = today() - timedelta(days=STALE_DAYS + 400)
    hotel_id = HOTEL + 2
    book(long_ago + timedelta(days=9), 3, day=long_ago, hotel_id=hotel_id)
    assert load_outlook(hotel_id, None).as_of == long_ago
    assert load_outlook(HOTEL, None).as_of == today()


def test_a_price_never_changes_without_a_decision() -> None:
    create_rules(mode="automatic")
    for rooms in (1, 4, -2, 9, 6):
        fill(rooms=rooms)
    last = PriceDecision.objects.filter(night=night(NIGHT)).latest("id")
    assert last.new_price == price_of().price
    chain = list(PriceDecision.objects.filter(night=night(NIGHT)).order_by("id"))
    assert [one.old_price for one in chain[1:]] == [one.new_price for one in chain[:-1]]


def test_what_is_priced_now_says_when() -> None:
    create_rules()
    before = timezone.now()
    automatic_pricing.reprice(HOTEL)
    assert before <= price_of().priced_at <= timezone.now()
