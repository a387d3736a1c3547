"""The pricing page: first prices of a hotel, previewed and saved rules, automatic prices."""

import re
import uuid
from datetime import date, timedelta

import requests
from playwright.sync_api import Page, expect

from tests.acceptance.browser.page_checks import serious_violations
from tests.acceptance.browser.pricing_page import (
    HOTEL,
    first_suggested_night,
    prices_by_night,
    save_rules,
)
from tests.acceptance.conftest import PRICED_NIGHTS, Stack, look, wait_until_counted
from tests.waiting import until

# Prices are calculated every ten seconds; this allows for a machine that does other things.
REPRICED_MS = 60_000


def test_a_hotel_without_prices_gets_some(stack: Stack, page: Page) -> None:
    wait_until_counted(stack)
    page.goto(f"{stack.base}/pricing/?hotel_id=2")
    expect(page.locator("#new")).to_contain_text("Hotel 2 has no prices yet")
    look(page, "pricing-new")
    assert serious_violations(page) == []
    page.get_by_role("button", name="Make prices").click()
    expect(page.locator("#new .wrong").first).to_contain_text("valid number")
    page.get_by_label("Base price").fill("120")
    page.get_by_label("Currency").fill("CHF")
    page.get_by_role("button", name="Make prices").click()
    # Prices come when the hotel's room-nights are counted one by one; until then cells have none.
    expect(page.locator("a.cell[data-price]").first).to_be_visible(timeout=REPRICED_MS)
    rows = prices_by_night(stack, 2)
    assert len(rows) == PRICED_NIGHTS
    assert {row["currency"] for row in rows.values()} == {"CHF"}
    page.get_by_role("button", name="Take proposals").click()
    expect(page.locator("#done")).to_contain_text("not saved")
    expect(page.locator("#preview")).to_contain_text("nights change")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#done")).to_contain_text("Saved")
    rules = requests.get(f"{stack.base}/prices/hotels/2/", timeout=10).json()
    proposed = requests.get(f"{stack.base}/prices/hotels/2/proposal/", timeout=10).json()
    assert rules["weekday_factors"] == proposed["weekday_factors"]
    assert rules["month_factors"] == (proposed["month_factors"] or [1.0] * 12)


def test_a_change_is_previewed_before_it_is_saved(priced: Stack, page: Page) -> None:
    before = prices_by_night(priced)
    night = first_suggested_night(priced)
    page.goto(f"{priced.base}/pricing/?hotel_id={HOTEL}&month={night[:7]}")
    page.get_by_label("Base price").fill("170")
    cell = page.locator(f"a[data-night='{night}'] .would")
    old = float(before[night]["recommended"])
    expect(cell).to_contain_text(re.compile(rf"{old:g} → \d+"))
    expect(page.locator("#preview")).to_contain_text("Not saved")
    look(page, "pricing-preview")
    assert serious_violations(page) == []
    assert {n: row["recommended"] for n, row in prices_by_night(priced).items()} == {
        n: row["recommended"] for n, row in before.items()
    }
    page.get_by_label("Base price").fill("9000")
    expect(page.locator("#settings .wrong:visible").first).to_contain_text("must ascend")
    page.get_by_role("button", name="Discard").click()
    expect(page.get_by_label("Base price")).to_have_value("100.00")
    expect(page.locator("#preview")).to_be_hidden()
    expect(page.locator("#settings .wrong:visible")).to_have_count(0)


def test_an_event_is_added_and_removed(priced: Stack, page: Page) -> None:
    night = first_suggested_night(priced)
    page.goto(f"{priced.base}/pricing/?hotel_id={HOTEL}&month={night[:7]}")
    page.get_by_text("Events", exact=True).click()
    page.get_by_role("button", name="Add an event").click()
    row = page.locator("[data-rows=events] .row").first
    row.get_by_label("Name").fill("Fair <i>")
    row.get_by_label("Factor").fill("2")
    row.get_by_label("First night").fill(night)
    row.get_by_label("Last night").fill(str(date.fromisoformat(night) - timedelta(days=1)))
    expect(page.locator("[data-wrong=events]")).to_contain_text("row 1: comes before the first")
    row.get_by_label("Last night").fill(night)
    expect(page.locator("[data-wrong=events]")).to_be_hidden()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#done")).to_contain_text("Saved")
    page.locator(f"a[data-night='{night}']").click()
    expect(page.locator("#night-shown .factors")).to_contain_text("Event: Fair <i>")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Remove this row").click()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#done")).to_contain_text("Saved")
    expect(page.locator("[data-rows=events] .row")).to_have_count(0)
    rules = requests.get(f"{priced.base}/prices/hotels/{HOTEL}/", timeout=10).json()
    assert rules["events"] == []


def test_automatic_prices_follow_new_bookings(priced: Stack, page: Page) -> None:
    night = first_suggested_night(priced)
    page.goto(f"{priced.base}/pricing/?hotel_id={HOTEL}&month={night[:7]}")
    page.get_by_label("Who decides").select_option("automatic")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#done")).to_contain_text("Saved")
    cell = page.locator(f"a[data-night='{night}']")
    expect(cell).not_to_have_class(re.compile("suggested"))
    now = prices_by_night(priced)[night]
    assert now["price"] == now["recommended"]
    today = date.fromisoformat(night) - timedelta(days=now["days_before"])
    bookings = [
        {
            "hotel_id": HOTEL, "status": 1, "event_timestamp": f"{today}T23:30:00Z",
            "room_reservation_id": str(uuid.uuid4()), "night_of_stay": night,
        }
        for _ in range(max(now["rooms"] - now["on_the_books"], 5))
    ]  # fmt: skip
    posted = requests.post(f"{priced.base}/events/", json=bookings, timeout=10)
    assert posted.status_code == 201, posted.text
    until(
        lambda: float(prices_by_night(priced)[night]["price"]) > float(now["price"]),
        "a higher price of a full night",
    )
    expect(cell).not_to_have_attribute("data-price", now["price"], timeout=REPRICED_MS)
    cell.click()
    expect(page.locator("#night-shown .decisions li").first).to_contain_text("automatic")
    look(page, "pricing-automatic")


def test_all_prices_are_sent_to_the_booking_system_again(priced: Stack, page: Page) -> None:
    """Nobody answers at the address: the page says what waits, and how the try ended."""
    save_rules(priced, webhook_url="https://booking-system.invalid/prices", try_as_of=None)
    try:
        page.goto(f"{priced.base}/pricing/?hotel_id={HOTEL}")
        page.get_by_text("Booking system", exact=True).click()
        status = page.locator("#webhook-status")
        expect(status).to_contain_text(re.compile(r"Told nothing yet; \d+ nights wait"))
        status.get_by_role("button", name="Send all prices again").click()
        expect(page.locator("#done")).to_have_text(re.compile(r"\d+ nights are sent again\."))
        expect(status).to_contain_text("failing since", timeout=REPRICED_MS)
        look(page, "pricing-webhook-status")
        assert serious_violations(page) == []
    finally:
        save_rules(priced, webhook_url="")
    page.reload()
    expect(page.locator("#webhook-status")).to_be_empty()


def test_a_new_row_is_no_error_before_it_was_filled_in(priced: Stack, page: Page) -> None:
    page.goto(f"{priced.base}/pricing/?hotel_id={HOTEL}")
    wrong = page.locator("#settings .wrong:visible")
    events = page.locator("[data-rows=events]")
    page.locator("details", has=events).last.locator("summary").first.click()
    events.get_by_role("button", name="Add").click()
    page.wait_for_timeout(1000)  # a preview comes 300 ms after the last key
    expect(wrong).to_have_count(0)
    events.get_by_label("Name").fill("Fair")
    page.wait_for_timeout(1000)
    expect(wrong).to_have_count(0)
    page.get_by_label("Base price").focus()
    expect(wrong.first).to_be_visible()
    page.get_by_role("button", name="Discard").click()
    expect(wrong).to_have_count(0)
    events.get_by_role("button", name="Add").click()
    page.get_by_role("button", name="Save").click()
    expect(wrong.first).to_be_visible()
