"""The pricing page with room types: told and proposed, one type's calendar, a night's table."""

import re
import uuid
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import requests
from playwright.sync_api import Page, expect

from tests.acceptance.browser.page_checks import is_wider_than_window, serious_violations
from tests.acceptance.browser.pricing_page import HOTEL, first_suggested_night
from tests.acceptance.browser.pricing_page import save_rules as change_rules
from tests.acceptance.conftest import Stack, look, wait_until_counted

NEW_HOTEL = 32
TYPES: list[dict[str, Any]] = [
    {"name": "Double", "is_reference": True, "rooms": 6},
    {"name": "Suite", "percent": "25.00", "rooms": 2},
    {"name": "Single", "amount": "-15.00", "minimum_price": "5.00", "rooms": 2},
]


@pytest.fixture
def hotel(priced: Stack) -> Iterator[Stack]:
    yield priced
    change_rules(priced, room_types=[])


def unfold_room_types(page: Page) -> None:
    page.locator(".settings summary", has_text=re.compile("^Room types")).click()


def shown_price(page: Page, night: str) -> float:
    price = page.locator(f"a[data-night='{night}']").get_attribute("data-price")
    return float(price or "nan")


def stored(stack: Stack, hotel: int = HOTEL) -> list[dict[str, Any]]:
    rules = requests.get(f"{stack.base}/prices/hotels/{hotel}/", timeout=10).json()
    types: list[dict[str, Any]] = rules["room_types"]
    return types


def test_room_types_are_entered_and_the_reference_is_asked_for(hotel: Stack, page: Page) -> None:
    page.goto(f"{hotel.base}/pricing/?hotel_id={HOTEL}")
    unfold_room_types(page)
    for name, percent in (("Double", ""), ("Suite", "25")):
        page.get_by_role("button", name="Add a room type").click()
        row = page.locator("[data-rows=room_types] .row").last
        row.get_by_label("Room type").fill(name)
        row.get_by_label("Rooms of this type").fill("5")
        row.get_by_label("per cent").fill(percent)
    page.get_by_label("Base price").focus()  # a new row is judged when it is left
    wrong = page.locator("[data-wrong=room_types]")
    expect(wrong).to_contain_text("give a percentage or an amount")
    page.locator("[data-rows=room_types] .row").first.get_by_label("reference: has").check()
    expect(wrong).to_be_hidden()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#done")).to_contain_text("Saved")
    assert [(row["name"], row["is_reference"], row["percent"]) for row in stored(hotel)] == [
        ("Double", True, None), ("Suite", False, "25.00"),
    ]  # fmt: skip
    expect(page.get_by_role("button", name="Discard")).to_be_hidden()


def post_history(stack: Stack) -> None:
    """Post two months of past nights with three doubles and one suite each."""
    nights = [date.today() - timedelta(days=back) for back in range(1, 61)]
    sold = [("Double", 100)] * 3 + [("Suite", 150)]
    bookings = [
        {
            "hotel_id": NEW_HOTEL, "status": 1, "night_of_stay": str(night),
            "event_timestamp": f"{night - timedelta(days=3)}T10:00:00Z",
            "room_reservation_id": str(uuid.uuid4()),
            "room_type": room_type, "rate": rate, "currency": "EUR",
        }
        for night in nights for room_type, rate in sold
    ]  # fmt: skip
    posted = requests.post(f"{stack.base}/events/", json=bookings, timeout=20)
    assert posted.status_code == 201, posted.text
    wait_until_counted(stack)


def test_proposed_types_are_taken_from_the_bookings(priced: Stack, page: Page) -> None:
    post_history(priced)
    change_rules(priced, NEW_HOTEL, base_price=100)
    page.goto(f"{priced.base}/pricing/?hotel_id={NEW_HOTEL}")
    page.get_by_role("button", name="Take proposals").click()
    expect(page.locator("#done")).to_contain_text("2 room types: check how many")
    rows = page.locator("[data-rows=room_types] .row")
    expect(rows.get_by_label("reference: has").first).to_be_checked()
    page.get_by_role("button", name="Take proposals").click()
    page.wait_for_timeout(500)
    expect(rows).to_have_count(2)  # what is in the form is not proposed again
    page.locator("[data-rows=room_types]").scroll_into_view_if_needed()
    look(page, "pricing-types-proposed")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#done")).to_contain_text("Saved")
    kept = [(row["name"], row["percent"], row["rooms"]) for row in stored(priced, NEW_HOTEL)]
    assert kept == [("Double", None, 3), ("Suite", "50.00", 1)]


def test_the_calendar_of_a_type_and_a_nights_table(hotel: Stack, page: Page) -> None:
    change_rules(hotel, room_types=TYPES)
    night = first_suggested_night(hotel)
    page.goto(f"{hotel.base}/pricing/?hotel_id={HOTEL}&month={night[:7]}")
    cell = page.locator(f"a[data-night='{night}']")
    reference = shown_price(page, night)
    page.get_by_role("link", name="Suite").click()
    expect(page.get_by_role("link", name="Suite")).to_have_attribute("aria-current", "true")
    assert shown_price(page, night) == pytest.approx(1.25 * reference, abs=1)
    cell.click()
    table = page.locator("#room-types")
    expect(table.locator("tbody tr")).to_have_count(3)
    look(page, "pricing-types-night")
    page.get_by_role("link", name="Next night").click()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Suite")).to_have_attribute("aria-current", "true")
    page.get_by_label("Base price").fill("170")
    expect(page.locator("#preview")).to_contain_text("Recommended prices of Double, the reference")


def test_it_is_accessible_and_fits(hotel: Stack, page: Page) -> None:
    change_rules(hotel, room_types=TYPES)
    night = first_suggested_night(hotel)
    for view in (f"month={night[:7]}&room_type=Suite", f"night={night}"):
        page.goto(f"{hotel.base}/pricing/?hotel_id={HOTEL}&{view}")
        for width in (1280, 390):
            page.set_viewport_size({"width": width, "height": 900})
            unfolded = "all => all.forEach(details => { details.open = true })"
            page.locator(".settings, .settings details").evaluate_all(unfolded)
            page.wait_for_timeout(200)
            look(page, f"pricing-types-{width}-{view[:5]}")
            if view.startswith("month"):
                page.locator("[data-rows=room_types]").scroll_into_view_if_needed()
                look(page, f"pricing-types-{width}-list")
            else:
                page.locator("#room-types").scroll_into_view_if_needed()
                look(page, f"pricing-types-{width}-table")
            assert serious_violations(page) == []
            assert not is_wider_than_window(page)
            page.locator("main").evaluate("main => scrollTo(0, 0)")
