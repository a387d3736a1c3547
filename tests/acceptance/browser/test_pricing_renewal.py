"""The pricing page renews itself, and says when it cannot."""

import re

from playwright.sync_api import Page, expect

from tests.acceptance.browser.pricing_page import HOTEL, first_suggested_night, save_rules
from tests.acceptance.conftest import Stack

RENEWED_MS = 20_000  # the page polls every three seconds


def test_another_users_change_appears_and_the_focus_stays(priced: Stack, page: Page) -> None:
    night = first_suggested_night(priced)
    page.goto(f"{priced.base}/pricing/?hotel_id={HOTEL}&month={night[:7]}")
    cell = page.locator(f"a[data-night='{night}']")
    recommended = cell.get_attribute("data-recommended")
    cell.focus()
    save_rules(priced, base_price="150")
    expect(cell).not_to_have_attribute("data-recommended", str(recommended), timeout=RENEWED_MS)
    expect(cell).to_be_focused()
    expect(page.get_by_label("Base price")).to_have_value("150.00")


def test_a_lost_connection_is_reported_and_a_view_can_be_tried_again(
    priced: Stack, page: Page
) -> None:
    night = first_suggested_night(priced)
    page.goto(f"{priced.base}/pricing/?hotel_id={HOTEL}&month={night[:7]}")
    page.route("**/*", lambda route: route.abort())
    expect(page.locator("#connection")).to_contain_text("No connection since", timeout=RENEWED_MS)
    page.locator(f"a[data-night='{night}']").click()
    expect(page.locator("#trouble")).to_contain_text("this is still the one before")
    assert "night=" not in page.url
    page.unroute("**/*")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#price-now")).to_be_visible()
    expect(page.locator("#trouble")).to_be_hidden()
    expect(page.locator("#connection")).to_be_hidden(timeout=RENEWED_MS)


def test_another_hotel_is_shown_without_a_reload_and_back_returns(
    priced: Stack, page: Page
) -> None:
    page.goto(f"{priced.base}/pricing/?hotel_id={HOTEL}")
    page.evaluate("window.isNotReloaded = true")
    page.get_by_label("Hotel", exact=True).select_option("2")
    expect(page).to_have_url(re.compile("hotel_id=2"))
    expect(page.locator("#pricing")).to_have_attribute("data-hotel", "2")
    page.go_back()
    expect(page.locator("#pricing")).to_have_attribute("data-hotel", str(HOTEL))
    expect(page.locator("a.cell[tabindex='0']")).to_have_count(1)
    assert page.evaluate("window.isNotReloaded")
