"""Fixtures of the browser tests: one browser for all files, a page without errors, prices."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, Page

from tests.acceptance.browser.page_checks import no_page_errors
from tests.acceptance.browser.pricing_page import HOTEL, newest_day, prices_by_night, save_rules
from tests.acceptance.conftest import Stack, chromium, wait_until_counted

RULES: dict[str, Any] = {
    "mode": "suggest", "base_price": "100", "minimum_price": "10", "maximum_price": "400",
    "price_step": "1", "aggressiveness": 5, "smallest_change_percent": 1, "events": [],
    "largest_change_percent": 90, "largest_day_percent": 100, "changes_per_day": 24,
    "room_types": [], "bounds": [], "fixed_prices": [],
}  # fmt: skip
ROOMS = 10  # without rooms no price changes by itself
RESET_NIGHTS = 62  # the nights that a test may decide on are in the first two months


@pytest.fixture(scope="package")  # ends before other folders' tests, which use Django's databases
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture
def page(page: Page) -> Iterator[Page]:
    """A page without script errors or violations of the content security policy."""
    with no_page_errors(page):
        yield page


@pytest.fixture
def priced(stack: Stack) -> Stack:
    """The stack with a hotel in suggest mode; its next nights have suggestions, none is held."""
    wait_until_counted(stack)
    profile = f"{stack.base}/dashboard/hotels/{HOTEL}/"
    requests.patch(profile, json={"rooms": ROOMS}, timeout=30).raise_for_status()
    save_rules(stack, **RULES, try_as_of=newest_day(stack))
    prices = prices_by_night(stack)
    nights = list(prices)[:RESET_NIGHTS]
    held = [night for night, row in prices.items() if row["state"] == "held"]
    decisions: list[tuple[str, list[str], dict[str, str]]] = [
        ("override", nights, {"price": "77"}),
        ("release", sorted({*nights, *held}), {}),
    ]
    for action, decided, more in decisions:
        body = {"hotel_id": HOTEL, "nights": decided, "action": action, **more}
        response = requests.post(f"{stack.base}/prices/decisions/", json=body, timeout=30)
        assert response.status_code == 200, response.text
    return stack
