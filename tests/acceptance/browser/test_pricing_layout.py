"""The pricing page for everyone: without script, by keyboard, accessible, in every width."""

import re

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.acceptance.browser.page_checks import THOROUGH, problems
from tests.acceptance.browser.pricing_page import HOTEL, first_suggested_night, prices_by_night
from tests.acceptance.conftest import Stack


def test_without_script_prices_and_reasons_are_there(priced: Stack, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    night = first_suggested_night(priced)
    page.goto(f"{priced.base}/pricing/?hotel_id={HOTEL}&month={night[:7]}")
    cell = page.locator(f"a[data-night='{night}']")
    expect(cell).to_contain_text("77")
    cell.click()
    expect(page.locator("#night-shown")).to_contain_text(prices_by_night(priced)[night]["sentence"])
    page.get_by_role("link", name="Close").click()
    page.get_by_role("link", name="Next month").click()
    expect(page.locator("a.cell").first).to_be_visible()
    context.close()


def test_nights_can_be_reached_by_keyboard(priced: Stack, page: Page) -> None:
    page.goto(f"{priced.base}/pricing/?hotel_id={HOTEL}&month={first_suggested_night(priced)[:7]}")
    cells = page.locator("a.cell")
    first, eighth = (cells.nth(n).get_attribute("data-night") for n in (0, 8))
    page.locator("a.cell[tabindex='0']").focus()
    for key in ("Home", "ArrowDown", "ArrowRight"):
        page.keyboard.press(key)
    assert page.evaluate("document.activeElement.dataset.night") == eighth != first
    page.keyboard.press("Enter")
    expect(page.locator("#night-title")).to_be_focused()
    page.get_by_role("link", name="Previous night").click()
    expect(page).to_have_url(re.compile(f"night={cells.nth(7).get_attribute('data-night')}"))
    page.go_back()  # from night to night is no step: Back leads to the calendar
    expect(page.locator("#night")).not_to_be_visible()
    assert "night=" not in page.url


def test_a_night_that_is_still_loading_does_not_open_after_escape(
    priced: Stack, page: Page
) -> None:
    page.goto(f"{priced.base}/pricing/?hotel_id={HOTEL}&night={first_suggested_night(priced)}")
    expect(page.locator("#night-title")).to_be_focused()
    held: list[Route] = []
    page.route("**/pricing/?*night=*", lambda route: held.append(route))
    with page.expect_request("**/pricing/?*night=*"):
        page.get_by_role("link", name="Next night").click()
    page.keyboard.press("Escape")
    with page.expect_response("**/pricing/?*night=*"):
        held.pop().continue_()
    page.wait_for_timeout(300)  # in which it would open
    expect(page.locator("#night")).not_to_be_visible()
    assert "night=" not in page.url


@pytest.mark.parametrize(
    "view",
    [
        f"?hotel_id={HOTEL}&night=NIGHT",
        "?hotel_id=999999",
        pytest.param("", marks=THOROUGH),
        pytest.param("?month=x", marks=THOROUGH),
    ],
)
def test_a_view_is_accessible_and_fits_the_window(priced: Stack, page: Page, view: str) -> None:
    page.goto(f"{priced.base}/pricing/{view.replace('NIGHT', first_suggested_night(priced))}")
    unfold = "folded => folded.forEach(details => { details.open = true })"
    page.locator(".settings, .settings details").evaluate_all(unfold)
    assert problems(page, f"pricing-{len(view)}", phone_px=320) == []
