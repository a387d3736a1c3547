"""Groups on the pricing page: the calendar's mark, the night's list, the number in the settings."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_OID, uuid5

import requests
from playwright.sync_api import Page, expect

from tests.acceptance.browser.page_checks import is_wider_than_window, serious_violations
from tests.acceptance.browser.pricing_page import prices_by_night, save_rules
from tests.acceptance.conftest import Stack, look
from tests.waiting import until

HOTEL, ROOMS, GROUP, SINGLES = 4711, 60, 35, 6
TODAY = datetime.now(UTC).date()
NIGHT = str(TODAY + timedelta(days=20))


def events(name: str, rooms: int, minute: str) -> list[dict[str, Any]]:
    """Three nights of so many rooms, booked yesterday."""
    return [
        {
            "hotel_id": HOTEL, "status": 1,
            "night_of_stay": str(TODAY + timedelta(days=20 + ahead)),
            "event_timestamp": f"{TODAY - timedelta(days=1)}T{minute.format(room)}:00Z",
            "room_reservation_id": str(uuid5(NAMESPACE_OID, f"{name} {room}")),
        }
        for room in range(rooms)
        for ahead in range(3)
    ]  # fmt: skip


def test_a_group_is_shown_apart_and_its_size_is_told(stack: Stack, page: Page) -> None:
    bookings = events("group", GROUP, "10:17") + events("single", SINGLES, "11:{:02}")
    answer = requests.post(f"{stack.base}/events/", json=bookings, timeout=30)
    assert answer.status_code in (200, 201), answer.text
    profile = f"{stack.base}/dashboard/hotels/{HOTEL}/"
    requests.patch(profile, json={"rooms": ROOMS}, timeout=30).raise_for_status()
    save_rules(stack, HOTEL, base_price="100", mode="suggest", group_rooms=None)

    def in_groups() -> int:
        return int(prices_by_night(stack, HOTEL).get(NIGHT, {}).get("group_rooms", 0))

    until(lambda: in_groups() == GROUP, "the group in the prices")
    page.goto(f"{stack.base}/pricing/?hotel_id={HOTEL}&month={NIGHT[:7]}")
    cell = page.locator(f"a[data-night='{NIGHT}']")
    expect(cell).to_contain_text(f"G{GROUP}")
    look(page, "pricing-groups-calendar")
    cell.click()
    night = page.locator("#night")
    expect(night).to_contain_text(f"of {ROOMS} rooms, {GROUP} of them in groups")
    expect(night.locator(".why")).to_contain_text(f"{GROUP} of them in groups")
    expect(night.get_by_role("heading", name="Groups")).to_be_visible()
    expect(night.locator(".groups-of li")).to_have_count(1)
    expect(night.locator(".groups-of")).to_contain_text(f"{GROUP} rooms booked")
    night.get_by_role("heading", name="Groups").scroll_into_view_if_needed()
    look(page, "pricing-groups-night")
    assert serious_violations(page) == []
    page.locator("#night a.close").click()
    field = page.get_by_label("A group is a booking of … rooms or more")
    expect(page.locator("#group-rooms-note")).to_contain_text("learned (now 6)")
    field.fill("1")
    expect(page.locator("#settings .wrong:visible")).to_have_count(1)
    field.fill(str(GROUP + 1))
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#done")).to_contain_text("Saved")
    until(lambda: in_groups() == 0, "no group of more rooms")
    expect(cell).not_to_contain_text("G35")
    look(page, "pricing-groups-settings")
    page.set_viewport_size({"width": 360, "height": 800})
    assert not is_wider_than_window(page)
    assert serious_violations(page) == []
