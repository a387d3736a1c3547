"""Automatic pricing: first prices, modes, limits, held and fixed prices, and which nights change."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db.models import F
from django.utils import timezone

from dashboard_service.models import HotelProfile
from pricing_service.decisions.automatic_pricing import reprice
from pricing_service.decisions.manual_decisions import decide
from pricing_service.models import (
    Action,
    FixedPrice,
    NightPrice,
    PriceDecision,
    PricingState,
)
from pricing_service.rules.pricing_rules import save_rules
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

pytestmark = pytest.mark.django_db(databases=DATABASES)
NIGHT = 5  # days ahead


@pytest.fixture(autouse=True)
def open_hotel() -> None:
    create_hotel()


def price_of(ahead: int = NIGHT) -> NightPrice:
    return NightPrice.objects.get(hotel_id=HOTEL, night=night(ahead))


def book_and_reprice(rooms: int = ROOMS, ahead: int = NIGHT) -> None:
    book(night(ahead), rooms)
    reprice(HOTEL)


def actions(ahead: int = NIGHT) -> list[str]:
    """Return the actions of a night's decisions, oldest first."""
    rows = PriceDecision.objects.filter(hotel_id=HOTEL, night=night(ahead)).order_by("id")
    return [row.action for row in rows]


@pytest.mark.usefixtures("a_year_of_nights")
def test_a_year_of_nights_gets_prices_with_reasons() -> None:
    create_rules()
    assert reprice(HOTEL) == 365
    rows = list(NightPrice.objects.order_by("night"))
    assert [row.night for row in rows] == [night(ahead) for ahead in range(365)]
    assert all(row.sentence and row.factors for row in rows)
    assert PriceDecision.objects.filter(action=Action.START).count() == 365


@pytest.mark.one_database
def test_in_suggest_mode_a_recommended_price_waits_for_a_person() -> None:
    create_rules(mode="suggest")
    reprice(HOTEL)
    book_and_reprice()
    row = price_of()
    assert (row.price, actions()) == (100, ["start"])
    assert row.recommended > 120


@pytest.mark.one_database
def test_an_automatic_change_is_at_most_the_largest_change() -> None:
    create_rules(mode="automatic", largest_change_percent=10)
    reprice(HOTEL)
    before = price_of().price
    book_and_reprice()
    row = price_of()
    assert row.recommended > before * Decimal("1.1")
    assert row.price == (before * Decimal("1.1")).to_integral_value("ROUND_FLOOR")
    assert actions() == ["start", "automatic"]


def test_a_day_limits_the_number_of_changes_and_their_sum() -> None:
    create_rules(
        mode="automatic", largest_change_percent=10, largest_day_percent=15, changes_per_day=3
    )
    reprice(HOTEL)
    morning = price_of().price
    for _ in range(6):
        book_and_reprice(rooms=3)
    assert price_of().price <= morning * Decimal("1.15")
    assert actions().count("automatic") <= 3


@pytest.mark.one_database
@pytest.mark.usefixtures("a_year_of_nights")
def test_a_change_below_the_smallest_change_is_not_made() -> None:
    create_rules(mode="automatic", smallest_change_percent=80)
    reprice(HOTEL)
    before = price_of(300).price
    book_and_reprice(rooms=ROOMS // 2, ahead=300)
    row = price_of(300)
    assert row.price == before < row.recommended < before * Decimal("1.8")
    assert actions(300) == ["start"]


@pytest.mark.one_database
@pytest.mark.parametrize("mode", ["suggest", "automatic"])
def test_a_held_price_does_not_change(mode: str) -> None:
    create_rules(mode=mode)
    reprice(HOTEL)
    decide(HOTEL, [night(NIGHT)], Action.OVERRIDE, "Ada", Decimal(130))
    book_and_reprice()
    assert price_of().price == 130


@pytest.mark.one_database
def test_a_released_price_changes_again() -> None:
    create_rules(mode="automatic")
    reprice(HOTEL)
    decide(HOTEL, [night(NIGHT)], Action.OVERRIDE, "Ada", Decimal(70))
    decide(HOTEL, [night(NIGHT)], Action.RELEASE, "Ada")
    book_and_reprice()
    assert price_of().price > 70
    assert actions() == ["start", "override", "release", "automatic"]


@pytest.mark.one_database
def test_a_fixed_price_is_in_force_at_once_also_outside_the_bounds() -> None:
    rules = create_rules(mode="suggest")
    reprice(HOTEL)
    FixedPrice.objects.create(profile=rules, night=night(NIGHT), price=Decimal(300))
    rules.save()
    reprice(HOTEL)
    assert price_of().price == 300


@pytest.mark.one_database
def test_new_bounds_apply_to_prices_that_nobody_holds() -> None:
    create_rules(mode="suggest")
    reprice(HOTEL)
    decide(HOTEL, [night(1)], Action.LOCK, "Ada")
    save_rules(HOTEL, {"minimum_price": Decimal(110), "base_price": Decimal(120)})
    reprice(HOTEL)
    assert price_of(2).price == 110
    assert price_of(1).price == 100


@pytest.mark.one_database
def test_rooms_for_sale_by_date() -> None:
    create_rules()
    set_rooms_by_date(night(3), night(4), 5)
    reprice(HOTEL)
    assert [price_of(ahead).rooms for ahead in (2, 3, 4, 5)] == [ROOMS, 5, 5, ROOMS]
    assert price_of(3).forecast_high <= 5


def test_only_nights_whose_figures_or_prices_changed_are_saved() -> None:
    create_rules()
    reprice(HOTEL)
    book(night(NIGHT), 2)
    assert reprice(HOTEL) == 1


@pytest.mark.one_database
@pytest.mark.usefixtures("a_year_of_nights")
def test_on_a_new_day_all_nights_are_repriced() -> None:
    create_rules()
    reprice(HOTEL)
    NightPrice.objects.update(days_before=F("days_before") + 1)
    PricingState.objects.update(as_of=today() - timedelta(days=1))
    assert reprice(HOTEL) == 365


@pytest.mark.one_database
def test_without_rules_or_with_prices_off_there_are_no_prices() -> None:
    assert reprice(HOTEL) == 0
    create_rules(mode="off")
    assert reprice(HOTEL) == 0
    assert not NightPrice.objects.exists()


@pytest.mark.one_database
@pytest.mark.usefixtures("a_year_of_nights")
def test_a_hotel_without_any_event_is_priced_once_its_rooms_are_told() -> None:
    create_rules(hotel_id=HOTEL + 1)
    assert reprice(HOTEL + 1) == 0
    HotelProfile.objects.create(hotel_id=HOTEL + 1, rooms=ROOMS)
    assert reprice(HOTEL + 1) == 365


def test_each_price_change_has_a_decision() -> None:
    create_rules(mode="automatic")
    for rooms in (1, 4, -2, 9, 6):
        book_and_reprice(rooms=rooms)
    decisions = list(PriceDecision.objects.filter(night=night(NIGHT)).order_by("id"))
    assert decisions[-1].new_price == price_of().price
    old_prices = [decision.old_price for decision in decisions[1:]]
    assert old_prices == [decision.new_price for decision in decisions[:-1]]


@pytest.mark.one_database
def test_a_price_has_the_time_of_its_pricing() -> None:
    create_rules()
    before = timezone.now()
    reprice(HOTEL)
    assert before <= price_of().priced_at <= timezone.now()
