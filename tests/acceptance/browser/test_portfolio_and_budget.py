"""The pages of hotels and of the budget: on every screen, with and without a script."""

from datetime import UTC, datetime, timedelta
from uuid import NAMESPACE_OID, uuid5

import pytest
import requests
from playwright.sync_api import Browser, FilePayload, Page, expect

from tests.acceptance.browser.page_checks import problems
from tests.acceptance.conftest import Stack, wait_until_counted

FULL, EMPTY = 4811, 4812  # hotels
LONG_NAME = "Gasthof Löwe 🦁 " + "an der langen Promenade " * 3
NAMES = {FULL: LONG_NAME[:100].strip(), EMPTY: "فندق النيل"}
YEAR = datetime.now(UTC).year + 1


@pytest.fixture
def hotels(stack: Stack) -> Stack:
    """The stack with two hotels more, one of which nobody told the rooms, without groups."""
    today = datetime.now(UTC).date()
    bookings = [
        {
            "hotel_id": hotel, "status": 1,
            "night_of_stay": str(today + timedelta(days=number % 30)),
            "event_timestamp": f"{today - timedelta(days=1)}T09:{number:02}:00Z",
            "room_reservation_id": str(uuid5(NAMESPACE_OID, f"portfolio {hotel} {number}")),
            "rate": "12345678.50", "currency": "EUR",
        }
        for hotel in NAMES
        for number in range(50)
    ]  # fmt: skip
    answer = requests.post(f"{stack.base}/events/", json=bookings, timeout=30)
    assert answer.status_code in (200, 201), answer.text
    for hotel, name in NAMES.items():
        profile = {"name": name, "rooms": 4 if hotel == FULL else None}
        address = f"{stack.base}/dashboard/hotels/{hotel}/"
        requests.patch(address, json=profile, timeout=30).raise_for_status()
        body = {"hotel_id": hotel, "year": YEAR, "months": []}
        requests.put(f"{stack.base}/dashboard/budgets/", json=body, timeout=30).raise_for_status()
    wait_until_counted(stack)
    return stack


def test_hotels_are_found_sorted_and_opened(hotels: Stack, page: Page) -> None:
    page.goto(f"{hotels.base}/?hotel_id={FULL}")
    page.get_by_role("navigation", name="Views").get_by_role("link", name="Hotels").click()
    lines = page.locator("#lines tbody tr")
    expect(lines.filter(has_text="Gasthof")).to_have_count(1)
    expect(lines.filter(has_text="النيل")).to_contain_text("Rooms are not known")
    assert problems(page, "hotels") == []
    page.locator("#lines").get_by_role("link", name="Occupancy of 30 nights").click()
    expect(page.locator("#lines [aria-sort=descending]")).to_have_text("30")
    page.get_by_label("Name or number contains").fill("gasthof")
    page.keyboard.press("Enter")
    expect(lines).to_have_count(1)
    lines.get_by_role("link", name="Gasthof").click()
    expect(page).to_have_url(f"{hotels.base}/?hotel_id={FULL}")


def test_a_group_is_made_renamed_and_deleted(hotels: Stack, page: Page) -> None:
    page.goto(f"{hotels.base}/hotels/")
    page.get_by_role("link", name="Groups of hotels").click()
    page.get_by_label("Name", exact=True).fill("Berge")
    page.get_by_label("Gasthof").check()
    assert problems(page, "groups") == []
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Berge")).to_be_visible()
    expect(page.locator("#lines tbody tr")).to_have_count(1)
    page.get_by_role("link", name="Change this group").click()
    page.get_by_label("Name", exact=True).fill("Seen")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Seen")).to_be_visible()
    page.get_by_role("link", name="Change this group").click()
    page.get_by_role("button", name="Delete this group").click()
    expect(page.get_by_role("link", name="Seen")).to_have_count(0)


def saved(stack: Stack) -> dict[int, tuple[int | None, str | None]]:
    address = f"{stack.base}/dashboard/budgets/?hotel_id={FULL}&year={YEAR}"
    rows = requests.get(address, timeout=30).json()
    return {
        row["month"]: (row["room_nights"], row["revenue"])
        for row in rows
        if row["room_nights"] is not None or row["revenue"] is not None
    }


def test_a_budget_is_typed_in_the_browser_s_language(hotels: Stack, browser: Browser) -> None:
    context = browser.new_context(locale="de-DE")
    page = context.new_page()
    page.goto(f"{hotels.base}/budget/?hotel_id={FULL}&year={YEAR}")
    page.get_by_label("Geplante Zimmernächte für Mai").fill("1.400")
    page.get_by_label("Geplanter Umsatz für Mai").fill("12.345.678,50")
    page.get_by_role("button", name="Speichern").click()
    expect(page.get_by_text("Das Budget ist gespeichert.")).to_be_visible()
    expect(page.get_by_label("Geplanter Umsatz für Mai")).to_have_value("12345678,50")
    assert saved(hotels) == {5: (1400, "12345678.50")}
    page.get_by_label("Geplanter Umsatz für Juni").fill("1,234")
    page.get_by_role("button", name="Speichern").click()
    expect(page.locator("[name=revenue_6]:invalid")).to_have_count(1)
    assert saved(hotels) == {5: (1400, "12345678.50")}
    context.close()


def test_a_budget_from_last_year_or_a_file_is_saved_by_save_only(hotels: Stack, page: Page) -> None:
    page.goto(f"{hotels.base}/budget/?hotel_id={FULL}&year={YEAR}")
    page.get_by_label("Last year, plus or minus percent").fill("5")
    page.get_by_role("button", name="Propose").click()
    expect(page.get_by_text("Nothing is saved yet")).to_be_visible()
    assert saved(hotels) == {}
    file: FilePayload = {
        "name": "budget.csv", "mimeType": "text/csv", "buffer": b"month;room-nights\n5;70\n",
    }  # fmt: skip
    page.get_by_label("CSV or Excel").set_input_files(file)
    page.get_by_role("button", name="Fill in from the file").click()
    expect(page.get_by_label("Room-nights planned for May")).to_have_value("70")
    assert saved(hotels) == {}
    assert problems(page, "budget") == []
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The budget is saved.")).to_be_visible()
    assert saved(hotels) == {5: (70, None)}


def test_the_pages_need_no_script(hotels: Stack, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{hotels.base}/hotels/?q=gasthof")
    expect(page.locator("#lines tbody tr")).to_have_count(1)
    page.goto(f"{hotels.base}/budget/?hotel_id={FULL}&year={YEAR}")
    page.get_by_label("Revenue planned for May").fill("1.234")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#revenue_5-wrong")).to_contain_text("can be read as 1234 or as 1")
    page.get_by_label("Revenue planned for May").fill("1.234,50")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The budget is saved.")).to_be_visible()
    assert saved(hotels) == {5: (None, "1234.50")}
    context.close()
