"""Helpers of the tests of the pricing page: rules and prices over REST, and opening a night."""

from typing import Any

import requests
from playwright.sync_api import Page, expect

from tests.acceptance.conftest import Stack

HOTEL = 1


def save_rules(stack: Stack, hotel: int = HOTEL, **rules: Any) -> None:
    """Change pricing rules."""
    response = requests.patch(f"{stack.base}/prices/hotels/{hotel}/", json=rules, timeout=30)
    assert response.status_code == 200, response.text


def newest_day(stack: Stack, hotel: int = HOTEL) -> str:
    """Return the last day with an event of a hotel, whose loaded history ends there."""
    hotels = requests.get(f"{stack.base}/dashboard/hotels/", timeout=20).json()
    day: str = next(row["last_date"] for row in hotels if row["hotel_id"] == hotel)
    return day


def prices_by_night(stack: Stack, hotel: int = HOTEL) -> dict[str, dict[str, Any]]:
    """Return the rows of `GET /prices/` by night."""
    rows = requests.get(f"{stack.base}/prices/?hotel_id={hotel}", timeout=20).json()
    return {row["night"]: row for row in rows}


def first_suggested_night(stack: Stack) -> str:
    """Return the first night with a suggestion that waits for a person."""
    rows = prices_by_night(stack)
    return next(night for night, row in rows.items() if row["state"] == "suggested")


def open_night(stack: Stack, page: Page, night: str) -> None:
    """Load the night's month and click on the night."""
    page.goto(f"{stack.base}/pricing/?hotel_id={HOTEL}&month={night[:7]}")
    page.locator(f"a[data-night='{night}']").click()
    expect(page.locator("#price-now")).to_be_visible()
