"""Repricing schedule: which changes make a hotel due, and how soon."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from pricing_service.decisions.automatic_pricing import reprice
from pricing_service.decisions.repricing_schedule import (
    REPRICING_INTERVAL_SECONDS,
    hotels_due_for_repricing,
)
from pricing_service.models import PricingRules, PricingState
from pricing_service.tests.hotels import (
    DATABASES,
    HOTEL,
    book,
    create_hotel,
    create_rules,
    night,
    today,
)

pytestmark = pytest.mark.django_db(databases=DATABASES)


@pytest.fixture(autouse=True)
def open_hotel() -> None:
    create_hotel()


def let_the_interval_pass() -> None:
    """Move the last repricing into the past, as if the interval were over."""
    state = PricingState.objects.get()
    assert state.priced_at
    state.priced_at -= timedelta(seconds=REPRICING_INTERVAL_SECONDS + 1)
    state.save()
    PricingRules.objects.update(updated_at=state.priced_at - timedelta(seconds=1))


def test_new_rules_are_due_and_an_unchanged_hotel_is_not() -> None:
    create_rules()
    assert hotels_due_for_repricing() == [HOTEL]
    reprice(HOTEL)
    let_the_interval_pass()
    assert hotels_due_for_repricing() == []


def test_changed_figures_changed_rules_and_a_new_day_are_due() -> None:
    rules = create_rules()
    changes: list[Callable[[], object]] = [
        lambda: book(night(5), 1),
        lambda: rules.save(),
        lambda: PricingState.objects.update(as_of=today() - timedelta(days=1)),
    ]
    for change in changes:
        reprice(HOTEL)
        let_the_interval_pass()
        change()
        assert hotels_due_for_repricing() == [HOTEL]


def test_changed_figures_wait_for_the_interval() -> None:
    create_rules()
    reprice(HOTEL)
    book(night(5), 1)
    assert hotels_due_for_repricing() == []


def test_a_hotel_without_rules_or_with_prices_off_is_never_due() -> None:
    assert hotels_due_for_repricing() == []
    create_rules(mode="off")
    assert hotels_due_for_repricing() == []
