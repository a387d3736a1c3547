"""Automatic prices reach the recommended one by themselves, inside limits, bounds and own days."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from dashboard_service.models import HotelProfile
from pricing_service.decisions import automatic_pricing
from pricing_service.decisions.automatic_pricing import reprice
from pricing_service.decisions.manual_decisions import InvalidDecision, decide
from pricing_service.demand.demand_outlook import load_outlook
from pricing_service.models import Action, NightPrice, PriceDecision, PricingRules, PricingState
from pricing_service.rules.pricing_rules import save_rules
from pricing_service.tests.hotels import (
    DATABASES,
    HOTEL,
    ROOMS,
    book,
    create_hotel,
    create_rules,
    due_hotels,
    night,
    today,
)

pytestmark = [pytest.mark.one_database, pytest.mark.django_db(databases=DATABASES)]
NIGHT = 5


@pytest.fixture(autouse=True)
def open_hotel() -> None:
    create_hotel()


def row_of(ahead: int = NIGHT) -> NightPrice:
    return NightPrice.objects.get(hotel_id=HOTEL, night=night(ahead))


def last_action(ahead: int = NIGHT) -> str:
    return str(PriceDecision.objects.filter(night=night(ahead)).latest("id").action)


def reprice_as_the_schedule_does() -> int:
    """Let time pass and reprice for as long as the hotel is due; return how often it was."""
    for count in range(20):
        state = PricingState.objects.get()
        assert state.priced_at
        PricingRules.objects.update(updated_at=state.priced_at - timedelta(minutes=1))
        state.priced_at -= timedelta(seconds=30)
        state.save()
        PricingRules.objects.update(updated_at=state.priced_at - timedelta(minutes=1))
        if not due_hotels():
            return count
        reprice(HOTEL)
    raise AssertionError("the hotel stays due for ever")


def test_one_large_booking_moves_the_price_until_the_day_s_limits_are_used() -> None:
    create_rules(mode="automatic")
    reprice(HOTEL)
    before = row_of().price
    book(night(NIGHT), ROOMS)
    reprice(HOTEL)
    first_step = row_of().price
    assert reprice_as_the_schedule_does() > 0
    assert first_step < row_of().price <= before * Decimal("1.3")
    PriceDecision.objects.update(made_at=timezone.now() - timedelta(days=2))  # the next day
    reprice(HOTEL)
    reprice_as_the_schedule_does()
    assert row_of().price > before * Decimal("1.3")


def test_a_settled_hotel_is_not_due() -> None:
    create_rules(mode="automatic")
    reprice(HOTEL)
    assert reprice_as_the_schedule_does() == 0


def test_a_released_night_returns_to_the_recommended_price_by_itself() -> None:
    create_rules(mode="automatic")
    reprice(HOTEL)
    recommended = row_of().price
    decide(HOTEL, [night(NIGHT)], Action.OVERRIDE, "Ada", recommended + 10)
    decide(HOTEL, [night(NIGHT)], Action.RELEASE, "Ada")
    assert reprice_as_the_schedule_does() > 0
    assert row_of().price == recommended


def test_ten_rooms_sold_out_at_the_minimum_move_by_a_step_larger_than_the_limit() -> None:
    """Rules of a version that did not refuse them: step 10, minimum 60, at most 15 % at once."""
    HotelProfile.objects.update(rooms=10)
    create_rules(mode="automatic", price_step=10, base_price=60)
    reprice(HOTEL)
    NightPrice.objects.update(price=60)
    book(night(NIGHT), 10)
    reprice(HOTEL)
    assert row_of().price == 70


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"smallest_change_percent": 16}, "smallest_change_percent"),
        ({"largest_day_percent": 1}, "smallest_change_percent"),
        ({"price_step": Decimal(10)}, "price_step"),
        ({"minimum_price": Decimal("6.60")}, "price_step"),
    ],
)
def test_limits_that_cannot_be_kept_together_are_refused(
    changes: dict[str, Any], field: str
) -> None:
    rules = create_rules(mode="automatic")
    with pytest.raises(Exception, match=r"change|step") as refused:
        save_rules(HOTEL, changes)
    assert list(refused.value.message_dict) == [field]  # type: ignore[attr-defined]
    stored = PricingRules.objects.get()
    assert all(getattr(stored, name) == getattr(rules, name) for name in changes)
    save_rules(HOTEL, {"mode": "suggest", **changes})  # nothing changes by itself there
    with pytest.raises(Exception, match=r"change|step"):
        save_rules(HOTEL, {"mode": "automatic"})


def test_a_new_bound_moves_a_price_to_it_and_counts_as_no_automatic_change() -> None:
    create_rules(mode="automatic")
    book(night(NIGHT), ROOMS)
    reprice(HOTEL)
    NightPrice.objects.update(price=80)
    save_rules(HOTEL, {"minimum_price": Decimal(90)})
    reprice(HOTEL)
    assert (row_of().price, last_action()) == (90, "bound")
    reprice(HOTEL)
    assert (row_of().price, last_action()) == (103, "automatic")


@pytest.mark.parametrize(("mode", "expected"), [("suggest", 100), ("automatic", None)])
def test_a_removed_fixed_price_leaves_nothing_behind(mode: str, expected: int | None) -> None:
    create_rules(mode=mode)
    reprice(HOTEL)
    save_rules(HOTEL, {"fixed_prices": [{"night": night(NIGHT), "price": Decimal(300)}]})
    reprice(HOTEL)
    assert (row_of().price, last_action()) == (300, "fix")
    save_rules(HOTEL, {"fixed_prices": []})
    reprice(HOTEL)
    assert row_of().price == (expected or row_of().recommended)
    assert last_action() == "unfix"


def test_limits_go_by_the_hotel_s_own_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """In Tokyo 23:00 UTC and 01:00 UTC are one day: three changes, not six."""
    HotelProfile.objects.update(time_zone="Asia/Tokyo", counted_time_zone="Asia/Tokyo")
    create_rules(mode="automatic", largest_change_percent=5, largest_day_percent=90)
    monday = datetime.combine(today() + timedelta(days=10), time(), UTC)
    for hour in (23, 25):
        monkeypatch.setattr(timezone, "now", lambda hour=hour: monday + timedelta(hours=hour))
        for _ in range(4):
            book(night(30), 4)
            reprice(HOTEL)
            PriceDecision.objects.filter(made_at__lt=monday).update(made_at=timezone.now())
    automatic = PriceDecision.objects.filter(night=night(30), action=Action.AUTOMATIC)
    assert automatic.count() == 3


def test_nights_that_have_begun_are_not_decided() -> None:
    create_rules()
    reprice(HOTEL)
    decide(HOTEL, [night(0)], Action.LOCK, "Ada")
    PricingRules.objects.update(check_in_closes=time(0))
    with pytest.raises(InvalidDecision, match="has begun"):
        decide(HOTEL, [night(0), night(1)], Action.RELEASE, "Ada")
    assert row_of(0).is_held


def test_tonight_is_priced_until_check_in_closes() -> None:
    create_rules()
    book(night(0), ROOMS)
    reprice(HOTEL)
    assert (row_of(0).days_before, row_of(0).recommended > 100) == (0, True)
    PricingRules.objects.update(check_in_closes=time(0))
    book(night(0), -5)
    reprice(HOTEL)
    assert row_of(0).on_the_books == ROOMS


def test_rules_saved_during_a_repricing_are_not_overrun(monkeypatch: pytest.MonkeyPatch) -> None:
    """A person saves "suggest" while an automatic repricing has read the figures already."""
    create_rules(mode="automatic")
    reprice(HOTEL)
    book(night(NIGHT), ROOMS)

    def load_and_let_a_person_save(*arguments: Any) -> Any:
        outlook = load_outlook(*arguments)
        monkeypatch.setattr(automatic_pricing, "load_outlook", load_outlook)
        save_rules(HOTEL, {"mode": "suggest"})
        return outlook

    before = row_of().price
    monkeypatch.setattr(automatic_pricing, "load_outlook", load_and_let_a_person_save)
    reprice(HOTEL)
    assert row_of().price == before
    assert row_of().recommended > before


def test_older_figures_do_not_replace_newer_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two workers reprice a hotel; the one that read first ends last."""
    create_rules()

    def load_and_let_another_worker_end(*arguments: Any) -> Any:
        outlook = load_outlook(*arguments)
        monkeypatch.setattr(automatic_pricing, "load_outlook", load_outlook)
        book(night(NIGHT), 8)
        reprice(HOTEL)
        return outlook

    monkeypatch.setattr(automatic_pricing, "load_outlook", load_and_let_another_worker_end)
    reprice(HOTEL)
    assert row_of().on_the_books == 8


def test_a_decision_keeps_what_made_it() -> None:
    create_rules(mode="suggest")
    book(night(NIGHT), ROOMS)
    reprice(HOTEL)
    recommended = row_of().recommended
    decide(HOTEL, [night(NIGHT)], Action.ACCEPT, "Ada")
    save_rules(HOTEL, {"base_price": Decimal(140), "minimum_price": Decimal(130)})
    reprice(HOTEL)
    decision = PriceDecision.objects.get(action=Action.ACCEPT)
    assert decision.made_from["base_price"] == "100.00"
    amount = Decimal(100)
    for factor in decision.made_from["factors"].values():
        amount *= Decimal(factor)
    assert abs(amount - recommended) < 1
    assert decision.made_from["rooms"] == ROOMS
