"""The page of group quotes: asked by keyboard, with and without a script, on every screen."""

from datetime import UTC, datetime, timedelta
from uuid import NAMESPACE_OID, uuid5

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from tests.acceptance.browser.page_checks import problems, serious_violations
from tests.acceptance.browser.pricing_page import prices_by_night, save_rules
from tests.acceptance.conftest import Stack, look
from tests.waiting import until

HOTEL, ROOMS, BOOKED = 4717, 40, 33
TODAY = datetime.now(UTC).date()
ARRIVAL, BUSY, DEPARTURE = (str(TODAY + timedelta(days=ahead)) for ahead in (20, 21, 23))


@pytest.fixture
def busy(stack: Stack) -> Stack:
    """The stack with a hotel that has seven rooms left on the second of three nights."""
    bookings = [
        {
            "hotel_id": HOTEL, "status": 1, "night_of_stay": BUSY,
            "event_timestamp": f"{TODAY - timedelta(days=1 + room % 9)}T09:{room:02}:00Z",
            "room_reservation_id": str(uuid5(NAMESPACE_OID, f"quote {room}")),
        }
        for room in range(BOOKED)
    ]  # fmt: skip
    answer = requests.post(f"{stack.base}/events/", json=bookings, timeout=30)
    assert answer.status_code in (200, 201), answer.text
    profile = f"{stack.base}/dashboard/hotels/{HOTEL}/"
    requests.patch(profile, json={"rooms": ROOMS}, timeout=30).raise_for_status()
    save_rules(stack, HOTEL, base_price="100", mode="suggest")

    def is_counted() -> bool:
        row = prices_by_night(stack, HOTEL).get(BUSY)
        return row is not None and row["on_the_books"] == BOOKED

    until(is_counted, "the bookings in the prices")
    return stack


def test_a_group_is_quoted_by_keyboard(busy: Stack, page: Page) -> None:
    page.goto(f"{busy.base}/pricing/?hotel_id={HOTEL}")
    page.get_by_role("link", name="Group quote").click()
    expect(page.get_by_role("heading", name="Group quote")).to_be_visible()
    expect(page.locator("#quote")).to_have_count(0)
    page.get_by_label("Arrival").fill(ARRIVAL)
    page.get_by_label("Departure").fill(DEPARTURE)
    page.get_by_label("Rooms on each night").focus()
    page.keyboard.type("6")
    page.keyboard.press("Tab")
    page.keyboard.type("95,50")
    page.keyboard.press("Enter")
    quote = page.locator("#quote")
    body = {
        "hotel_id": HOTEL, "arrival": ARRIVAL, "departure": DEPARTURE, "rooms": 6, "rate": "95.50",
    }  # fmt: skip
    told = requests.post(f"{busy.base}/prices/group-quote/", json=body, timeout=30).json()
    expect(quote).to_contain_text(told["sentence"])
    expect(quote.locator("tbody tr")).to_have_count(3)
    expect(quote.locator("tbody tr").nth(1)).to_contain_text("Nearly full: 33 of 40")
    expect(page.get_by_label("Rooms on each night")).to_have_value("6")
    assert problems(page, "group-quote", phone_px=360) == []


def test_what_is_wrong_is_said_at_the_field(busy: Stack, page: Page) -> None:
    address = f"{busy.base}/pricing/group-quote/?hotel_id={HOTEL}&arrival={ARRIVAL}"
    page.goto(f"{address}&departure={DEPARTURE}&rooms=8&rate=")
    rooms = page.get_by_label("Rooms on each night")
    expect(rooms).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#rooms-wrong")).to_have_text(f"only 7 rooms are left on {BUSY}")
    look(page, "group-quote-wrong")
    assert serious_violations(page) == []
    rooms.fill("7")
    page.get_by_role("button", name="Quote").click()
    expect(page.locator("#quote")).to_contain_text("No room is left then.")
    expect(page.locator("#rooms-wrong")).to_have_count(0)


def test_the_form_needs_no_script(busy: Stack, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{busy.base}/pricing/group-quote/?hotel_id={HOTEL}")
    page.get_by_label("Arrival").fill(ARRIVAL)
    page.get_by_label("Departure").fill(DEPARTURE)
    page.get_by_label("Rooms on each night").fill("6")
    page.get_by_role("button", name="Quote").click()
    expect(page.locator("#quote")).to_contain_text("6 rooms from ")
    context.close()
